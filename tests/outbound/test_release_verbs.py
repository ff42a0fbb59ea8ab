"""Drafts, sending, holds and approvals, through the verbs, as the pages' role under row-level security."""

from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from msgspec import structs
from office import NOW, Office, moment

from townhall.flow import checking, outbound, outbound_approval, outbound_decide, outbound_gather
from townhall.flow import people as people_acts
from townhall.flow.outbound import Composed
from townhall.flow.outbound_outcome import Blocked, Held, Released, Silenced, Stopped
from townhall.kernel.clock import DAY, MINUTE, SECOND
from townhall.kernel.errors import Conflict, Forbidden, NotFound, Refused
from townhall.outbound.logic.words import Term
from townhall.outbound.store import terms
from townhall.people import programs

Desk = Callable[..., Any]
PHONE = "Please call our colleague at +44 20 7946 0991 today."


def say(case: int, text: str, **more: Any) -> Composed:
    return Composed(case_id=case, kind="public", text=text, **more)


def facts(office: Office) -> int:
    return int(office.one("SELECT coalesce(sum(facts), 0) FROM fact_block"))


def test_a_plain_answer_goes_after_its_window(office: Office, at_desk: Desk) -> None:
    ann, case = office.staff("Ann"), office.case()
    came = at_desk(outbound.submit, ann, say(case, "It arrives tomorrow."), NOW)
    assert isinstance(came, Released) and came.not_before == NOW + 10 * SECOND
    row = office.conn.execute(
        "SELECT state, not_before, channel, decision <> '', digest = (SELECT digest FROM release) FROM delivery"
    ).fetchone()
    assert row == ("waiting", moment(NOW + 10 * SECOND), "mastodon", True, True)
    assert office.one("SELECT count(*) FROM draft") == 0
    assert facts(office) == 1


def test_undo_within_the_window_gives_the_draft_back(office: Office, at_desk: Desk) -> None:
    ann, case = office.staff("Ann"), office.case()
    came = at_desk(outbound.submit, ann, say(case, "It arrives tomorrow."), NOW)
    draft = at_desk(outbound.withdraw, ann, came.release_id, NOW + SECOND)
    assert draft.text == "It arrives tomorrow." and office.states() == {"undone": 1}
    with pytest.raises(Conflict):
        at_desk(outbound.withdraw, ann, came.release_id, NOW + SECOND)
    again = at_desk(outbound.submit, ann, say(case, draft.text), NOW + 2 * SECOND)
    assert isinstance(again, Released)


def test_too_late_to_undo_once_it_is_being_tried(office: Office, at_desk: Desk) -> None:
    ann, case = office.staff("Ann"), office.case()
    came = at_desk(outbound.submit, ann, say(case, "On its way."), NOW)
    office.conn.execute("UPDATE delivery SET state = 'attempting'")
    with pytest.raises(Conflict, match="too late"):
        at_desk(outbound.withdraw, ann, came.release_id, NOW)


def test_the_same_words_do_not_go_twice(office: Office, at_desk: Desk) -> None:
    ann, case = office.staff("Ann"), office.case()
    at_desk(outbound.submit, ann, say(case, "It arrives tomorrow."), NOW)
    twice = at_desk(outbound.submit, ann, say(case, "It arrives tomorrow."), NOW + SECOND)
    assert isinstance(twice, Blocked) and twice.decision.remarks[0].finding.kind == "already_said"
    assert office.states() == {"waiting": 1}


def test_an_observing_brand_sends_nothing(owner: psycopg.Connection, at_desk: Desk, office: Office) -> None:
    quiet = Office(owner, "quietco", state="observe")
    ann, case = quiet.staff("Ann"), quiet.case()
    came = at_desk(outbound.submit, ann, say(case, "Hello"), NOW)
    assert isinstance(came, Silenced) and came.why == outbound_gather.OBSERVE_ONLY
    assert came.draft.text == "Hello" and quiet.states() == {}


