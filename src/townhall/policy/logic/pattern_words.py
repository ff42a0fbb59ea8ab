"""What a pattern looks for, in words, where it stands for a few texts."""

import re

from townhall.policy.logic.pattern import SafePattern

Verbs = tuple[tuple[str, str], tuple[str, str]]
"""How one word and how several are looked for, each as it is said and denied."""

_WHOLE: dict[tuple[bool, bool], Verbs] = {
    (True, True): (
        ("contains the word", "does not contain the word"),
        ("contains any of the words", "contains none of the words"),
    ),
    (True, False): (
        ("contains a word that begins with", "contains no word that begins with"),
        ("contains a word that begins with any of", "contains no word that begins with any of"),
    ),
    (False, True): (
        ("contains a word that ends with", "contains no word that ends with"),
        ("contains a word that ends with any of", "contains no word that ends with any of"),
    ),
    (False, False): (
        ("contains", "does not contain"),
        ("contains any of", "contains none of"),
    ),
}
"""Whether the words begin and end as whole words do, and what is then said."""


def pattern_words(pattern: SafePattern) -> tuple[Verbs, tuple[str, ...]] | None:
    """What a known pattern looks for: how, and all the words that it stands for."""
    marks = re.findall(r"\\.|.", pattern.source.removeprefix("(?i)"), re.DOTALL)
    start, end = marks[:1] == ["\\b"], marks[-1:] == ["\\b"]
    inner = marks[start : len(marks) - end]
    placed = any(mark in ("\\b", "\\B", "^", "$") for mark in inner)
    if placed or not pattern.texts or "" in pattern.texts or ((start or end) and _parted(inner)):
        return None
    return _WHOLE[start, end], pattern.texts


def _parted(marks: list[str]) -> bool:
    """Whether a bar outside of all brackets parts a pattern, so that what bounds it bounds one side alone."""
    depth = 0
    for mark in marks:
        depth += (mark == "(") - (mark == ")")
        if mark == "|" and not depth:
            return True
    return False
