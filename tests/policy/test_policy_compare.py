"""Two policies on the same posts: every change is reported, and the figures are those of a recount that shares no code."""

import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct

from townhall.policy.logic import Context, Policy, parse_policy
from townhall.policy.logic.compare import Changes, in_minutes
from townhall.policy.logic.tally import add_up
from townhall.policy.logic.targets import METRICS


class Seen(Struct, frozen=True):
    """A stored post, and what people made of it."""

    id: int
    context: Context
    tier: str = ""
    answered: bool = False
    queue_set: str = ""
    priority_set: int = -1


def policy(**rule: Any) -> Policy:
    """A policy of one rule that holds for every post."""
    whole = {"id": "all", "owner": "o", "reason": "r", "when": "true", "effect": "answer", **rule}
    return parse_policy(json.dumps({"id": "t", "version": 1, "calendar": "default", "rules": [whole]}))


def compared(before: Policy, after: Policy, *posts: Seen) -> dict[str, Any]:
    posts = posts or (Seen(1, Context(text="hello")),)
    changes, contexts = Changes(), [post.context for post in posts]
    changes.add(posts, before.decide(contexts), after.decide(contexts))
    return in_minutes(changes.counts())


def targets(**promised: Any) -> dict[str, Any]:
    return {"targets": {"first_response": "1h", **promised}}


