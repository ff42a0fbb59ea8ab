"""Patterns of ``matches``: bounded cost, and the same answers as an independent engine."""

import random
import re
import time

import cel
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from townhall.policy.logic.fault import Fault
from townhall.policy.logic.pattern import MOST_WAYS, safe_pattern

PIECES = [
    "a",
    "b",
    "é",
    ".",
    r"\.",
    r"\d",
    r"\w",
    r"\s",
    "[ab]",
    "[^a]",
    "[a-d0-9]",
    r"[\d.-]",
    r"\b",
    "^",
    "$",
    " ",
    "-",
]
REPEATS = ["", "", "", "?", "{2}", "{0,3}", "{1,2}"]
TEXTS = ["", "a", "ab", "aab b", "é.a", "12-ab", " b\n", "abcd 0.9", "ba\na", "-"]


def make(chance: random.Random, depth: int = 2) -> str:
    parts = []
    for _ in range(chance.randint(1, 4)):
        piece = chance.choice(PIECES)
        if depth and chance.random() < 0.3:
            piece = f"({'|'.join(make(chance, depth - 1) for _ in range(chance.randint(1, 3)))})"
        parts.append(piece + (chance.choice(REPEATS) if piece not in ("^", "$", r"\b") else ""))
    return "".join(parts)


@given(st.integers(0, 1 << 60))
@settings(max_examples=400, deadline=None)
def test_answers_are_those_of_an_independent_engine(seed):
    chance = random.Random(seed)
    source = chance.choice(["", "", "(?i)"]) + make(chance)
    try:
        pattern = safe_pattern(source, 0)
    except Fault as fault:
        assert "ways" in fault.message
        return
    program = cel.compile("t.matches(p)")
    for text in [*TEXTS, "".join(chance.choices("abAé .-0", k=12))]:
        found = re.search(pattern.python, text) is not None
        assert found == program.execute({"t": text, "p": source}), (source, text)
        assert not found or not pattern.words or any(word in text for word in pattern.words), (source, text)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("a*", "without bound"), ("a+", "without bound"), ("a{2,}", "without bound"), ("(a|b)+", "without bound"),
        ("a??", "one repeat after another"), ("a{2}{3}", "one repeat after another"), ("a{3,2}", "at least the first"),
        ("a{1,101}", "at most 100"), ("*a", "nothing to repeat"), ("(a", "never closed"), ("a)", "never opened"),
        ("[a", "never closed"), ("[b-a]", "no range"), (r"\p{L}", "not known"), (r"(a)\1", "not known"),
        ("(?=a)", "only plain brackets"), ("(?P<n>a)", "only plain brackets"), ("(a?){30}a{30}", "ways"),
        ("a{0,100}a{0,100}", "ways"), ("(a|a|a){9}", "ways"), ("[[a]", "another"), ("\\", "not known"),
        ("(" * 12 + ")" * 12, "10 deep"), ("x" * 501, "at most 500"),
    ],
)  # fmt: skip
def test_what_could_be_slow_or_is_unknown_is_refused(source, message):
    with pytest.raises(Fault, match=message):
        safe_pattern(source, 0)


@pytest.mark.parametrize("source", ["(a?){8}b", "a{0,20}a{0,20}b", "(a|aa){5}b{0,3}c", "(.?.?.?){3}Z"])
def test_time_grows_no_faster_than_the_text(source):
    """Steps cannot be counted inside ``re``; the bound allows a hundred times what these take."""
    search = re.compile(safe_pattern(source, 0).python).search
    start = time.perf_counter()
    assert search("a" * 2_000) is None
    assert time.perf_counter() - start < 2_000 * MOST_WAYS * 1e-6 * 2


def test_words_that_every_match_holds():
    assert safe_pattern(r"\b(lawyer|court)s?\b", 0).words == ("lawyer", "court")
    assert safe_pattern("order {0,2}number", 0).words == ("ordernumber", "order number", "order  number")
    assert safe_pattern(r"\b(tariff|bill) (no|number) ?31\b", 0).words[:3] == (
        "tariff no31",
        "tariff no 31",
        "tariff number31",
    )
    assert safe_pattern("order.{0,2}number", 0).words == ("number",)
    assert safe_pattern("(refund)?", 0).words == ()
    assert safe_pattern("(refund|me)", 0).words == ()
    assert safe_pattern("(?i)refund", 0).words == ()


PARTS = ["order", "bill", "no", "(a|bc)", "(refund|money back)", "s?", " ?", " {0,2}", "x{2,3}", "[0-9]", ".", "(ab?|c){1,2}", "(s|t)?",
         "\\d{2}", "\\b", "number"]  # fmt: skip


@given(st.lists(st.sampled_from(PARTS), min_size=1, max_size=6), st.data())
@settings(max_examples=200, deadline=None)
def test_whatever_matches_holds_one_of_the_words(parts, data):
    """Texts come from a generator of matches that knows nothing of ours."""
    try:
        pattern = safe_pattern("".join(parts), 0)
    except Fault:
        return
    if pattern.words:
        text = data.draw(st.from_regex(re.compile(pattern.python, re.ASCII)))
        assert any(word in text for word in pattern.words), (pattern, text)
