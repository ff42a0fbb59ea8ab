"""Leases on the server by ``flock``: shared while in use, so that the last one out knows it is the last.

The kernel lets go of a dead process's lock, so ``kill -9`` leaves no lease behind.
"""

import errno
import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from townhall.kernel.errors import DatabaseUnavailable


class Lease:
    """One process's share in the server."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._handle: int | None = None

    @property
    def held(self) -> bool:
        """Whether this process has its share."""
        return self._handle is not None

    def take(self) -> None:
        """Takes a share; never waits long, since nobody keeps the whole. Call under ``only_one``."""
        self._handle = _open(self._path)
        fcntl.flock(self._handle, fcntl.LOCK_SH)

    def is_last(self) -> bool:
        """Whether nobody else has a share; if so this lease now keeps the whole. Call under ``only_one``."""
        assert self._handle is not None
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in (errno.EAGAIN, errno.EACCES):
                raise
            return False
        return True

    def drop(self) -> None:
        """Gives the share back. Dropping twice is harmless."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


@contextmanager
def only_one(path: Path, patience: float = 600.0) -> Iterator[None]:
    """Holds the lock under which a server is started or stopped. ``patience`` is seconds (crash recovery is long)."""
    handle = _open(path)
    try:
        _wait_until(lambda: _try_exclusive(handle), patience, f"another process holds {path}")
        yield
    finally:
        os.close(handle)


def holders(path: Path) -> list[int]:
    """The ids of the processes that hold a lease now, from ``/proc/locks`` (empty where there is none)."""
    try:
        found = path.stat()
        lines = Path("/proc/locks").read_text().splitlines()
    except OSError:
        return []
    name = f"{os.major(found.st_dev):02x}:{os.minor(found.st_dev):02x}:{found.st_ino}"
    rows = [line.split() for line in lines]
    return sorted({int(row[4]) for row in rows if len(row) > 5 and row[1] == "FLOCK" and row[5] == name})


def _open(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except PermissionError as error:
        raise DatabaseUnavailable(
            f"{path} belongs to another user; run townhall as the user who made this home", permanent=True
        ) from error


def _try_exclusive(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno not in (errno.EAGAIN, errno.EACCES):
            raise
        return False
    return True


def _wait_until(done: Callable[[], bool], patience: float, otherwise: str) -> None:
    limit = time.monotonic() + patience
    while not done():
        if time.monotonic() > limit:
            raise DatabaseUnavailable(f"{otherwise} (waited {patience:.0f} s)")
        time.sleep(0.02)
