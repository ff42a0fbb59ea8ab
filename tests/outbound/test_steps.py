"""Approvals by several people: the matching held to trying every order of persons, and the way to the delivery."""

from collections.abc import Callable
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from office import NOW, Office
from test_policy_approvals import DOCUMENT, asked, in_force

from townhall.flow import delivery_book, outbound, outbound_approval
from townhall.flow.outbound import Composed
from townhall.flow.outbound_outcome import Awaiting, Held, Released
from townhall.kernel.clock import SECOND
from townhall.kernel.errors import Conflict, Forbidden, Refused
from townhall.outbound.logic.steps import all_met, may_add, open_roles, together, with_one
from townhall.outbound.store import releases
from townhall.people.doors import Asker
from townhall.policy.logic import parse_policy
from townhall.policy.logic.english import rule_in_words

Desk = Callable[..., Any]
ROLES = st.frozensets(st.sampled_from("abc"), min_size=1)
LISTS = st.lists(ROLES, max_size=4)
BOTH = DOCUMENT.replace("[compliance]", "{all: [compliance, [lead, compliance]]}")


def most_by_trying(steps: list[frozenset[str]], people: list[frozenset[str]]) -> int:
    """How many steps can be met at once: every way to hand the steps to people in turn."""
    if not steps:
        return 0
    slots: list[frozenset[str]] = [*people, *(frozenset[str]() for _ in steps)]
    ways = permutations(range(len(slots)), len(steps))
    return max(sum(bool(step & slots[n]) for step, n in zip(steps, way, strict=True)) for way in ways)


@given(LISTS, st.lists(ROLES, max_size=3), ROLES)
def test_steps_are_met_as_trying_every_way_says(
    steps: list[frozenset[str]], people: list[frozenset[str]], fresh: frozenset[str]
) -> None:
    before, after = most_by_trying(steps, people), most_by_trying(steps, [*people, fresh])
    assert all_met(steps, people) == (before == len(steps))
    assert may_add(steps, people, fresh) == (after > before)
    assert open_roles(steps, people) == {
        role for role in "abc" if most_by_trying(steps, [*people, frozenset({role})]) > before
    }


@given(st.lists(LISTS, max_size=3), ROLES)
def test_what_meets_several_rules_together_meets_each(
    several: list[list[frozenset[str]]], one: frozenset[str]
) -> None:
    steps = together(several)
    for each in several:
        left = list(steps)
        for step in each:
            left.remove(step)
    narrowed = with_one(steps, one)
    assert any(step <= one for step in narrowed)
    assert len(narrowed) - len(steps) in (0, 1)
    people = [frozenset({min(step)}) for step in narrowed]
    assert all_met(steps, people), "whoever meets the narrowed steps meets the others"


def held_by_two(office: Office, at_desk: Desk) -> tuple[Any, bytes]:
    version = in_force(office, at_desk, BOTH)
    case = asked(office, version, "r")
    came = at_desk(
        outbound.submit, office.staff("Dee"), Composed(case_id=case, kind="public", text="Yes."), NOW
    )
    assert isinstance(came, Held)
    return came, office.one("SELECT digest FROM release WHERE id = %s", came.release_id)


def may_go(office: Office, release_id: int) -> bool:
    release = releases.get(office.conn, release_id)
    assert release
    delivery = delivery_book.outbox.live_of(office.conn, release_id)
    return delivery is not None and delivery_book._is_what_was_released(office.conn, delivery, release)


