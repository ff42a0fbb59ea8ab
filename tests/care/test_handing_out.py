"""Handing out for real: reasons kept, locks passed over, never twice, back on silence and absence, and doors."""

import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from msgspec import Struct
from psycopg import Connection
from town import NOW, Town, moment

from townhall.care import store as care
from townhall.desk import handing as desk
from townhall.flow import cases, routing, staffing
from townhall.flow.case_change import CaseMoved
from townhall.flow.case_undo import undo
from townhall.journal.logic.block import unframe, unsqueeze
from townhall.kernel.clock import DAY, HOUR, MINUTE
from townhall.kernel.errors import Forbidden, NotFound, Refused
from townhall.kernel.fact import Fact, decode
from townhall.people.doors import Asker
from townhall.routing import assignments, settings
from townhall.routing import staffing as seats
from townhall.routing.logic import Queue, Requirement, Rules
from townhall.routing.staffing import Profile

pytestmark = pytest.mark.database


class Floor(Struct):
    """A brand with two queues that hand out, a lead, and people who answer."""

    town: Town
    worker: Connection[Any]
    lead: Asker

    def hires(self, name: str, queues: tuple[str, ...] = ("care",), **profile: Any) -> Asker:
        who = self.town.staff(name)
        seats.set_profile(self.worker, self.town.brand, who.staff_id, Profile(queues=queues, **profile))
        seats.be_here(self.worker, self.town.brand, who.staff_id, NOW)
        return who

    def sets(self, slug: str, **rules: Any) -> None:
        settings.set_queue(self.worker, self.town.brand, Queue(slug, slug.title(), True, **rules))

    def gives(self, at: int = NOW) -> dict[int, int]:
        with self.worker.transaction():
            return {c.case: c.agent for c in routing.hand_out(self.worker, self.town.brand, at)}

    def takes_back(self, at: int) -> list[tuple[int, str]]:
        with self.worker.transaction():
            return [(b.case, b.cause) for b in routing.take_back_silent(self.worker, self.town.brand, at)]

    def holder(self, case: int) -> int:
        row = self.town.conn.execute(
            "SELECT coalesce(assignee_id, 0) FROM cases WHERE id = %s", [case]
        ).fetchone()
        assert row
        return int(row[0])

    def facts(self, kind: str) -> list[Fact]:
        rows = self.town.conn.execute("SELECT body FROM fact_block ORDER BY id").fetchall()
        blobs = [blob for (body,) in rows for blob in unframe(unsqueeze(bytes(body)))]
        return [fact for fact in map(decode, blobs) if fact.type == f"townhall.case.{kind}"]


@pytest.fixture
def floor(owner: Connection[Any], worker: Connection[Any]) -> Floor:
    town = Town(owner)
    for slug in ("care", "bills"):
        owner.execute(
            "INSERT INTO queue (brand_id, slug, title, auto_assign) VALUES (%s, %s, %s, true)",
            [town.brand, slug, slug.title()],
        )
    return Floor(town, worker, town.staff("Lee Lead", "lead"))


def test_cases_go_across_queues_by_the_oldest_promise_with_reasons_kept(floor: Floor) -> None:
    ann, bo = floor.hires("Ann Able", ("care", "bills")), floor.hires("Bo Best", ("care",))
    late = floor.town.asks("cleo", "x", due=NOW + HOUR, queue="bills")
    soon = floor.town.asks("dora", "x", due=NOW + MINUTE)
    aside = floor.town.asks("eve", "x", queue="nowhere")
    assert list(floor.gives().items()) == [(soon, bo.staff_id), (late, ann.staff_id)]
    assert floor.gives() == {} and floor.holder(aside) == 0
    (kept,) = assignments.of_case(floor.worker, floor.town.brand, soon)
    assert (kept.kind, kept.staff, kept.queue, kept.by) == ("given", bo.staff_id, "care", "program/routing")
    assert (
        kept.reason == "leaves those free who can do more of 2 on duty with room; holds 0 of 8, this takes 1"
    )
    assert kept.choice
    assert [(c.agent, c.verdict) for c in kept.choice.considered] == [
        (ann.staff_id, "broader"), (bo.staff_id, "chosen"),
    ]  # fmt: skip
    assert floor.facts("assigned")[0].data["reason"] == kept.reason
    change = floor.town.conn.execute("SELECT max(id) FROM case_change WHERE case_id = %s", [soon]).fetchone()
    assert change
    floor.town.see(floor.worker)
    with floor.worker.transaction():
        undo(floor.worker, floor.lead, change[0], NOW)
    assert floor.holder(soon) == 0, "what routing did can be undone like anybody's act"


