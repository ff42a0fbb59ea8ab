"""The known edge cases that need the whole way: posts, policy, people's acts and the database. Numbers as in
``tests/routing/test_edge_cases.py``."""

from collections.abc import Iterator

import pytest

from tests.flow.parish import START, Parish, act, post
from tests.flow.promising import case_of, hours, promise, staff, told
from tests.flow.test_pipeline_way import _TABLES, counted
from townhall.database import Database
from townhall.database.connect import connect, transaction
from townhall.flow import alarms, case_joins, cases, recompute
from townhall.kernel.clock import DAY, HOUR, MINUTE
from townhall.people import tiers

pytestmark = pytest.mark.database
MORE = (
    "clock_event", "case_change", "alarm", "notice", "outage", "customer_tier", "tier_held", "recount", "calendar_version", "release", "hold", "approval",
    "delivery", "statement_reply",
)  # fmt: skip


@pytest.fixture
def parish(module_database: Database) -> Iterator[Parish]:
    with connect(module_database.dsn("owner")) as owner:
        owner.execute(f"TRUNCATE {', '.join((*_TABLES, *MORE))}")
    with connect(module_database.dsn("worker")) as connection:
        yield Parish(module_database, connection)


def do(parish: Parish, verb, *more, at: float, by=None, **how):
    """A verb on the newest case, ``at`` minutes from the start."""
    with transaction(parish.connection):
        return verb(
            parish.connection, by or staff(parish), case_of(parish), *more, START + int(at * MINUTE), **how
        )


def raised(parish: Parish, at: float, since: int = 0) -> int:
    with transaction(parish.connection):
        return alarms.raise_alarms(parish.connection, START + int(at * MINUTE), since)


ALL = "{first_response: 1h, next_response: 2h, resolution: 8h}"


def test_e2_02_closing_counts_the_resolution_in_the_same_transaction(parish: Parish) -> None:
    parish.now = START + 27 * MINUTE
    promise(parish, ALL)
    parish.take(post(1, 0, root=1), post(2, 30, "acme", "Soon.", root=1, parent=1, own=True))
    do(parish, cases.close, at=120)
    assert told(parish) == ["first_response 0>60 met 30", "resolution 0>480 met 120"]
    assert [row[2:] for row in counted(parish)["promises"]] == [
        ("first_response", 1, 1, 0),
        ("resolution", 1, 1, 0),
    ]


def test_e2_05_a_merged_case_raises_nothing_more(parish: Parish) -> None:
    parish.now = START + 15 * MINUTE
    promise(parish, ALL)
    parish.take(post(1, 0, root=1), post(2, 10, "otto", root=2))
    first, second = sorted(row[0] for row in parish.rows("SELECT id FROM cases"))
    with transaction(parish.connection):
        case_joins.merge(parish.connection, staff(parish), first, second, START + 20 * MINUTE)
    assert told(parish, f"case_id = {first}") == [
        f"first_response 0>60 merged_into/{second} 20", f"resolution 0>480 merged_into/{second} 20",
    ]  # fmt: skip
    assert told(parish, f"case_id = {second}") == ["first_response 10>60 open", "resolution 10>490 open"]
    assert raised(parish, 61) == 1 and raised(parish, 491, 0) == 1, (
        "the case that stays, once for each promise"
    )


def test_e2_07_another_policy_moves_nothing_that_stands(parish: Parish) -> None:
    promise(parish, ALL)
    parish.take(post(1, 0, root=1))
    before = parish.rows("SELECT * FROM commitment ORDER BY id")
    promise(parish, "{first_response: 5m}")
    assert parish.rows("SELECT * FROM commitment ORDER BY id") == before
    parish.take(act("Delete", 99, 3))
    assert parish.rows("SELECT * FROM commitment ORDER BY id") == before


