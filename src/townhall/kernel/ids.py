"""Ids: made here, never by the database, so that a batch can name its rows before it writes them.

*Keyed* ids (``keyed_id``) come from what the network calls a thing; the installation's key keeps a stranger
from aiming at a collision. *Ordered* ids (``Snowflake``) grow with our own clock, so B-trees append and a
table can be partitioned by id. ``post_key`` is the ledger's key of a post: see ADR 0002.
"""

import threading
from functools import lru_cache
from hashlib import blake2b
from typing import Any

from townhall.kernel.clock import Clock, Instant

_MASK63 = (1 << 63) - 1

EPOCH: Instant = 1_735_689_600_000_000
"""2025-01-01T00:00:00Z: the zero of ordered ids."""


def keyed_id(key: bytes, *parts: str) -> int:
    """A positive 63-bit id of the parts, stable for one installation."""
    hashed = _keyed(key).copy()
    hashed.update("\x1f".join(parts).encode())
    return int.from_bytes(hashed.digest(), "big") & _MASK63


def post_key(key: bytes, account: int, native_id: str) -> bytes:
    """16 bytes: the number the native id ends in (networks' ids grow with time), then a keyed hash of the whole.

    Two posts could share a key only if they end in the same number and their 64-bit keyed hashes meet as well.
    """
    digits = native_id[len(native_id.rstrip("0123456789")) :][-18:]
    head = int(digits) if digits else 0
    hashed = _keyed(key).copy()
    hashed.update(f"{account}\x1f{native_id}".encode())
    tail: bytes = hashed.digest()
    return head.to_bytes(8, "big") + tail


@lru_cache(maxsize=64)
def _keyed(key: bytes) -> Any:
    """A hash that has taken the key already: copying it is half of what starting one costs."""
    return blake2b(digest_size=8, key=key)


class Snowflake:
    """Ordered 63-bit ids: 42 bits of milliseconds since ``EPOCH``, 8 bits of node, 13 bits of sequence.

    Never goes back when the clock does, and borrows from the next millisecond when one is full.
    """

    def __init__(self, node: int, clock: Clock) -> None:
        if not 0 <= node < 256:
            raise ValueError(f"a node is 0 to 255, not {node}")
        self._node = node << 13
        self._clock = clock
        self._last = 0
        self._lock = threading.Lock()

    def take(self, count: int) -> list[int]:
        """``count`` fresh ids, rising."""
        with self._lock:
            start = max(((self._clock() - EPOCH) // 1000) << 13, self._last)
            numbers = range(start, start + count)
            self._last = start + count
        return [(n >> 13 << 21) | self._node | (n & 0x1FFF) for n in numbers]

    def one(self) -> int:
        """One fresh id."""
        return self.take(1)[0]


def id_at(instant: Instant) -> int:
    """The smallest ordered id that could be made at that instant: a bound for ranges and partitions."""
    return ((instant - EPOCH) // 1000) << 21


def instant_of(ordered_id: int) -> Instant:
    """When an ordered id was made (to the millisecond)."""
    return (ordered_id >> 21) * 1000 + EPOCH