def test_skills_weights_tiers_and_the_same_person_come_from_what_is_stored(floor: Floor) -> None:
    floor.sets("care", needs=(Requirement("fibre", 2),), stick_for=10 * MINUTE, language="must")
    settings.set_rules(floor.worker, floor.town.brand, Rules(tiers=(("gold", 2 * HOUR),)), "test", NOW)
    ann = floor.hires("Ann Able", skills=(("fibre", 2),), languages=(("en", 4),), capacity=4)
    floor.hires("Bo Best", skills=(("fibre", 1),), languages=(("en", 4),))
    floor.hires("Di Deu", skills=(("fibre", 5),), languages=(("de", 4),))
    first = floor.town.asks("cleo", "x", due=NOW + HOUR)
    second = floor.town.asks("dora", "x", due=NOW + 2 * HOUR)
    private = floor.town.asks("eve", "x", due=NOW + 3 * HOUR)
    floor.town.conn.execute(
        "UPDATE thread SET visibility = 'direct' WHERE id = (SELECT thread_id FROM cases WHERE id = %s)",
        [private],
    )
    floor.town.see(floor.worker)
    with floor.worker.transaction():
        assert staffing.set_tier(floor.worker, floor.lead, "@Dora", "Gold", 7, NOW) == 1
    assert list(floor.gives().items()) == [(second, ann.staff_id), (first, ann.staff_id)], (
        "3 do not fit beside 2"
    )
    there = desk.gather(floor.worker, floor.town.brand, NOW)
    assert {a.id: a.load for a in there.agents}[ann.staff_id] == 2
    (left,) = there.choices()
    assert (left.case, left.outcome, left.weight) == (private, "all_full", 3)


def test_who_answered_this_customer_last_is_found_across_cases(floor: Floor) -> None:
    ann, bo = floor.hires("Ann Able"), floor.hires("Bo Best")
    before = floor.town.asks("cleo", "x", state="closed", due=None)
    answered(floor, before, bo)
    again = floor.town.asks("dora", "y")
    floor.town.conn.execute(
        "UPDATE cases SET customer_id = (SELECT customer_id FROM cases WHERE id = %s) WHERE id = %s",
        [before, again],
    )
    other = floor.town.asks("eve", "z", due=NOW + 2 * HOUR)
    assert floor.gives() == {again: bo.staff_id, other: ann.staff_id}


def test_whoever_answered_another_account_of_this_person_is_found(floor: Floor) -> None:
    floor.hires("Ann Able")
    bo = floor.hires("Bo Best")
    conn, brand = floor.town.conn, floor.town.brand
    before = floor.town.asks("cleo", "x", state="closed", due=None)
    answered(floor, before, bo)
    case = floor.town.asks("cleo.two", "y")
    stranger = floor.town.asks("cleo.three", "z")
    first, second, third = (customer(floor, one) for one in (before, case, stranger))
    middle = floor.town.person("cleo.middle")

    def link(a: int, b: int, undone: bool = False) -> None:
        conn.execute(
            "INSERT INTO identity_link (brand_id, a, b, evidence, made_by, undone_at)"
            " VALUES (%s, %s, %s, 'said so', 'staff/1', CASE WHEN %s THEN now() END)",
            [brand, min(a, b), max(a, b), undone],
        )

    def last(one: int) -> int:
        return next(w.before for w in desk.gather(floor.worker, brand, NOW).waiting if w.id == one)

    assert (last(case), last(stranger)) == (0, 0), "nobody has said yet that they are one person"
    link(first, middle)
    link(second, middle)
    link(first, third, undone=True)
    assert (last(case), last(stranger)) == (bo.staff_id, 0), "over a third account, by links that stand"
    assert floor.gives()[case] == bo.staff_id


