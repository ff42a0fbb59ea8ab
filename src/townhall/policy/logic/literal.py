"""Literals of conditions: whole numbers of 64 bits, doubles, texts with CEL's escapes."""

import math
import re

from townhall.policy.logic.fault import Fault

_INT_MAX = (1 << 63) - 1
_ESCAPE = re.compile(
    r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|x([0-9a-fA-F]{2})|([0-3][0-7]{2})|(.))", re.DOTALL
)
_SIMPLE = {"n": "\n", "r": "\r", "t": "\t", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}
_ITSELF = "\\'\"`?"


def read_whole(text: str, sign: int, at: int) -> int:
    """A whole number, decimal or 0x. Raises ``Fault`` when 64 bits do not hold it."""
    value = sign * (int(text, 16) if text[:2] in ("0x", "0X") else int(text) if len(text) < 25 else 1 << 64)
    if not -_INT_MAX - 1 <= value <= _INT_MAX:
        raise Fault("a whole number has 64 bits; this is larger", at)
    return value


def read_double(text: str, at: int) -> float:
    """A number with a point or an exponent. Raises ``Fault`` when it is too large."""
    value = float(text)
    if not math.isfinite(value):
        raise Fault("this number is too large", at)
    return value


def read_string(text: str, at: int) -> str:
    """A quoted text, raw (r'…') or with escapes. Raises ``Fault`` for an escape that means nothing."""
    if text[0] in "rR":
        return text[2:-1]
    return _ESCAPE.sub(lambda found: _unescape(found, at), text[1:-1])


def _unescape(found: re.Match[str], at: int) -> str:
    code = found[1] or found[2] or found[3]
    point = int(code, 16) if code else int(found[4], 8) if found[4] else -1
    if point > 0x10FFFF or 0xD800 <= point <= 0xDFFF:
        raise Fault(f"{found[0]} is no character", at)
    if point >= 0:
        return chr(point)
    if found[5] in _SIMPLE or found[5] in _ITSELF:
        return _SIMPLE.get(found[5], found[5])
    raise Fault(
        f"\\{found[5]} means nothing in a text; write \\\\ for a backslash, or r'…' for a pattern", at
    )
