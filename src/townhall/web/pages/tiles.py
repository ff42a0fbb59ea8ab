"""Figures in words: the value with its unit, what it is out of, its target or usual, and its named parts."""

from typing import Any

from townhall.desk.views import Figure
from townhall.kernel.clock import MINUTE
from townhall.web.pages.words import figure as digits
from townhall.web.pages.words import span

SHORT = {
    "promises_today": "Today", "promises_now": "Last hour", "promises_day": "Last day", "promises_week": "7 days",
}  # fmt: skip
TITLES = {"first_response_hour": "Time to first answer", "first_response_week": "Time to first answer"}
"""Where the period stands below the figure, it need not stand above it."""
PARTS = {
    "will_be_missed": "{} more will be missed in 30 min",
    "running": "{} running",
    "missed": "{} missed",
    "oldest_minutes": "oldest {}",
    "p90": "p90 {}",
    "waiting": "{} still waiting, counted",
}
_ONE = {"promises": "promise", "posts": "post", "replies": "reply"}


def tile(one: Figure) -> dict[str, Any]:
    """One figure in words: the value with its unit, what it is out of, its target or usual, and its parts."""
    return {
        "figure": one,
        "title": TITLES.get(one.name, one.title),
        "short": SHORT.get(one.name, one.title),
        "value": in_words(one.value, one.unit),
        "unit": unit_of(one.value, one.unit),
        "of": f"{one.numerator:,} of {one.denominator:,}" if one.denominator is not None else "",
        "against": against(one),
        "parts": [part(name, value, one.unit) for name, value in one.parts if name in PARTS],
        "bullet": bullet(one),
        "without": without(one.without),
    }


def unit_of(value: float | None, unit: str) -> str:
    """The unit as it stands behind the value: one promise, two promises; minutes say theirs themselves."""
    return "" if unit == "min" else _ONE.get(unit, unit) if value == 1 else unit


def without(handles: tuple[str, ...]) -> str:
    """Which channels are behind, beside a figure they touch; the list of channels names them all."""
    if not handles:
        return ""
    rest = f" and {len(handles) - 2} more" if len(handles) > 2 else ""
    return f"without {', '.join(handles[:2])}{rest}"


def in_words(value: float | None, unit: str) -> str:
    """A value in its unit: minutes as a length of time, the rest in digits."""
    if value is None:
        return "–"
    return span(int(value * MINUTE)) if unit == "min" else digits(value)


def part(name: str, value: float, unit: str) -> str:
    """One of a figure's named parts as a phrase."""
    words = PARTS[name]
    if name.endswith("_minutes") or (unit == "min" and name == "p90"):
        return words.format(span(int(value * MINUTE))) if value else ""
    return words.format(digits(value)) if value or name == "running" else ""


def against(one: Figure) -> str:
    """Target or usual range in words; before there is one it says so."""
    if one.target is not None:
        return f"target {in_words(one.target, one.unit)}" + (" %" if one.unit == "%" else "")
    if one.usual_low is None or one.usual_high is None:
        return "usual not before 14 days"
    return f"usual {in_words(one.usual_low, one.unit)}–{in_words(one.usual_high, one.unit)}"


def bullet(one: Figure) -> dict[str, int] | None:
    """A share as a bar of 100 with its target."""
    if one.denominator is None or one.value is None:
        return None
    return {"bar": round(min(one.value, 100)), "target": round(one.target or 0)}
