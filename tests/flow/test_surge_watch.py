"""From posts to who is told: a surge by the whole way through the pipeline, the rollups and the clock role's watch."""

import random
from collections.abc import Iterator
from typing import Any

import pytest

from tests.flow.parish import START, Parish, post
from townhall.database import Database
from townhall.database.connect import connect
from townhall.flow import search_follower
from townhall.flow.surges import Surges
from townhall.flow.watch import Watch
from townhall.kernel.clock import MINUTE

pytestmark = pytest.mark.database
QUIET = (
    "where is my parcel today",
    "thanks for the quick help",
    "the app is fine again",
    "do you open on sunday",
)
QUIET_MINUTES = 300


@pytest.fixture
def parish(database: Database) -> Iterator[Parish]:
    """Five quiet hours: a post every two minutes, each by somebody else."""
    with connect(database.dsn("worker")) as connection:
        made = Parish(database, connection)
        chance = random.Random(4)
        made.offer([post(n, 2 * n, f"u{n}", chance.choice(QUIET)) for n in range(1, QUIET_MINUTES // 2)])
        made.work()
        lead(made)
        yield made
        connection.execute("UPDATE attention SET ended_at = now() WHERE ended_at IS NULL")


def lead(parish: Parish) -> None:
    (staff,) = parish.rows(
        "INSERT INTO staff (password, email, name, operator, is_active, date_joined, zone, theme, density, single_keys)"
        f" VALUES ('', 'lee.{parish.brand.id}@example.org', 'Lee Lead', false, true, now(), '', '', '', true) RETURNING id"
    )
    parish.connection.execute(
        "INSERT INTO membership (brand_id, roles, staff_id) VALUES (%s, '{lead}', %s)",
        [parish.brand.id, staff[0]],
    )


def burst(parish: Parish, texts: list[str], minute: int, authors: int, number: int = 10_000) -> None:
    """Texts within five minutes, by so many."""
    step = 4.5 / len(texts)
    parish.offer(
        [post(number + n, minute + n * step, f"b{n % authors}", text) for n, text in enumerate(texts)]
    )
    parish.work()


def watch(parish: Parish, minute: int, held: Watch | None = None) -> Watch:
    """One look of the clock role, at a minute of that day."""
    search_follower.settle(parish.connection)
    parish.now = START + minute * MINUTE
    held = held or Watch(
        parish.connection,
        lambda: parish.now,
    )
    held.tick()
    return held


def stands(parish: Parish) -> list[tuple[Any, ...]]:
    return parish.rows(
        "SELECT kind, sentence FROM attention WHERE ended_at IS NULL AND kind IN ('surge', 'topic')"
        f" AND brand_id = {parish.brand.id} ORDER BY kind"
    )


def notices(parish: Parish) -> int:
    ((count,),) = parish.rows(
        f"SELECT coalesce(sum(happenings), 0) FROM notice WHERE brand_id = {parish.brand.id}"
        " AND kind IN ('attention/surge', 'attention/topic')"
    )
    return int(count)


def test_a_campaign_is_told_once_with_its_link_its_text_and_how_few_send_it(parish: Parish) -> None:
    copied = "win a new phone in one minute just ask at https://prize.example/go?utm_source="
    texts = [f"{copied}{n}" if n % 3 else QUIET[n // 3 % 4] for n in range(60)]
    seen = watch(parish, 299)
    assert stands(parish) == []
    burst(parish, texts, 300, authors=6)
    watch(parish, 306, seen)
    ((kind, sentence),) = stands(parish)
    assert kind == "surge" and "times as many as expected" in sentence and ": 6" in sentence
    assert "one link in 6" in sentence and "near-copies of one text" in sentence
    assert "by only " in sentence
    for minute in (307, 311, 316):
        watch(parish, minute, seen)
    assert notices(parish) == 1
    assert len(stands(parish)) <= 1


def test_posts_that_still_wait_to_be_judged_are_waited_for(parish: Parish) -> None:
    """In the middle of a surge the pipeline may be behind: the slot is read when its posts are counted."""
    seen = watch(parish, 299)
    parish.offer([post(10_000 + n, 300 + n / 20, f"b{n}", f"no signal {n}") for n in range(60)])
    watch(parish, 306, seen)
    assert stands(parish) == []
    parish.work()
    watch(parish, 309, seen)
    ((kind, sentence),) = stands(parish)
    assert kind == "surge" and "as many as expected" in sentence


def test_a_clock_role_that_starts_anew_tells_nothing_again(parish: Parish) -> None:
    burst(parish, [f"no signal on the whole coast {n}" for n in range(60)], 300, authors=60)
    watch(parish, 306)
    first = stands(parish)
    assert len(first) == 1 and "author" not in first[0][1]
    watch(parish, 307)
    assert notices(parish) == 1 and stands(parish) == first


def test_a_topic_is_told_where_the_whole_does_not_rise(parish: Parish) -> None:
    """Fourteen posts in five minutes are not that much of a brand, and the word never came before."""
    texts = [f"{n} people without voicemail {QUIET[n % 4]}" for n in range(14)]
    burst(parish, texts, 300, authors=14)
    seen = watch(parish, 306)
    ((kind, sentence),) = stands(parish)
    assert kind == "topic" and sentence.startswith("“") and "voicemail" in sentence
    assert "14 posts in a quarter of an hour, hardly any were expected" in sentence
    for minute in (307, 311, 316):
        watch(parish, minute, seen)
    assert notices(parish) == 1


def test_a_topic_told_first_stays_when_the_whole_rises_with_it(parish: Parish) -> None:
    burst(parish, [f"{n} people without voicemail {QUIET[n % 4]}" for n in range(14)], 300, authors=14)
    seen = watch(parish, 306)
    burst(parish, [f"{n} people without voicemail {QUIET[n % 4]}" for n in range(90)], 305, 90, 20_000)
    watch(parish, 311, seen)
    ((kind, sentence),) = stands(parish)
    assert kind == "topic" and "posts as a whole are" in sentence
    assert notices(parish) == 1


def test_a_subject_goes_on_by_the_word_it_was_told_by(parish: Parish) -> None:
    """More people say another of its words now: it is the same thing."""
    burst(parish, [f"{n} people without voicemail" for n in range(10)], 300, authors=10)
    seen = watch(parish, 306)
    burst(parish, [f"{n} people wait in harwick" for n in range(12)], 305, 13, 20_000)
    burst(parish, ["harwick has no voicemail"], 308, 1, 30_000)
    watch(parish, 311, seen)
    ((kind, sentence),) = stands(parish)
    assert kind == "topic" and "voicemail" in sentence and "arwick" in sentence
    assert notices(parish) == 1


def test_what_rises_by_a_topic_is_one_thing(parish: Parish) -> None:
    burst(parish, [f"{n} people without voicemail {QUIET[n % 4]}" for n in range(90)], 300, authors=90)
    seen = watch(parish, 306)
    ((kind, sentence),) = stands(parish)
    assert (
        kind == "surge"
        and "voicemail" in sentence
        and "makes" in sentence
        and sentence.endswith("% of the rise.")
    )
    watch(parish, 311, seen)
    assert notices(parish) == 1


def test_one_brand_sees_nothing_of_another(parish: Parish) -> None:
    burst(parish, [f"no signal on the whole coast {n}" for n in range(60)], 300, authors=60)
    surges = Surges()
    search_follower.settle(parish.connection)
    with parish.connection.transaction():
        surges.step(parish.connection, START + 306 * MINUTE)
    assert surges.of(parish.brand.id) and surges.of(parish.brand.id + 1) == []
