"""Which posts to ask people about: where a head is least sure, near-copies once, the heads in turn."""

from collections.abc import Iterable, Sequence

from msgspec import Struct

from townhall.enrich.logic.copies import APART

MOST = 50
"""Questions kept for a head."""
LEAST_DOUBT = 0.2
"""Surer posts are not asked about: a label would teach little."""


class Candidate(Struct, frozen=True):
    """A post with what one head makes of it; ``doubt`` is 0 to 1, ``print`` its fingerprint (0: none)."""

    head: str
    interaction: int
    doubt: float
    said: str
    chance: float
    print: int


def choose(found: Iterable[Candidate], most: int = MOST) -> list[tuple[int, Candidate]]:
    """(turn, candidate) by turn and head: of each head the least sure first, of near-copies the least sure alone.

    Of equally unsure ones the newer comes first. The same candidates in any order give the same choice.
    """
    by_head: dict[str, list[Candidate]] = {}
    for one in found:
        if one.doubt >= LEAST_DOUBT:
            by_head.setdefault(one.head, []).append(one)
    chosen = [
        (turn, one)
        for _, mine in sorted(by_head.items())
        for turn, one in enumerate(_different(mine, most), 1)
    ]
    return sorted(chosen, key=lambda pair: (pair[0], pair[1].head))


def _different(found: Sequence[Candidate], most: int) -> list[Candidate]:
    kept: list[Candidate] = []
    for one in sorted(found, key=lambda c: (-c.doubt, -c.interaction)):
        if not any(_alike(one, other) for other in kept):
            kept.append(one)
        if len(kept) == most:
            break
    return kept


def _alike(a: Candidate, b: Candidate) -> bool:
    if a.interaction == b.interaction or not a.print or not b.print:
        return a.interaction == b.interaction
    return ((a.print ^ b.print) & 0xFFFFFFFFFFFFFFFF).bit_count() <= APART


def settled(values: Sequence[str]) -> str:
    """What several people's labels of one post come to: the value that more of them say than any other, "" for a draw."""
    counts = sorted(((values.count(value), value) for value in set(values)), reverse=True)
    if not counts or (len(counts) > 1 and counts[0][0] == counts[1][0]):
        return ""
    return counts[0][1]
