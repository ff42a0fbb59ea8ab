"""Levels at risk, outages, reckoning anew and reasons, through the whole way."""

from collections.abc import Iterator

import pytest

from tests.flow.parish import START, Parish, act, post
from tests.flow.promising import again, case_of, hours, promise, staff, told
from tests.flow.test_edge_cases_flow import ALL, MORE, OFFICE, do, raised
from tests.flow.test_pipeline_way import _TABLES
from townhall.care import bulk as care
from townhall.care import notices
from townhall.database import Database
from townhall.database.connect import connect, transaction
from townhall.flow import cases, outages, recompute
from townhall.flow.watch import Watch
from townhall.flow.why_missed import why_missed
from townhall.kernel.clock import DAY, HOUR, MINUTE, SECOND
from townhall.kernel.errors import Conflict, Forbidden, NotFound
from townhall.routing import store as routing

pytestmark = pytest.mark.database


@pytest.fixture
def parish(module_database: Database) -> Iterator[Parish]:
    with connect(module_database.dsn("owner")) as owner:
        owner.execute(f"TRUNCATE {', '.join((*_TABLES, *MORE))}")
    with connect(module_database.dsn("worker")) as connection:
        yield Parish(module_database, connection)


def levels(parish: Parish) -> list[tuple[str, int | None]]:
    """Alarms that were raised, and when (minutes from the start)."""
    rows = parish.rows(
        "SELECT level, raised_at FROM alarm WHERE raised_at IS NOT NULL ORDER BY raised_at, level"
    )
    return [(level, round((at.timestamp() - 1_772_442_000) / 60)) for level, at in rows]


RISK = "{first_response: 100m, at_risk: [50%, 90%, 5m]}"


def test_levels_by_percent_and_by_minutes_each_once(parish: Parish) -> None:
    promise(parish, RISK)
    parish.take(post(1, 0, root=1))
    for at in range(0, 130):
        raised(parish, at, START + (at - 1) * MINUTE if at else 0)
    assert levels(parish) == [("50%", 50), ("90%", 90), ("5m", 95), ("missed", 101)]
    assert raised(parish, 400) == 0, "and not the house's own quarter of an hour"


@pytest.mark.parametrize("step", [1, 7, 45])
def test_e4_a_watch_that_stopped_for_six_hours_tells_the_same(parish: Parish, step: int) -> None:
    """Every level whose promise can still be kept is told when the watch is back, and what was missed meanwhile as missed."""
    promise(parish, "{first_response: 600m, at_risk: [10%, 80%]}")
    parish.take(post(1, 0, root=1), post(2, 5, "otto", root=2))
    for at in range(0, 30, step):
        raised(parish, at, START + (at - step) * MINUTE if at else 0)
    assert raised(parish, 360) == 2, "six hours later, at once"
    assert raised(parish, 360) == raised(parish, 361, START + 360 * MINUTE) == 0
    assert raised(parish, 605.5, START + 361 * MINUTE) == 2, (
        "what can no more be kept is told as missed alone"
    )
    told_of = sorted(level for level, _ in levels(parish))
    assert told_of == ["10%", "10%", "missed", "missed"]


def _passed_over(parish: Parish) -> list[tuple[str, int]]:
    return parish.rows(
        "SELECT level, count(*) FROM alarm WHERE raised_at IS NULL AND passed_over_at IS NOT NULL GROUP BY 1 ORDER BY 1"
    )


@pytest.mark.parametrize(
    ("targets", "skipped"),
    [
        ("{first_response: 100m}", [("soon", 2)]),
        ("{first_response: 100m, at_risk: [50%, 10m]}", [("10m", 2), ("50%", 2)]),
    ],
)
def test_a_level_before_a_miss_that_nobody_saw_is_passed_over_and_said_so(
    parish: Parish, targets: str, skipped: list[tuple[str, int]]
) -> None:
    promise(parish, targets)
    parish.take(post(1, 0, root=1), post(2, 5, "otto", root=2))
    assert raised(parish, 30) == 0 and _passed_over(parish) == []
    assert raised(parish, 390) == 2, "six hours later each promise is told once, as missed"
    assert _passed_over(parish) == skipped and levels(parish) == [("missed", 390)] * 2
    parish.take(post(3, 400, root=1, text="hello?"), act("Delete", 99, 401))
    assert raised(parish, 402) == raised(parish, 403, START + 402 * MINUTE) == 0
    assert _passed_over(parish) == skipped, "it stays so"
    assert parish.rows("SELECT count(*) FROM alarm WHERE cancelled_at IS NOT NULL") == [(0,)]


