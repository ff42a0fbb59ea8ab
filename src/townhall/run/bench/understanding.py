"""``townhall bench understanding``: every task on the open halves, as shipped and as an operator would train it.

*Shipped* is what the models in this package say of sets they have not learnt from (for ``null`` there is none). *Trained*
is ``enrich.learning`` on the set itself, each row judged by a model that has not seen it.
"""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from townhall.enrich.learning.labelled import LABELLED, Task
from townhall.enrich.learning.machine import grade
from townhall.enrich.learning.trial import Trial, cross_validate
from townhall.enrich.measure import TASKS, calibration_error
from townhall.enrich.understanding import Understanding
from townhall.kernel.errors import NotFound
from townhall.run.bench.detectors import lookalike, surge

Told = Callable[[str], None]
OOS = "oos"
"""The label of what is in no class of ``clinc150``."""
_OOS_SHARE = 0.15
"""An utterance is called out of scope when that is this much more likely than the best class, times its share."""


def bench_understanding(
    sets: Path, only: tuple[str, ...] = (), told: Told = lambda name: None
) -> dict[str, Any]:
    """One entry a task. A set that is not there is named in its entry and measured not at all."""
    reader = Understanding.load()
    found: dict[str, Any] = {}
    for name in [
        name
        for name in (*LABELLED, *(TASKS.keys() - LABELLED.keys()), "lookalike", "surge")
        if not only or name in only
    ]:
        told(name)
        try:
            found[name] = _task(name, sets, reader)
        except NotFound as missing:
            found[name] = {"metric": "", "shipped": None, "trained": None, "rows": 0, "missing": str(missing)}
    return found


def _task(name: str, sets: Path, reader: Understanding) -> dict[str, Any]:
    if name in ("lookalike", "surge"):
        return {"trained": None, **(lookalike if name == "lookalike" else surge)(sets)}
    entry: dict[str, Any] = (
        {"trained": None, **TASKS[name](sets, reader)} if name in TASKS else {"shipped": None}
    )
    if name in LABELLED:
        trained = _trained(name, LABELLED[name], sets, reader)
        shipped = {"shipped_" + key: entry[key] for key in ("us", "calibration_error") if key in entry}
        # for two classes the shipped figure is told by the same measure as the trained one
        entry["shipped"] = entry.get(trained["metric"], entry["shipped"])
        entry = {**entry, **trained, **shipped}
    return entry


def _trained(name: str, task: Task, sets: Path, reader: Understanding) -> dict[str, Any]:
    pairs = task.read(sets)
    texts = [text for text, _ in pairs]
    extra = reader.head_scores(texts, task.heads) if task.heads else None
    began = time.process_time()
    trial = cross_validate(
        texts, [label for _, label in pairs], extra=extra, metric=task.metric, folds=task.folds
    )
    figures = _scope(trial) if name == "clinc150" else _figures(trial, task.metric)
    return {
        "metric": task.metric,
        "us": round(trial.us, 1),
        "rows": len(texts),
        "folds": task.folds,
        "seconds": round(time.process_time() - began, 1),
        **{key: round(value, 4) for key, value in figures.items()},
    }


def _figures(trial: Trial, metric: str) -> dict[str, float]:
    sure = trial.chances.max(axis=1)
    right = trial.chances.argmax(axis=1) == trial.truth
    precision, recall, f1 = _by_class(trial)
    return {
        "trained": grade(trial.truth, trial.said, metric),
        "accuracy": float((trial.truth == trial.said).mean()),
        "precision": precision, "recall": recall, "f1": f1,
        "calibration_error": calibration_error(sure.tolist(), right.tolist()),
    }  # fmt: skip


def _by_class(trial: Trial) -> tuple[float, float, float]:
    """Of the second class where there are two, else the average over classes."""
    classes = [1] if len(trial.classes) == 2 else range(len(trial.classes))
    each = []
    for one in classes:
        hit = float(((trial.truth == one) & (trial.said == one)).sum())
        said, true = float((trial.said == one).sum()), float((trial.truth == one).sum())
        each.append((hit / max(1.0, said), hit / max(1.0, true), 2 * hit / max(1.0, said + true)))
    precision, recall, f1 = np.mean(each, axis=0).tolist()
    return precision, recall, f1


def _scope(trial: Trial) -> dict[str, float]:
    """In scope: how many get their own class. Out of scope: how many are seen to be so."""
    if OOS not in trial.classes:
        return _figures(trial, "accuracy")
    place = trial.classes.index(OOS)
    chances = trial.chances.copy()
    chances[:, place] *= _OOS_SHARE
    said, inside = chances.argmax(axis=1), trial.truth != place
    figures = _figures(trial, "accuracy")
    right = said == trial.truth
    return {
        **figures,
        "trained": float(right[inside].mean()),
        "in_scope_accuracy": float(right[inside].mean()),
        "out_of_scope_recall": float(right[~inside].mean()) if (~inside).any() else 0.0,
    }


def sets_folder(given: Path | None, configured: Path) -> Path:
    """The folder asked for, else ``TOWNHALL_DATASETS``, else the settings'. Raises ``NotFound`` when it is no folder."""
    folder = given or Path(os.environ.get("TOWNHALL_DATASETS", configured))
    if not folder.is_dir():
        raise NotFound(f"{folder} is no folder of sets; name one with --sets or TOWNHALL_DATASETS")
    return folder
