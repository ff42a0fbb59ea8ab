"""One statement for an incident's cases: asked for, approved by another, sent case by case, each once, whatever is killed."""

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from typing import Any
from unicodedata import category
from uuid import uuid4

import psycopg
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import replace
from office import NOW, Office, moment

from townhall.care import incidents as gathered
from townhall.database import Database
from townhall.database.connect import connect, transaction
from townhall.desk import incidents as desk_incidents
from townhall.flow import alarms, outbound, outbound_stop, statements, stating
from townhall.flow import incidents as incident_acts
from townhall.flow.outbound import Composed
from townhall.journal.logic.block import unframe, unsqueeze
from townhall.kernel.clock import DAY, HOUR, MINUTE, SECOND
from townhall.kernel.errors import Conflict, Forbidden, NotFound, Refused
from townhall.kernel.fact import decode
from townhall.outbound.logic.guard import judge
from townhall.outbound.logic.journey import Next
from townhall.outbound.logic.statement import (
    REASONS,
    Standing,
    Statement,
    digest_of,
    drawn,
    exclusion,
    fault,
    filled,
    lifts,
    safe_handle,
    safe_name,
    slots_of,
)
from townhall.outbound.logic.words import Saying, Surroundings, Term, Wanted
from townhall.outbound.store import outbox, pace, terms
from townhall.outbound.store import statements as store
from townhall.people.doors import Asker

Desk = Callable[..., Any]
TEXT = "Hello {name}, the signal is back since noon. Thank you for your patience."

# ------------------------------------------------------------------ what is decided

FITS = Standing(
    case=1, gathered=True, open=True, observe=False, sending=True, stopped=False, replies=True, private=False, deleted=False,
    incoming=True, answered=False, pending=False, reached=False, draft="", typing="", silent=False, language="en-GB", latest_post=5,
    seen_post=5, changed=False, name="Dana Reed", handle="dana",
)  # fmt: skip
FAULTS: dict[str, dict[str, Any]] = {
    "gone": {"gathered": False}, "closed": {"open": False}, "observe": {"observe": True}, "switched_off": {"sending": False},
    "stopped": {"stopped": True}, "channel": {"replies": False}, "private": {"private": True}, "deleted": {"deleted": True},
    "ours": {"incoming": False}, "answered": {"answered": True}, "pending": {"pending": True}, "person": {"reached": True}, "draft": {"draft": "Bo"},
    "typing": {"typing": "Bo"}, "policy": {"silent": True}, "language": {"language": "de"}, "changed": {"latest_post": 6},
    "name": {"name": "🌻"},
}  # fmt: skip
"""In the order in which they are told; written by hand."""


@given(st.sets(st.sampled_from(sorted(FAULTS))))
@example(set())
def test_a_case_is_left_out_for_the_first_of_its_reasons(wrong: set[str]) -> None:
    one = FITS
    for code in wrong:
        one = replace(one, **FAULTS[code])
    assert exclusion(one, TEXT, "en") == next((code for code in FAULTS if code in wrong), "")
    assert set(FAULTS) < set(REASONS)


def test_reasons_that_depend_on_the_statement() -> None:
    assert exclusion(replace(FITS, language="de"), TEXT, "") == ""
    assert exclusion(replace(FITS, language=""), TEXT, "en") == "", "unknown is not another"
    assert exclusion(replace(FITS, name="🌻"), "Hello.", "en") == ""
    assert exclusion(replace(FITS, handle=""), "Hello {handle}.", "en") == "name"
    assert exclusion(replace(FITS, latest_post=9, seen_post=0), TEXT, "en") == ""


@given(st.text(), st.text(alphabet="ab@/{}.:nme \\🌻é'-<>", max_size=40))
@example("{name}", "{handle}")
@example("free-money.example/x", "")
def test_what_a_customer_calls_themselves_never_says_more_than_a_name(name: str, handle: str) -> None:
    safe = safe_name(name)
    assert all(category(sign)[0] in "LM" or sign in "'’-" for sign in safe) and len(safe) <= 30
    assert not safe or (safe[0].isalpha() and safe in name.split()[0])
    assert filled("a {name} b", name, handle) == f"a {safe} b"
    assert filled("{handle}{name}", "{handle}", handle) == safe_handle(handle) + safe_name("{handle}")
    shown = safe_handle(handle)
    assert not shown or (shown.count("@") <= 2 and not set(shown) & set(" /{}:\\🌻'<>\n"))


def test_handles_as_networks_have_them() -> None:
    for handle, wanted in (
        ("dana", "@dana"), ("@dana_r@mastodon.example", "@dana_r@mastodon.example"), ("dana@evil", ""), ("", ""),
        ("buy at evil.example/x", ""), ("a b", ""), ("d.r-9", "@d.r-9"), ("dana@", ""),
    ):  # fmt: skip
        assert safe_handle(handle) == wanted, handle


def test_names_as_people_have_them() -> None:
    for name, wanted in (
        ("Dana Reed", "Dana"), ("🌻Zoë* Kühn", "Zoë"), ("Anne-Marie", "Anne-Marie"), ("D'Arcy", "D'Arcy"), ("  ", ""),
        ("@evil", ""), ("visit.evil.example", ""), ("x" * 31, ""), ("12345", ""), ("山田 太郎", "山田"), ("हिन्दी राय", "हिन्दी"),
    ):  # fmt: skip
        assert safe_name(name) == wanted, name