def test_who_is_given_cases_is_told_once_until_they_look(floor: Floor) -> None:
    ann = floor.hires("Ann Able")
    conn, brand = floor.town.conn, floor.town.brand
    conn.execute(
        "INSERT INTO notice_way (brand_id, staff_id, way, address, urgent_only)"
        " VALUES (%s, %s, 'email', 'ann@example.org', false)",
        [brand, ann.staff_id],
    )
    floor.town.asks("cleo", "x"), floor.town.asks("dora", "y")
    assert len(floor.gives()) == 2
    floor.town.asks("eve", "z")
    floor.gives()

    def told() -> list[tuple[Any, ...]]:
        return conn.execute(
            "SELECT staff_id, title, happenings, urgent, url FROM notice WHERE brand_id = %s ORDER BY id",
            [brand],
        ).fetchall()

    assert told() == [(ann.staff_id, "Routing gave you a case", 3, False, "/inbox/?assignee=mine")]
    assert conn.execute("SELECT count(*) FROM notice_sending WHERE brand_id = %s", [brand]).fetchone() == (1,)
    floor.gives()
    assert len(told()) == 1, "nothing was given, so nothing is told"
    conn.execute("UPDATE notice SET acknowledged_at = now() WHERE brand_id = %s", [brand])
    floor.town.asks("fay", "w")
    floor.gives()
    assert [row[2] for row in told()] == [3, 1]


def answered(floor: Floor, case: int, who: Asker) -> None:
    """Somebody answered that case yesterday."""
    floor.town.conn.execute(
        """
        INSERT INTO release (brand_id, case_id, thread_id, account_id, channel, kind, visibility, recipient, reply_to, in_reply_to,
            conversation, text, digest, salt, author_id, author, made_at, findings, seen_post, state)
        SELECT brand_id, id, thread_id, account_id, 'mastodon', 'public', 'public', '', 0, '', '', 'hello',
            decode(repeat('00', 32), 'hex'), decode(repeat('00', 16), 'hex'), %s, %s, %s, '[]', 0, 'released'
        FROM cases WHERE id = %s
        """,
        [who.staff_id, who.name, moment(NOW - DAY), case],
    )


def customer(floor: Floor, case: int) -> int:
    row = floor.town.conn.execute("SELECT customer_id FROM cases WHERE id = %s", [case]).fetchone()
    assert row
    return int(row[0])


def test_two_clocks_at_once_give_each_case_once(
    floor: Floor, open_as: Callable[..., Connection[Any]]
) -> None:
    people = [floor.hires(f"P{n} Able", capacity=30) for n in range(4)]
    for n in range(90):
        floor.town.asks(f"p{n}", "x", due=NOW + n * MINUTE)
    given: list[int] = []

    def tick(conn: Connection[Any]) -> None:
        for _ in range(10):
            with conn.transaction():
                given.extend(c.case for c in routing.hand_out(conn, floor.town.brand, NOW))

    clocks = [threading.Thread(target=tick, args=(open_as("worker"),)) for _ in range(3)]
    for clock in clocks:
        clock.start()
    for clock in clocks:
        clock.join()
    assert len(given) == len(set(given)) == 90
    held = Counter(dict(floor.town.conn.execute("SELECT id, assignee_id FROM cases").fetchall()).values())
    assert sorted(held.values()) == [22, 22, 23, 23] and set(held) == {p.staff_id for p in people}
    counted = floor.town.conn.execute(
        "SELECT (SELECT count(*) FROM assignment), (SELECT count(*) FROM case_change), (SELECT sum(version) FROM cases)"
    ).fetchone()
    assert counted == (90, 90, 180)


def test_a_claim_that_comes_too_late_takes_nothing(
    floor: Floor, open_as: Callable[..., Connection[Any]]
) -> None:
    """The same without the brand's lock: two passes that decided on the same cases."""
    from townhall.care.handing import Handed, claim, hand_over

    ann, bo = floor.hires("Ann Able"), floor.hires("Bo Best")
    case, other = open_as("worker"), floor.town.asks("cleo", "x")
    with floor.worker.transaction():
        mine = claim(floor.worker, floor.town.brand, [Handed(other, 0, ann.staff_id)])
        hand_over(floor.worker, floor.town.brand, mine, "one", NOW)
        with case.transaction():
            assert claim(case, floor.town.brand, [Handed(other, 0, bo.staff_id)]) == []
    with case.transaction():
        assert claim(case, floor.town.brand, [Handed(other, 0, bo.staff_id)]) == []
    assert floor.holder(other) == ann.staff_id