def test_two_people_approve_and_then_it_goes(office: Office, at_desk: Desk) -> None:
    came, digest = held_by_two(office, at_desk)
    cora, lee, cleo = (office.staff(name, role) for name, role in
                       (("Cora", "compliance"), ("Lee", "lead"), ("Cleo", "compliance")))  # fmt: skip
    first = at_desk(outbound_approval.approve, cora, came.release_id, digest, NOW + SECOND)
    assert isinstance(first, Awaiting) and (first.given, first.wanted) == (1, 2)
    assert office.states() == {}, "one approval of two lets nothing go"
    with pytest.raises(Forbidden, match="already"):
        at_desk(outbound_approval.approve, cora, came.release_id, digest, NOW + SECOND)
    done = at_desk(outbound_approval.approve, lee, came.release_id, digest, NOW + 2 * SECOND)
    assert (
        isinstance(done, Released) and office.states() == {"waiting": 1} and may_go(office, came.release_id)
    )
    facts = "SELECT count(*) FROM approval WHERE voided_at IS NULL AND release_id = %s"
    assert office.one(facts, came.release_id) == 2
    with pytest.raises(Conflict):
        at_desk(outbound_approval.approve, cleo, came.release_id, digest, NOW + 3 * SECOND)
    office.conn.execute("DELETE FROM approval WHERE staff_id = %s", [cora.staff_id])
    assert not may_go(office, came.release_id), "an approval that is gone stops the delivery"


def test_a_lead_first_leaves_only_compliance(office: Office, at_desk: Desk) -> None:
    came, digest = held_by_two(office, at_desk)
    lee, lara = office.staff("Lee", "lead"), office.staff("Lara", "lead")
    first = at_desk(outbound_approval.approve, lee, came.release_id, digest, NOW)
    assert first.approvers == {"compliance"}
    assert office.one("SELECT approvers FROM hold WHERE release_id = %s", came.release_id) == ["compliance"]
    with pytest.raises(Forbidden, match="compliance"):
        at_desk(outbound_approval.approve, lara, came.release_id, digest, NOW)


def test_any_change_voids_all_approvals(office: Office, at_desk: Desk) -> None:
    came, digest = held_by_two(office, at_desk)
    cora, lee = office.staff("Cora", "compliance"), office.staff("Lee", "lead")
    author = author_of(office, came.release_id)
    at_desk(outbound_approval.approve, cora, came.release_id, digest, NOW)
    again = at_desk(outbound.edit, author, came.release_id, "Yes, at 3 %.", NOW + SECOND)
    assert isinstance(again, Held) and len(again.decision.steps) == 2
    with pytest.raises(Conflict, match="changed"):
        at_desk(outbound_approval.approve, lee, came.release_id, digest, NOW + SECOND)
    fresh = office.one("SELECT digest FROM release WHERE id = %s", came.release_id)
    assert isinstance(at_desk(outbound_approval.approve, lee, came.release_id, fresh, NOW + SECOND), Awaiting)
    assert isinstance(
        at_desk(outbound_approval.approve, cora, came.release_id, fresh, NOW + SECOND), Released
    )


def author_of(office: Office, release_id: int) -> Asker:
    staff = office.one("SELECT author_id FROM release WHERE id = %s", release_id)
    return Asker(
        staff_id=staff, name="Dee", brand_id=office.brand, brand_slug=office.slug, roles=frozenset({"agent"})
    )


def test_an_approved_reply_whose_new_words_need_nobody_goes(office: Office, at_desk: Desk) -> None:
    dee, cora = office.staff("Dee"), office.staff("Cora", "compliance")
    said = Composed(case_id=office.case(), kind="public", text="Call +44 20 7946 0991 please.")
    came = at_desk(outbound.submit, dee, said, NOW)
    digest = office.one("SELECT digest FROM release WHERE id = %s", came.release_id)
    assert isinstance(at_desk(outbound_approval.approve, cora, came.release_id, digest, NOW), Released)
    done = at_desk(outbound.edit, dee, came.release_id, "It arrives tomorrow.", NOW + SECOND)
    assert isinstance(done, Released) and may_go(office, came.release_id)


def test_the_document_names_several_people() -> None:
    policy = parse_policy(BOTH)
    assert policy.approvals() == {"r": [["compliance"], ["compliance", "lead"]]}
    assert "2 people, one of each: compliance; compliance or lead" in rule_in_words(policy.rules[0]).sentence
    for wrong in (
        "{all: []}",
        "{all: [agent]}",
        "{any: [lead]}",
        "{all: [lead, lead, lead, lead, lead]}",
        "{all: [[]]}",
    ):
        with pytest.raises(Refused, match="approvals"):
            parse_policy(DOCUMENT.replace("[compliance]", wrong))
