"""What the posts of a surge have in common, where that tells something: one link, one text, few authors."""

from collections import Counter
from collections.abc import Sequence

from msgspec import Struct

WORTH = 30
"""Percent of the posts from which a link or a text is part of the reason."""
_LEAST = 5
"""Fewer posts have nothing in common but chance."""
_LOOKED_AT = 20
"""Texts that are taken for the one that is copied: those that stand there most often."""


class Said(Struct, frozen=True):
    """One post: its links' addresses, the fingerprint of its text (``None`` where it is too short to be alike by more than chance)
    and its author."""

    links: tuple[str, ...]
    print: int | None
    author: int


def causes(posts: Sequence[Said], apart: int) -> tuple[str, ...]:
    """In words, the strongest evidence of one hand first. Texts whose fingerprints differ in up to ``apart`` bits are near-copies."""
    if len(posts) < _LEAST:
        return ()
    found = []
    if (linked := _percent(_one_link(posts), posts)) >= WORTH:
        found.append(f"one link in {linked} % of posts")
    if (copied := _percent(_one_text(posts, apart), posts)) >= WORTH:
        found.append(f"{copied} % near-copies of one text")
    authors = len({one.author for one in posts})
    if authors == 1:
        found.append("all by one author")
    elif 2 * authors <= len(posts):
        found.append(f"by only {authors} authors")
    return tuple(found)


def _percent(some: int, posts: Sequence[Said]) -> int:
    return round(100 * some / len(posts)) if some >= _LEAST else 0


def _one_link(posts: Sequence[Said]) -> int:
    counted = Counter(link for one in posts for link in dict.fromkeys(one.links))
    return max(counted.values(), default=0)


def _one_text(posts: Sequence[Said], apart: int) -> int:
    counted = Counter(one.print for one in posts if one.print is not None)
    often = sorted(counted, key=lambda mark: (-counted[mark], mark))[:_LOOKED_AT]
    return max(
        (sum(n for other, n in counted.items() if (other ^ mark).bit_count() <= apart) for mark in often),
        default=0,
    )