def test_a_level_that_was_told_in_time_is_not_passed_over(parish: Parish) -> None:
    promise(parish, "{first_response: 100m}")
    parish.take(post(1, 0, root=1))
    assert [raised(parish, at) for at in (90, 101)] == [1, 1] and _passed_over(parish) == []


def test_levels_move_with_the_promise_and_end_with_it(parish: Parish) -> None:
    promise(parish, "{first_response: 100m, at_risk: [50%], pauses: [third_party]}")
    parish.take(post(1, 0, root=1), post(3, 0, "otto", root=2))
    first = min(row[0] for row in parish.rows("SELECT id FROM cases"))
    with transaction(parish.connection):
        cases.wait(parish.connection, staff(parish), first, START + 10 * MINUTE)
    assert raised(parish, 55) == 1, "only the other one"
    with transaction(parish.connection):
        cases.wait(parish.connection, staff(parish), first, START + 60 * MINUTE, over=True)
    assert raised(parish, 98) == 0 and raised(parish, 100) == 1
    assert levels(parish) == [("50%", 55), ("50%", 100)]
    parish.take(post(2, 110, "acme", "Soon.", root=1, parent=1, own=True))
    assert raised(parish, 300) == 1, "nothing more of what was answered; the other is missed"
    assert parish.rows("SELECT count(*) FROM alarm WHERE raised_at IS NULL AND cancelled_at IS NULL") == [
        (0,)
    ]


