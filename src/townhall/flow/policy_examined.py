"""The check of a text that is to be reviewed or put in force, before any transaction: the solver takes its time, bounded.

A verb that needs it raises ``NeedsExamining`` with the text; whoever called rolls back, examines, and calls again with
what was found. The finding is of exactly one text: another text needs another.
"""

import hashlib
import time
from collections.abc import Callable
from functools import lru_cache
from typing import TypeVar

from msgspec import Struct

from townhall.kernel.errors import Conflict
from townhall.policy.logic.check import faults

PATIENCE_S = 20.0
"""Seconds for a page or a program; the command line takes ``LONG_S``."""
LONG_S = 900.0
_T = TypeVar("_T")


class Examined(Struct, frozen=True):
    """What the check says of the text with this digest (SHA-256, hex): its faults, and how many rules were not looked at
    in time, after ``seconds``."""

    digest: str
    faults: tuple[str, ...]
    left: int
    seconds: float


class NeedsExamining(Conflict):
    """The text has to be examined first, outside of any transaction. Whoever sees this in words was overtaken."""

    def __init__(self, source: str) -> None:
        super().__init__("The text was changed while it was checked. Nothing was done; ask again.")
        self.source = source


class _NotInTime(Exception):
    """Carries what was found until the time was over; never kept."""

    def __init__(self, examined: Examined) -> None:
        super().__init__()
        self.examined = examined


def examine(source: str, seconds: float = PATIENCE_S) -> Examined:
    """Puts a text to the solver for at most about ``seconds``. Asks no database. A finding that is whole is remembered."""
    try:
        return _examined(source, seconds)
    except _NotInTime as late:
        return late.examined


def after_examining(act: Callable[[Examined | None], _T], seconds: float = LONG_S) -> _T:
    """Does an act that may need its text examined: ``act`` opens a transaction of its own each time it is called."""
    try:
        return act(None)
    except NeedsExamining as needs:
        return act(examine(needs.source, seconds))


_sound: dict[str, int] = {}
"""How many rules of a text were seen to be sound when the time was over: the next look goes on there."""


def _remember(digest: str, sound: int) -> None:
    if len(_sound) >= 32:
        _sound.clear()
    _sound[digest] = sound


@lru_cache(maxsize=32)
def _examined(source: str, seconds: float) -> Examined:
    until, digest = time.monotonic() + seconds, hashlib.sha256(source.encode()).hexdigest()
    sound = _sound.get(digest, 0)
    looked = 0

    def go_on() -> bool:
        nonlocal looked
        looked += 1
        return time.monotonic() < until

    found, left = faults(source.encode(), go_on, sound)
    examined = Examined(digest, found, left, seconds)
    if left:
        if not found:
            _remember(digest, sound + looked - 1)
        raise _NotInTime(examined)
    return examined
