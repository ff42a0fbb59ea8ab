"""How fast one token may ask: a bucket each, refilled at a steady rate, for a bounded number of tokens."""

import threading
from collections import OrderedDict

from townhall.kernel.clock import SECOND, Instant
from townhall.kernel.errors import Unavailable

RATE = 100
"""Requests a second that a token may go on asking for, in each process."""
BURST = 1000
"""Requests that a rested token may ask at once."""
TOKENS = 4096
"""Buckets that are remembered; the longest unused is forgotten first, which only ever favours its token."""


class TooFast(Unavailable):
    """A token asks faster than it may; ``retry_at`` says when the next request is taken."""

    status = 429


class Pace:
    """Buckets by token id. Safe to use from many threads."""

    def __init__(self, rate: int = RATE, burst: int = BURST, tokens: int = TOKENS) -> None:
        self._cost, self._burst, self._most = SECOND // rate, burst, tokens
        self._full_at: OrderedDict[int, Instant] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, token_id: int, now: Instant) -> None:
        """Counts one request. Raises ``TooFast``."""
        with self._lock:
            full_at = max(self._full_at.pop(token_id, 0), now) + self._cost
            allowed = full_at - now <= self._burst * self._cost
            self._full_at[token_id] = full_at if allowed else full_at - self._cost
            if len(self._full_at) > self._most:
                self._full_at.popitem(last=False)
        if not allowed:
            raise TooFast(
                "This token asks too fast. Nothing was done; wait and ask again.",
                retry_at=full_at - self._burst * self._cost,
            )

    def __len__(self) -> int:
        return len(self._full_at)
