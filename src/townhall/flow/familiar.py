"""Authors that a worker need not ask the database about: they are stored for sure."""

from collections.abc import Iterable

MOST = 400_000
"""Authors of a generation."""


class Familiar:
    """Authors of batches that were committed, in two generations, so that memory stays flat: who is not met again while
    one fills is forgotten, which costs a question and nothing else."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._young: set[int] = set()
        self._old: set[int] = set()
        self._met: set[int] = set()

    def __len__(self) -> int:
        return len(self._young) + len(self._old)

    def unsure(self, authors: Iterable[int]) -> set[int]:
        """Those that the database has to be asked about. Costs what ``authors`` do, however many are known."""
        self._met = set(authors)
        return self._met - self._young - self._old

    def committed(self) -> None:
        """All that were asked about last are stored now."""
        self._young |= self._met
        self._met = set()
        if len(self._young) >= self._most:
            self._young, self._old = set(), self._young
