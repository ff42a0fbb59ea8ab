"""The order of duty: set by who may, whole or not at all, and obeyed by the next alarm."""

from typing import Any

import pytest
from psycopg import Connection
from town import NOW, Town

from townhall.desk import telling
from townhall.desk.duty import notices as told
from townhall.flow import alarms, duty
from townhall.kernel.clock import MINUTE
from townhall.kernel.errors import Conflict, Forbidden, Refused

pytestmark = pytest.mark.database


@pytest.fixture
def town(owner: Connection[Any]) -> Town:
    return Town(owner)


def ranks(conn: Connection[Any], brand: int) -> list[tuple[str, int]]:
    return [(one.name.split()[0], one.rank) for one in telling.watchers(conn, brand)]


def test_an_order_is_whole_or_not_at_all(town: Town, worker: Connection[Any]) -> None:
    lee, mo, ann = town.staff("Lee Lead", "lead"), town.staff("Mo Lead", "lead"), town.staff("Ann Able")
    assert ranks(worker, town.brand) == [("Ann", 0), ("Lee", 0), ("Mo", 0)]
    with pytest.raises(Forbidden):
        duty.set_order(worker, ann, [], [ann.staff_id], NOW)
    duty.set_order(worker, lee, [], [mo.staff_id, lee.staff_id], NOW)
    assert ranks(worker, town.brand) == [("Mo", 1), ("Lee", 2), ("Ann", 0)]
    with pytest.raises(Conflict):
        duty.set_order(worker, mo, [lee.staff_id, mo.staff_id], [mo.staff_id], NOW)
    for wrong in ([mo.staff_id, mo.staff_id], [10_000]):
        with pytest.raises(Refused):
            duty.set_order(worker, lee, [mo.staff_id, lee.staff_id], wrong, NOW)
    assert ranks(worker, town.brand) == [("Mo", 1), ("Lee", 2), ("Ann", 0)]
    facts = worker.execute("SELECT count(*) FROM fact_pending").fetchone()
    assert facts == (1,), "refusals leave no fact"


def test_the_next_alarm_goes_to_the_first_on_duty_and_on_to_the_second(
    town: Town, worker: Connection[Any]
) -> None:
    lee, mo = town.staff("Lee Lead", "lead"), town.staff("Mo Lead", "lead")
    duty.set_order(worker, lee, [], [mo.staff_id, lee.staff_id], NOW)
    town.asks("cleo", "x", due=NOW - 1)
    with worker.transaction():
        alarms.raise_alarms(worker, NOW, 0)
    assert [n.kind for n in told(worker, town.brand, mo.staff_id)] == ["missed"]
    assert told(worker, town.brand, lee.staff_id) == ()
    with worker.transaction():
        alarms.escalate(worker, NOW + 10 * MINUTE)
    assert [n.title[:6] for n in told(worker, town.brand, lee.staff_id)] == ["Nobody"]
