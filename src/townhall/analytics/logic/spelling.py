"""One word however it is written: rare misspellings and endings go to the word that people write most."""

from collections.abc import Mapping

RARE = 3
"""A misspelling is written at most one time for so many of the word."""
_LEAST_LETTERS, _LEAST_STEM = 5, 4
_ENDINGS = ("s", "es", "d", "ed", "ing")


def folded(posts: Mapping[str, int]) -> dict[str, str]:
    """Word → the word it counts as, itself where it is its own. ``posts`` are how many had each. The commonest come first, and
    what counts as one of them takes nothing itself."""
    home: dict[str, str] = {}
    for word in sorted(posts, key=lambda one: (-posts[one], one)):
        own = (lead for lead in home.values() if _is(word, posts[word], lead, posts[lead]))
        home[word] = next(own, word)
    return home


def _is(word: str, posts: int, lead: str, lead_posts: int) -> bool:
    if word[0] != lead[0]:
        return False
    if _inflects(word, lead) or _inflects(lead, word):
        return True
    return posts * RARE <= lead_posts and misspells(word, lead)


def misspells(word: str, meant: str) -> bool:
    """Whether it is one edit from a word of five letters or more that begins with the same."""
    return word[0] == meant[0] and min(len(word), len(meant)) >= _LEAST_LETTERS and one_edit(word, meant)


def _inflects(stem: str, other: str) -> bool:
    return len(stem) >= _LEAST_STEM and other.startswith(stem) and other[len(stem) :] in _ENDINGS


def one_edit(a: str, b: str) -> bool:
    """Whether one letter added, left out or changed, or two neighbours swapped, makes one of the other (Damerau, 1964). Not for
    equal words."""
    if a == b or abs(len(a) - len(b)) > 1:
        return False
    start = next((n for n, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    a, b = a[start:], b[start:]
    if len(a) != len(b):
        return a[1:] == b or b[1:] == a
    return a[1:] == b[1:] or (a[2:] == b[2:] and a[:2] == b[1::-1])
