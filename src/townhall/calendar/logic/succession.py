"""A new version that takes over on a day, so that time already passed keeps the hours it had."""

from datetime import date

from msgspec import structs

from townhall.calendar.logic.model import Calendar, Season
from townhall.kernel.errors import Refused


def succeed(old: Calendar, new: Calendar, day: date) -> Calendar:
    """``new`` from ``day`` on and ``old`` before it, as one calendar with the id and version of ``new``.

    Raises ``Refused`` if the zones differ: a firm that moves gets a calendar with another id.
    """
    if old.zone != new.zone:
        raise Refused(
            f"calendar {new.id}: zone changes from {old.zone} to {new.zone}; make a new calendar instead"
        )
    turn = day.toordinal()
    before = [_within(season, season.from_day, min(season.until_day, turn)) for season in old.weekly]
    after = [_within(season, max(season.from_day, turn), season.until_day) for season in new.weekly]
    special = [d for d in old.exceptions if d.day < turn] + [d for d in new.exceptions if d.day >= turn]
    weekly = tuple(season for season in before + after if season.from_day < season.until_day)
    return structs.replace(new, weekly=weekly, exceptions=tuple(special))


def _within(season: Season, from_day: int, until_day: int) -> Season:
    return structs.replace(season, from_day=from_day, until_day=until_day)
