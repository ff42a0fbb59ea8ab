"""``townhall routing`` and ``townhall bench routing``: what an operator reads, and what is said when there are no data."""

import csv
import gzip
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from psycopg import Connection
from typer.testing import CliRunner, Result

sys.path.insert(0, str(Path(__file__).parents[1] / "desk"))

from town import Town

from townhall.flow import routing
from townhall.kernel.clock import HOUR, system_clock
from townhall.kernel.errors import NotFound
from townhall.routing import staffing
from townhall.routing.staffing import Profile
from townhall.run.bench.routing import bench_routing, difference
from townhall.run.command import app
from townhall.run.settings import Settings


@pytest.mark.database
def test_an_operator_reads_who_has_what_and_why(
    copied_settings: Settings, owner: Connection[Any], worker: Connection[Any]
) -> None:
    now, town = system_clock(), Town(owner)
    owner.execute(
        "INSERT INTO queue (brand_id, slug, title, auto_assign) VALUES (%s, 'care', 'Care', true)",
        [town.brand],
    )
    ann = town.staff("Ann Able")
    staffing.set_profile(worker, town.brand, ann.staff_id, Profile(("care",), 1))
    staffing.be_here(worker, town.brand, ann.staff_id, now)
    given, waits = town.asks("cleo", "x", due=now + HOUR), town.asks("dora", "y", due=now + 2 * HOUR)
    with worker.transaction():
        routing.hand_out(worker, town.brand, now)

    def asked(*words: str) -> Result:
        env = {"TOWNHALL_DATABASE_NAME": copied_settings.database_name}
        return CliRunner().invoke(app, ["--home", str(copied_settings.home), "routing", *words], env=env)

    shown = json.loads(asked("show", "--json").stdout)
    assert [(p["name"], p["where"], p["load"]) for p in shown["people"]] == [("Ann Able", "here", 1)]
    assert [(q["queue"]["slug"], q["waiting"]) for q in shown["queues"]] == [("care", 1)]
    assert "nobody now, because: everybody who can take it is full" in asked("show").stdout
    held = json.loads(asked("explain", str(given), "--json").stdout)
    assert held["holder"] == "Ann Able" and [c["chosen"] for c in held["considered"]] == [True]
    assert "has no room (1 of 1, this case takes 1)" in asked("explain", str(waits)).stdout
    assert asked("tier", "dora", "gold", "--followers", "9").exit_code == 0
    assert owner.execute("SELECT tier, followers FROM customer_tier").fetchall() == [("gold", 9)]
    missing = asked("explain", "1")
    assert isinstance(missing.exception, NotFound)


def written(folder: Path, file: str, rows: list[dict[str, Any]]) -> None:
    (folder / "twcs").mkdir(exist_ok=True)
    with gzip.open(folder / "twcs" / f"dev.{file}.csv.gz", "wt", newline="") as lines:
        writer = csv.DictWriter(lines, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def test_a_made_up_day_is_replayed_the_same_each_time(tmp_path: Path) -> None:
    posts = [
        {"tweet_id": n, "brand": f"shop{n % 3}", "inbound": 1, "author_id": n % 400,
         "created_at": f"2026-01-05T{n % 24:02}:{n % 60:02}:00Z"}
        for n in range(1600)
    ]  # fmt: skip
    written(tmp_path, "posts", posts)
    written(tmp_path, "skeleton_no_text", posts[:5])
    written(
        tmp_path, "reply_pairs", [{"brand": f"shop{n % 3}", "response_seconds": 60 + n} for n in range(300)]
    )
    first, again = (bench_routing(tmp_path, 2, 120, lambda n, of: None) for _ in range(2))
    assert first["regimes"] == again["regimes"] and first["days"] == [["2026-01-05", 1600]]
    assert set(first["regimes"]) == {"quiet", "busy", "overrun", "busy_all_alike"}
    for regime in first["regimes"].values():
        assert all(0 <= way["kept"] <= 100 and way["wait_mean_min"] > 0 for way in regime["means"].values())
    assert first["cost"]["given"] == first["cost"]["cases"] == 1000


def test_missing_data_are_said_plainly(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="twcs is not in"):
        bench_routing(tmp_path, 2, 100, lambda n, of: None)
    done = CliRunner().invoke(
        app, ["--home", str(tmp_path), "bench", "routing", "--sets", str(tmp_path / "gone")]
    )
    assert isinstance(done.exception, NotFound) and done.exception.exit_code == 4


def test_an_interval_says_what_it_shows() -> None:
    """Differences 1 to 5: mean 3, s = 1.5811, t(0.975, 4) = 2.7764, so 3 ± 1.9632 (any table of Student's t)."""
    found = difference([1, 2, 3, 4, 5], "kept")
    assert (found["mean"], found["low"], found["high"], found["says"]) == (3, 1.04, 4.96, "better")
    assert difference([1, 2, 3, 4, 5], "wait_mean_min")["says"] == "worse"
    assert difference([-1, 1, -2, 2], "kept")["says"] == "no difference shown"
