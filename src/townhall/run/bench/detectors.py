"""How good two detectors are that learn nothing from labels: look-alike names, and surges of volume."""

import csv
import gzip
import json
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from townhall.analytics.logic.surge import RAISE_AT, Surge
from townhall.enrich.sets import rows
from townhall.kernel.errors import NotFound
from townhall.outbound.logic.lookalike import likeness
from townhall.run.bench.nab import Series, nab_score

_BRANDS = (
    "harbourtel",
    "fernhill",
    "northbank",
    "skylarkair",
    "millstonefoods",
    "brightcable",
    "oakfieldstores",
    "tidewater",
)
_ADDED = ("help", "support", "care", "secure", "login", "refund")
_ENDINGS = ("net", "info", "shop", "co")
_NAMED_AT = 0.7
_STRANGERS = 4_000


def lookalike(sets: Path) -> dict[str, Any]:
    """Names made from brands' own by look-alike letters, typing errors, added words and other endings, among hosts of
    others that are in honest use. Found means a likeness of 0.7 or more."""
    chance = random.Random(11)  # noqa: S311 - names for a measurement
    tables = _tables(sets)
    fakes = [(f"{fake}", brand) for brand in _BRANDS for fake in _fakes(brand, tables, chance)]
    honest = [r["host"] for r in rows(sets, "phishing_urls", "urls") if r["label"] == "legitimate"]
    strangers = [(host, chance.choice(_BRANDS)) for host in sorted(set(honest))[:_STRANGERS]]
    asked = [*fakes, *strangers]
    began = time.process_time()
    said = [likeness(host, (f"{brand}.com",))[0] >= _NAMED_AT for host, brand in asked]
    us = (time.process_time() - began) * 1e6 / len(asked)
    hit, wrong = sum(said[: len(fakes)]), sum(said[len(fakes) :])
    precision, recall = hit / max(1, hit + wrong), hit / len(fakes)
    f1 = 2 * precision * recall / max(1e-9, precision + recall)
    return {
        "metric": "recall", "shipped": round(recall, 4), "precision": round(precision, 4), "recall": round(recall, 4),
        "f1": round(f1, 4), "us": round(us, 1), "calibration_error": -1.0, "rows": len(asked),
    }  # fmt: skip


def _tables(sets: Path) -> dict[str, list[str]]:
    path = sets / "homoglyphs" / "chars.txt"
    if not path.exists():
        raise NotFound(f"the data set homoglyphs is not in {sets}")
    found: dict[str, list[str]] = {}
    for line in path.read_text("utf-8").splitlines():
        if line and line[0] != "#":
            for letter in set(line) & set("abcdefghijklmnopqrstuvwxyz"):
                found[letter] = [c for c in line if c.isalnum() and c.lower() != letter]
    return found


def _fakes(brand: str, tables: dict[str, list[str]], chance: random.Random) -> Iterator[str]:
    for _ in range(40):
        place = chance.randrange(len(brand))
        looks = tables.get(brand[place])
        if looks:
            yield f"{brand[:place]}{chance.choice(looks)}{brand[place + 1 :]}.com"
    for place in range(1, len(brand) - 1):
        yield f"{brand[:place]}{brand[place + 1 :]}.com"
        yield f"{brand[:place]}{brand[place + 1]}{brand[place]}{brand[place + 2 :]}.com"
    yield from (f"{brand}-{word}.com" for word in _ADDED)
    yield from (f"{brand}.{ending}" for ending in _ENDINGS)


def surge(sets: Path) -> dict[str, Any]:
    """The score of the Numenta Anomaly Benchmark on tweet volumes: at the bar that is shipped, and at the best one bar for
    all series, which is how published figures are made."""
    series, slots, us = _series(sets)
    bars = sorted({round(score, 2) for scores, _ in series for score in scores if score > 0})
    best = max((nab_score(series, bar) for bar in bars[:: max(1, len(bars) // 300)]), default=0.0)
    return {
        "metric": "nab", "shipped": round(nab_score(series, RAISE_AT), 2), "at_best_bar": round(best, 2),
        "us": round(us, 1), "calibration_error": -1.0, "rows": slots, "windows": sum(len(w) for _, w in series),
    }  # fmt: skip


def _series(sets: Path) -> tuple[list[Series], int, float]:
    folder = sets / "nab_tweets"
    counts = next(iter(sorted(folder.glob("*volume_5min.csv.gz"))), None)
    if counts is None:
        raise NotFound(f"the data set nab_tweets is not in {sets}")
    labels = json.loads((folder / "labels.json").read_text("utf-8"))
    by: dict[str, list[tuple[str, float]]] = {}
    with gzip.open(counts, "rt", encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            by.setdefault(row["company"], []).append((row["timestamp"], float(row["value"])))
    began = time.process_time()
    scored = {
        name: [reading.score for reading in map(Surge().step, [v for _, v in found])]
        for name, found in by.items()
    }
    slots = sum(map(len, by.values()))
    us = (time.process_time() - began) * 1e6 / max(1, slots)
    return (
        [
            (scored[name], _windows(found, labels[name]["windows"]))
            for name, found in sorted(by.items())
            if name in labels
        ],
        slots,
        us,
    )


def _windows(found: list[tuple[str, float]], stated: list[tuple[str, str]]) -> list[tuple[int, int]]:
    times = [at for at, _ in found]
    spans = [[n for n, at in enumerate(times) if first[:19] <= at <= last[:19]] for first, last in stated]
    return sorted((span[0], span[-1]) for span in spans if span)
