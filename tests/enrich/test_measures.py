"""What the measures of understanding count, on few rows whose answer is plain."""

import random
import re
from itertools import combinations
from pathlib import Path

import pytest

from tests.enrich.test_bench_sets import write
from townhall.enrich import Understanding
from townhall.enrich.measure import TASKS
from townhall.enrich.measure.reasons import OF_NEED, reason
from townhall.enrich.measure.scores import where_sure, yes_or_no
from townhall.enrich.measure.secrets import SORTS, covered, planted, secrets
from townhall.enrich.measure.topics import shares, topics
from townhall.kernel.finding import Finding
from townhall.run.bench.understanding import bench_understanding

POSTS = ["my flight is late again", "thanks for the quick help today", "where is my bag since monday"]
LATE, LOST = "Late Flight", "Lost Luggage"


@pytest.fixture(scope="module")
def reader() -> Understanding:
    return Understanding.load()


def airline(folder: Path, found: list[tuple[str, str]]) -> None:
    columns = ["text", "airline_sentiment", "negativereason"]
    lines = [{"text": text, "airline_sentiment": "negative", "negativereason": why} for text, why in found]
    write(folder / "airline_sentiment", "dev.tweets.csv.gz", lines, columns)


def chat(folder: Path, lines: list[str]) -> None:
    found = [{"system": "0", "text": line} for line in lines]
    write(folder / "irc_support", "dev.messages.csv.gz", found, ["system", "text"])


def test_what_is_sure_is_counted_apart() -> None:
    assert where_sure([1, 0, 1, 1], [1, None, 0, None]) == {"sure": 0.5, "accuracy_where_sure": 0.5}
    pairs = [("a", True), ("b", True), ("c", False), ("d", False)]
    two_sided = yes_or_no("f1", pairs, [0.9, 0.59, 0.41, 0.39], 1.0, "question")
    assert (two_sided["sure"], two_sided["accuracy_where_sure"]) == (0.5, 1.0)
    one_sided = yes_or_no("f1", pairs, [0.79, 0.8, 0.51, 0.5], 1.0, "abuse")
    assert (one_sided["sure"], one_sided["accuracy_where_sure"]) == (0.5, 1.0)
    assert "sure" not in yes_or_no("f1", pairs, [0.9, 0.59, 0.41, 0.39], 1.0)


@pytest.mark.parametrize("task", ["airline_sentiment", "airline_reason"])
def test_tasks_with_a_floor_tell_how_much_is_sure(tmp_path: Path, reader: Understanding, task: str) -> None:
    airline(tmp_path, [("worst airline ever, I am furious", LATE), ("hm", LOST)])
    found = TASKS[task](tmp_path, reader)
    assert 0 <= found["sure"] <= 1 and 0 <= found["accuracy_where_sure"] <= 1 and found["floor"] > 0


def test_planted_secrets_are_made_up_anew_and_stand_where_they_are_said_to() -> None:
    plants = list(planted(POSTS, random.Random(1)))
    assert {sort for sort, *_ in plants} == SORTS.keys()
    values = [text[start:end] for _, text, start, end in plants]
    assert len(set(values)) > len(values) * 0.9 and all(len(value) >= 3 for value in values)
    source = Path(__file__).parents[2] / "src/townhall/enrich/measure/secrets.py"
    assert not re.search(
        r"(AKIA|ghp_|glpat-|xoxb-|sk_live_|AIza|npm_|shpat_|sq0atp-)\w{6}", source.read_text()
    )


def test_secrets_found_and_ordinary_text_taken_for_one(tmp_path: Path, reader: Understanding) -> None:
    airline(tmp_path, [(text, LATE) for text in POSTS])
    chat(tmp_path, ["restart the router", "the password: nonsense, they said"])
    found = secrets(tmp_path, reader)
    assert (found["metric"], found["ordinary"], found["wrong"]) == ("recall", 5, 1)
    told = found["recall_by_sort"]
    assert told["github"] == told["private_key"] == told["password"] == 1.0 and told.keys() == SORTS.keys()
    assert found["recall"] == pytest.approx(sum(told.values()) / len(told), abs=1e-3)
    hit = found["recall"] * found["planted"]
    assert found["precision"] == pytest.approx(hit / (hit + 1), abs=1e-4)


def test_a_secret_of_which_a_character_is_left_is_not_found() -> None:
    halves = [Finding("secret", 0, 5, ""), Finding("password", 5, 9, "")]
    assert covered(halves, 1, 9) and covered(halves[:1], 0, 5)
    assert not covered(halves, 1, 10) and not covered(halves[1:], 4, 9) and not covered([], 0, 1)


def test_pairs_that_share_a_topic_against_all_pairs() -> None:
    chance = random.Random(4)
    words = [tuple(chance.sample("abcdefgh", chance.randrange(4))) for _ in range(60)]
    labels = [chance.choice("xyz") for _ in words]
    pairs = [(set(words[i]) & set(words[j]), labels[i] == labels[j]) for i, j in combinations(range(60), 2)]
    same = [bool(shared) for shared, alike in pairs if alike]
    other = [bool(shared) for shared, alike in pairs if not alike]
    found = shares(words, labels)
    assert found["within"] == pytest.approx(sum(same) / len(same))
    assert found["across"] == pytest.approx(sum(other) / len(other))
    assert found["precision"] == pytest.approx(sum(same) / (sum(same) + sum(other)))
    assert found["chance"] == pytest.approx(len(same) / len(pairs))
    assert found["times_chance"] == pytest.approx(found["within"] / found["across"])


def test_topics_leave_out_what_has_no_intent(tmp_path: Path, reader: Understanding) -> None:
    found = [
        ("my card was swallowed", "swallowed"),
        ("machine swallowed it", "swallowed"),
        ("top up by cheque", "cheque"),
        ("cheque", "oos"),
    ]
    lines = [{"text": text, "intent": intent} for text, intent in found]
    for name in ("clinc150", "banking77"):
        write(tmp_path / name, "dev.utterances.csv.gz", lines, ["text", "intent"])
    told = topics(tmp_path, reader)
    assert told["rows"] == 3 and told["within"] == 1.0 and told["across"] == 0.0
    assert told["banking77"]["rows"] == 3


def test_a_reason_is_the_need_where_it_tells_one_and_taught_beside(
    tmp_path: Path, reader: Understanding
) -> None:
    assert set(OF_NEED.values()) <= {
        LOST,
        "Cancelled Flight",
        "Customer Service Issue",
        "Flight Booking Problems",
    }
    airline(
        tmp_path,
        [
            *((f"my bag is lost, number {n}", LOST) for n in range(20)),
            *((f"sat {n} hours on the tarmac", LATE) for n in range(20)),
        ],
    )
    shipped = reason(tmp_path, reader)
    assert shipped["rows"] == 40 and shipped["shipped"] <= shipped["sure"]
    entry = bench_understanding(tmp_path, ("airline_reason",))["airline_reason"]
    assert entry["trained"] > 0.9 and entry["shipped"] == shipped["shipped"]
    assert {"shipped_sure", "shipped_accuracy_where_sure", "sure", "accuracy_where_sure"} <= entry.keys()