@given(
    st.text(alphabet="a {}nameh@dle", max_size=20),
    st.integers(-10, 200_000),
    st.sampled_from(["now", "later", "ever"]),
)
@example("{name}", 60, "now")
def test_what_can_be_a_statement(text: str, minutes: int, scope: str) -> None:
    good = not fault(text, scope, NOW + minutes * MINUTE, NOW)
    rest = text.replace("{name}", "").replace("{handle}", "")
    at = any(sign == "@" and (n + 1 < len(text) and text[n + 1] not in " {}@") and (n == 0 or text[n - 1] in " {}")
             for n, sign in enumerate(text))  # fmt: skip
    plain = "{" not in rest and "}" not in rest and bool(text.strip()) and scope in ("now", "later")
    if good:
        assert plain and 5 <= minutes <= 7 * 24 * 60 and set(slots_of(text)) <= {"name", "handle"}
    elif plain and 5 <= minutes <= 7 * 24 * 60:
        assert at or "@" in text


BOUND = Statement(
    brand_id=1, incident=4, text=TEXT, language="en", scope="now", expires_at=NOW + HOUR, seed=1, salt=b"s" * 16, author_id=1,
    author="Ann", made_at=NOW,
)  # fmt: skip


@given(st.lists(st.integers(1, 99), unique=True), st.lists(st.integers(1, 99), unique=True))
def test_an_approval_is_bound_to_all_that_matters(cases: list[int], others: list[int]) -> None:
    base = digest_of(BOUND, cases)
    changed = (
        replace(BOUND, text=TEXT + "."), replace(BOUND, language="de"), replace(BOUND, scope="later"),
        replace(BOUND, expires_at=NOW + HOUR + 1), replace(BOUND, incident=5), replace(BOUND, brand_id=2),
    )  # fmt: skip
    assert base not in {digest_of(one, cases) for one in changed}
    assert (digest_of(BOUND, others) == base) == (set(cases) == set(others))
    later = replace(BOUND, scope="later")
    assert digest_of(later, cases) == digest_of(later, others)


def test_previews_are_drawn_evenly_and_the_same_again() -> None:
    cases = list(range(1, 41))
    assert drawn(7, cases) == drawn(7, list(reversed(cases))) and len(drawn(7, cases)) == 5
    seen = Counter(case for seed in range(2000) for case in drawn(seed, cases))
    assert min(seen.values()) > 150 and max(seen.values()) < 360, "2000 × 5 / 40 = 250 each"


def saying(text: str) -> Saying:
    return Saying(
        text=text, kind="public", brand_id=1, account_id=1, visibility="public", recipient="", in_reply_to="1", conversation="1"
    )  # fmt: skip


def test_the_approval_lifts_what_stands_in_the_text_and_nothing_of_the_slots() -> None:
    around = Surroundings(
        thread_brand=1, thread_account=1, thread_private=False, can_reply_private=True, length=9, max_length=0,
        terms=(Term("forbidden", "guarantee", ""), Term("forbidden", "Grace", "")),
        wanted=(Wanted("outage", (frozenset({"compliance"}),)),),
    )  # fmt: skip
    text = "{name}, we guarantee it."
    both = frozenset({"lead", "compliance"})
    for name, roles, wanted in (
        ("Dana", both, True), ("Dana", frozenset({"lead"}), False), ("Grace", both, False),
    ):  # fmt: skip
        said = filled(text, name, "")
        decision = judge(saying(said), around)
        assert lifts(decision, said, text, roles) is wanted, (name, roles)  # type: ignore[arg-type]
    two = replace(around, wanted=(Wanted("r", (frozenset({"lead"}), frozenset({"compliance"}))),), terms=())
    assert not lifts(judge(saying("x"), two), "x", "x", both), "two people are wanted"  # type: ignore[arg-type]


# ------------------------------------------------------------------ what happens


