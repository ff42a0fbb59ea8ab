"""Which processes of a home live, by locks that die with their holders.

``up.lock`` is held whole by the one supervisor (and names it); ``roles.lock`` is shared by every role process.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct

from townhall.database.lease import holders
from townhall.database.place import Place
from townhall.kernel.errors import Conflict


class Running(Struct, frozen=True):
    """What ``townhall up`` noted of itself."""

    pid: int
    address: str


def run_folder(home: Path) -> Path:
    """Where locks of processes are; made if missing."""
    folder = home / "run"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


@contextmanager
def sole_supervisor(home: Path, address: str) -> Iterator[None]:
    """Held by ``townhall up``. Raises ``Conflict`` naming the one that runs already."""
    handle = os.open(run_folder(home) / "up.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        if not _try(handle, fcntl.LOCK_EX):
            there = _noted(handle)
            raise Conflict(
                f"townhall up already runs on {home} (process {there.pid if there else 'unknown'}"
                f"{', ' + there.address if there else ''}); stop it with: townhall stop"
            )
        os.ftruncate(handle, 0)
        os.pwrite(handle, json.dumps({"pid": os.getpid(), "address": address}).encode(), 0)
        yield
    finally:
        os.close(handle)


def supervisor(home: Path) -> Running | None:
    """The supervisor that runs now, None when there is none (whatever an old note says)."""
    try:
        handle = os.open(home / "run" / "up.lock", os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        return None if _try(handle, fcntl.LOCK_SH) else _noted(handle)
    finally:
        os.close(handle)


@contextmanager
def counted_role(home: Path, role: str) -> Iterator[None]:
    """Held by a role process for its life, so that ``status`` sees and ``stop`` finds it."""
    shared = os.open(run_folder(home) / "roles.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    own = os.open(run_folder(home) / f"role-{role}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(shared, fcntl.LOCK_SH)
        fcntl.flock(own, fcntl.LOCK_SH)
        yield
    finally:
        os.close(own)
        os.close(shared)


def role_pids(home: Path) -> dict[str, list[int]]:
    """The living processes of each role."""
    files = sorted((home / "run").glob("role-*.lock"))
    found = {path.stem.removeprefix("role-"): holders(path) for path in files}
    return {role: pids for role, pids in found.items() if pids}


def everybody(home: Path) -> list[int]:
    """Every process that serves this home or uses its database, ourselves apart."""
    files = (home / "run" / "roles.lock", Place(home).lease_lock)
    return sorted({pid for path in files for pid in holders(path)} - {os.getpid()})


def _try(handle: int, how: int) -> bool:
    try:
        fcntl.flock(handle, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _noted(handle: int) -> Running | None:
    try:
        return Running(**json.loads(os.pread(handle, 4096, 0)))
    except (ValueError, TypeError):
        return None
