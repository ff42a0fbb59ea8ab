"""The solver's findings: each "post" is shown by the evaluator, each "never" holds for posts drawn at random."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from townhall.policy.logic import parse_policy
from townhall.policy.logic.check import check_policy
from townhall.policy.logic.context import Context
from townhall.policy.logic.counterfactual import otherwise
from townhall.policy.logic.proof.solve import Questions, holds

HEAD = "id: t\nversion: 1\nrules:\n"
ATOMS = (
    "post.question", "!post.question", "post.text.contains('refund')", "post.text.contains('fund')",
    "post.text.startsWith('re')", "post.text.lowerAscii().contains('refund now')", "post.text == 'refund'",
    "post.sentiment < 0", "post.sentiment >= 0", "post.intent == 'outage'", "post.intent in ['outage', 'billing']",
    "'card' in post.findings", "post.length > 12", "post.complaint_p >= 0.7", "post.complaint_p < 0.5",
    "post.text.matches('refunds?')", "post.findings.exists(f, f == 'card')", "now.hour < 8 || now.hour >= 20",
)  # fmt: skip
TEXTS = ("", "refund", "refund now", "Refund now please", "fund", "re", "something else entirely")


def document(*rules: tuple[str, str, str]) -> bytes:
    rows = [
        f"  - {{id: {name}, owner: o, reason: r, effect: {effect}, when: {json.dumps(when)}}}\n"
        for name, effect, when in rules
    ]
    return (HEAD + "".join(rows)).encode()


contexts = st.builds(
    Context,
    text=st.sampled_from(TEXTS), question=st.booleans(), sentiment=st.sampled_from((-1, 0, 1)),
    intent=st.sampled_from(("outage", "billing", "other", "")), complaint_p=st.sampled_from((0.0, 0.5, 0.6, 0.7, 1.0)),
    finding_kinds=st.sampled_from(((), ("card",), ("email", "card"))), hour=st.integers(0, 23),
).map(lambda c: Context(**{**{f: getattr(c, f) for f in c.__struct_fields__}, "length": len(c.text)}))  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(ATOMS), min_size=2, max_size=4), st.lists(contexts, min_size=20, max_size=40))
def test_never_is_never_and_a_post_is_a_post(atoms: list[str], posts: list[Context]) -> None:
    half = max(1, len(atoms) // 2)
    policy = parse_policy(
        document(("a", "answer", " && ".join(atoms[:half])), ("b", "route", " || ".join(atoms[half:])))
    )
    asking = Questions(policy.rules)
    for yes, none in (([0], []), ([0, 1], []), ([1], [0]), ([], [0, 1])):
        answer = asking.ask(yes, none)

        def fits(post: Context, yes: list[int] = yes, none: list[int] = none) -> bool:
            return all(holds(policy.rules[n], post) for n in yes) and not any(
                holds(policy.rules[n], post) for n in none
            )

        if answer.outcome == "never":
            assert not any(map(fits, posts))
        if answer.outcome == "post":
            assert answer.post is not None and fits(answer.post)


def test_a_dead_a_shadowed_and_an_overlapping_rule_each_with_a_post() -> None:
    found = check_policy(
        document(
            ("dead", "answer", "post.sentiment < 0 && post.sentiment > 0"),
            ("wide", "escalate", "post.text.contains('fund')"),
            ("narrow", "answer", "post.text.contains('refund')"),
            ("other", "route", "post.question"),
        )
    )
    assert not found["ok"] and [row["rule"] for row in found["dead"]] == ["dead"]
    assert [(row["rule"], row["by"]) for row in found["shadowed"]] == [("narrow", ["wide"])]
    assert "refund" in found["shadowed"][0]["example"]["post.text"]
    assert {tuple(row["rules"]) for row in found["overlaps"]} >= {("wide", "other")}
    assert found["gap"] is not None and not found["gap"].get("post.question")


def test_what_cannot_be_decided_is_said() -> None:
    found = check_policy(document(("odd", "answer", "post.text + 'x' == author.handle + 'y'")))
    assert found["undecided"] or (found["dead"] == [] and found["shadowed"] == [])
    assert all(row["parts"] for row in found["undecided"])


def test_everything_covered_has_no_gap() -> None:
    found = check_policy(document(("a", "answer", "post.question"), ("b", "route", "!post.question")))
    assert found["ok"] and found["gap"] is None and found["overlaps"] == []


@pytest.mark.parametrize(
    ("when", "says"),
    [
        ("post.questoin", "line 4"),
        ("post.text.matches('(a*)*')", "line 4"),
        ("1 == 1.0", "line 4"),
        ("post.question &&", "line 4"),
    ],
)
def test_what_is_wrong_is_refused_with_its_place(when: str, says: str) -> None:
    found = check_policy(document(("a", "answer", when)))
    assert not found["ok"] and says in found["errors"][0] and "column" in found["errors"][0]


@settings(max_examples=40, deadline=None)
@given(contexts)
def test_what_would_have_changed_a_verdict_changes_it(post: Context) -> None:
    from msgspec.structs import replace

    from townhall.policy.logic.context import FIELDS

    policy = parse_policy(
        document(
            ("a", "answer", "post.question"),
            ("b", "escalate", "post.intent == 'outage' && post.sentiment < 0"),
        )
    )
    was = policy.decide([post])[0].rule
    for other in otherwise(policy, post):
        changed = replace(post, **{FIELDS[other.field][0]: other.value})
        assert policy.decide([changed])[0].rule == other.rule != was


def test_what_was_not_looked_at_in_time_is_counted() -> None:
    source = document(("a", "answer", "post.question"), ("b", "escalate", "post.is_reply"))
    found = check_policy(source, lambda: False)
    assert (found["unlooked"], found["unlooked_pairs"], found["gap"]) == (2, 1, None)
    assert check_policy(source)["unlooked"] == 0