def test_another_brands_case_does_not_exist(owner: psycopg.Connection, at_desk: Desk, office: Office) -> None:
    other = Office(owner, "otherco")
    case = other.case()
    with pytest.raises(NotFound):
        at_desk(outbound.submit, office.staff("Ann"), say(case, "Hello"), NOW)
    with pytest.raises(NotFound):
        at_desk(outbound.save_draft, office.staff("Bo"), case, "public", "Hello", NOW)
    with pytest.raises(Forbidden):
        at_desk(outbound.submit, office.staff("Cy", "analyst"), say(office.case(), "Hello"), NOW)


def test_a_draft_is_found_again_and_two_devices_do_not_overwrite_each_other(
    office: Office, at_desk: Desk
) -> None:
    ann, case = office.staff("Ann"), office.case()
    first = at_desk(outbound.save_draft, ann, case, "public", "It arr", NOW)
    second = at_desk(
        outbound.save_draft, ann, case, "public", "It arrives", NOW + 1, known_version=first.version
    )
    assert (second.id, second.version) == (first.id, first.version + 1)
    with pytest.raises(Conflict):
        at_desk(
            outbound.save_draft, ann, case, "public", "From the phone", NOW + 2, known_version=first.version
        )
    assert office.one("SELECT text FROM draft") == "It arrives"
    assert at_desk(outbound.discard_draft, ann, case, "public")


def test_checking_while_typing_writes_nothing(office: Office, at_desk: Desk) -> None:
    ann, case = office.staff("Ann"), office.case()
    decision = at_desk(checking.check, ann, case, "public", PHONE).decision
    assert [r.finding.kind for r in decision.remarks] == ["phone"]
    assert office.one("SELECT count(*) FROM draft") == 0 and facts(office) == 0


def test_a_send_stops_when_the_thread_moved_on(office: Office, at_desk: Desk) -> None:
    ann, case = office.staff("Ann"), office.case()
    thread, seen, person = office.of_case(case)
    newer = office.post(thread, person, "Never mind, it came!", NOW + MINUTE)
    came = at_desk(outbound.submit, ann, say(case, "It arrives tomorrow.", seen_post=seen), NOW + 2 * MINUTE)
    assert isinstance(came, Stopped) and [n.post_id for n in came.changed.newer] == [newer]
    assert came.changed.newer[0].text == "Never mind, it came!" and office.states() == {}
    forced = at_desk(
        outbound.submit, ann, say(case, "It arrives tomorrow.", seen_post=seen), NOW + 2 * MINUTE, force=True
    )
    assert isinstance(forced, Released)


def test_a_send_stops_for_an_edit_a_version_and_a_colleague(office: Office, at_desk: Desk) -> None:
    ann, bo, case = office.staff("Ann"), office.staff("Bo"), office.case()
    _, seen, _ = office.of_case(case)
    old = at_desk(outbound.submit, ann, say(case, "A", seen_version=7), NOW)
    assert isinstance(old, Stopped) and old.changed.version == 1
    office.conn.execute("UPDATE interaction SET edited_at = %s", [moment(NOW + MINUTE)])
    edited = at_desk(outbound.submit, ann, say(case, "A", seen_post=seen, seen_at=NOW), NOW + 2 * MINUTE)
    assert isinstance(edited, Stopped) and [n.change for n in edited.changed.newer] == ["edited"]
    typing = at_desk(outbound.submit, bo, say(case, "B", seen_post=seen, seen_version=1), NOW + 2 * MINUTE)
    assert isinstance(typing, Stopped)
    assert [(c.name, c.doing, c.text) for c in typing.changed.colleagues] == [("Ann", "typing", "A")]
    later = at_desk(outbound.submit, bo, say(case, "B", seen_post=seen, seen_version=1), NOW + 9 * MINUTE)
    assert isinstance(later, Released)
    answered = at_desk(outbound.submit, ann, say(case, "A", seen_post=seen), NOW + 9 * MINUTE)
    assert isinstance(answered, Stopped)
    assert [(c.name, c.doing) for c in answered.changed.colleagues] == [("Bo", "sending")]


