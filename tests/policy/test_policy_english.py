"""Plain English of conditions: everything has words, none of them is code, and they say what the condition does."""

import random
import re
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.policy.maker import Maker
from townhall.policy.library import packs
from townhall.policy.library import source as starter
from townhall.policy.logic import parse_policy
from townhall.policy.logic.clauses import clause_of, own_tests
from townhall.policy.logic.context import FIELDS, Context
from townhall.policy.logic.english import condition_in_words, rule_in_words, sentence_of
from townhall.policy.logic.evaluate import evaluate
from townhall.policy.logic.expression import read_condition
from townhall.policy.logic.rule import EFFECTS
from townhall.policy.logic.vocabulary import EFFECTS as EFFECT_WORDS
from townhall.policy.logic.vocabulary import IS, NOUNS, statement

SHAPES = re.compile(
    r"(?<!one of these )\(|[\[\]{}<>\u2039\u203a\u00ab\u00bb|\\\\]|\b\w+_\w+\b|\b\d\.\d|&&|in small letters|\b(post|author|thread|now)\.[a-z]"
)
"""What no reader of a policy should meet: brackets but around alternatives, patterns, names of fields, shares that are not percent."""


@given(st.integers(0, 1 << 60))
@settings(max_examples=300, deadline=None)
def test_every_condition_and_its_denial_have_words(seed):
    maker = Maker(seed)
    for _ in range(40):
        node = read_condition(maker.boolean(maker.pick([0, 0, 0, 1, 2, 3])))
        said, denied = (sentence_of(clause_of(node, no)) for no in (False, True))
        assert said.strip() and denied.strip() and "None" not in said + denied
        assert said != denied


@pytest.mark.parametrize("name", [one.name for one in packs()])
def test_every_starter_reads_without_code(name):
    policy = parse_policy(starter(name))
    for rule in policy.rules:
        assert not SHAPES.search(rule_in_words(rule).sentence), (name, rule.id)
        assert "test of its own" not in rule_in_words(rule).sentence, (name, rule.id)


def holds(clause, facts):
    """What statements say, read back by a table of those that are so."""
    if not clause.joint:
        return facts[clause.words]
    return {"all": all, "any": any}[clause.joint](holds(part, facts) for part in clause.parts)


@given(st.integers(0, 1 << 60))
@settings(max_examples=100, deadline=None)
def test_statements_hold_when_the_condition_does(seed):
    """The same truth table: of four facts, any nesting of and, or, not, and choices."""
    chance = random.Random(seed)
    names = ["post.question", "now.open", "author.known", "post.is_reply"]

    def made(depth):
        kind = chance.randint(0, 5) if depth else 0
        one, two, three = (made(depth - 1) if kind else "" for _ in range(3))
        return [chance.choice(names), f"({one} && {two})", f"({one} || {two})", f"!({one})",
                f"({one} ? {two} : {three})", f"({one} == {two})"][kind]  # fmt: skip

    node = read_condition(made(3))
    for values in product((False, True), repeat=4):
        post = Context(**dict(zip(("question", "open", "author_known", "is_reply"), values, strict=True)))
        facts = {
            statement(name, no): value != no
            for name, value in zip(names, values, strict=True)
            for no in (False, True)
        }
        assert holds(clause_of(node), facts) == evaluate(node, post)
        assert holds(clause_of(node, denied=True), facts) != evaluate(node, post)


FACTS = {"post.question": "question", "now.open": "open", "author.known": "author_known", "post.is_reply": "is_reply",
         "post.has_media": "has_media", "thread.ours_last": "thread_ours_last"}  # fmt: skip
CASES = [
    Context(**dict(zip(FACTS.values(), values, strict=True))) for values in product((False, True), repeat=6)
]


def bracketed(chance, said):
    """The same row of facts and joints, with brackets anywhere."""
    if len(said) == 1:
        return said[0]
    cut = chance.randrange(1, len(said), 2)
    left, right = bracketed(chance, said[:cut]), bracketed(chance, said[cut + 1 :])
    return f"{chance.choice(['', '', '', '!'])}({left} {said[cut]} {right})"


@given(st.integers(0, 1 << 60))
@settings(max_examples=60, deadline=None)
def test_other_brackets_read_otherwise_where_they_mean_otherwise(seed):
    chance = random.Random(seed)
    names = chance.sample(list(FACTS), chance.randint(3, 6))
    row = [part for name in names for part in (chance.choice(["&&", "||"]), name)][1:]
    meant = {}
    for _ in range(25):
        node = read_condition(bracketed(chance, row))
        table = [evaluate(node, post) for post in CASES]
        assert meant.setdefault(condition_in_words(node), table) == table, condition_in_words(node)