def test_a_case_somebody_works_on_is_passed_over_and_comes_with_the_next_pass(
    floor: Floor, open_as: Callable[..., Connection[Any]]
) -> None:
    ann, hand = floor.hires("Ann Able"), open_as("worker")
    busy, free = floor.town.asks("cleo", "x", due=NOW + 1), floor.town.asks("dora", "x", due=NOW + 2)
    with hand.transaction():
        care.case(hand, floor.town.brand, busy, lock=True)
        assert floor.gives() == {free: ann.staff_id}
    assert floor.gives() == {busy: ann.staff_id}


def test_a_pass_that_falls_gives_nothing_to_anybody(floor: Floor) -> None:
    floor.hires("Ann Able")
    case = floor.town.asks("cleo", "x")
    with pytest.raises(ZeroDivisionError), floor.worker.transaction():
        assert routing.hand_out(floor.worker, floor.town.brand, NOW)
        raise ZeroDivisionError
    kept = floor.town.conn.execute(
        "SELECT (SELECT count(*) FROM assignment), (SELECT count(*) FROM case_change), (SELECT count(*) FROM fact_block)"
    ).fetchone()
    assert floor.holder(case) == 0 and kept == (0, 0, 0)
    assert floor.gives() == {
        case: floor.town.conn.execute("SELECT max(staff_id) FROM presence").fetchone()[0]
    }  # type: ignore[index]


