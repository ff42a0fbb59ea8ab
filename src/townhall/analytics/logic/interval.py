"""A share with its interval, or no share."""

from math import ceil, floor, sqrt

from msgspec import Struct

LEAST = 30
"""Out of fewer than so many no share is told: its interval would span more than thirty points."""
_Z = 1.959963984540054


class Share(Struct, frozen=True):
    """A share in percent with its 95 % interval, to a tenth, the interval rounded outwards."""

    percent: float
    low: float
    high: float


def share(part: int, whole: int) -> Share | None:
    """Wilson's score interval (1927), without correction for continuity. ``None`` under ``LEAST``."""
    if whole < LEAST:
        return None
    p, z2 = part / whole, _Z * _Z
    middle = (p + z2 / (2 * whole)) / (1 + z2 / whole)
    reach = _Z * sqrt(p * (1 - p) / whole + z2 / (4 * whole * whole)) / (1 + z2 / whole)
    return Share(round(100 * p, 1), _down(middle - reach), _up(middle + reach))


def _down(value: float) -> float:
    return max(0, floor(1000 * value + 1e-9)) / 10


def _up(value: float) -> float:
    return min(1000, ceil(1000 * value - 1e-9)) / 10
