"""The life of a role process: it ends with its supervisor, and ends gracefully when it is told to."""

import ctypes
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from townhall.kernel.errors import BadSetting

GRACE = 35.0
"""Seconds that a role gets at most between the request to stop and its end: more than one call of a delivery may take, so
that a stop leaves none in doubt. Roles end within a second or two else."""

_PR_SET_PDEATHSIG = 1
_WATCH = "TOWNHALL_PARENT_PIPE"


def die_with_parent() -> None:
    """Called first in a child of the supervisor: the kernel signals it when its parent dies, and a pipe tells too.

    The pipe also covers a parent that died before the call. Does nothing in a process that nobody supervises.
    """
    named = os.environ.pop(_WATCH, "")
    if not named:
        return
    _ask_for_signal()
    threading.Thread(target=_wait_for_end, args=(int(named),), name="parent watch", daemon=True).start()


def parent_watch(read_end: int) -> dict[str, str]:
    """The environment by which a child knows the pipe (``read_end`` has to be passed on to it)."""
    return {_WATCH: str(read_end)}


@contextmanager
def stoppable(stop: Callable[[], None]) -> Iterator[None]:
    """SIGTERM and SIGINT call ``stop`` (once each time) instead of ending the process at once."""

    def handle(number: int, frame: object) -> None:
        stop()

    before = {number: signal.signal(number, handle) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _ask_for_signal() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)


def _wait_for_end(read_end: int) -> None:
    """The parent never writes: a read returns only when the last write end is closed, by its end."""
    try:
        os.read(read_end, 1)
    except OSError as error:
        raise BadSetting(f"{_WATCH} names no pipe of this process") from error
    os.kill(os.getpid(), signal.SIGTERM)
    threading.Event().wait(GRACE)
    os._exit(70)  # it did not stop by itself, and nobody is left to end it
