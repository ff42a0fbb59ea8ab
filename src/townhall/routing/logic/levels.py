"""Skills, languages and requirements as people write them: ``billing 3, refunds``, ``complaint: retention 2``."""

import re

from townhall.kernel.errors import Refused
from townhall.routing.logic.agent import HIGHEST, Levels
from townhall.routing.logic.queue import Requirement

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_LANGUAGE = re.compile(r"[a-z]{2,3}")
MOST = 60


def read_levels(text: str, *, languages: bool = False) -> Levels:
    """Names with a level (1 where none is given), by commas or lines. Raises ``Refused`` that names the part."""
    shape, what = (_LANGUAGE, "language such as en") if languages else (_NAME, "skill such as billing")
    found: dict[str, int] = {}
    for part in _parts(text):
        name, level = _named(part, shape, what)
        if name in found:
            raise Refused(f"{name} is given twice. Nothing was changed.")
        found[name] = level
    return tuple(sorted(found.items()))


def write_levels(levels: Levels) -> str:
    """The same as one line."""
    return ", ".join(f"{name} {level}" for name, level in levels)


def read_needs(text: str) -> tuple[Requirement, ...]:
    """Requirements, by commas or lines: a skill with its level, after ``reason:`` for some cases only."""
    found = []
    for part in _parts(text):
        reason, colon, rest = part.rpartition(":")
        if colon and not _NAME.fullmatch(reason.strip().lower()):
            raise Refused(f"“{part}” names no reason before its colon. Write complaint: retention 2.")
        name, level = _named(rest, _NAME, "skill such as billing")
        found.append(Requirement(name, level, reason.strip().lower()))
    if len({(need.reason, need.skill) for need in found}) < len(found):
        raise Refused("A skill is required twice for the same reason. Nothing was changed.")
    return tuple(sorted(found, key=lambda need: (need.reason, need.skill)))


def write_needs(needs: tuple[Requirement, ...]) -> str:
    """The same as one line."""
    return ", ".join(f"{need.reason}: " * bool(need.reason) + f"{need.skill} {need.level}" for need in needs)


def _parts(text: str) -> list[str]:
    parts = [part.strip() for part in re.split(r"[,;\n]", text) if part.strip()]
    if len(parts) > MOST:
        raise Refused(f"At most {MOST} can be named here.")
    return parts


def _named(part: str, shape: re.Pattern[str], what: str) -> tuple[str, int]:
    words = part.lower().split()
    level = words[1] if len(words) == 2 else "1"
    if (
        not 1 <= len(words) <= 2
        or not shape.fullmatch(words[0])
        or level not in map(str, range(1, HIGHEST + 1))
    ):
        raise Refused(f"“{part}” is not understood. Write a {what}, then a level from 1 to {HIGHEST}.")
    return words[0], int(level)


_KIND = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}(?:/(?:public|private))?")


def read_numbers(text: str, most: int) -> tuple[tuple[str, int], ...]:
    """Names each with a whole number up to ``most``: ``public 1, x/private 2``. Raises ``Refused`` that names the part."""
    found: dict[str, int] = {}
    for part in _parts(text):
        name, _, number = part.lower().partition(" ")
        number = number.strip()
        if not _KIND.fullmatch(name) or not number.isascii() or not number.isdigit() or int(number) > most:
            raise Refused(f"“{part}” is not understood. Write a name, then a number from 0 to {most}.")
        if name in found:
            raise Refused(f"{name} is given twice. Nothing was changed.")
        found[name] = int(number)
    return tuple(sorted(found.items()))


def write_numbers(numbers: tuple[tuple[str, int], ...]) -> str:
    """The same as one line."""
    return ", ".join(f"{name} {number}" for name, number in numbers)