class Storm:
    """An incident with cases, people with seats, and the verbs."""

    def __init__(self, office: Office, at_desk: Desk, worker: psycopg.Connection, many: int = 6) -> None:
        self.office, self.desk, self.worker = office, at_desk, worker
        self.ann, self.lee = self.seated("Ann", "agent"), self.seated("Lee", "lead", "agent")
        self.cases = [office.case("No signal since this morning", f"p{n}") for n in range(many)]
        self.number = self.gather(self.cases)

    def seated(self, name: str, *roles: str) -> Asker:
        asker = self.office.staff(name, *roles)
        self.office.conn.execute(
            "INSERT INTO membership (brand_id, roles, staff_id) VALUES (%s, %s, %s)",
            [self.office.brand, list(roles), asker.staff_id],
        )
        return asker

    def gather(self, cases: list[int]) -> int:
        def opened(conn: Any, asker: Asker) -> int:
            made = gathered.add(conn, asker.brand_id, "No signal", 0, asker.actor, "", NOW)
            gathered.link(conn, asker.brand_id, made.number, cases, asker.actor, NOW)
            return made.number

        return int(self.desk(opened, self.ann))

    def more(self, cases: list[int]) -> None:
        self.desk(
            lambda conn, asker: gathered.link(conn, asker.brand_id, self.number, cases, asker.actor, NOW),
            self.ann,
        )

    def written(
        self, text: str = TEXT, scope: str = "now", language: str = "", until: int = NOW + HOUR
    ) -> Statement:
        made: Statement = self.desk(
            statements.write, self.ann, self.number, text, language, scope, until, NOW
        )
        return made

    def asked(self, **how: Any) -> Statement:
        made = self.written(**how)
        self.desk(statements.ask, self.ann, made.id, made.version, NOW)
        return self.now(made.id)

    def approved(self, **how: Any) -> Statement:
        held = self.asked(**how)
        self.desk(statements.approve, self.lee, held.id, held.digest, NOW)
        return self.now(held.id)

    def now(self, statement_id: int) -> Statement:
        found = store.get(self.worker, statement_id)
        assert found
        return found

    def step(self, now: int = NOW) -> stating.Step:
        with transaction(self.worker):
            return stating.step(self.worker, now)

    def arrive(self) -> None:
        """What is on its way stands on the network now."""
        self.office.conn.execute(
            "UPDATE delivery SET state = 'sent', sent_at = %s, native_id = 'n' || id WHERE state = 'waiting'",
            [moment(NOW + MINUTE)],
        )

    def out(self) -> dict[int, str]:
        return dict(
            self.office.conn.execute(
                "SELECT r.case_id, r.text FROM release r JOIN delivery d ON d.release_id = r.id WHERE d.state <> 'undone'"
            ).fetchall()
        )

    def told_left_out(self) -> dict[int, str]:
        """What the record says of those that did not get it."""
        rows = self.office.conn.execute("SELECT body FROM fact_block ORDER BY id").fetchall()
        facts = [decode(blob) for (body,) in rows for blob in unframe(unsqueeze(bytes(body)))]
        told = [one for one in facts if one.type == "townhall.statement.left_out"]
        return {int(one.subject.removeprefix("case/")): one.data["why"] for one in told}

    def left_out(self) -> dict[int, str]:
        return dict(
            self.office.conn.execute(
                "SELECT case_id, why FROM statement_reply WHERE state = 'left_out'"
            ).fetchall()
        )


@pytest.fixture
def storm(office: Office, at_desk: Desk, worker: psycopg.Connection) -> Storm:
    return Storm(office, at_desk, worker)


def test_150_cases_from_end_to_end(office: Office, at_desk: Desk, worker: psycopg.Connection) -> None:
    storm = Storm(office, at_desk, worker, 150)
    statement = storm.approved()
    rounds = 0
    while storm.now(statement.id).state == "approved":
        storm.step(NOW + rounds * SECOND)
        busy = office.one("SELECT count(*) FROM delivery WHERE state = 'waiting'")
        assert busy <= pace.AT_ONCE, "no more than the outbox takes of one account"
        storm.arrive()
        rounds += 1
    assert 8 <= rounds <= 10
    assert storm.now(statement.id).state == "done"
    assert set(storm.out()) == set(storm.cases)
    assert set(storm.out().values()) == {filled(TEXT, "P", "")}
    row = office.conn.execute(
        "SELECT count(*), count(DISTINCT d.decision), count(DISTINCT a.staff_id), bool_and(a.digest = r.digest)"
        " FROM release r JOIN delivery d ON d.release_id = r.id JOIN approval a ON a.release_id = r.id"
    ).fetchone()
    assert row == (150, 150, 1, True), "each has a decision of its own, and the approval of these very words"


def test_each_reason_in_the_house(storm: Storm, owner: psycopg.Connection) -> None:
    cases = {name: storm.office.case("No signal", f"c {name}") for name in (
        "closed", "private", "deleted", "answered", "pending", "draft", "typing", "policy", "language", "gone", "fits",
    )}  # fmt: skip
    storm.more(list(cases.values()))
    post = {name: storm.office.of_case(case)[1] for name, case in cases.items()}
    owner.execute("UPDATE cases SET state = 'closed', closed_at = now() WHERE id = %s", [cases["closed"]])
    owner.execute("UPDATE interaction SET visibility = 'direct' WHERE id = %s", [post["private"]])
    owner.execute("UPDATE interaction SET deleted_at = now() WHERE id = %s", [post["deleted"]])
    owner.execute("UPDATE cases SET last_out_at = last_in_at WHERE id = %s", [cases["answered"]])
    owner.execute("UPDATE interaction SET effect = 'no_answer' WHERE id = %s", [post["policy"]])
    owner.execute("UPDATE cases SET language = 'de' WHERE id = %s", [cases["language"]])
    bo = storm.seated("Bo", "agent")
    storm.desk(
        outbound.submit, bo, Composed(case_id=cases["pending"], kind="public", text="One moment."), NOW
    )
    storm.desk(outbound.save_draft, bo, cases["draft"], "public", "We are lo", NOW)
    owner.execute(
        "INSERT INTO case_viewing (case_id, staff_id, brand_id, name, seen_at, typed_at) VALUES (%s, 9, %s, 'Bo', %s, %s)",
        [cases["typing"], storm.office.brand, moment(NOW), moment(NOW)],
    )
    owner.execute("UPDATE cases SET incident = NULL WHERE id = %s", [cases["gone"]])
    statement = storm.asked(language="en")
    expected = {case: name for name, case in cases.items() if name not in ("fits", "gone")}
    assert storm.left_out() == expected
    storm.desk(statements.approve, storm.lee, statement.id, statement.digest, NOW)
    owner.execute("DELETE FROM draft")
    owner.execute("UPDATE cases SET incident = NULL WHERE id = %s", [cases["fits"]])
    newer = storm.office.post(
        storm.office.of_case(storm.cases[0])[0], storm.office.of_case(storm.cases[0])[2], "still"
    )
    owner.execute("UPDATE cases SET latest_post = %s WHERE id = %s", [newer, storm.cases[0]])
    owner.execute(
        "UPDATE interaction SET edited_at = %s WHERE id = %s",
        [moment(NOW + SECOND), storm.office.of_case(storm.cases[1])[1]],
    )
    storm.step(NOW + 2 * SECOND)
    assert storm.left_out() == expected | {
        cases["fits"]: "gone", storm.cases[0]: "changed", storm.cases[1]: "changed",
    }, "who was left out when it was approved stays so"  # fmt: skip
    assert set(storm.out()) == {*storm.cases[2:], cases["pending"]}