def held_one(office: Office, at_desk: Desk) -> tuple[Any, Any, int]:
    ann, case = office.staff("Ann"), office.case()
    came = at_desk(outbound.submit, ann, say(case, PHONE), NOW)
    assert isinstance(came, Held) and office.states() == {}
    digest = bytes(office.one("SELECT digest FROM release WHERE id = %s", came.release_id))
    return ann, (came, digest), case


def test_a_hold_is_approved_by_somebody_else(office: Office, at_desk: Desk) -> None:
    ann, (came, digest), _ = held_one(office, at_desk)
    lead = office.staff("Lee", "lead")
    with pytest.raises(Forbidden):
        at_desk(outbound_approval.approve, ann, came.release_id, digest, NOW)
    both = type(ann)(
        staff_id=ann.staff_id,
        name="Ann",
        brand_id=ann.brand_id,
        brand_slug="x",
        roles=frozenset({"lead", "agent"}),
    )
    with pytest.raises(Forbidden, match="This is yours"):
        at_desk(outbound_approval.approve, both, came.release_id, digest, NOW)
    released = at_desk(outbound_approval.approve, lead, came.release_id, digest, NOW + MINUTE)
    assert released.not_before == NOW + MINUTE + 10 * SECOND and office.states() == {"waiting": 1}
    assert office.one("SELECT outcome FROM hold") == "approved"
    with pytest.raises(Conflict):
        at_desk(outbound_approval.approve, lead, came.release_id, digest, NOW + MINUTE)


def program_of(at_desk: Desk, lead: Any) -> Any:
    """A program that speaks for nobody, with a token that the lead made."""
    admin = structs.replace(lead, roles=frozenset({"admin"}))
    secret = at_desk(people_acts.make_token, admin, "robot", frozenset({"agent"}), NOW + 36_500 * DAY, NOW)
    program = at_desk(lambda conn, asker: programs.program_of(conn, secret), lead)
    assert program.asker.staff_id == 0
    return program.asker


def test_who_made_a_programs_token_does_not_decide_about_its_words(office: Office, at_desk: Desk) -> None:
    lead, other = office.staff("Lee", "lead"), office.staff("Lou", "lead")
    robot = program_of(at_desk, lead)
    came = at_desk(outbound.submit, robot, say(office.case(), PHONE), NOW)
    assert isinstance(came, Held)
    digest = bytes(office.one("SELECT digest FROM release WHERE id = %s", came.release_id))
    with pytest.raises(Forbidden, match="your program"):
        at_desk(outbound_approval.approve, lead, came.release_id, digest, NOW)
    with pytest.raises(Forbidden, match="your program"):
        at_desk(outbound_approval.send_back, lead, came.release_id, "No.", NOW)
    at_desk(outbound_approval.approve, other, came.release_id, digest, NOW)
    assert office.states() == {"waiting": 1}


def test_an_approval_is_bound_to_the_words_that_were_read(office: Office, at_desk: Desk) -> None:
    ann, (came, digest), _ = held_one(office, at_desk)
    lead = office.staff("Lee", "lead")
    changed = at_desk(outbound.edit, ann, came.release_id, PHONE + " Thank you.", NOW + 1)
    assert isinstance(changed, Held) and changed.release_id == came.release_id
    with pytest.raises(Conflict, match="changed this text"):
        at_desk(outbound_approval.approve, lead, came.release_id, digest, NOW + 2)
    assert office.states() == {}
    assert office.one("SELECT earlier_text FROM release") == PHONE
    fresh = bytes(office.one("SELECT digest FROM release"))
    at_desk(outbound_approval.approve, lead, came.release_id, fresh, NOW + 3)
    at_desk(outbound.edit, ann, came.release_id, PHONE + " Thanks.", NOW + 4)
    assert office.states() == {"undone": 1}
    assert office.one("SELECT count(*) FROM approval WHERE voided_at IS NULL") == 0
    assert office.one("SELECT state FROM release") == "held"