TEXTS = [
    "ab",
    "AB",
    "Ab",
    "é",
    "É",
    "a b",
    "abx",
    "xab",
    "x ab",
    "ab x",
    "cd ab",
    "cd",
    "CD",
    "",
    "xcd",
    "cd!x",
    "ab\\b",
]
"""What a post may say; tests of it tell all of these apart."""


def looks_for(text):
    for word in ("ab", "AB", "é", "a b"):
        yield f"{text} == '{word}'"
        yield f"'{word}' != {text}"
        yield f"{text} < '{word}'"
        yield f"{text} in ['{word}', 'cd']"
        yield from (f"{text}.{test}('{word}')" for test in ("contains", "startsWith", "endsWith"))
        yield f"['{word}', 'cd'].exists(w, {text}.contains(w))"
        yield f"['{word}', 'cd'].all(w, {text}.contains(w))"
    for core in ("ab", "AB", "é", "a ?b", "a b", "ab|cd", "(ab|cd)", "ab|", "ab\\\\\\\\b", "ab$"):
        for before, after, folded in product(("", "\\\\b"), ("", "\\\\b"), ("", "(?i)")):
            yield f"{text}.matches('{folded}{before}{core}{after}')"
    yield f"{text} == author.tier"


@pytest.mark.parametrize("field", ["post.text", "channel.kind"])
def test_looks_for_texts_read_alike_only_where_they_are(field):
    """All ways of looking for words, against every text: but for tests of their own."""
    posts = [Context(**{FIELDS[field][0]: text}) for text in TEXTS]
    meant = {}
    for source in (*looks_for(field), *looks_for(f"{field}.lowerAscii()")):
        node = read_condition(source)
        table = [evaluate(node, post) for post in posts]
        for no in (False, True):
            clause = clause_of(node, no)
            if not own_tests(clause):
                known = meant.setdefault(sentence_of(clause), ([held != no for held in table], source))
                assert known[0] == [held != no for held in table], (sentence_of(clause), source, known[1])
    assert len(meant) > 150


SIGNS = [
    "abuse: threat",
    "abuse: hatred",
    "abusive: threat",
    "spam: abuse",
    "threat: x",
    "threat",
    "a or b",
    "a",
    "b",
]


def test_tests_of_lists_read_alike_only_where_they_are():
    bodies = [f"s.{test}('{word}')" for test in ("startsWith", "contains", "endsWith")
              for word in ("abuse", "abuse:", "abuse: ", "threat", "threat:", "a or b", "a", "")]  # fmt: skip
    bodies += [f"{one} {joint} {two}" for one, joint, two in product(bodies, ("&&", "||"), bodies)]
    posts = [Context(signs=(one,)) for one in SIGNS] + [Context(), Context(signs=tuple(SIGNS))]
    meant = {}
    for body, no, which in product(bodies, ("", "!"), ("exists", "all")):
        node = read_condition(f"{no}post.signs.{which}(s, {body})")
        if not own_tests(clause_of(node)):
            table = [evaluate(node, post) for post in posts]
            said = condition_in_words(node)
            assert meant.setdefault(said, (table, body))[0] == table, (said, body, meant[said][1])
    assert len(meant) > 20


def test_tests_of_their_own_stay_as_many_as_they_are():
    node = read_condition("post.text.matches('[a-z]{9}') && post.text.matches('[0-9]{9}')")
    assert len(clause_of(node).parts) == len(own_tests(clause_of(node))) == 2


def test_long_lists_are_cut_with_a_count():
    node = read_condition("['a', 'b', 'c', 'd', 'e', 'f'].exists(w, post.text.lowerAscii().contains(w))")
    assert clause_of(node, most=3).words == "the text contains any of: “a”, “b”, “c” or 3 more"
    assert clause_of(node, most=5).words.endswith("“e” or “f”")


