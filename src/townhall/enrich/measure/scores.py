"""The scores that tasks are told in, and the form of an entry."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from townhall.enrich.logic.enriched import Enriched
from townhall.enrich.logic.heads import HEADS
from townhall.enrich.understanding import Understanding

Task = Callable[[Path, Understanding], dict[str, Any]]
"""Given the folder of sets and the reader, one entry. Raises ``NotFound`` when its set is missing."""
BATCH = 500
"""Texts read at once."""


def read(reader: Understanding, texts: Sequence[str]) -> tuple[list[Enriched], float]:
    """What is understood of the texts, and microseconds of processor time for each."""
    started = time.process_time()
    found = [one for i in range(0, len(texts), BATCH) for one in reader.enrich(texts[i : i + BATCH])]
    return found, (time.process_time() - started) * 1e6 / max(1, len(texts))


def entry(
    metric: str, value: float, us: float, rows: int, error: float = -1.0, **more: Any
) -> dict[str, Any]:
    """One task's figures. ``us`` is microseconds a row; ``error`` the calibration error, -1 where nothing is a chance."""
    rounded = {key: round(v, 4) if isinstance(v, float) else v for key, v in more.items()}
    return {
        "metric": metric,
        "shipped": round(value, 4),
        "us": round(us, 1),
        "calibration_error": round(error, 4),
        "rows": rows,
        **rounded,
    }


def calibration_error(likely: Sequence[float], truth: Sequence[bool]) -> float:
    """Expected calibration error: how far stated chance and truth lie apart, over ten equal bins."""
    p, y = np.array(likely), np.array(truth, float)
    bins = np.minimum((p * 10).astype(int), 9)
    return float(
        sum(
            abs(p[bins == b].mean() - y[bins == b].mean()) * (bins == b).mean()
            for b in range(10)
            if (bins == b).any()
        )
    )


def f1(truth: Sequence[bool], said: Sequence[bool]) -> float:
    """F1 of yes."""
    hit = sum(t and s for t, s in zip(truth, said, strict=True))
    return 2 * hit / max(1, sum(truth) + sum(said))


def macro_f1(truth: Sequence[Any], said: Sequence[Any]) -> float:
    """F1 of each class of the truth, averaged."""
    classes = sorted(set(truth))
    return sum(f1([t == c for t in truth], [s == c for s in said]) for c in classes) / len(classes)


def yes_or_no(
    metric: str, pairs: Sequence[tuple[str, bool]], likely: Sequence[float], us: float, head: str = ""
) -> dict[str, Any]:
    """The entry of a chance of yes, called yes from a half on, for pairs of a text and the truth. ``head`` is the one that
    says it: how often it is sure, and how right then, are told too."""
    floor = 0.5
    truth, said = [true for _, true in pairs], [p >= floor for p in likely]
    hit = sum(a and b for a, b in zip(truth, said, strict=True))
    figures = {
        "f1": f1(truth, said),
        "macro_f1": macro_f1(truth, said),
        "accuracy": float(np.mean([a == b for a, b in zip(truth, said, strict=True)])),
        "precision": hit / max(1, sum(said)),
        "recall": hit / max(1, sum(truth)),
    }
    value = figures[metric]
    sure = where_sure(truth, [_said(head, p) for p in likely]) if head else {}
    return entry(
        metric, value, us, len(pairs), calibration_error(likely, truth), floor=floor, **figures, **sure
    )


def _said(head: str, p: float) -> bool | None:
    """Yes or no as the head says it to people; ``None`` where it is unsure."""
    said, chance = HEADS[head].said((1 - p, p))
    return said == "yes" if HEADS[head].is_sure(said, chance) else None


def where_sure(truth: Sequence[Any], said: Sequence[Any]) -> dict[str, float]:
    """The share of rows of which something is said (not ``None``), and how often that is right."""
    right = [a == b for a, b in zip(truth, said, strict=True) if b is not None]
    return {"sure": len(right) / max(1, len(said)), "accuracy_where_sure": sum(right) / max(1, len(right))}


def by_class(truth: Sequence[Any], said: Sequence[Any]) -> dict[str, float]:
    """Precision, recall and F1 averaged over the classes of the truth."""
    each = []
    for one in sorted(set(truth)):
        hit = sum(t == one == s for t, s in zip(truth, said, strict=True))
        called, true = sum(s == one for s in said), sum(t == one for t in truth)
        each.append((hit / max(1, called), hit / max(1, true), 2 * hit / max(1, called + true)))
    precision, recall, mean = np.mean(each, axis=0).tolist()
    return {"precision": precision, "recall": recall, "macro_f1": mean}