def test_e4_ten_thousand_alarms_in_one_second_once_each(parish: Parish) -> None:
    names = parish.worker._ids.take(20_000)
    with transaction(parish.connection):
        routing.COMMITMENTS.write(
            parish.connection,
            [
                (names[2 * n], parish.brand.id, names[2 * n + 1], 0, "first_response", 3, "care", HOUR, "always", 0,
                 START - HOUR, START + n * SECOND // 10_000, None, "", None, "", None, 0)
                for n in range(10_000)
            ],
        )  # fmt: skip
    assert raised(parish, 2) == 10_000
    assert raised(parish, 2) == raised(parish, 3, START + 2 * MINUTE) == 0
    told = "SELECT count(*), count(DISTINCT commitment_id) FROM alarm WHERE raised_at IS NOT NULL"
    assert parish.rows(told) == [(10_000, 10_000)]
    assert _passed_over(parish) == [("soon", 10_000)]


def fix(parish: Parish, verb, *more, **how):
    with transaction(parish.connection):
        return verb(parish.connection, staff(parish, 7, "admin"), parish.account.id, *more, **how)


def at(minute: float) -> int:
    return START + int(minute * MINUTE)


def dues(parish: Parish) -> list[tuple[int, int, int]]:
    """(contractual, strict, with outages) of every promise, minutes from the start; 0 where it is the contractual one."""
    rows = parish.rows("SELECT due_at, strict_due_at, outage_due_at FROM commitment ORDER BY started_at, id")
    return [tuple(round((m.timestamp() - 1_772_442_000) / 60) if m else 0 for m in row) for row in rows]


@pytest.mark.parametrize(
    ("pauses", "expected"),
    [("[outage]", (150, 60, 0)), ("[]", (60, 0, 150))],
    ids=["counts", "does not count"],
)
def test_both_readings_of_an_outage_are_kept(parish: Parish, pauses: str, expected) -> None:
    promise(parish, f"{{first_response: {{within: 1h, pauses: {pauses}}}}}")
    parish.take(post(1, 0, root=1))
    parish.now = at(200)
    fix(parish, outages.begin, "the network rejects us", at(10), at(100))
    fix(parish, outages.end, at(100), at(110))
    assert dues(parish) == [expected]
    parish.take(post(2, 150, "acme", "Soon.", root=1, parent=1, own=True))
    assert told(parish) == [f"first_response 0>{expected[0]} {'met' if expected[0] == 150 else 'late'} 150"]


def test_an_outage_stands_for_what_comes_while_it_lasts(parish: Parish) -> None:
    promise(parish, "{first_response: 1h, pauses: [outage]}")
    fix(parish, outages.begin, "down", at(0), at(1))
    parish.house.refresh(parish.connection, parish.now, must=True)
    parish.take(post(1, 30, root=1))
    assert told(parish) == ["first_response 30>90 paused 30 outage"]
    with pytest.raises(Conflict):
        fix(parish, outages.begin, "down again", at(5), at(6))
    done = fix(parish, outages.end, at(50), at(60))
    assert (done.cases, done.promises) == (1, 1) and told(parish) == ["first_response 30>110 open"]


def test_who_may_record_an_outage(parish: Parish) -> None:
    with transaction(parish.connection), pytest.raises(Forbidden):
        outages.begin(parish.connection, staff(parish), parish.account.id, "x", at(0), at(1))
    with transaction(parish.connection), pytest.raises(NotFound):
        outages.begin(parish.connection, staff(parish, 7, "admin"), 4711, "x", at(0), at(1))


def reckon(parish: Parish, as_of: int = 0, **how) -> recompute.Found:
    found, dry = recompute.Found(), how.pop("dry", True)
    with transaction(parish.connection):
        by = recompute.book(parish.connection)
        if newest := how.pop("newest_at", 0):
            recompute.count_newest(parish.connection, by, parish.brand.id, "operator", newest, dry=dry)
        for ids in recompute.chunks(parish.connection, parish.brand.id):
            recompute.reckon(parish.connection, by, ids, found, as_of, parish.now, dry=dry)
    again(parish)
    return found


def test_reckoning_anew_finds_nothing_where_nothing_is_wrong_and_a_tampered_deadline(parish: Parish) -> None:
    promise(parish, ALL)
    parish.take(
        post(1, 0, root=1), post(2, 30, "acme", "Soon.", root=1, parent=1, own=True), post(3, 40, root=1, text="and?"),
        post(4, 50, "otto", root=2), act("Delete", 4, 55),
    )  # fmt: skip
    found = reckon(parish)
    assert (found.cases, found.changes) == (2, []) and found.met_before == found.met_now == 1
    parish.connection.execute(
        "UPDATE commitment SET due_at = due_at + interval '1 day' WHERE metric = 'next_response'"
    )
    (change,) = reckon(parish).changes
    assert (change.metric, change.was[0] - change.now[0]) == ("next_response", DAY)
    reckon(parish, dry=False)
    assert reckon(parish).changes == []


def test_as_of_a_moment_later_things_have_not_happened(parish: Parish) -> None:
    promise(parish, ALL)
    parish.take(post(1, 0, root=1), post(2, 30, "acme", "Soon.", root=1, parent=1, own=True))
    before = parish.rows("SELECT * FROM commitment ORDER BY id")
    found = reckon(parish, as_of=at(20))
    assert found.met_now == 0 and found.promises == 2 and found.changes == []
    assert parish.rows("SELECT * FROM commitment ORDER BY id") == before


def test_new_hours_for_what_stands_only_when_asked(parish: Parish) -> None:
    hours(parish, "office", OFFICE, made=START - DAY)
    promise(parish, "{first_response: 10h}", calendar="office")
    parish.take(post(1, 0, root=1))
    longer = '{"id": "office", "zone": "UTC", "weekly": {"mon-sun": ["00:00-24:00"]}}'
    hours(parish, "office", longer, made=START + 30 * MINUTE)
    assert reckon(parish).changes == []
    (change,) = reckon(parish, newest_at=at(60)).changes
    assert change.now[0] == at(600) and change.was[0] == at(1560)
    assert reckon(parish).changes == [], "a dry run leaves nothing behind"


LONGER = '{"id": "office", "zone": "UTC", "weekly": {"mon-sun": ["00:00-24:00"]}}'


def long_hours(parish: Parish, targets: str = "{first_response: 10h, next_response: 10h}") -> None:
    """Office hours from before the start, round the clock from the thirtieth minute."""
    hours(parish, "office", OFFICE, made=START - DAY)
    promise(parish, targets, calendar="office")
    parish.take(post(1, 0, root=1), post(2, 1, "otto", root=2))
    hours(parish, "office", LONGER, made=at(30))


@pytest.mark.parametrize("targets", [
    "{first_response: 10h, next_response: 10h}",
    "{first_response: 10h, next_response: 10h, by: [{tier: gold, first_response: 1h}]}",
])  # fmt: skip
def test_newest_hours_last_whatever_happens_afterwards(parish: Parish, targets: str) -> None:
    """Followed in one step a post and folded: the act is remembered, and counts for what stood at its moment alone."""
    long_hours(parish, targets)
    parish.take(
        post(3, 20, "acme", "Soon.", root=2, parent=2, own=True), post(4, 21, "otto", root=2, text="When?")
    )
    before = ["first_response 0>1560 open", "first_response 1>1561 met 20", "next_response 21>1581 open"]
    assert told(parish) == before
    reckon(parish, newest_at=at(60), dry=False)
    moved = ["first_response 0>600 open", "first_response 1>1561 met 20", "next_response 21>621 open"]
    assert told(parish) == moved
    parish.take(post(5, 70, root=1, text="hello?"), act("Delete", 99, 71))
    assert told(parish) == moved and reckon(parish).changes == []
    assert reckon(parish, as_of=at(50)).changes != [], "it did not hold before its moment"
    parish.now = at(900)
    parish.take(
        post(6, 40, root=1, text="came late?"), post(7, 700, "acme", "Here.", root=1, parent=1, own=True)
    )
    assert told(parish) == ["first_response 0>600 late 700", *moved[1:]] and reckon(parish).changes == []
    assert parish.rows("SELECT slug, version, counted_by FROM recount") == [("office", 2, "operator")]
    reckon(parish, newest_at=at(80), dry=False)
    assert parish.rows("SELECT count(*) FROM recount") == [(1,)], "nothing new to count"


def test_why_a_promise_was_missed_is_asked_of_the_hours_it_was_moved_to(parish: Parish) -> None:
    long_hours(parish)
    reckon(parish, newest_at=at(60), dry=False)
    parish.now = at(900)
    parish.take(post(3, 700, "acme", "Here.", root=1, parent=1, own=True))
    with transaction(parish.connection):
        found = why_missed(parish.connection, staff(parish), at(0), at(601), at(900))
    assert sum(found.time.values()) == 700 * MINUTE, "the evening counts, which was closed at first"


def test_hours_newer_than_the_act_count_only_from_their_own_moment(parish: Parish) -> None:
    long_hours(parish)
    reckon(parish, newest_at=at(60), dry=False)
    hours(parish, "office", OFFICE, made=at(90))
    parish.take(post(3, 70, "ada", root=3), post(4, 100, "bea", root=4))
    assert told(parish)[2:] == ["first_response 70>670 open", "first_response 100>1660 open"]
    reckon(parish, newest_at=at(120), dry=False)
    assert told(parish) == [
        "first_response 0>1560 open", "first_response 1>1561 open", "first_response 70>1630 open",
        "first_response 100>1660 open",
    ]  # fmt: skip
    assert reckon(parish).changes == []


@pytest.mark.parametrize("together", [True, False])
def test_what_comes_in_after_the_act_but_was_written_before_it(parish: Parish, together: bool) -> None:
    long_hours(parish)
    reckon(parish, newest_at=at(60), dry=False)
    late = [
        post(3, 10, "ada", root=3), post(4, 15, "acme", "Yes.", root=3, parent=3, own=True),
        post(5, 5, "bea", root=5), post(6, 50, "acme", "Yes.", root=2, parent=2, own=True),
    ]  # fmt: skip
    if together:
        parish.offer(late)
        parish.work()
    else:
        parish.take(*late)
    assert told(parish) == [
        "first_response 0>600 open", "first_response 1>1561 met 50", "first_response 5>605 open",
        "first_response 10>1570 met 15",
    ]  # fmt: skip
    assert reckon(parish).changes == []


def test_why_promises_were_missed(parish: Parish) -> None:
    promise(parish, "{first_response: 1h}")
    parish.now = at(3)
    parish.take(post(1, 0, root=1))
    with transaction(parish.connection):
        parish.connection.execute(
            "INSERT INTO clock_event (brand_id, case_id, at, kind, actor, detail) SELECT brand_id, id,"
            " to_timestamp(1772442000 + 2400), 'assign', 'staff/7', '{\"holder\": \"staff/7\"}' FROM cases"
        )
    parish.now = at(100)
    parish.take(post(2, 90, "acme", "Soon.", root=1, parent=1, own=True))
    with transaction(parish.connection):
        found = why_missed(parish.connection, staff(parish), at(0), at(200), at(200))
        with pytest.raises(Forbidden):
            why_missed(parish.connection, staff(parish, 1, "nobody"), at(0), at(200), at(200))
    spent = {cause: time // MINUTE for cause, time in found.time.items() if time}
    assert spent == {"arrival": parish_delay(parish), "queue": 40 - parish_delay(parish), "assigned": 50}
    assert found.promises["assigned"] == 1 and sum(found.time_share.values()) == 1000


def parish_delay(parish: Parish) -> int:
    (row,) = parish.rows("SELECT received_at FROM interaction WHERE direction = 'in'")
    return round((row[0].timestamp() - 1_772_442_000) / 60)


def test_a_late_answer_of_the_case_before_belongs_to_that_case(parish: Parish) -> None:
    promise(parish, ALL)
    parish.now = at(10)
    parish.take(post(1, 0, root=1))
    do(parish, cases.close, at=20)
    parish.now = at(70)
    parish.take(post(2, 60, root=1, text="and now?"))
    with transaction(parish.connection):
        (one,) = care.cases_by_id(parish.connection, [case_of(parish)])
        assert care.earlier_closings(parish.connection, [one.id]) == {one.id: at(20)}


def test_a_level_of_an_answered_promise_is_cancelled(parish: Parish) -> None:
    promise(parish, RISK)
    parish.take(post(1, 0, root=1), post(2, 10, "acme", "Soon.", root=1, parent=1, own=True))
    assert parish.rows("SELECT count(*), count(cancelled_at), count(raised_at) FROM alarm") == [(3, 3, 0)]


def test_two_levels_of_a_policy_go_up_the_order_of_duty_to_the_end(parish: Parish) -> None:
    """The whole way, by the watch itself: who holds it at the first level, a lead at the second, the next one at silence."""
    promise(parish, "{first_response: 100m, at_risk: [50%, 10m]}")
    conn, brand = parish.connection, parish.brand.id
    seats = []
    for name, roles in (("Ann Able", "{agent}"), ("Fay First", "{lead}"), ("Sue Second", "{lead}")):
        (number,) = conn.execute(
            "INSERT INTO staff (password, email, name, operator, is_active, date_joined, zone, theme, density, single_keys)"
            " VALUES ('', %s, %s, false, true, now(), '', '', '', true) RETURNING id",
            [f"{name.split()[0].lower()}.{brand}@example.org", name],
        ).fetchone()  # type: ignore[misc]
        conn.execute(
            "INSERT INTO membership (brand_id, staff_id, roles) VALUES (%s, %s, %s)", [brand, number, roles]
        )
        seats.append(number)
    ann, fay, sue = seats
    with transaction(conn):
        notices.put_on_duty(conn, brand, [fay, sue])
    parish.take(post(1, 0, root=1), post(2, 0, "otto", root=2))
    held, free = (row[0] for row in parish.rows("SELECT id FROM cases ORDER BY id"))
    with transaction(conn):
        cases.assign(conn, staff(parish), held, ann, START + MINUTE)
    conn.execute("UPDATE notice SET acknowledged_at = now()")
    moment = START
    watch = Watch(conn, lambda: moment)

    def told() -> list[tuple[int, str]]:
        return parish.rows("SELECT staff_id, title FROM notice WHERE acknowledged_at IS NULL ORDER BY id")

    seen: dict[int, list[tuple[int, str]]] = {}
    for minute in (1, 49, 50, 55, 60, 61, 89, 90, 95, 100, 105):
        moment = START + minute * MINUTE
        watch.tick()
        new = told()[sum(map(len, seen.values())) :]
        if new:
            seen[minute] = new
    at_half, at_ten = "past 50% of their time", "due within 10m of working time"
    late = "Nobody answered for 10 minutes: "
    queue = parish.rows("SELECT queue FROM cases LIMIT 1")[0][0]
    assert seen == {
        50: [(ann, f"An answer of yours is {at_half}"), (fay, f"Promises {at_half} in {queue}")],
        60: [(fay, f"{late}An answer of yours is {at_half}"), (sue, f"{late}Promises {at_half} in {queue}")],
        89: [(sue, f"{late}An answer of yours is {at_half}")],
        90: [(ann, f"An answer of yours is {at_ten}"), (fay, f"Promises {at_ten} in {queue}")],
        100: [(fay, f"{late}An answer of yours is {at_ten}"), (sue, f"{late}Promises {at_ten} in {queue}")],
        105: [(ann, "An answer of yours is late"), (fay, f"Promises missed in {queue}")],
    }
    assert levels(parish) == [("50%", 50), ("50%", 50), ("10m", 90), ("10m", 90), *[("missed", 105)] * 2]
    assert free != held
