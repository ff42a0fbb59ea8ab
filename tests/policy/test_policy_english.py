"""Plain English of conditions: everything has words, what differs differs in words, and the words are those we mean."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.policy.maker import Maker
from townhall.policy.logic import parse_policy
from townhall.policy.logic.context import FIELDS
from townhall.policy.logic.english import condition_in_words, rule_in_words
from townhall.policy.logic.expression import read_condition
from townhall.policy.logic.proof.formula import shape
from townhall.policy.logic.rule import EFFECTS
from townhall.policy.logic.vocabulary import EFFECTS as EFFECT_WORDS
from townhall.policy.logic.vocabulary import IS, NOUNS


@given(st.integers(0, 1 << 60))
@settings(max_examples=300, deadline=None)
def test_every_condition_has_words_and_others_have_others(seed):
    maker, known = Maker(seed), {}
    for _ in range(40):
        source = maker.boolean(maker.pick([0, 0, 0, 1, 2, 3]))
        node = read_condition(source)
        words = condition_in_words(node)
        assert words.strip() and "None" not in words
        assert known.setdefault(words, (shape(node), source))[0] == shape(node), (words, source)


def test_every_atom_of_every_field_is_told_apart():
    known = {}
    for path, (_, type_) in FIELDS.items():
        values = {
            "string": ["'a'", "'b'"],
            "int": ["-1", "0", "1", "5", "23", "7"],
            "double": ["0.5", "0.05", "0.505", "5.0"],
        }
        sources = [path, f"!{path}"] if type_ == "bool" else []
        sources += [
            f"{path} {op} {v}" for op in ("==", "!=", "<", "<=", ">", ">=") for v in values.get(type_, [])
        ]
        sources += [f"{v} {op} {path}" for op in ("==", "<") for v in values.get(type_, [])]
        if type_ == "string":
            sources += [f"{n}{path}{low}.{test}('a')" for n in ("", "!") for low in ("", ".lowerAscii()")
                        for test in ("contains", "startsWith", "endsWith", "matches")]  # fmt: skip
            sources += [f"{n}({path} in ['a'])" for n in ("", "!")] + [f"size({path}) > 1"]
        if type_.startswith("list"):
            sources += [f"'a' in {path}", f"!('a' in {path})", f"{path}.exists(x, x == 'a')", f"{path}.all(x, x in ['a'])",
                        f"{path}.exists(x, x in ['a'])", f"size({path}) > 1"]  # fmt: skip
        for source in sources:
            words = condition_in_words(read_condition(source))
            assert known.setdefault(words, source) == source, words


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("post.question && post.question_p >= 0.5", "the post is a question and the certainty of a question is at least 50 %"),
        ("post.sentiment < 0 && post.sentiment_p >= 0.6", "the feeling is worse than neutral and the certainty of the feeling is at least 60 %"),
        ("post.intent_p < 0.45", "the certainty of the intent is less than 45 %"),
        ("!post.question || post.sentiment < 0", "the post is not a question or the feeling is worse than neutral"),
        ("(post.question || now.open) && !author.known",
         "(the post is a question or we are open) and the author never wrote here before"),
        ("post.text.lowerAscii().contains('no signal')", "the text, in small letters, contains “no signal”"),
        ("!post.text.startsWith('RT @')", "the text does not begin with “RT @”"),
        ("['a', 'b'].exists(w, post.text.contains(w))", "the text contains any of [“a”, “b”]"),
        ("!['a', 'b'].exists(w, post.text.contains(w))", "the text contains none of [“a”, “b”]"),
        ("post.intent in ['refund', 'billing']", "the intent is one of [“refund”, “billing”]"),
        ("'card' in post.findings", "the findings in the text include “card”"),
        ("post.findings.exists(f, f in ['card', 'iban'])", "the findings in the text include any of [“card”, “iban”]"),
        ("post.text.matches('\\\\bno\\\\b')", "the text fits the pattern «\\bno\\b»"),
        ("now.weekday >= 5 && now.hour < 8", "it is Saturday or later in the week and it is before 08:00"),
        ("!(post.question && now.open)", "it is not so that (the post is a question and we are open)"),
        ("post.text == 'a “b” \\n c'", "the text is “a \\“b\\” \\u{a} c”"),
        ("thread.posts * 2 > post.length - 1",
         "(the number of earlier posts in the thread times 2) is more than (the number of characters minus 1)"),
        ("post.question ? now.open : true", "if the post is a question then we are open, else always"),
        ("post.complaint_p > 0.505", "the likelihood of a complaint is more than 50.5 %"),
    ],
)  # fmt: skip
def test_named_sentences(source, words):
    assert condition_in_words(read_condition(source)) == words


def test_a_rule_is_one_sentence():
    policy = parse_policy(
        """
id: t
version: 1
calendar: business
rules:
  - id: weekend
    owner: o
    reason: r
    when: post.question
    effect: answer
    queue: general
    targets: {first_response: 1h30m, next_response: 45s}
    from: 2026-01-01
    until: 2027-01-01
  - {id: quiet, owner: o, reason: r, when: "true", effect: hide, queue: moderation}
"""
    )
    said = {rule.id: rule_in_words(rule).sentence for rule in policy.rules}
    assert said["weekend"] == (
        "When the post is a question: answer in public within 1 h 30 min of working time by the calendar business, later"
        " answers within 45 s, queue general, priority normal. In force from 2026-01-01. In force until 2026-12-31."
    )
    assert said["quiet"] == "When always: hide it and say nothing (queue moderation)."


def test_every_effect_and_every_name_has_words():
    assert set(EFFECT_WORDS) == set(EFFECTS)
    assert {*IS, *NOUNS} <= set(FIELDS)
    assert all(
        (type_ == "bool") == (path in IS) for path, (_, type_) in FIELDS.items() if path in {*IS, *NOUNS}
    )