def test_an_ordinary_case_is_no_question_to_the_community(parish: Parish) -> None:
    promise(parish, "{first_response: 1h, community_answer: 4h}")
    parish.take(post(1, 0, root=1), post(2, 10, "acme", "Soon.", root=1, parent=1, own=True))
    assert told(parish) == ["first_response 0>60 met 10"]


def test_e2_13_priority_is_that_of_the_events_time(parish: Parish) -> None:
    promise(
        parish,
        "{first_response: 4h, next_response: 4h, by: [{priority: urgent, first_response: 20m, next_response: 20m}]}",
    )
    parish.take(post(1, 0, root=1), post(2, 30, "acme", "Soon.", root=1, parent=1, own=True))
    do(parish, cases.prioritise, 0, at=40)
    parish.take(post(3, 50, root=1, text="well?"))
    assert told(parish) == ["first_response 0>240 met 30", "next_response 50>70 open"]


def test_e2_13_a_rise_shortens_from_now_and_a_fall_moves_nothing(parish: Parish) -> None:
    promise(parish, "{first_response: 4h, by: [{priority: urgent, first_response: 20m}]}")
    parish.take(post(1, 0, root=1))
    rise = do(parish, cases.prioritise, 0, at=40)
    assert told(parish) == ["first_response 0>60 open"]
    do(parish, cases.prioritise, 3, at=45)
    assert told(parish) == ["first_response 0>60 open"]
    with transaction(parish.connection), pytest.raises(Exception, match="changed again since"):
        cases.undo(parish.connection, staff(parish), rise.change, START + 46 * MINUTE)


@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
def test_e2_14_posts_of_one_instant_give_one_result(parish: Parish, order) -> None:
    promise(parish, "{first_response: 4h, by: [{priority: urgent, first_response: 20m}]}")
    both = {1: post(1, 0, root=1), 2: post(2, 0, root=1, text="my phone is on fire")}
    parish.take(*(both[n] for n in order))
    assert told(parish) == ["first_response 0>20 open"]
    assert parish.rows("SELECT priority FROM cases") == [(0,)]


OFFICE = '{"id": "office", "zone": "UTC", "weekly": {"mon-fri": ["09:00-17:00"]}}'
SHORT = '{"id": "office", "zone": "UTC", "weekly": {"mon-fri": ["09:00-10:00"]}}'


def test_e2_18_new_hours_count_for_what_is_promised_from_then_on(parish: Parish) -> None:
    hours(parish, "office", OFFICE, made=START - DAY)
    promise(parish, "{first_response: 2h}", calendar="office")
    parish.take(post(1, 0, root=1))
    hours(parish, "office", SHORT, made=START + 30 * MINUTE)
    parish.take(post(2, 45, "otto", root=2), act("Delete", 77, 46), post(3, 1, root=1, text="hello?"))
    assert told(parish) == ["first_response 0>120 open", "first_response 45>2925 open"]
    assert parish.rows("SELECT calendar_version FROM commitment ORDER BY started_at") == [(1,), (2,)]


def test_e2_21_an_answer_by_somebody_who_left_is_still_an_answer(parish: Parish) -> None:
    promise(parish, "{first_response: {within: 1h, satisfied_by: [person]}}")
    parish.take(post(1, 0, root=1))
    with transaction(parish.connection):
        _sent(parish, 10, "https://n.example/s/2", author=4711)
    parish.take(post(2, 10, "acme", "Soon.", root=1, parent=1, own=True))
    assert parish.rows("SELECT count(*) FROM staff WHERE id = 4711") == [(0,)]
    assert told(parish) == ["first_response 0>60 met 10"]
    parish.take(post(3, 1, root=1, text="hello?"))
    assert told(parish) == ["first_response 0>60 met 10"]


