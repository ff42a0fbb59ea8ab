"""The routing view: as many statements for many as for few, everything in words, nothing of another brand."""

from collections.abc import Callable
from typing import Any

import pytest
from psycopg import Connection
from town import NOW, Town

from townhall.desk import routing as desk
from townhall.kernel.clock import HOUR, MINUTE
from townhall.kernel.errors import NotFound
from townhall.routing import staffing
from townhall.routing.staffing import Profile

pytestmark = pytest.mark.database


@pytest.fixture
def town(owner: Connection[Any]) -> Town:
    town = Town(owner)
    owner.execute("INSERT INTO queue (brand_id, slug, title) VALUES (%s, 'care', 'Care')", [town.brand])
    return town


def hires(town: Town, name: str, **profile: Any) -> int:
    who = town.staff(name).staff_id
    staffing.set_profile(town.conn, town.brand, who, Profile(("care",), **profile))
    staffing.be_here(town.conn, town.brand, who, NOW)
    return who


def test_people_queues_and_cases_stand_there_with_why(town: Town, web: Connection[Any]) -> None:
    town.see(web)
    ann, late = hires(town, "Ann Able", capacity=2), hires(town, "Bo Best")
    staffing.be_away(town.conn, town.brand, late, NOW - MINUTE)
    town.staff("Eve Never")
    (
        town.asks("cleo", "x", due=NOW - 1),
        town.asks("dora", "y", due=NOW + HOUR),
        town.asks("finn", "z", due=NOW + 2 * HOUR),
    )
    found = desk.view(web, town.brand, NOW)
    assert [(p.name, p.where, p.load, p.share) for p in found.people] == [
        ("Ann Able", "here", 0, 0), ("Bo Best", "away", 0, 0), ("Eve Never", "never", 0, 0),
    ]  # fmt: skip
    (queue,) = found.queues
    assert (queue.waiting, queue.missed, queue.here, queue.room, queue.next_due) == (3, 1, 1, 2, NOW + HOUR)
    assert [(line.person, line.who, line.words) for line in found.lines] == [
        ("Cleo", ann, "the only one on duty with room; holds 0 of 2, this takes 1"),
        ("Dora", ann, "the only one on duty with room; holds 1 of 2, this takes 1"),
        ("Finn", 0, "everybody who can take it is full"),
    ]
    one = desk.explained(web, town.brand, found.lines[2].case_id, NOW)
    assert one.planned and [(r.name, r.words) for r in one.considered] == [
        ("Ann Able", "has no room (2 of 2, this case takes 1)"), ("Bo Best", "is not here"),
    ]  # fmt: skip


def test_as_many_statements_for_many_as_for_few(
    town: Town, web: Connection[Any], count: Callable[[Callable[[], Any]], int]
) -> None:
    town.see(web)
    hires(town, "Ann Able")
    case = town.asks("cleo", "x")
    few = count(lambda: desk.view(web, town.brand, NOW))
    for n in range(30):
        hires(town, f"P{n} Able")
        town.asks(f"p{n}", "x", due=NOW + n * MINUTE)
    assert count(lambda: desk.view(web, town.brand, NOW)) == few <= 12
    assert count(lambda: desk.explained(web, town.brand, case, NOW)) <= 12


def test_another_brand_sees_none_of_it(town: Town, web: Connection[Any], owner: Connection[Any]) -> None:
    hires(town, "Ann Able")
    case, other = town.asks("cleo", "x"), Town(owner, "rill")
    other.see(web)
    found = desk.view(web, town.brand, NOW)
    assert (found.queues, found.lines, found.past, found.waiting) == ((), (), (), 0)
    with pytest.raises(NotFound):
        desk.explained(web, other.brand, case, NOW)
