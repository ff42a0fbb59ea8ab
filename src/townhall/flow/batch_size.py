"""How many posts a batch may hold on this machine, now: as many as it writes within about a second.

A worker thinks inside its transaction, and the database ends one that is silent for five seconds, so that nobody
stuck holds up the others. A machine that is busy elsewhere may need longer than that for a full batch. Asking for
the same batch again would then never end; a smaller one does.
"""

LEAST = 50
FIRST = 500
"""The first batch of a process: what is read or compiled at first use comes on top of its posts."""
_SLOW = 1.5
_QUICK = 0.6


def after_batch(size: int, items: int, seconds: float, most: int) -> int:
    """The next size after a batch of ``items`` that took ``seconds`` of wall time: half when slow, double when it was full and quick."""
    if seconds > _SLOW:
        return min(size, max(LEAST, size // 2))
    if seconds < _QUICK and items >= size:
        return min(most, size * 2)
    return size


def after_timeout(size: int) -> int:
    """The next size when the database ended the transaction for its silence."""
    return min(size, max(LEAST, size // 4))
