"""Whether topic words are telling: two posts that share one should be about the same thing."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from townhall.enrich.measure.scores import entry, read
from townhall.enrich.sets import rows
from townhall.enrich.understanding import Understanding

_OUTSIDE = "oos"


def topics(sets: Path, reader: Understanding) -> dict[str, Any]:
    """How much more often two utterances of one intent share a topic word than two of different intents do.

    The words know the language of bank customers (their rarity is counted there too) and have not seen ``clinc150``.
    """
    found = {name: _shared(sets, reader, name) for name in ("clinc150", "banking77")}
    main = found["clinc150"]
    more = {key: value for key, value in main.items() if key not in ("us", "rows", "times_chance")}
    banking = {key: value for key, value in found["banking77"].items() if key != "us"}
    return entry(
        "times as often shared within an intent as across", main["times_chance"], main["us"], main["rows"], **more,
        banking77={key: round(value, 4) for key, value in banking.items()},
    )  # fmt: skip


def _shared(sets: Path, reader: Understanding, name: str) -> dict[str, Any]:
    posts = [
        (row["text"], row["intent"]) for row in rows(sets, name, "utterances") if row["intent"] != _OUTSIDE
    ]
    read_as, us = read(reader, [text for text, _ in posts])
    words, labels = [one.topics for one in read_as], [label for _, label in posts]
    return {
        "us": us,
        "rows": len(posts),
        "with_topic": sum(map(bool, words)) / len(words),
        **shares(words, labels),
    }


def shares(words: Sequence[Sequence[str]], labels: Sequence[str]) -> dict[str, float]:
    """Of pairs with one label, and of pairs with two, how many share a word; and of pairs that share one, how many have one
    label (``precision``), where ``chance`` is how many of all pairs have."""
    same, other = _sharing(words, labels)
    total = len(labels) * (len(labels) - 1) // 2
    alike = sum(count * (count - 1) // 2 for count in Counter(labels).values())
    within, across = same / max(1, alike), other / max(1, total - alike)
    return {
        "times_chance": within / across if across else float(bool(within)), "within": within, "across": across,
        "precision": same / max(1, same + other), "chance": alike / max(1, total),
    }  # fmt: skip


def _sharing(words: Sequence[Sequence[str]], labels: Sequence[str]) -> tuple[int, int]:
    """Pairs that share a word: of one label, and of two. Each pair counts once, however many words it shares."""
    held: dict[str, list[int]] = defaultdict(list)
    same = other = 0
    for place, mine in enumerate(words):
        before = set().union(*(held[word] for word in mine))
        alike = sum(labels[one] == labels[place] for one in before)
        same, other = same + alike, other + len(before) - alike
        for word in set(mine):
            held[word].append(place)
    return same, other
