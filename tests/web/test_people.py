"""Doors, seats, tokens and the first link, as the pages' own role."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg import Connection

from townhall.database.connect import for_brand
from townhall.flow import people
from townhall.journal.follow import blobs
from townhall.kernel.clock import HOUR, SECOND, system_clock
from townhall.kernel.errors import Conflict, Forbidden, NotFound, Refused
from townhall.kernel.fact import decode
from townhall.people import brands, programs, store
from townhall.people.doors import Asker, require, require_brand
from townhall.people.logic import ACT_WORDS, ACTS, ROLES, acts_of, may

GRANTED = {
    "agent": "read_case reply moderate note assign gather_cases read_approvals stop_outbound read_live read_policy read_routing"
    " label read_models",
    "lead": "read_case reply moderate note assign gather_cases lead_incident read_approvals approve stop_outbound resume_outbound read_live"
    " read_policy write_policy review_policy set_targets manage_answers order_duty"
    " read_routing override_routing manage_routing label read_models teach_models",
    "compliance": "read_case moderate note read_approvals approve stop_outbound read_live read_record manage_policy decide_deleted"
    " read_policy write_policy review_policy activate_policy manage_answers label read_models",
    "security": "read_case moderate note read_approvals stop_outbound resume_outbound read_live read_record read_policy"
    " label read_models",
    "analyst": "read_live read_record read_policy read_models teach_models",
    "executive": "stop_outbound read_live read_policy set_targets read_routing read_models",
    "admin": "read_case gather_cases lead_incident read_approvals stop_outbound resume_outbound read_live read_record manage_policy"
    " read_policy write_policy review_policy activate_policy set_targets manage_answers order_duty"
    " read_routing manage_routing manage_accounts manage_systems manage_people manage_tokens leave_observe read_models teach_models",
}
"""Written by hand from the other side (role → acts), as an oracle for the table (act → roles)."""


@given(st.frozensets(st.sampled_from([*ROLES, "stranger"])), st.sampled_from([*ACTS, "fly"]))
def test_what_roles_allow(roles: frozenset[str], act: str) -> None:
    allowed = any(act in GRANTED.get(role, "").split() for role in roles)
    assert may(roles, act) == allowed
    asker = Asker(staff_id=1, name="Ann", brand_id=1, brand_slug="brook", roles=roles)
    if allowed:
        require(asker, act)
    else:
        with pytest.raises(Forbidden):
            require(asker, act)


def test_each_act_has_words_and_says_why() -> None:
    assert set(ACT_WORDS) == set(ACTS)
    assert ("answer customers", ["agent"]) in acts_of(frozenset({"agent", "analyst"}))


def test_another_brands_thing_does_not_exist() -> None:
    asker = Asker(staff_id=1, name="Ann", brand_id=1, brand_slug="brook", roles=frozenset(ROLES))
    require_brand(asker, 1)
    with pytest.raises(NotFound):
        require_brand(asker, 2)


def operator(owner: Connection[Any], email: str = "ann@example.org") -> int:
    row = owner.execute(
        "INSERT INTO staff (password, email, name, operator, is_active, date_joined, zone, theme, density, single_keys)"
        " VALUES ('!', %s, 'Ann', true, true, now(), '', '', '', true) RETURNING id",
        [email],
    ).fetchone()
    assert row
    return int(row[0])


@pytest.mark.database
def test_the_first_link_works_once_and_only_while_nobody_can_sign_in(
    owner: Connection[Any], web: Connection[Any]
) -> None:
    now = system_clock()
    old = store.first_link(owner, now)
    secret = store.first_link(owner, now)
    assert old and secret
    assert not store.first_link_holds(web, old), "a newer link ends the older"
    assert store.use_first_link(web, secret)
    assert not store.use_first_link(web, secret)
    operator(owner)
    assert store.first_link(owner, now) is None


@pytest.mark.database
def test_a_late_first_link_is_refused(owner: Connection[Any], web: Connection[Any]) -> None:
    secret = store.first_link(owner, system_clock() - 25 * HOUR)
    assert secret and not store.use_first_link(web, secret)


@pytest.mark.database
def test_operators_have_seats_at_brands_made_before_and_after(
    owner: Connection[Any], web: Connection[Any]
) -> None:
    before, _ = brands.ensure(owner, "before", "Before")
    staff = operator(owner)
    store.seat_operator(web, staff)
    after = store.found_brand(web, "after", "After", "UTC", staff)
    assert [b.slug for b in store.brands_of(web, staff)] == ["after", "before"]
    assert store.roles_at(web, staff, after) == frozenset(ROLES) == store.roles_at(web, staff, before.id)
    assert [b.state for b in store.brands_of(web, staff)] == ["observe", "observe"]
    with pytest.raises(Refused):
        store.found_brand(web, "after", "Again", "UTC", staff)


@pytest.mark.database
def test_tokens_are_kept_as_digests_and_end(owner: Connection[Any], web: Connection[Any]) -> None:
    brand, _ = brands.ensure(owner, "brook", "Brook")
    now = system_clock()
    with web.transaction():
        for_brand(web, brand.id)
        token, secret = store.make_token(
            web, brand.id, "wall", frozenset({"analyst"}), expires_at=now + HOUR, made_by=None
        )
        _, late = store.make_token(
            web, brand.id, "late", frozenset({"analyst"}), expires_at=now - SECOND, made_by=None
        )
    kept = owner.execute("SELECT digest FROM api_token WHERE id = %s", [token]).fetchone()
    assert kept and secret.encode() not in bytes(kept[0])
    program = programs.program_of(web, secret)
    assert (
        program
        and (asker := program.asker)
        and asker.brand_id == brand.id
        and asker.roles == {"analyst"}
        and not asker.may("reply")
    )
    assert programs.program_of(web, late) is None
    assert programs.program_of(web, secret + "x") is None
    with web.transaction():
        for_brand(web, brand.id)
        assert store.revoke_token(web, brand.id, token)
    assert programs.program_of(web, secret) is None


@pytest.mark.database
def test_tokens_of_another_brand_are_not_seen(owner: Connection[Any], web: Connection[Any]) -> None:
    one, _ = brands.ensure(owner, "one", "One")
    two, _ = brands.ensure(owner, "two", "Two")
    store.make_token(owner, one.id, "wall", frozenset({"analyst"}), expires_at=None, made_by=None)
    with web.transaction():
        for_brand(web, two.id)
        assert store.tokens(web, one.id) == []
        assert store.tokens(web, two.id) == []


@pytest.mark.database
def test_roles_are_words_of_ours(owner: Connection[Any]) -> None:
    brand, _ = brands.ensure(owner, "brook", "Brook")
    staff = operator(owner)
    with pytest.raises(Refused):
        store.set_roles(owner, brand.id, staff, frozenset({"emperor"}))
    store.set_roles(owner, brand.id, staff, frozenset())
    assert store.roles_at(owner, staff, brand.id) == frozenset()


@pytest.mark.database
def test_a_new_brand_observes_and_leaving_that_is_a_recorded_act_of_an_administrator(
    owner: Connection[Any], web: Connection[Any], worker: Connection[Any]
) -> None:
    brand, _ = brands.ensure(owner, "brook", "Brook")
    ann = Asker(staff_id=7, name="Ann", brand_id=brand.id, brand_slug="brook", roles=frozenset({"admin"}))
    bo = Asker(
        staff_id=8, name="Bo", brand_id=brand.id, brand_slug="brook", roles=frozenset({"lead", "agent"})
    )

    def does(act: Any, asker: Asker) -> str:
        with web.transaction():
            for_brand(web, brand.id)
            act(web, asker, system_clock())
        return brands.by_slug(owner, "brook").state

    assert brand.state == "observe"
    for act in (people.leave_observe, people.return_to_observe):
        with pytest.raises(Forbidden):
            does(act, bo)
    assert does(people.leave_observe, ann) == "live"
    with pytest.raises(Conflict):
        does(people.leave_observe, ann)
    assert does(people.return_to_observe, ann) == "observe"
    blocks = [row[0] for row in worker.execute("SELECT block_id FROM fact_pending ORDER BY block_id")]
    facts = [decode(blob) for block in blocks for blob in blobs(worker, [block])[block]]
    assert [(fact.type, fact.actor, fact.brand) for fact in facts] == [
        ("townhall.brand.went_live", ann.actor, brand.id), ("townhall.brand.observes", ann.actor, brand.id),
    ]  # fmt: skip
