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
    "running": "{} running",
    "will_be_missed": "{} more will be missed in 30 min",
    "oldest_minutes": "oldest {}",
    "p90": "nine of ten within {}",
    "waiting": "{} still waiting, counted",
}
_ONE = {"promises": "promise", "posts": "post", "replies": "reply"}


def tile(one: Figure) -> dict[str, Any]:
    """One figure in words: the value with its unit, what it is out of, its target or usual, and its parts."""
    held = dict(one.parts)
    return {
        "figure": one,
        "title": TITLES.get(one.name, one.title),
        "short": SHORT.get(one.name, one.title),
        "value": in_words(one.value, one.unit),
        "unit": unit_of(one.value, one.unit),
        "of": f"{one.numerator:,} of {one.denominator:,}" if one.denominator is not None else "",
        "against": against(one),
        "missed": missed(one),
        "parts": [words for name in PARTS if name in held and (words := part(name, held[name], one.unit))],
        "bullet": bullet(one),
        "without": without(one.without),
    }


def unit_of(value: float | None, unit: str) -> str:
    """The unit as it stands behind the value: one promise, two promises; minutes say theirs themselves, and that they are a median."""
    return (
        "median"
        if unit == "min" and value is not None
        else ""
        if unit == "min"
        else _ONE.get(unit, unit)
        if value == 1
        else unit
    )


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


def missed(one: Figure) -> str:
    """Of a share of promises those missed, as many as it is short of its whole, and how many of them nobody answered."""
    if one.numerator is None or one.denominator is None or one.unit != "%":
        return ""
    gone, parts = one.denominator - one.numerator, dict(one.parts)
    never = int(parts.get("unanswered", parts.get("missed", 0)))  # what was frozen before has them as missed
    if not gone:
        return "none missed" if one.denominator else ""
    return f"{gone:,} missed" + (f", {never:,} of them not answered" if never else ", all answered late")


def against(one: Figure) -> str:
    """Target or usual range in words; before there is one it says so. What waits has a target for those missed among it."""
    if one.target is not None:
        target = f"target {in_words(one.target, one.unit)}" + (" %" if one.unit == "%" else "")
        among = dict(one.parts).get("missed") if one.denominator is None else None
        return target if among is None else f"{digits(among)} missed, {target}"
    if one.usual_low is None or one.usual_high is None:
        return "usual not before 14 days"
    return f"usual {in_words(one.usual_low, one.unit)}–{in_words(one.usual_high, one.unit)}"


def bullet(one: Figure) -> dict[str, int] | None:
    """A share as a bar of 100 with its target."""
    if one.denominator is None or one.value is None:
        return None
    return {"bar": round(min(one.value, 100)), "target": round(one.target or 0)}