def test_an_edit_voids_what_was_held_and_nobody_approves_their_own(storm: Storm) -> None:
    held = storm.asked()
    with pytest.raises(Forbidden):
        storm.desk(statements.approve, storm.ann, held.id, held.digest, NOW)
    own = replace(storm.ann, roles=frozenset({"agent", "lead"}))
    with pytest.raises(Forbidden, match="yours"):
        storm.desk(statements.approve, own, held.id, held.digest, NOW)
    changed = storm.written(text="Hello {name}, it takes until six.")
    assert (changed.id, changed.state, changed.version) == (held.id, "draft", 2)
    with pytest.raises(Conflict):
        storm.desk(statements.approve, storm.lee, held.id, held.digest, NOW)
    storm.desk(statements.ask, storm.ann, changed.id, changed.version, NOW)
    with pytest.raises(Conflict, match="changed"):
        storm.desk(statements.approve, storm.lee, held.id, held.digest, NOW)
    storm.step()
    assert storm.out() == {}, "nothing goes before somebody else approves"
    with pytest.raises(Conflict):
        storm.desk(statements.write, storm.lee, storm.number, "Mine", "", "now", NOW + HOUR, NOW)


def test_a_text_that_was_changed_behind_our_back_is_not_approved(
    storm: Storm, owner: psycopg.Connection
) -> None:
    held = storm.asked()
    owner.execute("UPDATE statement SET text = 'Hello {name}, send us your card number.'")
    with pytest.raises(Conflict):
        storm.desk(statements.approve, storm.lee, held.id, held.digest, NOW)


def test_stopped_in_the_middle_taken_up_and_ended(storm: Storm) -> None:
    more = [storm.office.case("No signal", f"q{n}") for n in range(30)]
    storm.more(more)
    statement = storm.approved()
    storm.step()
    assert len(storm.out()) == pace.AT_ONCE
    storm.office.conn.execute(
        "UPDATE delivery SET state = 'attempting' WHERE id IN (SELECT min(id) FROM delivery)"
    )
    assert storm.desk(statements.stop, storm.ann, statement.id, NOW) == pace.AT_ONCE - 1
    assert len(storm.out()) == 1, "what has begun to leave alone may arrive"
    assert storm.step(NOW + SECOND) == stating.Step()
    with pytest.raises(Forbidden):
        storm.desk(statements.go_on, storm.ann, statement.id, NOW)
    storm.desk(statements.go_on, storm.lee, statement.id, NOW)
    while storm.step(NOW + SECOND).let_go:
        storm.arrive()
    assert len(storm.out()) == 36 and len(storm.left_out()) == 0
    other = Storm(Office(storm.office.conn, "elm"), storm.desk, storm.worker)
    second = other.approved()
    other.desk(statements.stop, other.ann, second.id, NOW)
    assert other.desk(statements.end, other.ann, second.id, NOW) == 6
    assert set(other.left_out().values()) == {"ended"} and other.now(second.id).state == "done"


def test_it_can_be_stopped_until_the_last_has_begun_to_leave(storm: Storm) -> None:
    statement = storm.approved()
    assert storm.step().let_go == 6
    storm.step(NOW + SECOND)
    assert storm.desk(statements.stop, storm.ann, statement.id, NOW + 2 * SECOND) == 6
    assert storm.out() == {}
    storm.desk(statements.go_on, storm.lee, statement.id, NOW + 3 * SECOND)
    storm.step(NOW + 3 * SECOND)
    storm.arrive()
    storm.step(NOW + 4 * SECOND)
    assert storm.now(statement.id).state == "done" and set(storm.out()) == set(storm.cases)


