"""The cheap question asked of a whole batch: which texts could hold which sort of personal data?

One Hyperscan pass over all texts laid end to end, then a search for the text each hit ends in. The gate may
say yes too often, never no: whoever passes is judged again by the exact finders.
"""

import threading
from collections.abc import Iterable, Sequence

import hyperscan
import numpy as np

Pattern = tuple[str, str, bool]
"""A sort, a Hyperscan pattern that betrays it, and whether case matters."""

# Between two texts: a letter, so that no run of digits reaches over, and a zero so that no word does.
_BORDER = b"\x00A\x00"
_ANY_CASE = hyperscan.HS_FLAG_CASELESS | hyperscan.HS_FLAG_UCP


class Gate:
    """Compiled patterns. Safe to share: every thread scans with a database of its own."""

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        self._patterns = tuple(patterns)
        self.sorts = tuple(dict.fromkeys(sort for sort, _, _ in patterns))
        self._own = threading.local()

    def open(self, texts: Sequence[str]) -> dict[int, int]:
        """The places of the texts that may hold some sort; bit n stands for the nth of ``sorts``."""
        blocks = [text.encode("utf-8", "replace") for text in texts]
        hits: list[tuple[int, int]] = []
        self._database().scan(
            _BORDER.join([b"", *blocks, b""]),
            match_event_handler=lambda sort, _start, end, _flags, _: hits.append((sort, end)),
        )
        return _by_text(hits, blocks) if hits else {}

    def sorts_of(self, bits: int) -> Iterable[str]:
        """The sorts named by a text's bits."""
        return [sort for place, sort in enumerate(self.sorts) if bits >> place & 1]

    def _database(self) -> hyperscan.Database:
        if not hasattr(self._own, "database"):
            self._own.database = _compile(self._patterns, self.sorts)
        database: hyperscan.Database = self._own.database
        return database


def _by_text(hits: list[tuple[int, int]], blocks: Sequence[bytes]) -> dict[int, int]:
    sizes = np.fromiter(map(len, blocks), np.int64, len(blocks)) + len(_BORDER)
    borders = np.cumsum(sizes) + len(_BORDER)
    found: dict[int, int] = {}
    for place, (sort, _) in zip(
        np.searchsorted(borders, [end - 1 for _, end in hits], "right").tolist(), hits, strict=True
    ):
        found[place] = found.get(place, 0) | 1 << sort
    return found


def _compile(patterns: tuple[Pattern, ...], sorts: tuple[str, ...]) -> hyperscan.Database:
    database = hyperscan.Database()
    database.compile(
        expressions=[pattern.encode() for _, pattern, _ in patterns],
        ids=[sorts.index(sort) for sort, _, _ in patterns],
        flags=[hyperscan.HS_FLAG_UTF8 | (0 if cased else _ANY_CASE) for *_, cased in patterns],
    )
    return database
