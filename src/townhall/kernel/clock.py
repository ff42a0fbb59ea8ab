"""Time as this house speaks it: whole microseconds since 1970-01-01 UTC, in a plain ``int``.

Decisions never read a clock; whoever gathers passes ``now`` in. ``system_clock`` is the only
reader of the machine's clock, and tests hand in another ``Clock``.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Instant = int
"""Microseconds since the epoch, UTC."""

Clock = Callable[[], Instant]

SECOND: Instant = 1_000_000
MINUTE: Instant = 60 * SECOND
HOUR: Instant = 60 * MINUTE
DAY: Instant = 24 * HOUR

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)


def system_clock() -> Instant:
    """The machine's wall clock, microseconds UTC."""
    return time.time_ns() // 1000


def from_datetime(moment: datetime) -> Instant:
    """An aware datetime as an instant, exact to the microsecond. Raises ``ValueError`` if naive."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return (moment - _EPOCH) // _TICK


def to_datetime(instant: Instant) -> datetime:
    """An instant as an aware datetime in UTC."""
    return _EPOCH + timedelta(microseconds=instant)


def from_iso(text: str) -> Instant:
    """An ISO 8601 / RFC 3339 time as an instant. Raises ``ValueError`` if it is not one or has no zone."""
    return from_datetime(datetime.fromisoformat(text))


def to_iso(instant: Instant) -> str:
    """An instant in RFC 3339 form with ``Z`` and microseconds, as facts carry it."""
    return to_datetime(instant).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
