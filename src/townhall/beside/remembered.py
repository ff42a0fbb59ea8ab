"""Answers that are shown again for a short while, so that an act on a case does not ask the same once more. In memory only."""

import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

from townhall.kernel.clock import Instant

Kept = TypeVar("Kept")


class Remembered(Generic[Kept]):
    """At most ``most`` answers, none older than ``lasting`` (microseconds)."""

    def __init__(self, lasting: Instant, most: int) -> None:
        self._lasting, self._most = lasting, most
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, tuple[Instant, Kept]] = OrderedDict()

    def get(self, key: Hashable, now: Instant) -> Kept | None:
        """The answer to that question, if it is young enough."""
        with self._lock:
            self._sweep(now)
            found = self._kept.get(key)
            return found[1] if found else None

    def keep(self, key: Hashable, answer: Kept, now: Instant) -> None:
        """Keeps an answer; the oldest one goes when there are too many."""
        with self._lock:
            self._kept.pop(key, None)
            self._kept[key] = now, answer
            self._sweep(now)

    def _sweep(self, now: Instant) -> None:
        while self._kept and (len(self._kept) > self._most or self._is_old(now)):
            self._kept.popitem(last=False)

    def _is_old(self, now: Instant) -> bool:
        since, _ = next(iter(self._kept.values()))
        return now - since >= self._lasting
