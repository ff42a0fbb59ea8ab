"""When a surge would have been told in each crisis, on volumes by the minute."""

from pathlib import Path
from typing import Any

import numpy as np

from townhall.analytics.logic.surge import Surge
from townhall.enrich.sets import file_of, table
from townhall.kernel.clock import MINUTE, Instant, from_iso, to_iso

_SLOT = 5
"""Minutes counted together."""
_BEGUN = 0.1
"""A crisis has begun when a slot holds this share of the greatest: a plain reading of the volumes, no label."""
_SOON = 60
"""Minutes within which an alarm is in time."""


def onsets(sets: Path) -> dict[str, Any]:
    """Share of crises told within an hour of the slot that first held a tenth of the greatest volume, or before it."""
    counted = _counts(sets)
    events = {name: _event(first, counts) for name, (first, counts) in sorted(counted.items())}
    waits = [one["minutes"] for one in events.values() if one["minutes"] is not None]
    told = sum(wait <= _SOON for wait in waits)
    near = sum(
        one["nearest_minutes"] is not None and abs(one["nearest_minutes"]) <= _SOON for one in events.values()
    )
    return {
        "metric": "told in time", "shipped": round(told / max(1, len(events)), 4), "us": -1.0, "calibration_error": -1.0,
        "rows": sum(len(counts) for _, counts in counted.values()), "told": len(waits), "events": events,
        "told_within_an_hour": round(near / max(1, len(events)), 4), "alarms_a_week": _a_week(counted, events),
        "median_minutes": float(np.median(waits)) if waits else None,
    }  # fmt: skip


def _a_week(counted: dict[str, tuple[Instant, list[int]]], events: dict[str, Any]) -> float:
    weeks = sum(len(counts) for _, counts in counted.values()) / _DAY / 7
    alarms: int = sum(one["alarms"] for one in events.values())
    return round(alarms / max(1e-9, weeks), 2)


def _counts(sets: Path) -> dict[str, tuple[Instant, list[int]]]:
    by: dict[str, dict[Instant, int]] = {}
    for row in table(file_of(sets, "crisislex", "t26_minute_volume.csv.gz")):
        slot = from_iso(row["minute"]) // (_SLOT * MINUTE)
        held = by.setdefault(row["event"], {})
        held[slot] = held.get(slot, 0) + int(row["tweets"])
    return {
        name: (min(held) * _SLOT * MINUTE, [held.get(slot, 0) for slot in range(min(held), max(held) + 1)])
        for name, held in by.items()
    }


def _event(first: Instant, counts: list[int]) -> dict[str, Any]:
    begun = next(n for n, count in enumerate(counts) if count >= _BEGUN * max(counts))
    watch = Surge(_SLOT * 60, first // (_SLOT * MINUTE) % _DAY)
    readings = [(n, watch.step(count)) for n, count in enumerate(counts)]
    alarms = [(n, reading) for n, reading in readings if reading.news]
    place, reading = next(((n, r) for n, r in alarms if n >= begun - _DAY), (None, None))
    return {
        "begun": to_iso(first + begun * _SLOT * MINUTE),
        "told": None if place is None else to_iso(first + place * _SLOT * MINUTE),
        "minutes": None if place is None else (place - begun) * _SLOT,
        "nearest_minutes": min(((n - begun) * _SLOT for n, _ in alarms), key=abs, default=None),
        "reason": None if reading is None else reading.reason(),
        "alarms": len(alarms),
    }


_DAY = 24 * 60 // _SLOT
