"""What a run cost: CPU time of our processes and of the database's, and the largest resident set."""

import os
from pathlib import Path

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


def peak_rss_mb(pid: int) -> float:
    """The largest resident set of a process, megabytes (0 when it is gone)."""
    try:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
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