def test_what_fails_after_the_stop_is_not_tried_again(storm: Storm) -> None:
    statement = storm.approved()
    storm.step()
    storm.step(NOW + SECOND)
    assert storm.now(statement.id).state == "approved", "nothing of it has left: it can be stopped"
    trying, accounts = uuid4(), [storm.office.account]
    due = NOW + 11 * SECOND
    (one,) = outbox.claim_tries(storm.worker, due, accounts, trying, due + MINUTE, 1)
    assert storm.desk(statements.stop, storm.lee, statement.id, due) == 5
    outbox.settle(storm.worker, one.id, trying, Next("waiting", due + SECOND), "not taken", due)
    later = due + 2 * SECOND
    assert outbox.claim_tries(storm.worker, later, accounts, uuid4(), later + MINUTE, 9) == []
    assert storm.desk(statements.end, storm.lee, statement.id, later) == 6
    assert storm.out() == {} and set(storm.left_out().values()) == {"ended"}


def test_a_stop_of_outbound_takes_back_what_it_does_not_cover(storm: Storm) -> None:
    other = storm.office.add_account("other_care", "mastodon")
    statement = storm.approved(scope="later")
    storm.step()
    late = storm.office.case("No signal", "late")
    storm.office.conn.execute("UPDATE cases SET account_id = %s WHERE id = %s", [other, late])
    storm.desk(outbound_stop.stop, storm.ann, "account", "phish", NOW, target=str(other))
    storm.more([late])
    storm.step(NOW + SECOND)
    assert storm.now(statement.id).state == "stopped" and storm.out() == {}


def test_the_kill_switch_stops_it_until_a_person_says_how_it_goes_on(storm: Storm) -> None:
    statement = storm.approved()
    done = storm.desk(outbound_stop.stop, storm.lee, "brand", "a leak", NOW)
    storm.step()
    assert storm.now(statement.id).state == "stopped" and storm.out() == {}
    storm.desk(outbound_stop.resume, storm.lee, done.stop_id, NOW + SECOND)
    storm.step(NOW + 2 * SECOND)
    assert storm.out() == {}, "nothing goes by itself when the stop is released"
    storm.desk(statements.go_on, storm.lee, statement.id, NOW + 3 * SECOND)
    storm.step(NOW + 3 * SECOND)
    assert set(storm.out()) == set(storm.cases)


def test_a_network_that_asks_for_a_pause_gets_it(storm: Storm) -> None:
    storm.approved()
    storm.office.conn.execute(
        "INSERT INTO account_pace (account_id, brand_id, resume_at, cause) VALUES (%s, %s, %s, 'slow down')",
        [storm.office.account, storm.office.brand, moment(NOW + MINUTE)],
    )
    assert storm.step() == stating.Step()
    assert storm.step(NOW + 2 * MINUTE).let_go == 6


def test_the_guard_leaves_out_what_it_would_hold_for_a_name_alone(storm: Storm) -> None:
    storm.office.conn.execute("UPDATE identity SET name = 'Guarantee' WHERE handle = 'p0'")

    def forbid(conn: Any, asker: Asker) -> None:
        terms.add_term(conn, asker.brand_id, Term("forbidden", "guarantee", ""), "Lee", NOW)

    storm.desk(forbid, storm.lee)
    held = storm.asked()
    assert storm.left_out() == {storm.cases[0]: "guard"}
    both = storm.seated("Cat", "compliance")
    storm.desk(statements.approve, both, held.id, held.digest, NOW)
    storm.step()
    assert set(storm.out()) == set(storm.cases[1:])


def test_words_that_only_compliance_may_lift_wait_for_compliance_and_it_is_told(storm: Storm) -> None:
    def forbid(conn: Any, asker: Asker) -> None:
        terms.add_term(conn, asker.brand_id, Term("forbidden", "guarantee", ""), "Lee", NOW)

    storm.desk(forbid, storm.lee)
    cat = storm.seated("Cat", "compliance")
    held = storm.asked(text="Hello {name}, we guarantee that it is back by noon.")
    assert held.approvers == {"compliance"} and storm.left_out() == {}
    with transaction(storm.worker):
        alarms.tell_approvers(storm.worker, NOW)
    assert storm.office.one("SELECT array_agg(staff_id) FROM notice") == [cat.staff_id]
    with pytest.raises(Forbidden, match="compliance"):
        storm.desk(statements.approve, storm.lee, held.id, held.digest, NOW)
    storm.desk(statements.approve, cat, held.id, held.digest, NOW)
    storm.step()
    assert set(storm.out()) == set(storm.cases)


def test_later_cases_get_it_until_it_expires(storm: Storm) -> None:
    statement = storm.approved(scope="later")
    storm.step()
    late = storm.office.case("No signal", "late")
    storm.more([late])
    storm.step(NOW + MINUTE)
    assert set(storm.out()) == {*storm.cases, late}
    storm.step(NOW + HOUR)
    latest = storm.office.case("No signal", "latest")
    storm.more([latest])
    storm.step(NOW + HOUR + MINUTE)
    assert latest not in storm.out() and storm.now(statement.id).state == "done"