def test_every_atom_of_every_field_is_told_apart():
    """What reads the same is the same test; of the feeling, which has three values, one that holds of the same of them."""
    known = {}
    felt = [Context(sentiment=sign) for sign in (-1, 0, 1)]
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
        if type_ == "string":
            sources += [f"{n}{path}{low}.{test}('a')" for n in ("", "!") for low in ("", ".lowerAscii()")
                        for test in ("contains", "startsWith", "endsWith")]  # fmt: skip
            sources += [f"size({path}) > 1"]
        if type_.startswith("list"):
            sources += [
                f"'a' in {path}",
                f"!('a' in {path})",
                f"{path}.all(x, x in ['a'])",
                f"size({path}) > 1",
            ]
        for source in sources:
            node = read_condition(source)
            words = condition_in_words(node)
            meant = source if path != "post.sentiment" else str([evaluate(node, post) for post in felt])
            assert known.setdefault(words, meant) == meant, words


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("post.question && post.question_p >= 0.5", "the post is a question and a question is at least 50 % likely"),
        ("post.sentiment < 0 && post.sentiment_p >= 0.6", "the author is unhappy and the feeling is at least 60 % sure"),
        ("post.intent_p < 0.45", "the subject is less than 45 % sure"),
        ("!post.question || post.sentiment < 0", "the post is not a question or the author is unhappy"),
        ("(post.question || now.open) && !author.known",
         "the author never wrote here before and one of these: the post is a question or we are open"),
        ("post.text.lowerAscii().contains('no signal')", "the text contains “no signal”"),
        ("!post.text.startsWith('RT @')", "the text does not begin with “RT @”, in just these capitals"),
        ("['a', 'b'].exists(w, post.text.lowerAscii().contains(w))", "the text contains any of: “a” or “b”"),
        ("!['a', 'b'].exists(w, post.text.lowerAscii().contains(w))", "the text contains none of: “a” or “b”"),
        ("!['1', '2'].all(w, post.text.contains(w))", "the text contains not all of: “1” and “2”"),
        ("post.intent in ['refund', 'billing']", "the post is about a refund or billing"),
        ("post.intent != 'outage'", "the post is not about an outage"),
        ("'card' in post.findings", "the post has a card number"),
        ("!('unsafe_link' in post.findings)", "the post does not have a link that is not safe"),
        ("post.findings.exists(f, f in ['card', 'iban'])", "the post has any of: a card number or an account number"),
        ("post.text.matches('\\\\bno\\\\b')", "the text contains the word “no”, in just these capitals"),
        ("post.text.lowerAscii().matches('\\\\b(eu ?261|lawyer)\\\\b')", "the text contains any of the words: “eu261”, “eu 261” or “lawyer”"),
        ("!post.text.matches('(?i)\\\\b(pnr|ref no)')", "the text contains no word that begins with any of: “pnr” or “ref no”"),
        ("post.text.matches('[a-z]{9}')", "a test of its own about the text holds"),
        ("post.signs.exists(s, s.startsWith('abuse:') && (s.contains('threat') || s.contains('hatred')))",
         "the abuse in the post is marked as threat or hatred"),
        ("post.visibility != 'direct'", "others can see the post"),
        ("post.link_risk >= 0.3", "a dangerous link is at least 30 % likely"),
        ("now.weekday >= 5 && now.hour < 8", "it is Saturday or later in the week and it is before 08:00"),
        ("!(post.question && now.open)", "the post is not a question or we are closed"),
        ("post.text == 'a “b” \\n c'", "the text is “a \\“b\\” \\u{a} c”, in just these capitals"),
        ("post.text.lowerAscii() == 'ab'", "the text is “ab”"),
        ("'ab' != post.text.lowerAscii()", "the text is not “ab”"),
        ("post.text.lowerAscii() in ['ab', 'no']", "the text is “ab” or “no”"),
        ("post.text in ['ab', 'no']", "the text is “ab” or “no”, in just these capitals"),
        ("post.text.lowerAscii() == 'Ab'", "a test of its own about the text holds"),
        ("post.text.lowerAscii().contains('grün')", "the text contains “grün”, letters beyond a to z in just these capitals"),
        ("channel.kind == 'mastodon'", "the channel is “mastodon”"),
        ("channel.kind.lowerAscii() == 'mastodon'", "a test of its own about the channel holds"),
        ("post.text.matches('\\\\bno|yes\\\\b')", "a test of its own about the text holds"),
        ("post.signs.exists(s, s.startsWith('abuse:'))", "the post is marked as abuse"),
        ("!post.signs.exists(s, s.contains('abuse'))", "no sign in the post says abuse"),
        ("post.sentiment != 0", "the feeling is not neutral"),
        ("now.open && (post.question || post.is_reply || author.known)",
         "we are open and one of these: the post is a question; or the post answers another; or the author wrote here before"),
        ("(now.open && (post.question || post.is_reply)) || author.known",
         "we are open and one of these (the post is a question or the post answers another); or the author wrote here before"),
        ("(now.open || post.question) && (post.is_reply || author.known)",
         "one of these (we are open or the post is a question) and one of these: the post answers another or the author wrote here before"),
        ("thread.posts * 2 > post.length - 1",
         "a test of its own about the number of characters and the number of earlier posts in the thread holds"),
        ("post.complaint_p > 0.505", "a complaint is more than 50.5 % likely"),
        ("3 <= post.near_copies", "the number of near copies by others is at least 3"),
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
        "When the post is a question: answer in public, first answer within 1 h 30 min, later answers within 45 s of working"
        " time by the calendar business, in the queue general, priority normal. In force from 2026-01-01. In force until 2026-12-31."
    )
    assert said["quiet"] == "When always: hide it and say nothing, in the queue moderation."


def test_every_effect_and_every_name_has_words():
    assert set(EFFECT_WORDS) == set(EFFECTS)
    assert {*IS, *NOUNS} <= set(FIELDS)
    assert all(
        (type_ == "bool") == (path in IS) for path, (_, type_) in FIELDS.items() if path in {*IS, *NOUNS}
    )
