"""How good the detector of surges is on tweet volumes: it learns nothing from labels."""

import csv
import gzip
import json
import time
from pathlib import Path
from typing import Any

from townhall.analytics.logic.surge import RAISE_AT, Surge
from townhall.enrich.sets import file_of
from townhall.run.bench.nab import Series, hits, nab_score


def surge(sets: Path) -> dict[str, Any]:
    """The score of the Numenta Anomaly Benchmark on tweet volumes: at the bar that is shipped, and at the best one bar for
    all series, which is how published figures are made. By series too, with its windows hit and its alarms outside."""
    series, slots, us = _series(sets)
    every = list(series.values())
    bars = sorted({round(score, 2) for scores, _ in every for score in scores if score > 0})
    best = max((nab_score(every, bar) for bar in bars[:: max(1, len(bars) // 300)]), default=0.0)
    return {
        "metric": "nab", "shipped": round(nab_score(every, RAISE_AT), 2), "at_best_bar": round(best, 2),
        "us": round(us, 1), "calibration_error": -1.0, "rows": slots, "windows": sum(len(w) for _, w in every),
        "series": {
            name: {"score": round(nab_score([one], RAISE_AT), 1)} | hits(one, RAISE_AT) for name, one in series.items()
        },
    }  # fmt: skip


def _series(sets: Path) -> tuple[dict[str, Series], int, float]:
    folder = sets / "nab_tweets"
    counts = file_of(sets, "nab_tweets", "volume_5min.csv.gz")
    labels = json.loads((folder / "labels.json").read_text("utf-8"))
    by: dict[str, list[tuple[str, float]]] = {}
    with gzip.open(counts, "rt", encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            by.setdefault(row["company"], []).append((row["timestamp"], float(row["value"])))
    began = time.process_time()
    scored = {name: _scores(found) for name, found in by.items()}
    slots = sum(map(len, by.values()))
    us = (time.process_time() - began) * 1e6 / max(1, slots)
    told: dict[str, Series] = {
        name: (scored[name], _windows(found, labels[name]["windows"]))
        for name, found in sorted(by.items())
        if name in labels
    }
    return told, slots, us


def _scores(counts: list[tuple[str, float]]) -> list[float]:
    """What is news, by its score; 0 elsewhere."""
    hour, minute = (int(part) for part in counts[0][0][11:16].split(":"))
    watch = Surge(first=(60 * hour + minute) // 5)
    readings = [watch.step(count) for _, count in counts]
    return [reading.score if reading.news else 0.0 for reading in readings]


def _windows(found: list[tuple[str, float]], stated: list[tuple[str, str]]) -> list[tuple[int, int]]:
    times = [at for at, _ in found]
    spans = [[n for n, at in enumerate(times) if first[:19] <= at <= last[:19]] for first, last in stated]
    return sorted((span[0], span[-1]) for span in spans if span)
