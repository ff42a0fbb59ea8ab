"""The solver's findings: each "post" is shown by the evaluator, each "never" holds for posts drawn at random."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from townhall.kernel.errors import Refused
from townhall.policy.logic import explain, parse_policy
from townhall.policy.logic.check import check_policy
from townhall.policy.logic.context import BOUNDS, FIELDS, LOOKED_UP, Context
from townhall.policy.logic.counterfactual import otherwise
from townhall.policy.logic.proof.solve import Questions, holds

HEAD = "id: t\nversion: 1\nrules:\n"
ATOMS = (
    "post.question", "!post.question", "post.text.contains('refund')", "post.text.contains('fund')",
    "post.text.startsWith('re')", "post.text.lowerAscii().contains('refund now')", "post.text == 'refund'",
    "post.sentiment < 0", "post.sentiment >= 0", "post.intent == 'outage'", "post.intent in ['outage', 'billing']",
    "'card' in post.findings", "post.length > 12", "post.complaint_p >= 0.7", "post.complaint_p < 0.5",
    "post.text.matches('refunds?')", "post.findings.exists(f, f == 'card')", "now.hour < 8 || now.hour >= 20",
    "post.findings.exists(f, f.startsWith('c') && !f.contains('x'))", "post.findings.all(f, !f.contains('ai'))",
    "size(post.findings) == 3", "size(post.findings) < 1",
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
    finding_kinds=st.sampled_from(((), ("card",), ("email", "card"), ("card", "phone", "name"), ("code",), ("xc", "cx"))), hour=st.integers(0, 23),
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


def test_a_promise_that_begins_nowhere_is_noted_once_for_each_who_makes_it() -> None:
    source = """\
id: t
version: 1
defaults: {effect: answer, targets: {first_response: 1h, community_answer: 4h}}
rules:
  - {id: usual, owner: o, reason: r, effect: answer, when: "post.question"}
  - {id: own, owner: o, reason: r, effect: route, when: "post.intent == 'outage'", targets: {first_response: 1h}}
  - {id: few, owner: o, reason: r, effect: escalate, when: "post.sentiment < 0",
     targets: {first_response: 1h, by: [{priority: urgent, community_answer: 2h}]}}
