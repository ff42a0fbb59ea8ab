"""Quiet cases close by the brand's rule: once, with their fact, undoable, and never while something is owed."""

from typing import Any

import pytest
from psycopg import Connection
from town import NOW, Town, moment

from townhall.flow import quiet
from townhall.kernel.clock import DAY
from townhall.kernel.errors import Refused

pytestmark = pytest.mark.database


@pytest.fixture
def town(owner: Connection[Any]) -> Town:
    return Town(owner)


def close(conn: Connection[Any], now: int) -> int:
    with conn.transaction():
        return quiet.close_quiet(conn, now)


def states(town: Town) -> dict[int, str]:
    return dict(town.conn.execute("SELECT id, state FROM cases").fetchall())


def test_only_what_is_quiet_and_owes_nothing_closes(town: Town, worker: Connection[Any]) -> None:
    owed = town.asks("cleo", "where is it?", due=NOW + DAY)
    calm = town.asks("dora", "thank you", due=None)
    busy = town.asks("eve", "and another thing", due=None)
    town.conn.execute("UPDATE cases SET last_in_at = %s", [moment(NOW - 20 * DAY)])
    town.conn.execute("UPDATE cases SET last_out_at = %s WHERE id = %s", [moment(NOW - DAY), busy])
    assert close(worker, NOW) == 1
    assert states(town) == {owed: "open", calm: "closed", busy: "open"}
    assert close(worker, NOW) == 0
    kept = town.conn.execute("SELECT act, actor FROM case_change WHERE case_id = %s", [calm]).fetchall()
    assert kept == [("close", "program/quiet")]


def test_the_days_are_the_brands_own(town: Town, worker: Connection[Any]) -> None:
    case = town.asks("dora", "thank you", due=None)
    town.conn.execute("UPDATE cases SET last_in_at = %s", [moment(NOW - 3 * DAY)])
    with worker.transaction():
        quiet.set_days(worker, town.brand, 0, NOW, "operator")
    assert close(worker, NOW + 1000 * DAY) == 0
    with worker.transaction():
        quiet.set_days(worker, town.brand, 3, NOW, "operator")
    assert close(worker, NOW) == 0, "three days to the moment are not over"
    assert close(worker, NOW + 1) == 1 and states(town) == {case: "closed"}
    with pytest.raises(Refused):
        quiet.set_days(worker, town.brand, -1, NOW, "operator")