def test_a_pass_sends_a_fixed_number_of_statements(floor: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(3):
        floor.hires(f"P{n} Able", capacity=50)

    def statements(cases: int) -> int:
        for n in range(cases):
            floor.town.asks(f"p{cases}{n}", "x", due=NOW + n)
        sent: list[Any] = []
        real = psycopg.Cursor.execute

        def spy(self: Any, query: Any, *more: Any, **words: Any) -> Any:
            sent.append(query)
            return real(self, query, *more, **words)

        with monkeypatch.context() as patch:
            patch.setattr(psycopg.Cursor, "execute", spy)
            assert len(floor.gives()) == cases
        return len(sent)

    assert statements(40) == statements(2) < 25


def test_a_silent_case_goes_back_with_a_fact_and_to_somebody_else(floor: Floor) -> None:
    floor.sets("care", silence_after=10 * MINUTE)
    ann, bo = floor.hires("Ann Able"), floor.hires("Bo Best")
    case = floor.town.asks("cleo", "x", due=NOW + 2 * HOUR)
    assert floor.gives() == {case: ann.staff_id}
    for at in (NOW + 5 * MINUTE, NOW + 10 * MINUTE):
        for who in (ann, bo):
            seats.heard(floor.worker, floor.town.brand, who.staff_id, at)
    assert floor.takes_back(NOW + 10 * MINUTE - 1) == []
    assert floor.takes_back(NOW + 10 * MINUTE) == [(case, "silence")]
    assert floor.gives(NOW + 10 * MINUTE) == {case: bo.staff_id}
    (fact,) = floor.facts("returned")
    assert (fact.data["holder"], fact.data["cause"], fact.data["since"]) == (ann.staff_id, "silence", NOW)
    kinds = [(a.kind, a.staff, a.queue) for a in assignments.of_case(floor.worker, floor.town.brand, case)]
    assert kinds == [
        ("given", bo.staff_id, "care"), ("returned", ann.staff_id, "care"), ("given", ann.staff_id, "care"),
    ]  # fmt: skip


@pytest.mark.parametrize("touch", ["look", "draft", "note", "held"])
def test_what_is_touched_does_not_go_back(floor: Floor, touch: str) -> None:
    floor.sets("care", silence_after=10 * MINUTE)
    ann = floor.hires("Ann Able")
    case = floor.town.asks("cleo", "x", due=NOW + 2 * HOUR)
    floor.gives()
    at = moment(NOW + 5 * MINUTE)
    if touch == "look":
        floor.town.conn.execute(
            "INSERT INTO case_viewing VALUES (%s, %s, %s, 'Ann', %s)",
            [case, ann.staff_id, floor.town.brand, at],
        )
    elif touch == "draft":
        floor.town.conn.execute(
            "INSERT INTO draft (brand_id, case_id, staff_id, author, kind, text, saved_at) VALUES (%s, %s, %s, '', 'public', 'x', %s)",
            [floor.town.brand, case, ann.staff_id, at],
        )
    elif touch == "note":
        floor.town.see(floor.worker)
        with floor.worker.transaction():
            cases.note(floor.worker, ann, case, "I am on it", NOW + 5 * MINUTE)
    else:
        floor.town.conn.execute(
            """
            INSERT INTO release (brand_id, case_id, thread_id, account_id, channel, kind, visibility, recipient, reply_to,
                in_reply_to, conversation, text, digest, salt, author_id, author, made_at, findings, seen_post, state)
            SELECT brand_id, id, thread_id, account_id, 'mastodon', 'public', 'public', '', 0, '', '', 'hello',
                decode(repeat('00', 32), 'hex'), decode(repeat('00', 16), 'hex'), %s, 'Ann', %s, '[]', 0, 'held'
            FROM cases WHERE id = %s
            """,
            [ann.staff_id, moment(NOW), case],
        )
    floor.town.conn.execute("UPDATE presence SET seen_at = %s", [moment(NOW + 14 * MINUTE)])
    assert floor.takes_back(NOW + 14 * MINUTE) == []
    floor.town.conn.execute("UPDATE presence SET seen_at = %s", [moment(NOW + 15 * MINUTE)])
    assert floor.takes_back(NOW + 15 * MINUTE) == ([] if touch == "held" else [(case, "silence")])


def test_who_signs_out_or_vanishes_gives_back_what_they_owe(floor: Floor) -> None:
    ann, bo = floor.hires("Ann Able", capacity=1), floor.hires("Bo Best", capacity=1)
    owed, other = floor.town.asks("cleo", "x", due=NOW + 1), floor.town.asks("dora", "x", due=NOW + 2)
    waits = floor.town.asks("eve", "x", due=None, state="waiting", assignee=ann.staff_id)
    assert floor.gives() == {owed: ann.staff_id, other: bo.staff_id}
    floor.town.see(floor.worker)
    with floor.worker.transaction():
        assert staffing.be_away(floor.worker, ann, NOW + MINUTE)
        assert not staffing.be_away(floor.worker, ann, NOW + MINUTE)
    assert floor.takes_back(NOW + 2 * MINUTE) == [(owed, "signed_out")]
    assert floor.holder(waits) == ann.staff_id, "nobody waits for it"
    assert floor.gives(NOW + 2 * MINUTE) == {}, "Bo is full"
    assert floor.takes_back(NOW + 15 * MINUTE) == [(other, "not_heard")]


def test_a_lead_overrides_with_a_reason_that_is_kept(floor: Floor, web: Connection[Any]) -> None:
    ann, bo = floor.hires("Ann Able"), floor.hires("Bo Best")
    case = floor.town.asks("cleo", "x")
    floor.town.see(web)
    with web.transaction():
        done = routing.override(web, floor.lead, case, bo.staff_id, " Bo knows  this family. ", NOW)
    assert floor.holder(case) == bo.staff_id and floor.gives() == {}
    (kept,) = assignments.of_case(web, floor.town.brand, case)
    assert (kept.kind, kept.reason, kept.by) == ("override", "Bo knows this family.", floor.lead.actor)
    (fact,) = floor.facts("overridden")
    assert fact.actor == floor.lead.actor and fact.data["reason"] == "Bo knows this family."
    for wrong, error in (
        (lambda: routing.override(web, ann, case, ann.staff_id, "mine", NOW), Forbidden),
        (lambda: routing.override(web, floor.lead, case, ann.staff_id, "  ", NOW), Refused),
        (lambda: routing.override(web, floor.lead, case, 10**9, "why", NOW), Refused),
        (lambda: routing.override(web, floor.lead, case, bo.staff_id, "again", NOW), Refused),
        (lambda: routing.override(web, floor.lead, case, ann.staff_id, "old", NOW, version=1), CaseMoved),
    ):
        with pytest.raises(error), web.transaction():
            wrong()
    with web.transaction():
        undo(web, floor.lead, done.change, NOW)
    assert floor.holder(case) == 0


def test_nothing_of_another_brand_is_seen_or_set(
    floor: Floor, web: Connection[Any], owner: Connection[Any]
) -> None:
    other = Town(owner, "rill")
    cy = other.staff("Cy Marsh", "lead")
    floor.hires("Ann Able")
    case = floor.town.asks("cleo", "x")
    other.see(web)
    assert seats.seats(web, floor.town.brand) == [] and settings.queues(web, floor.town.brand) == []
    assert desk.gather(web, floor.town.brand, NOW).waiting == ()
    for act, error in (
        (lambda: routing.override(web, cy, case, cy.staff_id, "mine", NOW), NotFound),
        (lambda: staffing.set_queue(web, cy, Queue("care", "Mine"), NOW), NotFound),
        (lambda: staffing.set_profile(web, cy, floor.lead.staff_id, Profile(), NOW), NotFound),
        (lambda: staffing.set_tier(web, cy, "cleo", "gold", 0, NOW), NotFound),
        (lambda: staffing.set_profile(web, other.staff("Di Deu"), cy.staff_id, Profile(), NOW), Forbidden),
        (lambda: staffing.be_away(web, other.staff("Ed Eel"), NOW, cy.staff_id), Forbidden),
    ):
        with pytest.raises(error), web.transaction():
            act()


def test_settings_come_back_as_they_were_set(floor: Floor, web: Connection[Any]) -> None:
    ann = floor.town.staff("Ann Able")
    floor.town.see(web)
    queue = Queue(
        "care", "Care", True, (Requirement("fibre", 2), Requirement("retention", 3, "complaint")), "must",
        10 * MINUTE, ("bills",), 30 * MINUTE, 20 * MINUTE, 5 * MINUTE, 6 * MINUTE,
    )  # fmt: skip
    rules = Rules("save", (("private", 4), ("public", 1)), (("gold", HOUR),), 1000, 50, 5 * MINUTE, 0)
    shift = {"id": "shift", "zone": "UTC", "weekly": {"mon": ["09:00-17:00"]}, "exceptions": []}
    profile = Profile(("care",), 12, (("fibre", 2),), (("en", 5),), shift)
    with web.transaction():
        staffing.set_queue(web, floor.lead, queue, NOW)
        staffing.set_rules(web, floor.lead, rules, NOW)
        staffing.set_profile(web, floor.lead, ann.staff_id, profile, NOW)
        assert staffing.be_here(web, ann, NOW) and not staffing.be_here(web, ann, NOW)
    assert {q.slug: q for q in settings.queues(web, floor.town.brand)}["care"] == queue
    assert settings.rules(web, floor.town.brand) == rules
    (seat,) = seats.seats(web, floor.town.brand)
    assert seat.profile == profile and seat.present
    assert seat.agent(0, NOW).on_shift, "Monday noon"
    assert not seat.agent(0, NOW + 5 * HOUR).on_shift
    for wrong in (
        lambda: staffing.set_queue(web, floor.lead, Queue("care", "Care", overflow_to=("gone",)), NOW),
        lambda: staffing.set_queue(web, floor.lead, Queue("care", "Care", stick_for=8 * DAY), NOW),
        lambda: staffing.set_queue(web, floor.lead, Queue("care", " "), NOW),
        lambda: staffing.set_rules(web, floor.lead, Rules(weights=(("public", 21),)), NOW),
        lambda: staffing.set_rules(web, floor.lead, Rules(tiers=(("gold", 2 * DAY),)), NOW),
        lambda: staffing.set_profile(web, floor.lead, ann.staff_id, Profile(capacity=101), NOW),
        lambda: staffing.set_profile(web, floor.lead, ann.staff_id, Profile(queues=("gone",)), NOW),
    ):
        with pytest.raises(Refused), web.transaction():
            wrong()


def test_the_first_time_somebody_is_here_they_take_from_every_queue(
    floor: Floor, web: Connection[Any]
) -> None:
    ann = floor.town.staff("Ann Able")
    floor.town.see(web)
    with web.transaction():
        staffing.be_here(web, ann, NOW)
    case = floor.town.asks("cleo", "x", queue="bills")
    assert floor.gives() == {case: ann.staff_id}