def _sent(
    parish: Parish, at: float, native: str, author: int = 7, name: str = "Ann", held: float = 0
) -> None:
    """An answer that passed our door and was sent; ``held``: for how many minutes before."""
    moment = "to_timestamp(1772442000 + 60 * %s)"
    (release,) = parish.connection.execute(
        f"""
        INSERT INTO release (brand_id, case_id, thread_id, account_id, channel, kind, visibility, recipient, reply_to,
            in_reply_to, conversation, text, digest, salt, author_id, author, made_at, findings, seen_post, state)
        SELECT brand_id, id, thread_id, account_id, 'activitystreams', 'public', 'public', '', 0, '', '', 'x',
            sha256(%s::text::bytea), 'aaaaaaaaaaaaaaaa', %s, %s, {moment}, '[]', 0, 'released' FROM cases WHERE id = %s
        RETURNING id
        """,
        [native, author, name, at - held, case_of(parish)],
    ).fetchone()
    if held:
        parish.connection.execute(
            f"INSERT INTO hold (release_id, brand_id, why, reasons, approvers, steps, held_at, expires_at, ended_at, ended_by, outcome)"
            f" VALUES (%s, %s, 'x', '{{}}', '{{lead}}', '[[\"lead\"]]', {moment}, {moment}, {moment}, 'staff/9', 'approved')",
            [release, parish.brand.id, at - held, at + 900, at - 1],
        )
    parish.connection.execute(
        f"""
        INSERT INTO delivery (brand_id, release_id, account_id, channel, thread_id, decision, idempotency_key, digest,
            state, not_before, go_by, native_id, sent_at, changed_at)
        SELECT brand_id, id, account_id, channel, thread_id, 'd' || id, 'k' || id, digest, 'sent', made_at, made_at, %s,
            {moment}, made_at FROM release WHERE id = %s
        """,
        [native, at, release],
    )


@pytest.mark.parametrize(
    ("name", "who", "line"),
    [("Ann", 7, "met 10"), ("ai/draft", 0, "open"), ("nightly", 0, "open")],
)
def test_e4_who_keeps_a_promise_is_asked_of_our_own_door(parish: Parish, name, who, line) -> None:
    promise(parish, "{first_response: 1h, satisfied_by: [person]}")
    parish.take(post(1, 0, root=1))
    with transaction(parish.connection):
        _sent(parish, 10, "https://n.example/s/2", author=who, name=name)
    parish.take(post(2, 10, "acme", "Soon.", root=1, parent=1, own=True))
    assert told(parish) == [f"first_response 0>60 {line}"]


def test_e4_an_answer_written_in_the_networks_own_app(parish: Parish) -> None:
    promise(parish, "{first_response: 1h, satisfied_by: [person]}")
    parish.take(post(1, 0, root=1), post(2, 10, "acme", "Soon.", root=1, parent=1, own=True))
    assert told(parish) == ["first_response 0>60 open"]
    promise(parish, "{first_response: 1h, satisfied_by: [person, outside]}")
    parish.take(post(3, 20, "otto", root=2), post(4, 30, "acme", "Soon.", root=2, parent=3, own=True))
    assert told(parish)[1:] == ["first_response 20>80 met 30"]


@pytest.mark.parametrize(
    ("targets", "line"),
    [
        ("{first_response: 1h, pauses: [approval]}", "0>179 met 150"),
        ("{first_response: 1h, satisfied_by: [person]}", "0>60 late 150"),
        ("{first_response: {within: 1h, counts: submitted}}", "0>60 met 30"),
        ("{first_response: {within: 1h, counts: approved}}", "0>60 late 149"),
    ],
)
def test_e4_an_approval_held_two_hours(parish: Parish, targets, line) -> None:
    promise(parish, targets)
    parish.take(post(1, 0, root=1))
    with transaction(parish.connection):
        _sent(parish, 150, "https://n.example/s/2", held=120)
    parish.take(post(2, 150, "acme", "Soon.", root=1, parent=1, own=True))
    assert told(parish) == [f"first_response {line}"]


