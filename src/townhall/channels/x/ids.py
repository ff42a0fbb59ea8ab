"""X's ids carry their own time. Pure.

Source: the published Snowflake layout: milliseconds since 2010-11-04T01:42:54.657Z, shifted left by 22 bits.
"""

from townhall.kernel.clock import Instant

_EPOCH_MS = 1_288_834_974_657
_FIRST = 1 << 33
"""Ids below were counted up one by one and carry no time (before November 2010)."""


def instant_of(native_id: str) -> Instant:
    """When the thing was made (to the millisecond); 0 when the id carries no time."""
    if not (native_id.isascii() and native_id.isdigit() and len(native_id) <= 19) or int(native_id) < _FIRST:
        return 0
    return ((int(native_id) >> 22) + _EPOCH_MS) * 1000


def id_at(moment: Instant) -> str:
    """The smallest id that could be made at that moment: a bound for ``since_id``."""
    return str(max(0, moment // 1000 - _EPOCH_MS) << 22)


def later(one: str, other: str) -> str:
    """The newer of two ids ("" is older than any)."""
    return max(one, other, key=lambda native_id: int(native_id or 0))