"""
    found = check_policy(source.encode())
    assert found["ok"] and [(one["rule"], one["line"]) for one in found["notes"]] == [("", 0), ("few", 7)]
    assert all(
        one["metric"] == "community_answer" and "there is none yet" in one["why"] for one in found["notes"]
    )
    assert check_policy(source.replace("community_answer", "resolution").encode())["notes"] == []


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


@pytest.mark.parametrize(
    ("when", "outcome"),
    [
        ("'card' in post.findings && size(post.findings) == 3", "post"),
        ("size(post.findings) == 2 && post.findings.exists(f, f.startsWith('a'))", "post"),
        (
            "post.signs.exists(s, s.startsWith('abuse:') && (s.contains('threat') || s.contains('hatred')))",
            "post",
        ),
        ("post.signs.exists(s, s.matches('a[0-9]{2}'))", "post"),
        ("!post.signs.all(s, s.startsWith('a'))", "post"),
        ("post.signs.exists(s, s.startsWith('a') && s.startsWith('b'))", "never"),
        ("'abc' in post.signs && post.signs.all(s, !s.contains('b'))", "never"),
        ("post.signs.exists(s, s.startsWith('a')) && size(post.signs) == 0", "never"),
    ],
)
def test_what_a_list_holds_is_decided(when: str, outcome: str) -> None:
    policy = parse_policy(document(("a", "answer", when)))
    answer = Questions(policy.rules).ask([0])
    assert answer.outcome == outcome
    assert answer.post is None or holds(policy.rules[0], answer.post)


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


LIMITS = {
    "post.question_p": (0, 1),
    "post.complaint_p": (0, 1),
    "now.hour": (0, 23),
    "post.sentiment": (-1, 1),
    "author.posts": (-1, 100),
}

ONE_FACT = [
    ("post.question_p >= 0.6", {"question_p": 0.9}, "post.question_p"),
    ("post.question_p > 0.6", {"question_p": 0.2}, "post.question_p"),
    ("post.question_p == 1.0", {"question_p": 0.2}, "post.question_p"),
    ("post.question_p > 0.601 && post.question_p < 0.604", {"question_p": 0.2}, "post.question_p"),
    ("post.question_p < post.complaint_p", {"question_p": 0.9, "complaint_p": 0.4}, "post.question_p"),
    ("now.hour >= 23", {"hour": 23}, "now.hour"),
    ("author.posts < 0", {"author_posts": 4}, "author.posts"),
    ("post.intent == 'outage'", {"intent": "outage"}, "post.intent"),
    ("post.intent != 'outage'", {"intent": "billing"}, "post.intent"),
    ("post.intent != 'outage'", {"intent": "outage"}, "post.intent"),
    ("post.language in ['de']", {"language": "de"}, "post.language"),
    ("post.language in ['de', 'und']", {"language": "und"}, "post.language"),
    ("channel.kind == 'x'", {"channel": "x"}, "channel.kind"),
    ("!post.text.contains('refund')", {"text": "I want a refund now"}, "post.text"),
    ("!post.text.lowerAscii().contains('refund')", {"text": "I want a REFUND now"}, "post.text"),
    ("post.text.contains('lost') && post.text.contains('parcel')", {"text": "my parcel is late"}, "post.text"),
    ("post.text.contains('lost') && post.text.contains('parcel')", {"text": "where is it"}, "post.text"),
    ("['late', 'lost'].exists(w, post.text.contains(w))", {"text": "late, and lost"}, "post.text"),
    ("post.text.startsWith('Dear')", {"text": "hello"}, "post.text"),
    ("post.text.matches('order [0-9]{4}')", {"text": "where is it"}, "post.text"),
    ("post.text.matches('order [0-9]{4}')", {"text": "where is order 1234"}, "post.text"),
    ("'card' in post.findings && 'email' in post.findings", {"finding_kinds": ("email",)}, "post.findings"),
    ("'card' in post.findings && 'email' in post.findings", {"finding_kinds": ("email", "card")}, "post.findings"),
    ("!('card' in post.findings) && 'email' in post.findings", {"finding_kinds": ("card", "email")}, "post.findings"),
    ("post.findings.exists(f, f.startsWith('abuse:') && f.contains('threat'))", {}, "post.findings"),
    ("author.handle == 'otto'", {"author_handle": "otto"}, "author.handle"),
]  # fmt: skip


@pytest.mark.parametrize(("when", "post", "field"), ONE_FACT)
def test_what_one_fact_could_change_is_offered_true_and_possible(
    when: str, post: dict[str, Any], field: str
) -> None:
    policy, context = parse_policy(document(("a", "answer", when))), Context(**post)
    offered = otherwise(policy, context)
    assert any(one.field == field for one in offered), "nothing is offered"
    for one in offered:
        changed = replace(context, **{FIELDS[one.field][0]: one.value})
        assert holds(policy.rules[0], changed) == (one.rule == "a") != holds(policy.rules[0], context)
        low, high = LIMITS.get(one.field, (0, 20_000))
        assert not isinstance(one.value, (int, float)) or low <= one.value <= high


@pytest.mark.parametrize(("parts", "more"), [(8, 0), (9, 1), (20, 12)])
def test_what_an_explanation_leaves_out_is_counted(parts: int, more: int) -> None:
    when = " && ".join(f"post.text.contains('word{n}')" for n in range(parts))
    rule = explain(parse_policy(document(("a", "answer", when))), Context(text="hello")).rules[0]
    assert (len(rule.because), rule.more) == (8, more)
    failing = document(("a", "answer", when)).replace(b"}\n", b", examples: {match: [{post.text: hello}]}}\n")
    with pytest.raises(Refused) as refused:
        parse_policy(failing)
    assert str(refused.value).endswith(f"; and {more} more") == bool(more)


NEAREST = [
    ("!post.text.contains('refund')", {"text": "I want a refund now"}, "I want a now"),
    ("!['late', 'lost'].exists(w, post.text.contains(w))", {"text": "late, and lost"}, ", and"),
    ("post.text.contains('lost') && post.text.contains('parcel')", {"text": "my parcel"}, "my parcel lost"),
    ("post.text.contains('lost') && post.text.contains('parcel')", {"text": "hello"}, "hello lost parcel"),
    ("post.text.contains('parcel') && !post.text.contains('lost')", {"text": "my lost parcel"}, "my parcel"),
    ("post.text.startsWith('Dear')", {"text": "hello"}, "Dear hello"),
    ("!post.text.matches('order [0-9]{4}')", {"text": "where is order 1234?"}, "where is ?"),
    ("post.intent == 'outage'", {"intent": "outage"}, "unsure"),
    ("post.intent in ['outage', 'unsure']", {"intent": "outage"}, "other"),
    ("post.language in ['de']", {"language": "de"}, "und"),
]  # fmt: skip


@pytest.mark.parametrize(("when", "post", "value"), NEAREST)
def test_what_is_offered_is_near_what_was_written(when: str, post: dict[str, Any], value: str) -> None:
    offered = otherwise(parse_policy(document(("a", "answer", when))), Context(**post))
    assert [one.value for one in offered] == [value]


def test_every_likelihood_is_known_to_lie_between_0_and_1() -> None:
    assert all(BOUNDS[path] == (0, 1) for path, (_, type_) in FIELDS.items() if type_ == "double")
    assert all(
        (BOUNDS.get(path, (0, 0))[0] == -1) == (path in LOOKED_UP or path == "post.sentiment")
        for path, (_, type_) in FIELDS.items()
        if type_ == "int"
    )


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(("<", "<=", ">", ">=", "==", "!=")), st.integers(0, 20), st.sampled_from(("&&", "||")),
    st.sampled_from(("<", ">=", "==")), st.integers(0, 20), st.integers(0, 20),
)  # fmt: skip
def test_a_number_is_offered_wherever_one_would_do(
    first: str, a: int, both: str, second: str, b: int, now: int
) -> None:
    """The oracle tries every fortieth from 0 to 1 by Python's own comparisons."""
    when = f"post.question_p {first} {a / 20} {both} post.question_p {second} {b / 20}"

    def decides(value: float) -> bool:
        python = f"value {first} {a / 20} {'and' if both == '&&' else 'or'} value {second} {b / 20}"
        return bool(eval(python, {"value": value}))

    offered = otherwise(parse_policy(document(("a", "answer", when))), Context(question_p=now / 20))
    turns = any(decides(n / 40) != decides(now / 20) for n in range(41))
    assert any(one.field == "post.question_p" for one in offered) == turns
    assert all(0 <= one.value <= 1 and decides(one.value) != decides(now / 20) for one in offered)


def test_every_fact_comes_before_the_second_of_any() -> None:
    many = [(f"r{n:02}", "answer", f"post.text.contains('word{n:02}')") for n in range(60)]
    offered = otherwise(parse_policy(document(*many, ("q", "route", "post.question"))), Context(text="hello"))
    assert len(offered) == 40 and {one.field for one in offered} == {"post.text", "post.question"}


def test_what_was_not_looked_at_in_time_is_counted() -> None:
    source = document(("a", "answer", "post.question"), ("b", "escalate", "post.is_reply"))
    found = check_policy(source, lambda: False)
    assert (found["unlooked"], found["unlooked_pairs"], found["gap"]) == (2, 1, None)
    assert check_policy(source)["unlooked"] == 0