def test_e2_22_and_23_a_policy_promises_nothing_for_what_was_written_before_it(parish: Parish) -> None:
    promise(parish, "{periodic_update: 1h}")
    parish.take(post(1, 0, root=1))
    promise(parish, "{first_response: 10m}")
    assert told(parish) == [] and raised(parish, 120) == 0
    parish.take(post(2, 130, root=1, text="anybody?"))
    assert told(parish) == ["first_response 130>140 open"], "measured from when it was written"


def test_e2_25_put_aside_across_another_policy(parish: Parish) -> None:
    promise(parish, "{first_response: 2h, pauses: [customer]}")
    parish.take(post(1, 0, root=1))
    do(parish, cases.snooze, START + 200 * MINUTE, at=30)
    assert told(parish) == ["first_response 0>120 paused 30 customer"]
    assert parish.rows("SELECT state, paused_cause FROM cases") == [("snoozed", "customer")]
    promise(parish, "{first_response: 10m}")
    with transaction(parish.connection):
        alarms.wake(parish.connection, START + 200 * MINUTE)
    assert told(parish) == ["first_response 0>290 open"], "what was left, from when it came back"
    assert parish.rows("SELECT state, paused_cause FROM cases") == [("open", "")]


def test_e4_put_aside_without_leave_to_pause_runs_on(parish: Parish) -> None:
    promise(parish, "{first_response: 2h}")
    parish.take(post(1, 0, root=1))
    do(parish, cases.snooze, START + 90 * MINUTE, at=30)
    parish.take(act("Delete", 50, 31), post(2, 1, root=1, text="hm"))
    assert told(parish) == ["first_response 0>120 open"]


def test_e4_waiting_for_a_third_party_and_no_longer(parish: Parish) -> None:
    promise(parish, "{first_response: 2h, pauses: [third_party]}")
    parish.take(post(1, 0, root=1))
    do(parish, cases.wait, at=30)
    assert raised(parish, 125) == 0, "nothing alarms while it stands still"
    do(parish, cases.wait, at=130, over=True)
    assert told(parish) == ["first_response 0>220 open"]
    undone = do(parish, cases.wait, at=140)
    with transaction(parish.connection):
        cases.undo(parish.connection, staff(parish), undone.change, START + 150 * MINUTE)
    assert told(parish) == ["first_response 0>220 open"]


def test_e4_merge_into_a_ticket_with_an_earlier_deadline_survives_a_late_post(parish: Parish) -> None:
    promise(parish, "{first_response: 1h}")
    parish.take(post(1, 0, root=1), post(2, 10, "otto", root=2))
    first, second = sorted(row[0] for row in parish.rows("SELECT id FROM cases"))
    with transaction(parish.connection):
        case_joins.merge(parish.connection, staff(parish), first, second, START + 20 * MINUTE)
    parish.take(post(3, 11, "otto", root=2, text="hello?"))
    assert told(parish, f"case_id = {second}") == ["first_response 10>60 open"]


def test_e4_reopened_after_a_minute_and_after_ninety_days(parish: Parish) -> None:
    parish.now = START + 27 * MINUTE
    promise(parish, ALL)
    parish.take(post(1, 0, root=1))
    do(parish, cases.close, at=30)
    do(parish, cases.reopen, at=31)
    assert told(parish, "satisfied_at IS NULL AND cancelled_at IS NULL") == [
        "first_response 31>61 open", "resolution 31>511 open",
    ]  # fmt: skip
    do(parish, cases.close, at=40)
    parish.now = START + 90 * DAY + HOUR
    parish.take(post(2, 90 * 1440, root=1, text="it is back, why?"), post(3, 90 * 1440 + 1, root=1, text="?"))
    newest = case_of(parish)
    assert told(parish, f"case_id = {newest}") == [
        f"first_response {90 * 1440}>{90 * 1440 + 60} open", f"resolution {90 * 1440}>{90 * 1440 + 480} open",
    ], "a new case of its own, which owes nothing for the old one"  # fmt: skip
    assert told(parish, f"metric = 'resolution' AND case_id < {newest}") == [
        "resolution 0>480 met 30", "resolution 31>511 met 40",
    ]  # fmt: skip


