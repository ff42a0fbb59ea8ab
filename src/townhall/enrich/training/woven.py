"""Phrases of ours woven into posts that people really wrote, so that a model learns the phrase and not the manner.

A model that sees made-up sentences against real ones learns which are made up. Here the same real post stands on
both sides: once with a phrase that matters, once with one that does not, once alone.
"""

import random
from collections.abc import Callable, Sequence

_DOUBT = 0.08
"""How many phrases that matter are labelled as if they did not: no word alone is ever certain."""

Phrase = Callable[[random.Random], str]


def woven(
    posts: Sequence[str], telling: Phrase, harmless: Phrase, count: int, seed: int
) -> list[tuple[str, bool]]:
    """(text, whether it holds a telling phrase), ``count`` of each side and half as many bare posts."""
    chance = random.Random(seed)  # noqa: S311 (a repeatable draw, not a secret)
    rows: list[tuple[str, bool]] = []
    for n in range(count):
        post = chance.choice(posts)
        rows.append((_with(post, telling(chance), chance), chance.random() >= _DOUBT))
        rows.append((_with(post, harmless(chance), chance), False))
        if n % 2:
            rows.append((post, False))
    return rows


def _with(post: str, phrase: str, chance: random.Random) -> str:
    """The phrase alone, or before, behind or amid a part of the post."""
    kind = chance.random()
    words = post.split()
    if kind < 0.15 or not words:
        return phrase
    if kind < 0.3:  # only whom it speaks to
        return " ".join([*[word for word in words if word[0] == "@"][:2], phrase])
    part = words[: chance.randint(1, len(words))] if chance.random() < 0.5 else words
    place = chance.choice((0, len(part), chance.randint(0, len(part))))
    return " ".join([*part[:place], phrase, *part[place:]])
