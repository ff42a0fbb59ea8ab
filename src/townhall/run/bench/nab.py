"""The scoring of the Numenta Anomaly Benchmark, standard profile: one hit a window, the earlier the better; what is
raised outside costs by its distance behind the last window. 0 is silence, 100 is perfect.

Source: Lavin and Ahmad, "Evaluating Real-time Anomaly Detection Algorithms", 2015.
"""

import math
from collections.abc import Sequence

_MISSED, _FALSE = 1.0, 0.11
_PROBATION, _MOST_PROBATION = 0.15, 750

Window = tuple[int, int]
Series = tuple[Sequence[float], Sequence[Window]]
"""Scores by row, and the labelled windows as first and last row."""


def nab_score(series: Sequence[Series], threshold: float) -> float:
    """The normalised score of raising at ``threshold`` or above."""
    windows = sum(len(found) for _, found in series)
    raw = sum(_of_one(scores, found, threshold) for scores, found in series)
    return 100 * (raw + _MISSED * windows) / (windows + _MISSED * windows) if windows else 0.0


def hits(one: Series, threshold: float) -> dict[str, int]:
    """How many windows hold an alarm, of how many, and how many alarms stand outside all of them."""
    scores, windows = one
    start = _start(scores)
    alarms = [row for row in range(start, len(scores)) if scores[row] >= threshold]
    inside = [next((n for n, (a, b) in enumerate(windows) if a <= row <= b), -1) for row in alarms]
    return {"windows": len(windows), "hit": len(set(inside) - {-1}), "outside": inside.count(-1)}


def _start(scores: Sequence[float]) -> int:
    """The first row that counts: what comes before is for learning."""
    return min(math.floor(_PROBATION * len(scores)), _MOST_PROBATION)


def _of_one(scores: Sequence[float], windows: Sequence[Window], threshold: float) -> float:
    total, best = 0.0, dict[int, float]()
    for row in range(_start(scores), len(scores)):
        if scores[row] < threshold:
            continue
        inside = next((n for n, (first, last) in enumerate(windows) if first <= row <= last), None)
        if inside is not None:
            first, last = windows[inside]
            worth = _sigmoid(-(last - row + 1) / (last - first + 1)) / _sigmoid(-1.0)
            best[inside] = max(best.get(inside, -9.0), worth)
        else:
            total += _FALSE * _worth_outside(row, windows)
    return total + sum(best.values()) - _MISSED * (len(windows) - len(best))


def _worth_outside(row: int, windows: Sequence[Window]) -> float:
    before = [window for window in windows if window[1] < row]
    if not before:
        return -1.0
    first, last = before[-1]
    return _sigmoid((row - last) / (last - first)) if last > first else -1.0


def _sigmoid(y: float) -> float:
    return -1.0 if y > 3.0 else 2.0 / (1.0 + math.exp(5.0 * y)) - 1.0
