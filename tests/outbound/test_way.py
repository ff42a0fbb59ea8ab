"""The way of an answer in steps: in order, each once, and an end that says where it stands."""

from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from townhall.outbound.logic.journey import State
from townhall.outbound.logic.way import Kind, Way, steps
from townhall.web.pages.way_words import way_step


def kinds(**more: Any) -> list[str]:
    return [step.kind for step in steps(Way(author="Ann", made_at=1, **more))]


@pytest.mark.parametrize(
    ("more", "then"),
    [
        ({"state": "held"}, ["held"]),
        ({"state": "held", "approvals": (("Bo", 3),)}, ["approved", "held"]),
        ({"state": "returned", "ended_at": 4}, ["returned"]),
        ({"delivery": "waiting", "not_before": 9}, ["unapproved", "waiting"]),
        ({"delivery": "waiting", "attempts": 2, "error": "busy"}, ["unapproved", "again"]),
        ({"delivery": "unclear", "attempts": 1}, ["unapproved", "unclear"]),
        ({"delivery": "doubtful"}, ["unapproved", "doubtful"]),
        ({"delivery": "failed", "error": "no"}, ["unapproved", "failed"]),
        ({"delivery": "sent", "sent_at": 5}, ["unapproved", "accepted", "not_seen"]),
        ({"delivery": "sent", "sent_at": 5, "url": "u", "seen_at": 7}, ["unapproved", "accepted", "there", "seen"]),
        ({"delivery": "sent", "sent_at": 5, "url": "u", "looks": 2}, ["unapproved", "accepted", "there", "read_back"]),
        ({"delivery": "sent", "settled_by": "Bo", "approvals": (("Dee", 2), ("Bo", 3))}, ["approved", "approved", "looked"]),
        ({"version": 2, "delivery": "overdue"}, ["reworded", "unapproved", "overdue"]),
    ],
)  # fmt: skip
def test_where_it_stands(more: dict[str, Any], then: list[str]) -> None:
    assert kinds(**more) == ["written", *then]


def test_a_failure_says_what_the_network_said_and_when() -> None:
    last = steps(Way(author="Ann", made_at=1, delivery="failed", error="gone", changed_at=8))[-1]
    assert (last.mark, last.said, last.at) == ("wrong", "gone", 8)


@given(
    state=st.sampled_from(["held", "released", "returned", "withdrawn", "expired"]),
    delivery=st.sampled_from(["", *get_args(State)]),
    numbers=st.lists(st.integers(0, 3), min_size=7, max_size=7),
    approved=st.booleans(),
)
def test_only_the_last_step_is_open_and_all_have_words(
    state: str, delivery: str, numbers: list[int], approved: bool
) -> None:
    version, attempts, looks, sent, changed, seen, ended = numbers
    way = Way(
        author="Ann", made_at=1, version=version, state=state, approvals=(("Bo", 2),) if approved else (),
        delivery=delivery, attempts=attempts, looks=looks, sent_at=sent, changed_at=changed, seen_at=seen, ended_at=ended,
    )  # fmt: skip
    found = steps(way)
    assert all(step.mark == "done" for step in found[:-1]) and found[0].kind == "written"
    assert all(way_step(step.kind) for step in found)
    claims = {step.kind for step in found} & {"accepted", "there", "seen", "read_back"}
    assert not claims or (state, delivery) == ("released", "sent"), (
        "nothing is said to be there that was not sent"
    )


def test_every_kind_has_words() -> None:
    assert all(way_step(kind) or kind == "there" for kind in get_args(Kind) if kind != "there")
