"""Hiding and reporting through the door: by people and with approvals, under stops, once where the network can tell."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs
from office import NOW, Office, moment
from pretend import Network
from test_delivery_loop import Post
from test_policy_approvals import in_force
from test_release_verbs import program_of

from townhall.channels.port import DeedKind
from townhall.flow import alarms, deed_approval, deeds, outbound_stop
from townhall.flow.deeds import Wish
from townhall.kernel.clock import DAY, HOUR, MINUTE, SECOND, Instant
from townhall.kernel.errors import Conflict, Forbidden, NotFound, Refused
from townhall.outbound.logic.deed import LIVE, STUCK, UNDONE_AT_WILL, WAYS, Terms, after_call, digest_of
from townhall.outbound.logic.journey import Patience, Trial

Desk = Callable[..., Any]
DOCUMENT = """\
id: shop
version: 1
rules:
  - {id: r, owner: care, reason: Hatred is hidden., when: "post.question", effect: hide, approvals: WANTED}
"""


@pytest.fixture
def x(owner: psycopg.Connection) -> Office:
    return Office(owner, "gorse", channel="x", base_url="https://api.example")


@pytest.fixture
def post(worker: psycopg.Connection, tmp_path: Path) -> Callable[..., Post]:
    return lambda network, **more: Post(worker, tmp_path, network, **more)


def rude(office: Office, version: int = 1, rule: str = "none") -> int:
    number = office.of_case(office.case(f"You fools {office.fresh()}"))[1]
    office.conn.execute(
        "UPDATE interaction SET policy_id = %s, rule = %s WHERE id = %s", [version, rule, number]
    )
    return number


def states(office: Office) -> list[tuple[str, str]]:
    return office.conn.execute("SELECT kind, state FROM deed ORDER BY id").fetchall()


def facts(office: Office) -> int:
    return int(office.one("SELECT coalesce(sum(facts), 0) FROM fact_block"))


async def test_a_person_hides_a_reply_and_shows_it_again(x: Office, at_desk: Desk, post: Any) -> None:
    ann, number = x.staff("Ann"), rude(x)
    kept = at_desk(deeds.want, ann, Wish(post_id=number, kind="hide", reason="It insults."), NOW)
    street = post(Network())
    assert await street.at(9) == 0, "for ten seconds it can be taken back"
    assert await street.at(10) == 1 and states(x) == [("hide", "done")]
    [done] = street.network.deeds
    assert (done.kind, done.post) == ("hide", str(number)) and done.decision_id and done.idempotency_key
    with pytest.raises(Conflict, match="hidden already"):
        at_desk(deeds.want, ann, Wish(post_id=number, kind="hide", reason="Again."), NOW)
    with pytest.raises(Conflict, match="too late"):
        at_desk(deeds.take_back, ann, kept.id, NOW + MINUTE)
    at_desk(deeds.want, ann, Wish(post_id=number, kind="unhide", reason="They said sorry."), NOW)
    await street.at(11)
    assert [one.kind for one in street.network.deeds] == ["hide", "unhide"]
    assert states(x) == [("hide", "over"), ("unhide", "done")]
    at_desk(deeds.want, ann, Wish(post_id=number, kind="hide", reason="Again."), NOW)
    await street.at(12)
    assert states(x) == [("hide", "over"), ("unhide", "over"), ("hide", "done")]


async def test_within_its_window_it_is_taken_back(x: Office, at_desk: Desk, post: Any) -> None:
    ann = x.staff("Ann")
    kept = at_desk(deeds.want, ann, Wish(post_id=rude(x), kind="hide", reason="It insults."), NOW)
    at_desk(deeds.take_back, ann, kept.id, NOW + SECOND)
    street = post(Network())
    assert await street.at(20) == 0 and states(x) == [("hide", "undone")]


@pytest.mark.parametrize(
    ("channel", "kind", "fates", "state", "requests", "deeds_made"),
    [
        ("x", "hide", ["lost"], "done", 2, 1), ("x", "hide", ["swallowed"], "done", 2, 2), ("x", "hide", ["crash"], "done", 2, 1),
        ("x", "hide", ["no"], "failed", 1, 0), ("x", "hide", ["away"], "done", 2, 1),
        ("mastodon", "report", ["lost"], "doubtful", 1, 0), ("mastodon", "report", ["swallowed"], "doubtful", 1, 1),
        ("mastodon", "report", ["away"], "done", 2, 1), ("mastodon", "report", ["crash"], "doubtful", 1, 0),
    ],
)  # fmt: skip
async def test_unclear_is_repeated_only_where_that_is_harmless(
    owner: psycopg.Connection, at_desk: Desk, post: Any, channel: str, kind: str, fates: list[str], state: str,
    requests: int, deeds_made: int,
) -> None:  # fmt: skip
    office = Office(owner, "gorse", channel=channel, base_url="https://api.example")
    at_desk(deeds.want, office.staff("Ann"), Wish(post_id=rude(office), kind=kind, reason="x"), NOW)  # type: ignore[arg-type]
    street = post(Network(fates))
    for second in range(10, 40):
        await street.at(second)
    assert states(office) == [(kind, state)]
    assert (street.network.requests, len(street.network.deeds)) == (requests, deeds_made)


async def test_a_person_decides_about_what_is_in_doubt(office: Office, at_desk: Desk, post: Any) -> None:
    ann = office.staff("Ann")
    street = post(Network(["lost", "lost", "well"]))
    kept = [
        at_desk(deeds.want, ann, Wish(post_id=rude(office), kind="report", reason="x"), NOW) for _ in range(2)
    ]
    await street.at(10)
    assert states(office) == [("report", "doubtful")] * 2
    at_desk(deeds.resolve, ann, kept[0].id, "done", NOW + 11 * SECOND)
    at_desk(deeds.resolve, ann, kept[1].id, "again", NOW + 11 * SECOND)
    await street.at(12)
    assert states(office) == [("report", "done")] * 2 and street.network.requests == 3
    with pytest.raises(Conflict):
        at_desk(deeds.resolve, ann, kept[1].id, "drop", NOW + 13 * SECOND)


async def test_a_process_that_dies_leaves_nothing_done_twice(
    office: Office, at_desk: Desk, post: Any
) -> None:
    at_desk(deeds.want, office.staff("Ann"), Wish(post_id=rude(office), kind="report", reason="x"), NOW)
    office.conn.execute(
        "UPDATE deed SET state = 'attempting', attempts = 1, lease = gen_random_uuid(), lease_until = %s",
        [moment(NOW + 60 * SECOND)],
    )
    street = post(Network())
    await street.at(59)
    assert states(office) == [("report", "attempting")]
    await street.at(60)
    assert states(office) == [("report", "doubtful")] and street.network.requests == 0


async def test_nothing_is_done_under_a_stop_and_not_by_itself_after_it(
    x: Office, at_desk: Desk, post: Any
) -> None:
    ann, sam = x.staff("Ann"), x.staff("Sam", "security")
    kept = at_desk(deeds.want, ann, Wish(post_id=rude(x), kind="hide", reason="x"), NOW)
    stopped = at_desk(outbound_stop.stop, sam, "account", "A drill.", NOW + SECOND, target=str(x.account))
    with pytest.raises(Refused, match="A drill"):
        at_desk(deeds.want, ann, Wish(post_id=rude(x), kind="hide", reason="x"), NOW)
    street = post(Network())
    await street.at(11)
    assert states(x) == [("hide", "overdue")]
    at_desk(outbound_stop.resume, sam, stopped.stop_id, NOW + MINUTE)
    await street.at(61)
    assert street.network.requests == 0, "what was due under a stop waits for a person"
    at_desk(deeds.resolve, ann, kept.id, "again", NOW + 62 * SECOND)
    await street.at(63)
    assert states(x) == [("hide", "done")]


async def test_an_observing_brand_does_nothing(owner: psycopg.Connection, at_desk: Desk, post: Any) -> None:
    office = Office(owner, "gorse", state="observe", channel="x", base_url="https://api.example")
    with pytest.raises(Refused, match="only observes"):
        at_desk(deeds.want, office.staff("Ann"), Wish(post_id=rude(office), kind="hide", reason="x"), NOW)
    live = Office(owner, "heath", channel="x", base_url="https://api.example")
    at_desk(deeds.want, live.staff("Ann"), Wish(post_id=rude(live), kind="hide", reason="x"), NOW)
    owner.execute("UPDATE brand SET state = 'observe' WHERE id = %s", [live.brand])
    street = post(Network())
    await street.at(11)
    await street.at(3600)
    assert street.network.requests == 0 and states(live) == [("hide", "overdue")]


@pytest.mark.parametrize("wanted", ["[lead]", "{all: [compliance, lead]}"])
async def test_a_rule_that_wants_approvals_holds_it(x: Office, at_desk: Desk, post: Any, wanted: str) -> None:
    version = in_force(x, at_desk, DOCUMENT.replace("WANTED", wanted), ("Pia", "Quin"))
    ann, lee, cora = x.staff("Ann"), x.staff("Lee", "lead", "agent"), x.staff("Cora", "compliance", "lead")
    kept = at_desk(deeds.want, ann, Wish(post_id=rude(x, version, "r"), kind="hide", reason="x"), NOW)
    own = at_desk(deeds.want, lee, Wish(post_id=rude(x, version, "r"), kind="hide", reason="x"), NOW)
    street = post(Network())
    await street.at(11)
    assert states(x) == [("hide", "held")] * 2
    with pytest.raises(Forbidden):
        at_desk(deed_approval.approve, ann, kept.id, kept.digest, NOW)
    with pytest.raises(Forbidden, match="somebody else"):
        at_desk(deed_approval.approve, lee, own.id, own.digest, NOW)
    with pytest.raises(Conflict, match="not what you read"):
        at_desk(deed_approval.approve, lee, kept.id, own.digest, NOW)
    first = at_desk(deed_approval.approve, lee, kept.id, kept.digest, NOW)
    assert first == (wanted == "[lead]")
    if not first:
        await street.at(20)
        assert street.network.requests == 0
        with pytest.raises(Forbidden, match="already"):
            at_desk(deed_approval.approve, lee, kept.id, kept.digest, NOW)
        assert at_desk(deed_approval.approve, cora, kept.id, kept.digest, NOW)
    at_desk(deed_approval.refuse, cora, own.id, "It is a fair question.", NOW)
    await street.at(30)
    assert states(x) == [("hide", "done"), ("hide", "undone")] and street.network.requests == 1


def test_who_made_a_programs_token_does_not_approve_what_it_wants(x: Office, at_desk: Desk) -> None:
    version = in_force(x, at_desk, DOCUMENT.replace("WANTED", "[lead]"), ("Pia", "Quin"))
    lee, lou = x.staff("Lee", "lead"), x.staff("Lou", "lead")
    robot = program_of(at_desk, lee)
    kept = at_desk(deeds.want, robot, Wish(post_id=rude(x, version, "r"), kind="hide", reason="x"), NOW)
    with pytest.raises(Forbidden, match="your program"):
        at_desk(deed_approval.approve, lee, kept.id, kept.digest, NOW)
    assert at_desk(deed_approval.approve, lou, kept.id, kept.digest, NOW)


async def test_what_nobody_approves_in_time_is_not_done(x: Office, at_desk: Desk, post: Any) -> None:
    version = in_force(x, at_desk, DOCUMENT.replace("WANTED", "[lead]"), ("Pia", "Quin"))
    at_desk(deeds.want, x.staff("Ann"), Wish(post_id=rude(x, version, "r"), kind="hide", reason="x"), NOW)
    street = post(Network())
    await street.at(DAY // SECOND - 1)
    assert states(x) == [("hide", "held")]
    await street.at(DAY // SECOND)
    assert states(x) == [("hide", "undone")]


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE deed SET post = '99'", "UPDATE deed SET comment = 'x'", "UPDATE deed SET kind = 'unhide'",
        "UPDATE deed SET steps = '[[\"compliance\"]]'",
    ],
)  # fmt: skip
async def test_what_is_not_as_decided_is_never_done(
    x: Office, at_desk: Desk, post: Any, tampering: str
) -> None:
    at_desk(deeds.want, x.staff("Ann"), Wish(post_id=rude(x), kind="hide", reason="x"), NOW)
    x.conn.execute(tampering)
    street = post(Network())
    await street.at(11)
    assert street.network.requests == 0 and [state for _, state in states(x)] == ["failed"]


def test_what_cannot_be_done_is_said(office: Office, x: Office, at_desk: Desk) -> None:
    ann, bea, lou = office.staff("Ann"), x.staff("Bea"), x.staff("Lou", "analyst")
    number, reply = rude(x), rude(x)
    for asker, wish, kind, words in (
        (ann, Wish(post_id=rude(office), kind="hide", reason="x"), Refused, "does not let an account hide"),
        (bea, Wish(post_id=number, kind="report", reason="x"), Refused, "takes no reports"),
        (bea, Wish(post_id=number, kind="hide", reason=" "), Refused, "Say why"),
        (bea, Wish(post_id=number, kind="unhide", reason="x"), Refused, "did not hide"),
        (bea, Wish(post_id=number, kind="hide", reason="x", comment="y" * 1001), Refused, "at most"),
        (
            bea,
            Wish(post_id=number, kind="hide", reason="x", comment="Ring +44 20 7946 0991"),
            Refused,
            "phone",
        ),
        (ann, Wish(post_id=number, kind="hide", reason="x"), NotFound, "does not exist"),
        (lou, Wish(post_id=number, kind="hide", reason="x"), Forbidden, "hide and report"),
    ):
        with pytest.raises(kind, match=words):
            at_desk(deeds.want, asker, wish, NOW)
    x.conn.execute("UPDATE interaction SET direction = 'out' WHERE id = %s", [number])
    x.conn.execute("UPDATE interaction SET deleted_at = now() WHERE id = %s", [reply])
    for post_id, words in ((number, "our own"), (reply, "deleted")):
        with pytest.raises(Refused, match=words):
            at_desk(deeds.want, bea, Wish(post_id=post_id, kind="hide", reason="x"), NOW)
    assert states(x) == []


def test_another_brand_cannot_touch_it(office: Office, x: Office, at_desk: Desk) -> None:
    kept = at_desk(deeds.want, x.staff("Bea"), Wish(post_id=rude(x), kind="hide", reason="x"), NOW)
    cy = office.staff("Cy", "lead")
    for verb, more in (
        (deeds.take_back, ()),
        (deeds.resolve, ("drop",)),
        (deed_approval.approve, (kept.digest,)),
    ):
        with pytest.raises(NotFound):
            at_desk(verb, cy, kept.id, *more, NOW)


def test_a_stop_says_what_had_begun_already(x: Office, at_desk: Desk) -> None:
    kept = at_desk(deeds.want, x.staff("Ann"), Wish(post_id=rude(x), kind="hide", reason="x"), NOW)
    x.conn.execute("UPDATE deed SET state = 'attempting'")
    sam = x.staff("Sam", "security")
    elsewhere = at_desk(outbound_stop.stop, sam, "channel", "A drill.", NOW, target="mastodon")
    here = at_desk(outbound_stop.stop, sam, "channel", "A drill.", NOW, target="x")
    assert (elsewhere.deeds_in_the_air, here.deeds_in_the_air, here.in_the_air) == ((), (kept.id,), ())


def test_every_act_is_a_fact(x: Office, at_desk: Desk) -> None:
    before = facts(x)
    kept = at_desk(deeds.want, x.staff("Ann"), Wish(post_id=rude(x), kind="hide", reason="x"), NOW)
    at_desk(deeds.take_back, x.staff("Bo"), kept.id, NOW)
    assert facts(x) - before == 2


@given(
    st.sampled_from([True, False, None]),
    st.booleans(),
    st.booleans(),
    st.integers(1, 60),
    st.integers(0, HOUR),
)
def test_a_call_ends_where_the_journey_allows(
    taken: bool | None, permanent: bool, repeats: bool, attempts: int, retry: Instant
) -> None:
    then = after_call(Trial(taken, permanent, NOW + retry), attempts, repeats, NOW, Patience())
    assert then.state in WAYS["attempting"] and then.at >= NOW
    assert (then.state == "done") == (taken is True)
    assert (then.state == "doubtful") == (taken is None and not repeats)
    if taken is False:
        assert (then.state == "failed") == permanent
        assert permanent or then.at >= NOW + retry
    if then.state == "waiting":
        assert then.at > NOW, "a network is not hammered"


@given(st.sampled_from(["kind", "post", "author", "comment", "category"]), st.text(), st.text())
def test_no_two_deeds_share_a_digest(field: str, one: str, other: str) -> None:
    base = Terms(brand_id=1, account_id=1, kind="hide", post="1", author="2")
    a, b = structs.replace(base, **{field: one}), structs.replace(base, **{field: other})
    assert (digest_of(a) == digest_of(b)) == (one == other)
    assert digest_of(a, b"s" * 16) != digest_of(a)


def seated(office: Office, name: str, *roles: str) -> Any:
    one = office.staff(name, *roles)
    office.conn.execute(
        "INSERT INTO membership (staff_id, brand_id, roles) VALUES (%s, %s, %s)",
        [one.staff_id, office.brand, list(roles)],
    )
    return one


def test_whoever_may_approve_next_is_told_once(x: Office, at_desk: Desk, worker: psycopg.Connection) -> None:
    version = in_force(x, at_desk, DOCUMENT.replace("WANTED", "{all: [compliance, lead]}"), ("Pia", "Quin"))
    ann, lee, cora = seated(x, "Ann", "lead"), seated(x, "Lee", "lead"), seated(x, "Cora", "compliance")
    kept = at_desk(
        deeds.want, ann, Wish(post_id=rude(x, version, "r"), kind="hide", reason="It insults."), NOW
    )

    def told() -> set[int]:
        with worker.transaction():
            alarms.tell_approvers(worker, NOW + SECOND)
        rows = x.conn.execute("SELECT staff_id FROM notice WHERE title LIKE 'Hiding a post%%It insults.'")
        return {row[0] for row in rows}

    assert told() == told() == {lee.staff_id, cora.staff_id}, "everybody who may, and never who wanted it"
    x.conn.execute("DELETE FROM notice")
    at_desk(deed_approval.approve, lee, kept.id, kept.digest, NOW)
    assert told() == {cora.staff_id}, "the one who approved has nothing left to do"


def test_the_groups_of_states_agree_with_the_ways_between_them() -> None:
    assert {state for state, ways in WAYS.items() if "undone" in ways} == UNDONE_AT_WILL | STUCK
    assert {state for state, ways in WAYS.items() if "waiting" in ways} - {"held", "attempting"} == STUCK


def test_the_table_knows_the_same_states_as_the_logic(owner: psycopg.Connection) -> None:
    checks = owner.execute(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'deed'::regclass AND contype = 'c'"
    ).fetchall()
    once = owner.execute("SELECT pg_get_indexdef('deed_once'::regclass)").fetchone()
    words = [frozenset(re.findall(r"'([a-z]+)'", check)) for (check,) in checks]
    assert frozenset(WAYS) in words and frozenset(get_args(DeedKind)) in words
    assert once and frozenset(re.findall(r"'([a-z]+)'", once[0])) == LIVE
