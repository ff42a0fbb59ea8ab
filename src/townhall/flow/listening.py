"""The listening front: reads a firehose in blocks, spools all of it, and marks what is about us or may be.

It keeps up with a network's busiest minute because it does one thing: what it marked is handed to the pipeline later,
from the spool, by whoever drains it. A post counts as taken once its block is on the disk; syncing goes on beside the reading.
"""

import contextlib
import fcntl
import os
import select
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from msgspec import Struct

from townhall.intake.logic.listening import Ear
from townhall.intake.logic.posts import texts_of
from townhall.intake.spool import Spool
from townhall.kernel.clock import Clock
from townhall.kernel.errors import Refused

BLOCK = 1 << 20
"""Bytes read at a time."""
LONGEST_LINE = 16 << 20
SYNC_BYTES = 16 << 20
SYNC_S = 0.1
"""A sync begins after so many bytes or seconds, whichever is first."""


class Taken(Struct, frozen=True):
    """What is durable: posts, those of them that matter, and bytes of the input up to the end of the last one."""

    posts: int = 0
    hits: int = 0
    bytes: int = 0


class Front:
    """Takes blocks of lines; ``acknowledge`` is told what has become durable. Close it to have all of it."""

    def __init__(self, ear: Ear, spool: Spool, clock: Clock, acknowledge: Callable[[Taken], None]) -> None:
        self._ear, self._spool, self._clock, self._acknowledge = ear, spool, clock, acknowledge
        self._hand = ThreadPoolExecutor(1, "spool")
        self._syncing: Future[None] | None = None
        self._bytes = self._unsynced = 0
        self._synced_at = time.monotonic()

    def take(self, lines: bytes) -> None:
        """Takes whole lines. A line that cannot be read matters: the pipeline keeps it with its reason."""
        size = len(lines)
        if b"\n\n" in lines or lines.startswith(b"\n") or b"\r" in lines:
            lines = b"".join([line + b"\n" for line in lines.splitlines() if line.strip()])
        if lines:
            texts, bad = texts_of(lines)
            heard = self._ear.hear(texts)
            hits = sorted({*heard, *bad}) if bad else heard
            self._spool.append(lines, len(texts), hits, self._clock())
        self._bytes += size
        self._unsynced += size
        if self._unsynced >= SYNC_BYTES or time.monotonic() - self._synced_at >= SYNC_S:
            self.sync()

    def sync(self) -> None:
        """Begins to make durable what was taken; waits for the sync before."""
        self._wait()
        taken = Taken(self._spool.posts, self._spool.hits, self._bytes)
        self._unsynced, self._synced_at = 0, time.monotonic()
        self._syncing = self._hand.submit(self._make_durable, taken)

    def close(self) -> None:
        """Everything taken is durable and acknowledged when this returns."""
        self.sync()
        self._wait()
        self._spool.close()
        self._hand.shutdown()

    def _make_durable(self, taken: Taken) -> None:
        self._spool.sync()
        self._acknowledge(taken)

    def _wait(self) -> None:
        if self._syncing is not None:
            self._syncing.result()


def follow(file: int, front: Front) -> None:
    """Hands the lines of a file descriptor to a front until its end; a last line without an end is one too.

    Raises ``Refused`` for a line beyond ``LONGEST_LINE``; what came before it is taken.
    """
    _widen(file)
    parts: list[bytes] = []
    size = 0
    while part := os.read(file, BLOCK):
        parts.append(part)
        size += len(part)
        if size < BLOCK and not _is_idle(file):
            continue
        whole = b"".join(parts)
        end = whole.rfind(b"\n") + 1
        if not end and size > LONGEST_LINE:
            raise Refused(f"a line is longer than {LONGEST_LINE >> 20} MB; this is no line-by-line JSON")
        if end:
            front.take(whole[:end])
        parts, size = [whole[end:]], size - end
    rest = b"".join(parts)
    if rest.strip():
        front.take(rest + b"\n")


def _widen(file: int) -> None:
    """A pipe that holds a whole block is read in one call; what is no pipe stays as it is."""
    with contextlib.suppress(OSError):
        fcntl.fcntl(file, fcntl.F_SETPIPE_SZ, BLOCK)


def _is_idle(file: int) -> bool:
    """Whether nothing more waits to be read, so that a quiet stream is not kept waiting for a full block."""
    return not select.select([file], [], [], 0)[0]
