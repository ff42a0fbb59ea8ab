"""Whole numbers as forms, links and cursors bring them: text that anybody may have written."""

from townhall.kernel.clock import Instant

_LARGEST = (1 << 63) - 1
_LAST: Instant = 253_402_300_799_999_999
"""The end of the year 9999: no calendar of ours goes on."""


def whole(raw: str) -> int | None:
    """A whole number from 0 to the largest that the database keeps (2⁶³-1), in plain digits; ``None`` for anything else."""
    if not (raw.isascii() and raw.isdigit() and len(raw) < 20):
        return None
    number = int(raw)
    return number if number <= _LARGEST else None


def moment(raw: str) -> Instant | None:
    """An instant (microseconds UTC) from 1970 to the year 9999, in plain digits; ``None`` for anything else."""
    number = whole(raw)
    return number if number is not None and number <= _LAST else None
