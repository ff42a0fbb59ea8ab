"""The inbox as a page sees it: as ``townhall_web``, on the real database."""

from collections.abc import Callable
from typing import Any

import pytest
from psycopg import Connection
from town import NOW, Town

from townhall.desk import inbox, inbox_sql
from townhall.desk.inbox import news, next_case, page, spans
from townhall.desk.views import InboxFilter
from townhall.kernel.clock import HOUR, MINUTE
from townhall.kernel.errors import Refused
from townhall.kernel.ids import id_at

pytestmark = pytest.mark.database
ALL = InboxFilter()


@pytest.fixture
def town(owner: Connection[Any], web: Connection[Any]) -> Town:
    made = Town(owner)
    made.see(web)
    return made


def ids(town: Town, web: Connection[Any], chosen: InboxFilter = ALL, **more: Any) -> list[int]:
    return [row.case_id for row in page(web, town.brand, chosen, "", NOW, **more).rows]


def test_the_most_urgent_comes_first_and_heads_count(town: Town, web: Connection[Any]) -> None:
    later = town.asks("cleo", "later", due=NOW + 3 * HOUR)
    never = town.asks("dora", "no promise", due=None)
    missed = town.asks("ann", "no signal", due=NOW - 3 * MINUTE)
    soon = town.asks("bo", "my bill", due=NOW + 9 * MINUTE)
    waits = town.asks("eve", "paused", due=NOW - MINUTE, paused="customer")
    other = town.asks("finn", "answered", due=None, state="waiting")
    got = page(web, town.brand, ALL, "", NOW)
    assert [row.case_id for row in got.rows] == [missed, soon, later, never, waits, other]
    assert [row.group for row in got.rows] == ["missed", "soon", "later", "later", "waiting", "waiting"]
    assert [(g.key, g.count, g.more) for g in got.groups] == [
        ("missed", 1, False), ("soon", 1, False), ("later", 2, False), ("waiting", 2, False),
    ]  # fmt: skip
    assert [row.clock.state for row in got.rows] == ["missed", "soon", "running", "none", "paused", "none"]
    assert got.rows[1].clock.minutes == 9 and got.rows[0].clock.minutes == 3
    assert got.next_due == NOW + 9 * MINUTE and got.channels == 1
    assert got.rows[1].clock.share_left == pytest.approx(9 / 120)


@pytest.mark.parametrize(("late", "group"), [(0, "soon"), (1, "missed")])
def test_a_promise_due_this_microsecond_is_not_missed_yet(
    town: Town, web: Connection[Any], late: int, group: str
) -> None:
    town.asks("ann", "now", due=NOW)
    got = page(web, town.brand, ALL, "", NOW + late)
    assert (got.rows[0].group, got.rows[0].clock.state) == (group, group)
    assert {head.key: head.count for head in got.groups if head.count} == {group: 1}


@pytest.mark.parametrize("limit", [1, 2, 3, 7])
def test_pages_follow_one_another_without_gap_or_repeat(town: Town, web: Connection[Any], limit: int) -> None:
    for n in range(9):
        due = None if n % 3 == 2 else NOW + (n % 2) * HOUR
        town.asks(f"p{n}", "hello", due=due, state="waiting" if n > 6 else "open")
    whole = ids(town, web)
    seen, cursor = [], ""
    while True:
        got = page(web, town.brand, ALL, cursor, NOW, limit=limit)
        seen += [row.case_id for row in got.rows]
        cursor = got.cursor
        if not cursor:
            break
    assert seen == whole and len(set(seen)) == 9


def test_a_rare_filter_goes_on_where_the_walk_stopped(
    town: Town, web: Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox_sql, "SCAN", 4)
    monkeypatch.setattr("townhall.desk.inbox.SCAN", 4)
    wanted = [
        town.asks(f"p{n}", "hello", due=NOW + n * HOUR, queue="rare" if n in (5, 9) else "care")
        for n in range(12)
    ]
    rare = InboxFilter(queue="rare")
    seen, cursor, pages = [], "", 0
    while True:
        got = page(web, town.brand, rare, cursor, NOW)
        seen += [row.case_id for row in got.rows]
        cursor, pages = got.cursor, pages + 1
        if not cursor:
            break
    assert seen == [wanted[5], wanted[9]] and pages <= 5
    assert any(group.more for group in page(web, town.brand, rare, "", NOW).groups)


