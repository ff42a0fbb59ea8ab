"""Approvals that an author asks for, and texts that an approver edits: whose words they are, and who may let them go."""

from collections.abc import Callable
from typing import Any

import pytest
from office import NOW, Office

from townhall.flow import drafting, outbound, outbound_approval, outbound_delegate
from townhall.flow.outbound import Composed
from townhall.flow.outbound_outcome import Blocked, Held, Released
from townhall.kernel.clock import MINUTE, SECOND
from townhall.kernel.errors import Conflict, Forbidden, NotFound, Refused
from townhall.kernel.finding import Finding
from townhall.outbound.logic.guard import with_wish
from townhall.outbound.logic.words import COMPLIANCE, LEAD, Allow, Block, Hold, Remark

pytestmark = pytest.mark.database
Desk = Callable[..., Any]
PHONE = "Ring +44 20 7946 0991, please."


def said(case: int, text: str, **more: Any) -> Composed:
    return Composed(case_id=case, kind="public", text=text, **more)


def digest(office: Office, release: int) -> bytes:
    return bytes(office.one("SELECT digest FROM release WHERE id = %s", release))


def test_a_wish_wants_one_approval_and_changes_no_steps() -> None:
    remark = Remark(Finding("iban", 0, 4, "An IBAN."), "hold", COMPLIANCE)
    wished = with_wish(Allow())
    assert isinstance(wished, Hold) and wished.steps == (LEAD,)
    assert [one.finding.kind for one in wished.remarks] == ["author_asks"]
    held = with_wish(Hold((remark,), steps=(COMPLIANCE, LEAD)))
    assert isinstance(held, Hold) and held.steps == (COMPLIANCE, LEAD) and remark in held.remarks
    assert with_wish(Block((remark,))) == Block((remark,))


def test_a_plain_answer_waits_because_its_author_asks(office: Office, at_desk: Desk) -> None:
    ann, bo, case = office.staff("Ann"), office.staff("Bo", "lead"), office.case()
    held = at_desk(
        outbound.submit, ann, said(case, "It comes on Monday.", ask=True, ask_why=" New to me "), NOW
    )
    assert (
        isinstance(held, Held) and held.approvers == LEAD and held.why == "Its author asks for an approval."
    )
    assert office.conn.execute("SELECT asked, asked_why FROM release").fetchone() == (True, "New to me")
    with pytest.raises(Forbidden):
        at_desk(outbound_approval.approve, ann, held.release_id, digest(office, held.release_id), NOW)
    still = at_desk(outbound.edit, ann, held.release_id, "It comes on Tuesday.", NOW + SECOND)
    assert isinstance(still, Held), "the wish outlives an edit"
    done = at_desk(
        outbound_approval.approve, bo, held.release_id, digest(office, held.release_id), NOW + MINUTE
    )
    assert isinstance(done, Released)


def test_a_wish_lets_nothing_through_that_is_blocked(office: Office, at_desk: Desk) -> None:
    ann, case = office.staff("Ann"), office.case()
    asked = said(case, "Card 4111 1111 1111 1111", ask=True)
    assert isinstance(at_desk(outbound.submit, ann, asked, NOW), Blocked)


def edited(
    office: Office, at_desk: Desk, ann: Any, bo: Any, text: str = "Write to us, please."
) -> tuple[int, int]:
    case = office.case()
    held = at_desk(outbound.submit, ann, said(case, PHONE), NOW)
    seen = digest(office, held.release_id)
    at_desk(
        outbound_approval.send_back, bo, held.release_id, "No numbers", NOW + SECOND, text=text, seen=seen
    )
    return case, held.release_id


def test_an_edited_text_is_its_authors_draft_and_the_original_is_kept(office: Office, at_desk: Desk) -> None:
    ann, bo = office.staff("Ann"), office.staff("Bo", "lead")
    _, release = edited(office, at_desk, ann, bo)
    draft = office.conn.execute("SELECT staff_id, text, earlier, editor, remark FROM draft").fetchone()
    assert draft == (ann.staff_id, "Write to us, please.", PHONE, "Bo", "No numbers")
    assert office.conn.execute("SELECT text, state FROM release").fetchall() == [(PHONE, "returned")]
    assert not office.states(), "nothing goes out by it"
    with pytest.raises(Conflict):
        at_desk(outbound_approval.approve, bo, release, digest(office, release), NOW + MINUTE)


