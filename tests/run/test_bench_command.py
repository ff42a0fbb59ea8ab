"""``townhall bench pipeline`` on a real home: its figures are of what is stored, and anybody can count it again."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from townhall.database.opening import stop_server
from townhall.policy.logic import parse_policy
from townhall.run.bench.pipeline import _rank, _weighted
from townhall.run.bench.rules import large_policy

pytestmark = [pytest.mark.database, pytest.mark.slow]


def asked(home: Path, *words: str) -> dict[str, object]:
    command = [sys.executable, "-m", "townhall.run.command", "--home", str(home), *words, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=180)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def test_what_is_measured_is_what_is_stored(fresh_home: Path) -> None:
    try:
        found = asked(
            fresh_home,
            "bench",
            "pipeline",
            "--posts",
            "1500",
            "--rate",
            "1500",
            "--stored",
            "500",
            "--workers",
            "1",
            "--rules",
            "20",
            "--queues",
            "5",
        )
        again = asked(fresh_home, "bench", "pipeline", "--posts", "200", "--stored", "1500", "--burst")
        status = asked(fresh_home, "status")
        proof = asked(fresh_home, "journal", "verify")
    finally:
        stop_server(fresh_home)
    assert found["posts"] == 1500
    assert found["posts_per_s"] == pytest.approx(1500 / float(str(found["seconds"])), rel=0.01)
    assert {
        "cpu_us_per_post",
        "db_cpu_us_per_post",
        "stages",
        "freshness_ms",
        "inbox_ms",
        "live_ms",
        "peak_rss_mb",
    } <= found.keys()
    assert 2000 <= int(str(status["interactions"])) <= 2200, "two in a hundred are repeats; 1,500 were there"
    assert set(found["rss_mb"]) == {"door", "workers", "clock", "pages", "database"}  # type: ignore[call-overload]
    for held in found["rss_mb"].values():  # type: ignore[attr-defined]
        assert set(held) == {"start", "middle", "end"} and min(held.values()) > 0
    assert set(again["backlog"]) == {"taken_per_s", "most_waiting", "caught_up_s", "searchable_s"}  # type: ignore[call-overload]
    assert proof["ok"] and int(str(proof["facts"])) == status["facts"]


def test_a_front_that_listens_misses_and_loses_nothing(fresh_home: Path) -> None:
    """Posts on standard input, as anybody would pipe them; one more front is killed in the middle by the command itself."""
    command = [sys.executable, "-m", "townhall.run.command"]
    with subprocess.Popen([*command, "bench", "posts", "30000"], stdout=subprocess.PIPE) as made:
        listen = [*command, "--home", str(fresh_home), "bench", "listen", "--json"]
        done = subprocess.run(listen, stdin=made.stdout, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["recall"], found["lost"], found["precision"]) == (1.0, 0, 1.0)
    assert found["posts_per_s"] > 0 and found["cores"] > 0 and found["hits"] > 0


def test_percentiles_are_weighted_by_posts() -> None:
    assert _weighted([(1000, 99), (9000, 1)], 0.5) == 1.0
    assert _weighted([(1000, 98), (9000, 2)], 0.99) == 9.0
    assert _rank([], 0.99) == 0.0
    assert _rank([3.0], 0.99) == 3.0


def test_a_large_policy_is_one_that_people_could_have_written() -> None:
    policy = parse_policy(large_policy(300, 200))
    made = [rule for rule in policy.rules if rule.id.startswith("made-")]
    assert len(made) == 300 and len({rule.queue for rule in made}) == 200


def test_alarms_come_once_though_the_watch_crashes(fresh_home: Path) -> None:
    try:
        found = asked(fresh_home, "bench", "clocks", "--clocks", "3000", "--due", "300")
    finally:
        stop_server(fresh_home)
    assert (found["missed"], found["duplicates"], found["due"]) == (0, 0, 300)
    assert isinstance(found["late_p99_s"], float) and found["late_p99_s"] >= 0
