"""Whether a figure is all right: against its target, or against what is usual."""

from typing import Literal

from townhall.analytics.logic.figures import Measure

State = Literal["good", "watch", "bad", "unknown"]


def judged(measure: Measure, better: str, target: float | None) -> State:
    """Good within the target (or the usual), watch just beside it, bad beyond; unknown with nothing to hold it to.

    A figure that counts things waiting is held to those missed among them, when it knows them.
    """
    if better == "usual":
        return _usual(measure)
    value = dict(measure.parts).get("missed", measure.value) if measure.denominator is None else measure.value
    if value is None or target is None:
        return "unknown"
    if better == "more":
        return "good" if value >= target else "watch" if value >= target - 5 else "bad"
    return "good" if value <= target else "watch" if value <= target * 1.5 + 10 else "bad"


def _usual(measure: Measure) -> State:
    if measure.value is None or measure.usual is None:
        return "unknown"
    low, high = measure.usual
    if low <= measure.value <= high:
        return "good"
    return "watch" if low / 2 <= measure.value <= high * 2 else "bad"