def test_whoever_edited_cannot_approve_what_comes_of_it(office: Office, at_desk: Desk) -> None:
    ann, bo, dee = office.staff("Ann"), office.staff("Bo", "lead"), office.staff("Dee", "lead")
    case, _ = edited(office, at_desk, ann, bo, "Ring +44 20 7946 0000, please.")
    at_desk(outbound.save_draft, ann, case, "public", "Ring +44 20 7946 0000, thanks.", NOW + 2 * SECOND)
    held = at_desk(outbound.submit, ann, said(case, "Ring +44 20 7946 0000, thanks."), NOW + MINUTE)
    kept = office.conn.execute(
        "SELECT editor, earlier_text, author FROM release WHERE id = %s", [held.release_id]
    ).fetchone()
    assert kept == ("Bo", PHONE, "Ann")
    with pytest.raises(Forbidden, match="You edited"):
        at_desk(outbound_approval.approve, bo, held.release_id, digest(office, held.release_id), NOW + MINUTE)
    with pytest.raises(Refused):
        at_desk(outbound_delegate.delegate, dee, held.release_id, bo.staff_id, NOW + MINUTE)
    taken = at_desk(outbound.withdraw, ann, held.release_id, NOW + MINUTE)
    assert taken.editor == "Bo", "taking it back launders nothing"
    held = at_desk(outbound.submit, ann, said(case, taken.text), NOW + 2 * MINUTE)
    done = at_desk(
        outbound_approval.approve, dee, held.release_id, digest(office, held.release_id), NOW + 2 * MINUTE
    )
    assert isinstance(done, Released)


def test_the_author_takes_their_own_words_back(office: Office, at_desk: Desk) -> None:
    ann, bo = office.staff("Ann"), office.staff("Bo", "lead")
    case, _ = edited(office, at_desk, ann, bo)
    with pytest.raises(NotFound):
        at_desk(drafting.own_words, bo, case, "public", NOW + MINUTE)
    own = at_desk(drafting.own_words, ann, case, "public", NOW + MINUTE)
    assert (own.text, own.editor, own.editor_id, own.earlier) == (PHONE, "", 0, "")
    held = at_desk(outbound.submit, ann, said(case, own.text), NOW + MINUTE)
    done = at_desk(
        outbound_approval.approve, bo, held.release_id, digest(office, held.release_id), NOW + MINUTE
    )
    assert isinstance(done, Released), "nobody's words but the author's"


def test_what_was_begun_meanwhile_is_not_lost(office: Office, at_desk: Desk) -> None:
    ann, bo, case = office.staff("Ann"), office.staff("Bo", "lead"), office.case()
    held = at_desk(outbound.submit, ann, said(case, PHONE), NOW)
    at_desk(outbound.save_draft, ann, case, "public", "And one thing more.", NOW)
    at_desk(outbound_approval.send_back, bo, held.release_id, "", NOW, text="Write, please.")
    assert office.one("SELECT text FROM draft") == "Write, please.\n\nAnd one thing more."


def test_an_edit_is_refused_where_it_says_nothing_or_read_something_else(
    office: Office, at_desk: Desk
) -> None:
    ann, bo, case = office.staff("Ann"), office.staff("Bo", "lead"), office.case()
    held = at_desk(outbound.submit, ann, said(case, PHONE), NOW)
    for text in ("", PHONE, f" {PHONE}\n", "x" * 20_001):
        with pytest.raises(Refused):
            at_desk(outbound_approval.send_back, bo, held.release_id, "", NOW, text=text)
    with pytest.raises(Conflict):
        at_desk(outbound_approval.send_back, bo, held.release_id, "", NOW, text="Other", seen=b"x" * 32)
    with pytest.raises(Forbidden):
        at_desk(outbound_approval.send_back, ann, held.release_id, "", NOW, text="Other")
    cy = Office(office.conn, "oakby").staff("Cy", "lead")
    with pytest.raises(NotFound):
        at_desk(outbound_approval.send_back, cy, held.release_id, "", NOW, text="Other")
    assert office.one("SELECT state FROM release") == "held"