def test_e4_old_conversations_that_are_imported_raise_no_alarm(parish: Parish) -> None:
    promise(parish, ALL)
    parish.now = START + 40 * DAY
    parish.take(*(post(n, n, f"p{n}", root=n) for n in range(1, 20)))
    assert len(told(parish)) == 38
    with transaction(parish.connection):
        assert alarms.raise_alarms(parish.connection, parish.now, 0) == 0


def test_e4_a_time_in_the_future_is_clamped(parish: Parish) -> None:
    promise(parish, "{first_response: 1h}")
    parish.now = START + 5 * MINUTE
    parish.take(post(1, 600, root=1))
    assert told(parish) == ["first_response 5>65 open"]


def test_e4_the_same_delivery_twice_promises_once(parish: Parish) -> None:
    promise(parish, ALL)
    parish.take(post(1, 0, root=1), post(1, 0, root=1), post(2, 5, root=1, text="?"), post(1, 0, root=1))
    assert told(parish) == ["first_response 0>60 open", "resolution 0>480 open"]


def test_e4_a_message_deleted_after_our_reply(parish: Parish) -> None:
    promise(parish, ALL)
    parish.take(
        post(1, 0, root=1), post(2, 30, "acme", "Soon.", root=1, parent=1, own=True), act("Delete", 1, 40)
    )
    assert told(parish) == ["first_response 0>60 met 30", "resolution 0>480 deleted 40"]


def test_e4_an_internal_note_only(parish: Parish) -> None:
    promise(parish, ALL)
    parish.take(post(1, 0, root=1))
    do(parish, cases.note, "Rang the depot.", at=10)
    assert told(parish) == ["first_response 0>60 open", "resolution 0>480 open"]


def test_e4_a_team_with_other_hours_gets_no_more_time_to_answer(parish: Parish) -> None:
    hours(
        parish,
        "night",
        '{"id": "night", "zone": "UTC", "weekly": {"mon-sun": ["22:00-23:00"]}}',
        made=START - DAY,
    )
    parish.connection.execute(
        "INSERT INTO queue (brand_id, slug, title, calendar) VALUES (%s, 'nightly', 'Nightly', 'night')"
        " ON CONFLICT (brand_id, slug) DO UPDATE SET calendar = 'night'",
        [parish.brand.id],
    )
    promise(parish, "{first_response: 2h, group_ownership: 1h}")
    parish.take(post(1, 0, root=1))
    do(parish, cases.move, "nightly", at=30)
    assert told(parish) == [
        "first_response 0>120 open", "group_ownership 0>60 met 30", "group_ownership 30>840 open",
    ]  # fmt: skip


def test_targets_by_channel_and_tier(parish: Parish) -> None:
    promise(parish, "{first_response: 2h, by: [{tier: gold, first_response: 10m}]}")
    parish.take(post(1, 0, root=1), post(2, 0, "otto", root=2))
    _tier(parish, "gold", at=50, handle="otto")
    parish.take(post(3, 60, "otto", root=3))
    assert told(parish) == [
        "first_response 0>120 open", "first_response 0>120 open", "first_response 60>70 open",
    ]  # fmt: skip


GOLD = "{first_response: 2h, next_response: 1h, by: [{tier: gold, first_response: 10m, next_response: 5m}]}"


def _tier(parish: Parish, tier: str, at: float, handle: str = "ines") -> None:
    (row,) = parish.rows(f"SELECT id FROM identity WHERE handle = '{handle}'")
    with transaction(parish.connection):
        tiers.set_tier(
            parish.connection, parish.brand.id, row[0], tier, 0, "staff/1", START + int(at * MINUTE)
        )


