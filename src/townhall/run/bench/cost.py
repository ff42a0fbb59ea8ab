"""What a run cost: CPU time of our processes and of the database's, and the largest resident set."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

_TICK = os.sysconf("SC_CLK_TCK")


class Usage(Struct, frozen=True):
    """Seconds of CPU, user and system together, the process's own and its reaped children's."""

    own: float
    children: float


def usage(pid: int) -> Usage:
    """CPU used so far by one process (0 when it is gone)."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return Usage(0.0, 0.0)
    user, system, child_user, child_system = (int(value) / _TICK for value in fields[11:15])
    return Usage(user + system, child_user + child_system)


def tree_seconds(root: int) -> float:
    """CPU of a process, its living descendants, and all of theirs that ended."""
    total = 0.0
    for pid in (root, *_descendants(root)):
        used = usage(pid)
        total += used.own + used.children
    return total


def peak_rss_mb(pid: int | None = None) -> float:
    """The largest resident set of a process, ours without one, megabytes (0 when it is gone)."""
    return _status_mb(pid or os.getpid(), "VmHWM:")


class Memory:
    """Resident memory in the course of a run, megabytes: after a tenth of the posts, when caches are warm, half-way, and
    at the end. Processes of ours by name; of the database only what is not its shared cache."""

    def __init__(self, crew: Sequence[Any], postmaster: int, posts: int) -> None:
        self._crew, self._postmaster = crew, postmaster
        self._due = [("start", posts // 10), ("middle", posts // 2), ("end", posts)]
        self.seen: dict[str, dict[str, float]] = {}

    def look(self, done: int) -> None:
        """Notes what each holds, when it is time."""
        while self._due and done >= self._due[0][1]:
            name = self._due.pop(0)[0]
            for process, held in self._held().items():
                self.seen.setdefault(process, {})[name] = round(held, 1)

    def _held(self) -> dict[str, float]:
        found = {"door": _status_mb(os.getpid(), "VmRSS:")}
        for process in self._crew:
            found[process.name] = found.get(process.name, 0.0) + _status_mb(process.pid, "VmRSS:")
        servers = (self._postmaster, *_descendants(self._postmaster))
        return found | {"database": sum(_status_mb(pid, "RssAnon:") for pid in servers)}


def _status_mb(pid: int, line: str) -> float:
    try:
        for found in Path(f"/proc/{pid}/status").read_text().splitlines():
            if found.startswith(line):
                return int(found.split()[1]) / 1024
    except OSError:
        pass
    return 0.0


def _descendants(root: int) -> list[int]:
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except (OSError, IndexError):
                continue
            parents.setdefault(parent, []).append(int(entry.name))
    found, waiting = [], [root]
    while waiting:
        for child in parents.get(waiting.pop(), []):
            found.append(child)
            waiting.append(child)
    return found
