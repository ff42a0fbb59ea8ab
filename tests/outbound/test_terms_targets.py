"""Words, hosts and targets of a brand: who may set them, what is refused, and that the guard and the figures follow."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from office import Office

from townhall.analytics import targets as target_store
from townhall.desk import live
from townhall.flow import targets, terms
from townhall.kernel.errors import Conflict, Forbidden, NotFound, Refused
from townhall.outbound.logic.hosts import own_host, why_not_own
from townhall.outbound.logic.words import Term
from townhall.outbound.store import terms as store
from townhall.people.doors import Asker

NOW = 1_780_000_000_000_000
GUARANTEE = Term("forbidden", "guarantee", "Only the lead may promise a result.")
Desk = Callable[..., Any]


def who(office: Office, *roles: str) -> Asker:
    return Asker(
        staff_id=1,
        name="Ann",
        brand_id=office.brand,
        brand_slug="acme",
        roles=frozenset(roles or ("compliance",)),
    )


def kept(at_desk: Desk, asker: Asker) -> list[str]:
    return at_desk(lambda conn, asker: [one.term.words for one in store.terms(conn, asker.brand_id)], asker)


def test_a_term_holds_until_it_is_ended(office: Office, at_desk: Desk) -> None:
    ann, before = who(office), kept(at_desk, who(office))
    made = at_desk(terms.add_term, ann, GUARANTEE, NOW)
    assert kept(at_desk, ann) == [*before, "guarantee"]
    with pytest.raises(Conflict):
        at_desk(terms.add_term, ann, Term("forbidden", "GUARANTEE", "Twice."), NOW)
    at_desk(terms.end_term, ann, made, NOW)
    assert kept(at_desk, ann) == before
    with pytest.raises(NotFound):
        at_desk(terms.end_term, ann, made, NOW)


@pytest.mark.parametrize(
    "wrong",
    [
        Term("forbidden", " ", "Why."),
        Term("forbidden", "x", ""),
        Term("forbidden", "x" * 201, "Why."),
        Term("maybe", "x", "Why."),
        Term("forbidden", "x", "Why.", "shout"),
        Term("allowed", "x", "Why.", "hold", "when"),
    ],
)
def test_terms_that_no_guard_could_use(office: Office, at_desk: Desk, wrong: Term) -> None:
    with pytest.raises(Refused):
        at_desk(terms.add_term, who(office), wrong, NOW)


def test_only_who_writes_the_policy_sets_words_and_hosts(office: Office, at_desk: Desk) -> None:
    for roles in (("agent",), ("lead",), ("executive",)):
        for verb, thing in (
            (terms.add_term, GUARANTEE),
            (terms.add_host, "acme.example"),
            (terms.drop_host, "x.example"),
        ):
            with pytest.raises(Forbidden):
                at_desk(verb, who(office, *roles), thing, NOW)


def test_hosts_come_and_go(office: Office, at_desk: Desk) -> None:
    ann = who(office)
    assert at_desk(terms.add_host, ann, "https://Shop.Acme.Example:8443/cart?x=1", NOW) == "shop.acme.example"
    assert "shop.acme.example" in at_desk(lambda conn, asker: store.domains(conn, asker.brand_id), ann)
    at_desk(terms.drop_host, ann, "shop.acme.example", NOW)
    with pytest.raises(NotFound):
        at_desk(terms.drop_host, ann, "shop.acme.example", NOW)


@pytest.mark.parametrize("typed", ["", "acme", "co.uk", "com.au", "bit.ly", "10.0.0.1", "a b.example", "-a.example", "x" * 250 + ".example", "[::1]"])  # fmt: skip
def test_no_host_that_strangers_share(typed: str) -> None:
    assert why_not_own(own_host(typed))


@given(
    st.from_regex(r"[a-z][a-z0-9]{0,8}(\.[a-z][a-z0-9]{1,8}){1,3}", fullmatch=True),
    st.sampled_from(["", "https://", "HTTP://"]),
    st.sampled_from(["", "/", "/a/b?c=d#e", ":8080/x"]),
)
def test_an_address_is_cut_down_to_its_host(host: str, before: str, after: str) -> None:
    assert own_host(f" {before}{host.upper()}{after} ") == host


def test_a_brands_target_judges_its_figures_until_it_is_given_back(office: Office, at_desk: Desk) -> None:
    lead = who(office, "lead")

    def shown(conn: Any, asker: Asker) -> Any:
        return live.figure(conn, asker.brand_id, "first_response", NOW).target

    assert at_desk(shown, lead) == 60.0
    at_desk(targets.set_target, lead, "first_response", 25.0, NOW)
    at_desk(targets.set_target, lead, "first_response", 20.0, NOW)
    assert at_desk(shown, lead) == 20.0
    set_by = at_desk(lambda conn, asker: target_store.targets(conn, asker.brand_id), lead)["first_response"]
    assert (set_by.set_by, set_by.set_at) == ("Ann", NOW)
    at_desk(targets.give_back, lead, "first_response", NOW)
    at_desk(targets.give_back, lead, "first_response", NOW)
    assert at_desk(shown, lead) == 60.0


@pytest.mark.parametrize(("name", "target"), [("promises_today", 101.0), ("waiting", -1.0), ("waiting", float("nan")), ("held", float("inf"))])  # fmt: skip
def test_targets_out_of_range(office: Office, at_desk: Desk, name: str, target: float) -> None:
    with pytest.raises(Refused):
        at_desk(targets.set_target, who(office, "lead"), name, target, NOW)


def test_no_target_where_usual_is_the_measure_or_for_a_stranger(office: Office, at_desk: Desk) -> None:
    with pytest.raises(NotFound):
        at_desk(targets.set_target, who(office, "lead"), "posts_hour", 5.0, NOW)
    with pytest.raises(NotFound):
        at_desk(targets.set_target, who(office, "lead"), "nothing", 5.0, NOW)
    with pytest.raises(Forbidden):
        at_desk(targets.set_target, who(office, "agent"), "waiting", 5.0, NOW)
