"""A shift as people write it, one line a day or span of days, and the calendar it makes.

::

    mon-fri 09:00-12:30, 13:30-17:30
    sat 22:00-06:00
    2026-12-24 09:00-12:00
    2026-12-25 off

Days without a line are off; an interval whose end is not after its start runs into the next day. Nothing written at
all is no shift: always on duty when here. The hours are those of the brand's zone.
"""

import re
from typing import Any

from townhall.calendar import Timetable, parse_calendar
from townhall.kernel.clock import Instant
from townhall.kernel.errors import Refused

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_OFF = ("off", "closed", "")


def read_shift(text: str, zone: str) -> dict[str, Any] | None:
    """The shift as a calendar's document, ``None`` for no shift. Raises ``Refused`` that names the line."""
    weekly: dict[str, Any] = {}
    special: list[dict[str, Any]] = []
    for line in (line.strip().lower() for line in text.splitlines() if line.strip()):
        day, _, hours = line.partition(" ")
        opened = [] if hours.strip() in _OFF else [part.strip() for part in hours.split(",")]
        if _DATE.fullmatch(day):
            special.append({"date": day, "open": opened})
        elif day in weekly:
            raise Refused(f"{day} is written twice. Nothing was changed.")
        else:
            weekly[day] = opened
    if not weekly and not special:
        return None
    document = {"id": "shift", "zone": zone, "weekly": weekly, "exceptions": special}
    try:
        parse_calendar(document)
    except Refused as wrong:
        raise Refused(f"The shift is not understood ({wrong}). Write it like mon-fri 09:00-17:00.") from wrong
    return document


def write_shift(document: dict[str, Any] | None) -> str:
    """The same as people write it."""
    if not document:
        return ""
    lines = [f"{day} {', '.join(hours) or 'off'}" for day, hours in document["weekly"].items()]
    lines += [f"{one['date']} {', '.join(one['open']) or 'off'}" for one in document["exceptions"]]
    return "\n".join(lines)


def runs(document: dict[str, Any] | None, now: Instant) -> bool:
    """Whether the shift runs at that moment; one that is not written always does."""
    return document is None or Timetable(parse_calendar(document)).is_open(now)