def test_one_person_gets_it_once_in_however_many_cases(storm: Storm) -> None:
    storm.more([storm.office.case("Still no signal", "p0"), storm.office.case("Hello?", "p1")])
    storm.approved(scope="later")
    storm.step()
    late = storm.office.case("Anybody?", "p2")
    storm.more([late])
    storm.step(NOW + MINUTE)
    assert set(storm.out()) == set(storm.cases)
    assert set(storm.left_out().values()) == {"person"} and len(storm.left_out()) == 3


def test_nothing_of_it_leaves_by_itself_once_it_expired(storm: Storm) -> None:
    statement = storm.approved(until=NOW + 6 * MINUTE)
    storm.step(NOW + 5 * MINUTE)
    assert len(storm.out()) == len(storm.cases) and storm.office.one(
        "SELECT max(go_by) FROM delivery"
    ) == moment(statement.expires_at)


def test_what_could_not_leave_before_it_expires_is_not_let_go(storm: Storm) -> None:
    statement = storm.approved(until=NOW + 6 * MINUTE)
    storm.step(NOW + 6 * MINUTE - 5 * SECOND)
    assert storm.out() == {}
    storm.step(NOW + 6 * MINUTE)
    assert storm.now(statement.id).state == "done" and set(storm.left_out().values()) == {"expired"}


def test_a_decision_does_not_wait_for_whoever_gathers_cases(storm: Storm, web: psycopg.Connection) -> None:
    held = storm.asked()
    web.execute("SET lock_timeout = '300ms'")
    with storm.worker.transaction():
        gathered.get(storm.worker, storm.office.brand, storm.number, lock=True)
        storm.desk(statements.approve, storm.lee, held.id, held.digest, NOW)
    assert storm.now(held.id).state == "approved"


def test_of_a_closed_incident_nothing_is_asked_for_or_approved(storm: Storm) -> None:
    made = storm.written()

    def turn(closed: bool) -> None:
        storm.office.conn.execute("UPDATE incident SET closed_at = CASE WHEN %s THEN now() END", [closed])

    turn(True)
    with pytest.raises(Refused, match="closed"):
        storm.desk(statements.ask, storm.ann, made.id, made.version, NOW)
    turn(False)
    storm.desk(statements.ask, storm.ann, made.id, made.version, NOW)
    turn(True)
    with pytest.raises(Refused, match="closed"):
        storm.desk(statements.approve, storm.lee, made.id, storm.now(made.id).digest, NOW)
    assert storm.now(made.id).state == "held"


@pytest.mark.parametrize("ended", [True, False])
def test_the_record_says_of_each_case_why_it_was_left_out(storm: Storm, ended: bool) -> None:
    closed, drafted = storm.cases[:2]
    storm.office.conn.execute("UPDATE cases SET state = 'closed', closed_at = now() WHERE id = %s", [closed])
    statement = storm.approved()
    storm.desk(outbound.save_draft, storm.lee, drafted, "public", "We are lo", NOW)
    storm.step()
    storm.desk(statements.stop, storm.lee, statement.id, NOW + SECOND)
    if ended:
        storm.desk(statements.end, storm.lee, statement.id, NOW + SECOND)
    storm.step(NOW + HOUR)
    others = dict.fromkeys(storm.cases[2:], "ended" if ended else "expired")
    assert storm.told_left_out() == storm.left_out() == {closed: "closed", drafted: "draft"} | others


def test_a_thousand_texts_may_be_judged_longer_than_a_transaction_may_idle(storm: Storm) -> None:
    made = storm.written()

    def previewed(conn: Any, asker: Asker) -> Any:
        before = conn.execute("SHOW idle_in_transaction_session_timeout").fetchone()
        statements.preview(conn, made, NOW)
        return before, conn.execute("SHOW idle_in_transaction_session_timeout").fetchone()

    assert storm.desk(previewed, storm.ann) == (("5s",), ("1min",))


def test_nobody_approved_it_in_time(storm: Storm) -> None:
    held = storm.asked()
    storm.step(NOW + HOUR)
    assert storm.now(held.id).state == "expired" and set(storm.left_out().values()) == {"expired"}
    with pytest.raises(Conflict):
        storm.desk(statements.approve, storm.lee, held.id, held.digest, NOW + HOUR)
    assert storm.office.one("SELECT staff_id FROM notice") == storm.ann.staff_id


@pytest.mark.parametrize("who", ["ann", "lee"])
def test_who_lost_the_role_they_spoke_by_says_nothing(storm: Storm, who: str) -> None:
    """Its author and its approver alike; somebody decides how it goes on."""
    statement = storm.approved()
    storm.office.conn.execute("DELETE FROM membership WHERE staff_id = %s", [getattr(storm, who).staff_id])
    storm.step()
    assert storm.now(statement.id).state == "stopped" and storm.out() == {}
    assert "any more" in storm.now(statement.id).remark