CHANGES = [
    (targets(resolution="8h"), targets(resolution="80h"), {"resolution": 1, "targets": 1}),
    (targets(), targets(resolution="8h"), {"resolution": 1, "targets": 1}),
    (targets(resolution={"within": "8h", "pauses": ["customer"]}), targets(resolution="8h"), {"resolution": 1, "targets": 1}),
    (targets(satisfied_by=["person"]), targets(satisfied_by=["ai"]), {"first_response": 1, "targets": 1}),
    (targets(counts="sent"), targets(counts="approved"), {"first_response": 1, "targets": 1}),
    (targets(next_response="1h"), targets(next_response="10h"), {"next_response": 1, "targets": 1}),
    (targets(at_risk=["75%"]), targets(at_risk=["10m"]), {"at_risk": 1, "targets": 1}),
    (targets(), {**targets(), "calendar": "nights"}, {"calendar": 1, "targets": 1}),
    (targets(), targets(by=[{"tier": "gold", "first_response": "1m"}]), {"first_response": 1, "targets": 1}),
    (targets(), targets(by=[{"channel": "private", "first_response": "1m"}]), {"first_response": 1, "targets": 1}),
    (targets(), targets(by=[{"tier": "silver", "first_response": "1m"}]), {}),
    (targets(), targets(by=[{"channel": "public", "first_response": "1m"}]), {}),
    ({"approvals": ["lead"]}, {"approvals": ["compliance"]}, {"approvals": 1}),
    ({}, {"approvals": ["lead"]}, {"approvals": 1, "held": 1}),
    ({}, {"effect": "escalate"}, {"effect": 1, "escalated": 1}),
    ({}, {"effect": "escalate", "approvals": ["lead"]}, {"effect": 1, "escalated": 1, "approvals": 1, "held": 1}),
    ({"effect": "no_answer"}, {"effect": "hide", "calendar": "nights"}, {"effect": 1}),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after", "kinds"), CHANGES)
def test_every_change_of_a_verdict_is_reported(before: Any, after: Any, kinds: dict[str, int]) -> None:
    gold = Seen(1, Context(text="hello", visibility="direct"), tier="gold")
    found = compared(policy(**before), policy(**after), gold)
    assert found["changed"] == kinds and found["differ"] == bool(kinds)
    assert set(found["examples"]) == set(kinds)
    assert compared(policy(**after), policy(**before), gold)["changed"] == kinds


def test_an_example_says_what_is_different() -> None:
    found = compared(
        policy(**targets(resolution="8h")), policy(**targets(resolution="80h"), approvals=["lead"])
    )
    (line,) = found["examples"]["resolution"]
    assert line["differences"] == [
        {"kind": "approvals", "before": "nobody", "after": "lead"},
        {"kind": "resolution", "before": "resolution within 8 h", "after": "resolution within 80 h"},
    ]


def test_half_a_minute_is_half_a_minute() -> None:
    short, long = policy(**targets(first_response="1m")), policy(**targets(first_response="1m30s"))
    posts = [Seen(n, Context(text="hello")) for n in range(4)]
    for some, minutes in ((posts[:1], 0), (posts, 2)):
        more, less = compared(short, long, *some), compared(long, short, *some)
        assert (more["sla_minutes_gained"], more["sla_minutes_lost"], more["sla_minutes"]) == (
            minutes,
            0,
            minutes,
        )
        assert (less["sla_minutes_gained"], less["sla_minutes_lost"], less["sla_minutes"]) == (
            0,
            minutes,
            -minutes,
        )
        assert less["sla_seconds"] == {"gained": {}, "lost": {"first_response": 30 * len(some)}}


def test_a_silent_rule_promises_nothing() -> None:
    found = compared(policy(**targets()), policy(effect="no_answer"))
    assert found["promises"] == {"made": {}, "dropped": {"first_response": 1}} and found["sla_minutes"] == 0


def test_queue_and_priority_are_held_against_what_people_set() -> None:
    posts = (
        Seen(1, Context(), queue_set="bills", priority_set=0), Seen(2, Context(), queue_set="bills"), Seen(3, Context()),
        Seen(4, Context(), priority_set=2),
    )  # fmt: skip
    found = compared(policy(queue="care"), policy(queue="bills", priority="urgent"), *posts)["set_by_people"]
    assert found["before"]["queue"] == [{"from": "care", "to": "bills", "posts": 2}]
    assert found["after"]["queue"] == [{"from": "bills", "to": "bills", "posts": 2}]
    assert found["before"]["priority"] == [
        {"from": "normal", "to": "urgent", "posts": 1}, {"from": "normal", "to": "normal", "posts": 1},
    ]  # fmt: skip
    assert {pair["to"]: pair["posts"] for pair in found["after"]["priority"]} == {
        "urgent": 1,
        "normal": 1,
    }


# the recount: documents are drawn as plain values, and what they promise is worked out from these

seconds = st.sampled_from((30, 60, 90, 3600, 7201))
promises = st.dictionaries(st.sampled_from(METRICS), seconds, max_size=4)
rows = st.lists(
    st.tuples(
        st.fixed_dictionaries(
            {}, optional={"priority": st.sampled_from(("urgent", "low")), "channel": st.sampled_from(("public", "private")),
                          "tier": st.sampled_from(("gold", "silver"))},
        ).filter(bool),
        promises.filter(bool),
    ),
    max_size=3,
)  # fmt: skip
sides = st.fixed_dictionaries(
    {
        "effect": st.sampled_from(("answer", "escalate", "no_answer")), "priority": st.sampled_from(("urgent", "low")),
        "promises": promises, "rows": rows, "approvals": st.sampled_from(([], ["lead"], ["compliance"])),
    }
)  # fmt: skip
seen = st.builds(
    Seen, st.integers(1, 9), st.builds(Context, visibility=st.sampled_from(("public", "unlisted", "followers", "direct"))),
    st.sampled_from(("", "gold", "silver")),
)  # fmt: skip


def written(side: dict[str, Any]) -> Policy:
    by = [{**where, **{m: f"{s}s" for m, s in what.items()}} for where, what in side["rows"]]
    document = {**{m: f"{s}s" for m, s in side["promises"].items()}, **({"by": by} if by else {})}
    rest = {"approvals": side["approvals"]} if side["approvals"] else {}
    return policy(effect=side["effect"], priority=side["priority"], targets=document, **rest)


def owed(side: dict[str, Any], post: Seen) -> dict[str, int]:
    if side["effect"] == "no_answer":
        return {}
    is_public = post.context.visibility in ("public", "unlisted")
    facts = {"priority": side["priority"], "channel": "public" if is_public else "private", "tier": post.tier}
    special = [what for where, what in side["rows"] if all(facts[k] == v for k, v in where.items())]
    shortest = {m: min(what[m] for what in special if m in what) for what in special for m in what}
    return {**side["promises"], **shortest}


@settings(max_examples=150, deadline=None)
@given(sides, sides, st.lists(seen, min_size=1, max_size=8), st.integers(0, 8))
def test_the_figures_are_those_of_a_recount(
    before: dict[str, Any], after: dict[str, Any], posts: list[Seen], cut: int
) -> None:
    old, new, parts = written(before), written(after), []
    for some in (posts[:cut], posts[cut:]):
        changes, contexts = Changes(), [post.context for post in some]
        changes.add(some, old.decide(contexts), new.decide(contexts))
        parts.append(changes.counts())
    found = in_minutes(add_up(*parts))
    kinds: Counter[str] = Counter()
    made: Counter[str] = Counter()
    dropped: Counter[str] = Counter()
    gained = lost = 0
    for post in posts:
        was, now = owed(before, post), owed(after, post)
        other = [metric for metric in METRICS if was.get(metric) != now.get(metric)]
        kinds.update(other)
        kinds["targets"] += bool(other)
        made.update(metric for metric in other if metric not in was)
        dropped.update(metric for metric in other if metric not in now)
        gained += sum(max(now[m] - was[m], 0) for m in was if m in now)
        lost += sum(max(was[m] - now[m], 0) for m in was if m in now)
        kinds["answered"] += (before["effect"] == "no_answer") != (after["effect"] == "no_answer")
        kinds["escalated"] += (before["effect"] == "escalate") != (after["effect"] == "escalate")
        kinds["held"] += bool(before["approvals"]) != bool(after["approvals"])
        for kind in ("effect", "priority", "approvals"):
            kinds[kind] += before[kind] != after[kind]
    assert found["changed"] == {kind: n for kind, n in kinds.items() if n}
    assert found["promises"] == {"made": dict(made), "dropped": dict(dropped)}
    assert sum(found["sla_seconds"]["gained"].values()) == gained
    assert sum(found["sla_seconds"]["lost"].values()) == lost
    assert (
        abs(found["sla_minutes_gained"] * 60 - gained) <= 30
        and abs(found["sla_minutes_lost"] * 60 - lost) <= 30
    )
