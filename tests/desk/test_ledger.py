"""The promise ledger of a case, and what a policy's rules decided."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from psycopg import Connection
from town import NOW, Town, moment

from townhall.desk import policy_use
from townhall.desk.judged import judged
from townhall.desk.ledger import ledger, pauses
from townhall.desk.views.ledger import Turn
from townhall.kernel.clock import DAY, HOUR, MINUTE
from townhall.kernel.errors import Forbidden, NotFound

pytestmark = pytest.mark.database


@pytest.fixture
def town(owner: Connection[Any], web: Connection[Any]) -> Town:
    made = Town(owner)
    made.see(web)
    return made


def turn(at: int, kind: str, due: int, started: int, cause: str = "", by: str = "") -> Turn:
    return Turn(at, kind, cause, by, 0, {("first_response", started): due})


def test_a_pause_moves_the_deadline_and_says_for_what(
    town: Town, web: Connection[Any], count: Callable[[Callable[[], Any]], int]
) -> None:
    ann = town.staff("Ann Ferrer", "agent")
    case = town.asks("cleo", "no signal", due=None)
    began = NOW - HOUR
    promise = town.promise(case, 0, began, began + 2 * HOUR + 12 * MINUTE)
    turns = [
        turn(began, "customer", began + 2 * HOUR, began),
        turn(began + 10 * MINUTE, "pause", began + 2 * HOUR, began, "approval", ann.actor),
        turn(began + 22 * MINUTE, "resume", began + 132 * MINUTE, began, "approval", ann.actor),
    ]
    town.conn.execute(
        "INSERT INTO alarm (commitment_id, level, brand_id, raised_at) VALUES (%s, 'soon', %s, %s)",
        [promise, town.brand, moment(began + 30 * MINUTE)],
    )
    (entry,) = ledger(web, town.brand, case, NOW, turns).entries
    assert [(step.kind, step.by, step.cause, step.due) for step in entry.steps if step.kind != "wrote"] == [
        ("asked", "", "", began + 2 * HOUR),
        ("paused", "Ann Ferrer", "approval", 0),
        ("resumed", "Ann Ferrer", "approval", began + 2 * HOUR + 12 * MINUTE),
        ("warned", "", "", 0),
    ]
    assert [(one.cause, one.length, one.runs) for one in entry.pauses] == [("approval", 12 * MINUTE, False)]
    few = count(lambda: ledger(web, town.brand, case, NOW))
    for n in range(4):
        town.promise(case, 0, NOW + n * MINUTE, NOW + HOUR)
    assert few == count(lambda: ledger(web, town.brand, case, NOW)) == 8


def test_levels_that_wait_are_no_step_and_those_passed_over_are(town: Town, web: Connection[Any]) -> None:
    case = town.asks("cleo", "no signal", due=None)
    promise = town.promise(case, 0, NOW - 2 * HOUR, NOW - HOUR)
    for level, passed in (("50%", None), ("soon", NOW)):
        town.conn.execute(
            "INSERT INTO alarm (commitment_id, level, brand_id, due_at, passed_over_at) VALUES (%s, %s, %s, %s, %s)",
            [promise, level, town.brand, moment(NOW), moment(passed)],
        )
    town.see(web)
    (entry,) = ledger(web, town.brand, case, NOW).entries
    assert [(step.kind, step.at) for step in entry.steps] == [("asked", NOW - 2 * HOUR), ("unwarned", NOW)]


def test_a_deadline_that_its_events_do_not_explain_is_said(town: Town, web: Connection[Any]) -> None:
    case = town.asks("cleo", "no signal", due=None)
    began = NOW - HOUR
    town.promise(case, 0, began, NOW + 5 * HOUR, satisfied=NOW - MINUTE)
    turns = [
        turn(began + MINUTE, "pause", NOW + HOUR, began, "customer"),
        turn(began + 2 * MINUTE, "resume", NOW + HOUR, began, "customer"),
    ]
    (entry,) = ledger(web, town.brand, case, NOW, turns).entries
    assert [step.kind for step in entry.steps] == ["asked", "paused", "resumed", "moved", "answered"]
    assert entry.steps[3].due == NOW + 5 * HOUR


def test_a_ledger_of_another_brand_does_not_exist(
    town: Town, owner: Connection[Any], web: Connection[Any]
) -> None:
    case = Town(owner, "creek").asks("dora", "hello")
    with pytest.raises(NotFound):
        ledger(web, town.brand, case, NOW)


_TIMES = st.lists(st.integers(1, 600), min_size=0, max_size=6, unique=True).map(sorted)


@settings(max_examples=200, deadline=None)
@given(_TIMES)
def test_waiting_is_counted_minute_by_minute(times: list[int]) -> None:
    """The oracle counts minutes one by one; it shares no code with the ledger."""
    turns = [
        turn(at * MINUTE, "pause" if n % 2 == 0 else "resume", 0, 0, "customer") for n, at in enumerate(times)
    ]
    waits = sum(sum(at <= minute for at in times) % 2 for minute in range(700))
    running = 700 - times[-1] if len(times) % 2 else 0
    lengths = {one.runs: one.length for one in pauses(turns, 700 * MINUTE)}
    assert lengths.get(False, 0) == (waits - running) * MINUTE
    assert lengths.get(True, 0) == running * MINUTE


def test_what_rules_decided_is_counted_over_seven_days(
    town: Town, web: Connection[Any], count: Callable[[Callable[[], Any]], int]
) -> None:
    thread, cleo = town.thread(), town.person("cleo")
    told: Counter[str] = Counter()
    for n, rule in enumerate(["outage", "outage", "", "praise", "outage"]):
        post = town.post(thread, cleo, f"post {n}", NOW - n * HOUR)
        town.conn.execute("UPDATE interaction SET rule = %s WHERE id = %s", [rule, post])
        told[rule] += 1
    town.post(thread, cleo, "ours", NOW, direction="out")
    old = town.post(thread, cleo, "long ago", NOW - 8 * DAY)
    town.conn.execute("UPDATE interaction SET rule = 'outage' WHERE id = %s", [old])
    found = policy_use.policy_use(web, town.brand, NOW)
    assert {rule: use.posts for rule, use in found.rules.items()} == told
    assert (found.of("outage").last, found.posts, found.whole) == (NOW, 5, True)
    assert found.of("never").posts == 0
    assert [one.text for one in policy_use.decided_by(web, town.staff("Ann"), "", NOW)] == ["post 2"]
    assert [one.handle for one in policy_use.newest_posts(web, town.staff("Bo"), 2)] == ["cleo", "cleo"]
    assert count(lambda: policy_use.policy_use(web, town.brand, NOW)) == 1
    chief = town.staff("Eve", "executive", "analyst")
    assert policy_use.decided_by(web, chief, "", NOW) == policy_use.newest_posts(web, chief) == []
    assert policy_use.examples(web, chief) == []
    with pytest.raises(Forbidden):
        judged(web, chief)


@pytest.mark.parametrize(("again", "solved"), [(None, (HOUR, 0)), (5 * HOUR, (HOUR, 8 * HOUR))])
def test_first_and_final_resolution_are_told(
    town: Town, web: Connection[Any], again: int | None, solved: tuple[int, int]
) -> None:
    case, began = town.asks("cleo", "no signal", due=None), NOW - 9 * HOUR
    town.promise(case, 0, began, NOW, metric="first_response", satisfied=began + MINUTE)
    town.promise(case, 0, began, NOW, metric="resolution", satisfied=began + HOUR)
    town.promise(
        case, 0, began + 3 * HOUR, NOW, metric="resolution", satisfied=again and began + 3 * HOUR + again
    )
    town.see(web)
    found = ledger(web, town.brand, case, NOW)
    assert (found.first_resolved, found.last_resolved) == solved
