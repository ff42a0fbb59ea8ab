"""CEL's arithmetic, where it is not Python's: 64-bit whole numbers, division towards zero, ``inf`` for x / 0.0.

Source: the CEL language definition, "Numeric values" and "Standard definitions".
"""

import math
from collections.abc import Callable, Iterable

from townhall.policy.logic.fault import NoValue

_LOW, _HIGH = -(1 << 63), (1 << 63) - 1

Thunk = Callable[[], bool]


def whole(value: int) -> int:
    """The value itself, if 64 bits hold it. Raises ``NoValue``."""
    if not _LOW <= value <= _HIGH:
        raise NoValue("a whole number past 64 bits")
    return value


def divide_whole(a: int, b: int) -> int:
    """Quotient, cut towards zero. Raises ``NoValue`` for b = 0 and for the one quotient past 64 bits."""
    if b == 0:
        raise NoValue("a division by zero")
    quotient = abs(a) // abs(b)
    return whole(quotient if (a < 0) == (b < 0) else -quotient)


def remainder(a: int, b: int) -> int:
    """What ``divide_whole`` leaves; it has the sign of ``a``. Raises ``NoValue`` for b = 0."""
    if b == 0:
        raise NoValue("a division by zero")
    divide_whole(a, b)
    return int(math.copysign(1, a)) * (abs(a) % abs(b))


def divide_double(a: float, b: float) -> float:
    """IEEE 754 division: by zero it gives an infinity, 0/0 is not a number."""
    if b == 0:
        sign = math.copysign(1, a) * math.copysign(1, b)
        return math.nan if a == 0 or math.isnan(a) else sign * math.inf
    return a / b


def lower_ascii(text: str) -> str:
    """The text with A to Z made small and nothing else changed."""
    if text.isascii():
        return text.lower()
    # Bytes know no letters but those of ASCII.
    return text.encode("utf-8", "surrogatepass").lower().decode("utf-8", "surrogatepass")


def every(thunks: Iterable[Thunk]) -> bool:
    """CEL's ``&&``: one false decides, even beside a part without value. Else raises what was raised."""
    missing: NoValue | None = None
    for thunk in thunks:
        try:
            if not thunk():
                return False
        except NoValue as error:
            missing = error
    if missing is not None:
        raise missing
    return True


def some(thunks: Iterable[Thunk]) -> bool:
    """CEL's ``||``: one true decides, even beside a part without value. Else raises what was raised."""
    missing: NoValue | None = None
    for thunk in thunks:
        try:
            if thunk():
                return True
        except NoValue as error:
            missing = error
    if missing is not None:
        raise missing
    return False