@pytest.mark.parametrize("lost", [(), ("compliance",), ("lead",)])
def test_an_approval_lifts_what_its_giver_may_lift_then_and_now(storm: Storm, lost: tuple[str, ...]) -> None:
    """One of two roles that is lost since, or that came since, lifts nothing."""
    came = lost == ("lead",)
    roles = {"lead", "agent"} if came else {"lead", "compliance", "agent"}
    storm.lee = storm.seated("Lou", *sorted(roles))
    statement = storm.approved()
    storm.desk(
        lambda conn, asker: terms.add_term(conn, asker.brand_id, Term("forbidden", "noon", ""), "Lou", NOW),
        storm.ann,
    )
    now = sorted((roles | {"compliance"} if came else roles) - set(lost))
    storm.office.conn.execute(
        "UPDATE membership SET roles = %s WHERE staff_id = %s", [now, storm.lee.staff_id]
    )
    storm.step()
    state = storm.now(statement.id).state
    assert (len(storm.out()), set(storm.left_out().values()), state) == {
        (): (6, set(), "approved"), ("compliance",): (0, {"guard"}, "approved"), ("lead",): (0, set(), "stopped"),
    }[lost]  # fmt: skip


@given(
    st.frozensets(st.sampled_from(["agent", "lead", "compliance", "admin"])),
    st.sets(st.sampled_from(["lead", "compliance"])),
)
def test_a_statement_takes_whoever_has_one_of_its_roles(roles: frozenset[str], wanted: set[str]) -> None:
    one = Statement(
        brand_id=1, incident=1, text="", language="", scope="now", expires_at=1, seed=0, salt=b"", author_id=1, author="Ann",
        made_at=0, approvers=frozenset(wanted),
    )  # fmt: skip
    assert one.takes(roles) is any(role in wanted for role in roles)


def test_whoever_may_approve_is_told_at_once_and_its_author_is_not(storm: Storm) -> None:
    storm.asked()
    with transaction(storm.worker):
        assert alarms.tell_approvers(storm.worker, NOW) == 1
        assert alarms.tell_approvers(storm.worker, NOW + SECOND) == 0
    told = storm.office.conn.execute("SELECT staff_id, urgent, url FROM notice").fetchall()
    assert told == [(storm.lee.staff_id, True, "/approvals/")]
    changed = storm.written(text="Hello {name}, it takes until six.")
    storm.desk(statements.ask, storm.ann, changed.id, changed.version, NOW)
    with transaction(storm.worker):
        assert alarms.tell_approvers(storm.worker, NOW + MINUTE) == 1, "another text is another approval"


def test_its_story_is_told_with_the_incident(storm: Storm, web: psycopg.Connection) -> None:
    statement = storm.approved()
    while storm.now(statement.id).state == "approved":
        storm.step()
        storm.arrive()
    told = storm.desk(
        lambda conn, asker: desk_incidents.incident(conn, asker.brand_id, storm.number, "", NOW), storm.ann
    )
    assert [(one.act, one.cases, one.undoable) for one in told.story] == [
        ("statement_finished", 0, False), ("statement_approved", 6, False), ("statement_asked", 6, False),
    ]  # fmt: skip
    with pytest.raises(Conflict):
        storm.desk(incident_acts.undo, storm.lee, storm.number, told.story[0].change_id, NOW)


def test_withdrawn_returned_and_refused(storm: Storm) -> None:
    made = storm.written()
    with pytest.raises(Conflict):
        storm.desk(statements.ask, storm.ann, made.id, made.version + 1, NOW)
    with pytest.raises(Forbidden):
        storm.desk(statements.ask, storm.lee, made.id, made.version, NOW)
    storm.desk(statements.ask, storm.ann, made.id, made.version, NOW)
    with pytest.raises(Refused):
        storm.desk(statements.send_back, storm.lee, made.id, " ", NOW)
    storm.desk(statements.send_back, storm.lee, made.id, "Say when.", NOW)
    with pytest.raises(Conflict):
        storm.desk(statements.withdraw, storm.ann, made.id, NOW)
    again = storm.written()
    assert again.id != made.id
    storm.desk(statements.withdraw, storm.lee, again.id, NOW)
    for text, until in (
        ("", NOW + HOUR),
        ("Hi {customer}", NOW + HOUR),
        ("Hi", NOW + 8 * DAY),
        ("Hi @p1", NOW + HOUR),
    ):
        with pytest.raises(Refused):
            storm.written(text=text, until=until)
    with pytest.raises(Forbidden):
        storm.desk(
            statements.write, storm.seated("Ina", "analyst"), storm.number, "Hi", "", "now", NOW + HOUR, NOW
        )


def test_cy_of_another_brand_sees_and_does_nothing(storm: Storm, web: psycopg.Connection) -> None:
    held = storm.asked()
    oak = Office(storm.office.conn, "oak")
    cy = oak.staff("Cy", "lead", "compliance", "agent")
    for act in (
        lambda: storm.desk(statements.approve, cy, held.id, held.digest, NOW),
        lambda: storm.desk(statements.stop, cy, held.id, NOW),
        lambda: storm.desk(statements.send_back, cy, held.id, "no", NOW),
        lambda: storm.desk(statements.withdraw, cy, held.id, NOW),
        lambda: storm.desk(statements.write, cy, storm.number, "Hi", "", "now", NOW + HOUR, NOW),
    ):
        with pytest.raises(NotFound):
            act()
    with web.transaction():
        web.execute("SELECT set_config('townhall.brand', %s, true)", [str(oak.brand)])
        for table in ("statement", "statement_reply", "incident", "incident_change"):
            assert web.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,), table


# ------------------------------------------------------------------ two at a time


