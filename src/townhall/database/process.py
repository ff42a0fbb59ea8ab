"""Is that process really our server? Process ids are reused, dead ones linger as zombies, and orphans outlive them.

A server's process stands in its cluster's folder, so it is known by the folder's device and inode, never by name.
"""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

PATIENCE = 2.0
"""Seconds that orphans get to see by themselves that their server is gone."""


def server_pid(data: Path) -> int | None:
    """The id of the living server of the cluster ``data``, None when it does not run."""
    pid = noted_pid(data)
    return pid if pid is not None and works_in(pid, data) else None


def noted_pid(data: Path) -> int | None:
    """The id that ``postmaster.pid`` names, true or stale."""
    try:
        return int((data / "postmaster.pid").read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return None


def is_ready(data: Path) -> bool:
    """Whether the server itself notes that it takes connections."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return False
    return len(lines) >= 8 and lines[7].strip() == "ready"


def works_in(pid: int, data: Path) -> bool:
    """Whether the living process ``pid`` stands in ``data``. A zombie stands nowhere."""
    try:
        there, here = Path(f"/proc/{pid}/cwd").stat(), data.stat()
    except OSError:
        return False
    return (there.st_dev, there.st_ino) == (here.st_dev, here.st_ino)


def lives(pid: int) -> bool:
    """Whether the process ``pid`` runs, as far as we may see; a zombie has no program any more."""
    try:
        return bool(Path(f"/proc/{pid}/exe").readlink())
    except OSError:
        return False


def processes_of(data: Path) -> list[int]:
    """Every living process of the cluster: server, backends, and orphans of one that was killed."""
    numbers = (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())
    return [pid for pid in numbers if pid != os.getpid() and _is_postgres(pid) and works_in(pid, data)]


def end_all(data: Path) -> None:
    """Waits for orphans of a killed server, then ends them; the crash recovery that follows makes it safe."""
    if _gone(data, PATIENCE):
        return
    for number in (signal.SIGQUIT, signal.SIGKILL):
        send(processes_of(data), number)
        if _gone(data, PATIENCE):
            return


def send(pids: list[int], number: signal.Signals) -> None:
    """Signals each that is still there."""
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            pass


def wait_until(done: Callable[[], bool], patience: float) -> bool:
    """Looks every 10 ms for at most ``patience`` seconds; whether it came true."""
    limit = time.monotonic() + patience
    while not done():
        if time.monotonic() > limit:
            return False
        time.sleep(0.01)
    return True


def _gone(data: Path, patience: float) -> bool:
    return wait_until(lambda: not processes_of(data), patience)


def _is_postgres(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/exe").readlink().name.removesuffix(" (deleted)") == "postgres"
    except OSError:
        return False
