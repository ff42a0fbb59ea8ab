"""The nightly deriving again: bounded, resumable, once a night in the brand's zone, and what differs is seen."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.flow.parish import KEYS, Parish, post
from townhall import journal
from townhall.database import Database
from townhall.database.connect import connect, transaction
from townhall.desk.status import house_status
from townhall.flow import attention, nightly
from townhall.kernel.clock import DAY, Instant, system_clock
from townhall.policy.logic.night import night_of


@pytest.fixture
def parish(database: Database) -> Iterator[Parish]:
    with connect(database.dsn("worker")) as connection:
        made = Parish(database, connection)
        made.take(*(post(n, n, f"u{n}") for n in range(1, 8)))
        made.now = system_clock()  # ids are of the real time
        yield made


def one_night(parish: Parish, now: Instant, **bounds: int) -> int:
    steps = 0
    while True:
        with transaction(parish.connection):
            if not nightly.step(parish.connection, KEYS.kek, now, **bounds):
                return steps
        steps += 1


def nights(parish: Parish) -> list[tuple[Any, ...]]:
    return parish.rows("SELECT state, checked, different FROM policy_night ORDER BY night")


def told(parish: Parish) -> list[dict[str, Any]]:
    blocks = [int(str(row[0])) for row in parish.rows("SELECT id FROM fact_block ORDER BY id")]
    kept = journal.blobs(parish.connection, blocks)
    facts = [json.loads(blob) for block in blocks for blob in kept[block]]
    return [fact["data"] for fact in facts if fact["type"] == "townhall.policy.rederived"]


def test_once_a_night_and_again_the_next(parish: Parish) -> None:
    one_night(parish, parish.now)
    assert nights(parish) == [("done", 7, 0)]
    assert one_night(parish, parish.now) == 0, "the same night is not done twice"
    parish.take(post(9, 40))
    one_night(parish, parish.now + DAY)
    assert nights(parish) == [("done", 7, 0), ("done", 8, 0)], "the new one, and the seven older ones again"
    assert [(fact["checked"], fact["different"]) for fact in told(parish)] == [(7, 0), (8, 0)]


def test_small_steps_go_on_where_they_stopped(parish: Parish, database: Database) -> None:
    with transaction(parish.connection):
        nightly.step(parish.connection, KEYS.kek, parish.now, size=3)
    assert nights(parish) == [("running", 3, 0)]
    with connect(database.dsn("worker")) as other:  # the process died; another goes on
        parish.connection = other
        assert one_night(parish, parish.now, size=3) == 4
        assert nights(parish) == [("done", 7, 0)] and len(told(parish)) == 1


def test_a_night_is_bounded_and_the_next_begins_there(parish: Parish) -> None:
    for day, done in enumerate([4, 4, 4, 2, 4]):
        one_night(parish, parish.now + day * DAY, most=4, size=3)
        assert nights(parish)[-1] == ("done", done, 0)
    again = [row[0] for row in parish.rows("SELECT again > 0 FROM policy_night ORDER BY night")]
    assert again == [False, True, True, False, True], "older ones are gone through in turn, and then anew"


def test_what_differs_is_a_fact_a_status_and_somebodys_business(parish: Parish, owner: Any) -> None:
    first, was = owner.execute("SELECT id, effect FROM interaction ORDER BY id LIMIT 1").fetchone()
    owner.execute("UPDATE interaction SET effect = 'hide' WHERE id = %s", [first])
    one_night(parish, parish.now)
    assert nights(parish) == [("done", 7, 1)]
    assert told(parish)[0]["first"]["stored"][0] == "hide"
    state = house_status(parish.connection).verdicts
    assert [(one.brand, one.state, one.checked, one.different) for one in state] == [("acme", "done", 7, 1)]
    with transaction(parish.connection):
        attention.propose(parish.connection, parish.brand.id, parish.now)
    standing = parish.rows(
        "SELECT kind, sentence FROM attention WHERE ended_at IS NULL AND kind = 'verdicts'"
    )
    assert len(standing) == 1 and "1 stored verdict" in standing[0][1]
    owner.execute("UPDATE interaction SET effect = %s WHERE id = %s", [was, first])
    one_night(parish, parish.now + DAY)
    with transaction(parish.connection):
        attention.propose(parish.connection, parish.brand.id, parish.now + DAY)
    assert parish.rows("SELECT 1 FROM attention WHERE ended_at IS NULL AND kind = 'verdicts'") == []


def test_what_was_erased_stops_nobody(parish: Parish, owner: Any) -> None:
    owner.execute("DELETE FROM content_block")
    one_night(parish, parish.now)
    assert nights(parish) == [("done", 0, 0)]


@given(st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)))
def test_nights_begin_at_three_and_follow_each_other(local: datetime) -> None:
    night = night_of(local.replace(tzinfo=UTC))
    begins = datetime(night.year, night.month, night.day, 3)
    assert begins <= local < begins + timedelta(days=1)
    assert night_of(datetime(2026, 3, 1, 2, 59)) == date(2026, 2, 28)