def test_compliance_terms_need_compliance(office: Office, at_desk: Desk) -> None:
    lead, officer = office.staff("Lee", "lead"), office.staff("Olu", "compliance")
    term = Term("forbidden", "guaranteed", "No promises.")
    at_desk(lambda conn, asker: terms.add_term(conn, asker.brand_id, term, asker.actor, NOW), officer)
    came = at_desk(outbound.submit, office.staff("Ann"), say(office.case(), "Delivery is guaranteed."), NOW)
    assert isinstance(came, Held) and came.approvers == {"compliance"}
    digest = bytes(office.one("SELECT digest FROM release"))
    with pytest.raises(Forbidden, match="compliance"):
        at_desk(outbound_approval.approve, lead, came.release_id, digest, NOW)
    assert at_desk(outbound_approval.approve, officer, came.release_id, digest, NOW).delivery_id


def test_returned_withdrawn_and_expired_words_are_drafts_again(
    office: Office, at_desk: Desk, worker: psycopg.Connection
) -> None:
    ann, (came, _), case = held_one(office, at_desk)
    lead = office.staff("Lee", "lead")
    with pytest.raises(Refused):
        at_desk(outbound_approval.send_back, lead, came.release_id, " ", NOW)
    draft = at_desk(outbound_approval.send_back, lead, came.release_id, "Use the help page.", NOW)
    assert (draft.staff_id, draft.text, draft.remark) == (ann.staff_id, PHONE, "Use the help page.")
    second = at_desk(outbound.submit, ann, say(case, PHONE), NOW)
    assert at_desk(outbound.withdraw, ann, second.release_id, NOW).text == PHONE
    third = at_desk(outbound.submit, ann, say(case, PHONE), NOW)
    with worker.transaction():
        assert outbound_approval.expire_holds(worker, NOW + DAY - 1) == 0
        assert outbound_approval.expire_holds(worker, NOW + DAY) == 1
    assert office.one("SELECT state FROM release WHERE id = %s", third.release_id) == "expired"
    assert "needs a new time" in office.one("SELECT remark FROM draft")
    with pytest.raises(Conflict):
        at_desk(outbound_approval.approve, lead, third.release_id, b"x" * 32, NOW + DAY)


def test_an_approval_is_refused_when_the_post_was_deleted_or_the_brand_fell_silent(
    office: Office, at_desk: Desk
) -> None:
    _, (came, digest), _ = held_one(office, at_desk)
    lead = office.staff("Lee", "lead")
    office.conn.execute("UPDATE interaction SET deleted_at = now()")
    with pytest.raises(Refused, match="was deleted"):
        at_desk(outbound_approval.approve, lead, came.release_id, digest, NOW)
    office.conn.execute("UPDATE interaction SET deleted_at = NULL")
    office.conn.execute("UPDATE brand SET state = 'observe'")
    with pytest.raises(Refused, match="only observes"):
        at_desk(outbound_approval.approve, lead, came.release_id, digest, NOW)
    assert office.states() == {}


def test_a_waved_away_remark_is_kept_and_lifts_nothing(office: Office, at_desk: Desk) -> None:
    ann, case = office.staff("Ann"), office.case()
    at_desk(outbound_decide.dismiss, ann, case, "phone", "+44 20 7946 0991", "our own line", NOW)
    assert office.one("SELECT because FROM dismissal") == "our own line" and facts(office) == 1
    with pytest.raises(Refused, match="why"):
        at_desk(outbound_decide.dismiss, ann, case, "phone", "+44 20 7946 0991", " ", NOW)
    assert facts(office) == 1
    assert isinstance(at_desk(outbound.submit, ann, say(case, PHONE), NOW), Held)


def test_a_private_answer_goes_to_the_person_and_a_public_one_not_out_of_a_private_thread(
    office: Office, at_desk: Desk
) -> None:
    ann = office.staff("Ann")
    private = office.case("In confidence", visibility="direct")
    public = at_desk(outbound.submit, ann, say(private, "Hello"), NOW)
    assert isinstance(public, Blocked) and public.decision.remarks[0].finding.kind == "wrong_audience"
    came = at_desk(outbound.submit, ann, Composed(case_id=private, kind="private", text="Hello"), NOW)
    assert isinstance(came, Released)
    assert office.conn.execute("SELECT visibility, recipient FROM release").fetchone() == ("direct", "dana")