def test_each_filter_narrows(town: Town, web: Connection[Any]) -> None:
    ann = town.staff("Ann Able")
    mine = town.asks("cleo", "the 50% offer", assignee=ann.staff_id)
    free = town.asks("under_score", "a bill", queue="billing")
    assert ids(town, web, InboxFilter(assignee="mine"), staff=ann.staff_id) == [mine]
    assert ids(town, web, InboxFilter(assignee=str(ann.staff_id))) == [mine]
    assert ids(town, web, InboxFilter(assignee="unassigned")) == [free]
    assert set(ids(town, web, InboxFilter(assignee="mine_or_unassigned"), staff=ann.staff_id)) == {mine, free}
    assert ids(town, web, InboxFilter(queue="billing")) == [free]
    assert ids(town, web, InboxFilter(text="50%")) == [mine]
    assert ids(town, web, InboxFilter(text="@under_s")) == [free]
    assert ids(town, web, InboxFilter(text="underXs")) == []
    assert ids(town, web, InboxFilter(channel="x")) == []
    assert (
        len(
            ids(
                town, web, InboxFilter(channel="mastodon", account_id=town.account, language="en", priority=2)
            )
        )
        == 2
    )
    row = page(web, town.brand, InboxFilter(text="OFFER"), "", NOW).rows[0]
    assert [row.snippet[a:b] for a, b in row.hits] == ["offer"] and row.holder and row.holder.initials == "AA"


def test_next_passes_over_what_colleagues_hold(town: Town, web: Connection[Any]) -> None:
    ann, bo = town.staff("Ann Able"), town.staff("Bo Best")
    town.asks("x", "held by Bo", due=NOW, assignee=bo.staff_id)
    free = town.asks("y", "free", due=NOW + HOUR)
    mine = town.asks("z", "mine", due=NOW + 2 * HOUR, assignee=ann.staff_id)
    assert next_case(web, town.brand, ALL, NOW, ann.staff_id) == free
    assert next_case(web, town.brand, ALL, NOW, ann.staff_id, after=free) == mine


def test_new_rows_are_counted_and_move_nothing(town: Town, web: Connection[Any]) -> None:
    town.asks("old", "before")
    mark = page(web, town.brand, ALL, "", NOW).mark
    assert mark == str(id_at(NOW)) and news(web, town.brand, ALL, mark) == 0
    town.asks("new", "after", at=NOW + MINUTE)
    assert news(web, town.brand, ALL, mark) == 1
    assert news(web, town.brand, InboxFilter(queue="other"), mark) == 0


def test_another_brand_sees_nothing(town: Town, owner: Connection[Any], web: Connection[Any]) -> None:
    town.asks("ann", "mine")
    other = Town(owner, "oak")
    other.see(web)
    assert page(web, town.brand, ALL, "", NOW).rows == ()
    assert ids(other, web) == []


def test_the_number_of_queries_does_not_grow(
    town: Town, web: Connection[Any], count: Callable[..., int]
) -> None:
    town.asks("a", "one")
    one = count(lambda: page(web, town.brand, ALL, "", NOW))
    for n in range(30):
        town.asks(f"b{n}", "more")
    assert count(lambda: page(web, town.brand, ALL, "", NOW)) == one <= 6


@pytest.mark.parametrize("cursor", ["x", "r.1", "q.1.1", "r.a.1", "r.1.b", "r..", "r.-1.2"])
def test_a_made_up_cursor_is_refused(town: Town, web: Connection[Any], cursor: str) -> None:
    with pytest.raises(Refused):
        page(web, town.brand, ALL, cursor, NOW)


def test_a_made_up_state_is_refused(town: Town, web: Connection[Any]) -> None:
    with pytest.raises(Refused):
        page(web, town.brand, InboxFilter(state="every"), "", NOW)


def test_closed_and_snoozed_are_lists_of_their_own(
    town: Town, owner: Connection[Any], web: Connection[Any]
) -> None:
    first, second, third = (town.asks(f"p{n}", "x") for n in range(3))
    owner.execute(
        "UPDATE cases SET state = 'closed', closed_at = now() - id * interval '0' WHERE id = %s", [first]
    )
    owner.execute(
        "UPDATE cases SET state = 'closed', closed_at = now() + interval '1s' WHERE id = %s", [second]
    )
    owner.execute("UPDATE cases SET state = 'snoozed', snoozed_until = now() WHERE id = %s", [third])
    assert ids(town, web, InboxFilter(state="closed")) == [second, first]
    assert ids(town, web, InboxFilter(state="closed"), limit=1) == [second]
    got = page(web, town.brand, InboxFilter(state="closed"), "", NOW, limit=1)
    assert [
        r.case_id for r in page(web, town.brand, InboxFilter(state="closed"), got.cursor, NOW, limit=1).rows
    ] == [first]
    assert ids(town, web, InboxFilter(state="snoozed")) == [third] and ids(town, web) == []


def test_hits_are_spans_of_the_text() -> None:
    assert spans("Bill, bill", "BILL") == ((0, 4), (6, 10))
    assert spans("", "x") == spans("x", " ") == ()


def test_a_count_is_what_the_list_shows(town: Town, web: Connection[Any], count: Callable[..., int]) -> None:
    for n in range(3):
        town.asks(f"p{n}", "signal")
    town.asks("other", "the bill")
    for wanted in (ALL, InboxFilter(text="signal"), InboxFilter(text="parrot"), InboxFilter(state="closed")):
        shown = len(page(web, town.brand, wanted, "", NOW).rows)
        assert inbox.count(web, town.brand, wanted) == (shown, False), wanted
    assert count(lambda: inbox.count(web, town.brand, ALL)) == 1