def _reckoned(parish: Parish, as_of: float = 0) -> recompute.Found:
    """What the command finds that differs from what is stored; nothing is written."""
    conn, found = parish.connection, recompute.Found()
    with transaction(conn):
        for ids in recompute.chunks(conn, parish.brand.id):
            moment = START + int(as_of * MINUTE) if as_of else 0
            recompute.reckon(conn, recompute.book(conn), ids, found, moment, START + DAY, dry=True)
    return found


def test_e2_13_a_tier_that_is_set_later_rewrites_no_promise(parish: Parish) -> None:
    promise(parish, GOLD)
    parish.take(post(1, 0, root=1), post(2, 30, "acme", "Soon.", root=1, parent=1, own=True))
    _tier(parish, "gold", at=40)
    assert _reckoned(parish).changes == []
    parish.take(post(3, 20, root=1, parent=1, text="late, but written before: well?"))
    assert told(parish) == ["first_response 0>120 met 30"]
    parish.take(post(4, 50, root=1, text="well?"))
    assert told(parish) == ["first_response 0>120 met 30", "next_response 50>55 open"]
    assert [_reckoned(parish, as_of).changes for as_of in (35, 45, 52)] == [[], [], []]


def test_e2_13_a_promise_that_runs_keeps_its_target_until_a_post_under_the_new_tier(parish: Parish) -> None:
    promise(parish, GOLD)
    parish.take(post(1, 0, root=1))
    _tier(parish, "gold", at=20)
    do(parish, cases.prioritise, 1, at=30)
    assert told(parish) == ["first_response 0>120 open"]
    parish.take(post(2, 40, root=1, text="hello?"))
    assert told(parish) == ["first_response 0>50 open"], "ten minutes from the first post of the new tier"
    assert _reckoned(parish).changes == []


def test_e2_13_a_tier_counts_from_its_moment_until_it_is_changed_or_taken_away(parish: Parish) -> None:
    promise(parish, GOLD.replace("by: [", "by: [{tier: silver, first_response: 30m}, "))
    parish.take(post(1, 0, root=1))
    for tier, at in (("silver", 10), ("gold", 20), ("", 30)):
        _tier(parish, tier, at)
    parish.take(*(post(n, at, root=n) for n, at in enumerate([9, 10, 19, 20, 29, 30, 40], 2)))
    assert told(parish) == [
        f"first_response {at}>{at + within} open"
        for at, within in [(0, 120), (9, 120), (10, 30), (19, 30), (20, 10), (29, 10), (30, 120), (40, 120)]
    ]
    assert _reckoned(parish).changes == []


@pytest.mark.parametrize(
    "targets", [ALL, "{first_response: 1h, agent_work: 30m, requester_wait: 90m, pauses: [customer]}"]
)
@pytest.mark.parametrize("order", [(0, 1, 2, 3, 4), (4, 3, 2, 1, 0), (2, 0, 4, 1, 3), (1, 0, 3, 2, 4)])
def test_order_of_arrival_does_not_matter_for_measured_promises(parish: Parish, targets, order) -> None:
    promise(parish, targets)
    talk = [
        post(1, 0, root=1), post(2, 5, root=1, parent=1, text="is anybody there?"),
        post(3, 30, "acme", "We look into it.", root=1, parent=1, own=True),
        post(4, 42, root=1, parent=3, text="when will it be back?"),
        post(5, 60, "acme", "By noon.", root=1, parent=4, own=True),
    ]  # fmt: skip
    parish.take(*(talk[n] for n in order))
    found = [line for line in told(parish) if not line.endswith("deleted")]
    expected = {
        ALL: ["first_response 0>60 met 30", "resolution 0>480 open", "next_response 42>162 met 60"],
    }.get(targets, [
        "agent_work 0>30 paused 0 customer, unassigned", "first_response 0>60 met 30", "requester_wait 0>102 paused 60 customer",
    ])  # fmt: skip
    assert found == expected