def test_two_processes_let_no_more_of_an_account_go_than_one(
    office: Office, at_desk: Desk, worker: psycopg.Connection, database: Database
) -> None:
    """Two statements of one account, two connections: the second does not see what the first let go and did not commit."""
    storm = Storm(office, at_desk, worker, 25)
    first = storm.approved()
    storm.number = storm.gather([office.case("Still no signal", f"q{n}") for n in range(25)])
    second = storm.approved(text="Hello {name}, thank you for waiting. It works again.")

    def going() -> int:
        return int(office.one("SELECT count(*) FROM delivery WHERE state = 'waiting'"))

    with connect(database.dsn("worker")) as mine, connect(database.dsn("worker")) as other:
        with transaction(mine):
            mine.execute("SELECT 1 FROM statement WHERE id = %s FOR UPDATE", [second.id])
            with transaction(other):
                assert stating.step(other, NOW).let_go == pace.AT_ONCE
                assert pace.room(mine, second.id, NOW) == {}, "another has the account in hand"
            assert pace.room(mine, second.id, NOW) == {}, "and now it is seen to have no room"
        assert going() == pace.AT_ONCE
        office.conn.execute(
            "UPDATE delivery SET state = 'sent', sent_at = now(), native_id = 'n' || id WHERE id IN (SELECT id FROM delivery LIMIT 7)"
        )
        with transaction(mine):
            assert pace.room(mine, second.id, NOW) == {office.account: 7}
            assert pace.room(mine, first.id, NOW) == {office.account: 7}, (
                "in one's own hand it may be counted again"
            )
            with transaction(other):
                assert stating.step(other, NOW).let_go == 0


def test_a_failed_reply_that_is_reworded_and_a_statement_do_not_both_go(
    office: Office, at_desk: Desk, worker: psycopg.Connection, database: Database
) -> None:
    storm = Storm(office, at_desk, worker, 2)
    case, other = storm.cases
    sent = storm.desk(
        outbound.submit, storm.ann, Composed(case_id=case, kind="public", text="We are looking into it."), NOW
    )
    office.conn.execute("UPDATE delivery SET state = 'failed'")
    statement = storm.approved()
    with connect(database.dsn("web")) as web, web.transaction():
        web.execute("SELECT set_config('townhall.brand', %s, true)", [str(office.brand)])
        outbound.edit(web, storm.ann, sent.release_id, "We are looking into it now.", NOW)
        assert storm.step().let_go == 1, "the case is in the author's hand"
        assert storm.left_out() == {}
    storm.step(NOW + SECOND)
    assert storm.left_out() == {case: "pending"}
    said = office.conn.execute(
        "SELECT text FROM release r JOIN delivery d ON d.release_id = r.id WHERE r.case_id = %s AND d.state = 'waiting'",
        [case],
    ).fetchall()
    assert said == [("We are looking into it now.",)] and set(storm.out()) == {case, other}
    assert storm.now(statement.id).state == "approved", "the other has not left yet"


def test_after_a_statement_answered_a_failed_reply_is_not_reworded_unseen(
    storm: Storm, office: Office
) -> None:
    case = storm.cases[0]
    sent = storm.desk(
        outbound.submit, storm.ann, Composed(case_id=case, kind="public", text="We are looking into it."), NOW
    )
    office.conn.execute("UPDATE delivery SET state = 'failed'")
    storm.approved()
    storm.step()
    with pytest.raises(Conflict, match="A statement answered this customer"):
        storm.desk(outbound.edit, storm.ann, sent.release_id, "We are looking into it now.", NOW)
    office.conn.execute("UPDATE delivery SET state = 'failed' WHERE release_id <> %s", [sent.release_id])
    assert storm.desk(outbound.edit, storm.ann, sent.release_id, "We are looking into it now.", NOW)


# ------------------------------------------------------------------ whatever is killed


def test_killed_at_random_points_nobody_gets_it_twice(
    office: Office, at_desk: Desk, worker: psycopg.Connection, database: Database
) -> None:
    """Processes that let it go are killed with -9 while they work; two at a time; what arrives is as before."""
    storm = Storm(office, at_desk, worker, 60)
    statement = storm.approved()
    chance, dsn = random.Random(5), database.dsn("worker")
    kills = 0
    while storm.now(statement.id).state == "approved":
        hands = [os.fork() for _ in range(1)] if kills < 25 else []
        if 0 in hands:
            _hand(dsn)
        time.sleep(chance.uniform(0.002, 0.05))  # the moment of the kill, not a wait for anything
        for pid in hands:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            kills += 1
        if kills >= 25:
            storm.step(NOW + 2 * SECOND)
        storm.arrive()
    counted = office.conn.execute(
        "SELECT r.case_id, count(*) FROM release r JOIN delivery d ON d.release_id = r.id GROUP BY r.case_id"
    ).fetchall()
    assert dict(counted) == dict.fromkeys(storm.cases, 1)
    assert storm.left_out() == {}, "what was let go is known to be, whenever its process ended"


def _hand(dsn: str) -> None:
    try:
        with connect(dsn) as conn:
            while True:
                stating.one(conn, lambda: NOW + SECOND)
    finally:
        os._exit(1)
