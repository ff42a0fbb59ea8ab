"""A lost token, or an account that stays behind, is told once to who runs the brand, and put away when it is over."""

from typing import Any

import pytest
from psycopg import Connection
from town import NOW, Town

from townhall.care import notices
from townhall.desk.duty import notices as told
from townhall.flow import alarms, deaf
from townhall.flow.watch import Watch
from townhall.intake import health
from townhall.kernel.clock import MINUTE, SECOND

pytestmark = pytest.mark.database


class Line(Town):
    """A town with an account that is read."""

    def __init__(self, conn: Connection[Any], slug: str = "brook") -> None:
        super().__init__(conn, slug)
        self.ada, self.adam = self.staff("Ada Runs", "admin"), self.staff("Adam Runs", "admin", "lead")
        self.bo = self.staff("Bo Helps", "agent")

    def trouble(self, state: str, at: int) -> None:
        health.note_trouble(self.conn, self.account, at, state, "the network answered 401", 0)
        health.open_gap(self.conn, self.account, self.brand, at, "the network answered 401")

    def heard(self, at: int) -> None:
        health.note_page(self.conn, self.account, at, cursor="9", lag=0, cost=0, behind=False)
        health.fill_gap(self.conn, self.account, at, 1, whole=True)


@pytest.fixture
def line(owner: Connection[Any]) -> Line:
    made = Line(owner)
    made.heard(NOW - 60 * MINUTE)
    return made


def step(conn: Connection[Any], now: int) -> int:
    with conn.transaction():
        return deaf.tell(conn, now)


def of(line: Line, who: Any) -> list[tuple[str, str, bool, bool]]:
    return [
        (n.title, n.url, n.urgent, n.acknowledged_at == 0) for n in told(line.conn, line.brand, who.staff_id)
    ]


def test_a_lost_token_is_told_at_once_and_once(line: Line, worker: Connection[Any]) -> None:
    assert step(worker, NOW) == 0
    line.trouble("no_token", NOW)
    assert step(worker, NOW) == 1 and step(worker, NOW + SECOND) == 0 == step(worker, NOW + 60 * MINUTE)
    ((title, url, urgent, open_),) = of(line, line.ada)
    assert "lost its access: give it new access" in title and urgent and open_
    assert url == f"/channels/{line.account}/#access"
    assert of(line, line.adam) == of(line, line.ada) and of(line, line.bo) == []


def test_it_leaves_the_house_by_the_ways_of_who_is_told(line: Line, worker: Connection[Any]) -> None:
    notices.add_way(
        worker, line.brand, line.ada.staff_id, "email", "ada@brook.example", None, urgent_only=True
    )
    line.trouble("no_token", NOW)
    step(worker, NOW)
    (sending,) = notices.claim(worker, NOW + SECOND)
    assert (sending.address, sending.kind) == ("ada@brook.example", "deaf")


@pytest.mark.parametrize(("state", "urgent"), [("failing", True), ("behind", True), ("limited", False)])
def test_other_trouble_is_told_when_it_stays(
    line: Line, worker: Connection[Any], state: str, urgent: bool
) -> None:
    line.trouble(state, NOW)
    assert step(worker, NOW + deaf.STAYS - SECOND) == 0
    assert step(worker, NOW + deaf.STAYS) == 1 and step(worker, NOW + 2 * deaf.STAYS) == 0
    assert of(line, line.ada)[0][2] is urgent
    line.trouble("no_token", NOW + 30 * MINUTE)
    assert step(worker, NOW + 30 * MINUTE) == 1, "another event, and another act"


def test_what_is_over_is_put_away_and_the_next_event_is_told_again(
    line: Line, worker: Connection[Any]
) -> None:
    line.trouble("no_token", NOW)
    step(worker, NOW)
    health.begin_anew(line.conn, line.account, NOW + MINUTE)
    step(worker, NOW + MINUTE)
    assert of(line, line.ada)[0][3], "nothing is known of the new token yet"
    line.heard(NOW + 2 * MINUTE)
    step(worker, NOW + 2 * MINUTE)
    assert not of(line, line.ada)[0][3]
    with worker.transaction():
        assert alarms.escalate(worker, NOW + 60 * MINUTE) == 0
    line.trouble("no_token", NOW + 90 * MINUTE)
    assert step(worker, NOW + 90 * MINUTE) == 1
    assert [one[3] for one in of(line, line.ada)] == [True, False]


def test_a_paused_account_and_another_brand_say_nothing(line: Line, worker: Connection[Any]) -> None:
    other = Line(line.conn, "oak")
    line.conn.execute("UPDATE account SET reading = false WHERE id = %s", [line.account])
    line.trouble("no_token", NOW)
    assert step(worker, NOW) == 0
    other.trouble("no_token", NOW)
    assert step(worker, NOW) == 1 and of(line, line.ada) == []


def test_without_an_administrator_a_lead_hears_of_it(line: Line, worker: Connection[Any]) -> None:
    line.conn.execute("UPDATE membership SET roles = '{lead}' WHERE 'admin' = ANY(roles)")
    line.trouble("no_token", NOW)
    assert step(worker, NOW) == 1 and len(of(line, line.adam)) == 1


def test_the_watch_tells(line: Line, worker: Connection[Any]) -> None:
    line.trouble("no_token", NOW)
    Watch(worker, lambda: NOW).tick()
    assert len(of(line, line.ada)) == 1
