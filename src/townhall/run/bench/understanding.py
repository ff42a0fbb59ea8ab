"""``townhall bench understanding``: every task on the open halves, as shipped and as an operator would train it.

*Shipped* is what the models in this package say of sets they have not learnt from (for ``null`` there is none). *Trained*
is ``enrich.learning`` on the set itself, each row judged by a model that has not seen it.
"""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import lru_cache, partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from townhall.enrich.learning.grades import grade
from townhall.enrich.learning.labelled import LABELLED, Task
from townhall.enrich.learning.own import FLOOR
from townhall.enrich.learning.trial import Examples, Judged, Trial
from townhall.enrich.learning.views import Block, in_order
from townhall.enrich.measure import TASKS, calibration_error
from townhall.enrich.sets import stream
from townhall.enrich.understanding import Understanding
from townhall.kernel.errors import NotFound, Refused
from townhall.run.bench.detectors import surge
from townhall.run.bench.lookalikes import lookalike
from townhall.run.bench.onsets import onsets

Told = Callable[[str], None]
_DETECTORS: dict[str, Callable[[Path], dict[str, Any]]] = {
    "lookalike": lookalike, "surge": surge, "crisislex_onsets": onsets,
}  # fmt: skip
_NOTHING: dict[str, Any] = {
    "metric": "", "shipped": None, "trained": None, "us": -1.0, "calibration_error": -1.0, "rows": 0,
}  # fmt: skip
_ODD = (KeyError, ValueError, IndexError, OSError, Refused)


def bench_understanding(
    sets: Path, only: tuple[str, ...] = (), told: Told = lambda name: None, processes: int = 1
) -> dict[str, Any]:
    """One entry a task. First every shipped figure, alone on the machine so that its microseconds are true, then what is
    trained, fold by fold in so many ``processes``. A set that is not there, or whose rows are of another shape, is named
    in its entry and measured not at all."""
    names = [
        name
        for name in (*sorted(TASKS.keys() - LABELLED.keys()), *_DETECTORS, *LABELLED)
        if not only or name in only
    ]
    reader = Understanding.load()
    found = {
        name: _tried(told, f"{name}, as shipped", partial(_shipped, name, sets, reader)) for name in names
    }
    with _judges(processes) as ask:
        asked = {
            name: [ask(name, sets, fold) for fold in range(LABELLED[name].folds)]
            for name in names
            if name in LABELLED and not _failed(found[name])
        }
        for name, folds in asked.items():
            made = _tried(told, f"{name}, trained", partial(_trained, name, sets, folds))
            found[name] = made if _failed(made) else _both(found[name], made)
            told(_line(name, found[name]))
    return found


def _tried(told: Told, what: str, measure: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    told(what)
    try:
        return measure()
    except NotFound as missing:
        return {**_NOTHING, "missing": str(missing)}
    except _ODD as odd:
        return {**_NOTHING, "failed": f"{type(odd).__name__}: {odd}"}


def _line(name: str, entry: dict[str, Any]) -> str:
    if _failed(entry):
        return f"{name}: {entry.get('missing') or entry['failed']}"
    more = f", out of scope {entry['out_of_scope_recall']}" if "out_of_scope_recall" in entry else ""
    return f"{name}: {entry['metric']} shipped {entry['shipped']}, trained {entry['trained']}{more}"


def _failed(entry: dict[str, Any]) -> bool:
    return "missing" in entry or "failed" in entry


def _shipped(name: str, sets: Path, reader: Understanding) -> dict[str, Any]:
    if name in _DETECTORS:
        return {"trained": None, **_DETECTORS[name](sets)}
    return {"trained": None, **TASKS[name](sets, reader)} if name in TASKS else {**_NOTHING}


def _both(shipped: dict[str, Any], trained: dict[str, Any]) -> dict[str, Any]:
    """One entry: what is trained, and ``shipped_…`` beside it. For two classes both are told by the same measure."""
    kept = {
        f"shipped_{key}": value
        for key, value in shipped.items()
        if key not in ("metric", "shipped", "trained", "rows")
    }
    told = {key: value for key, value in kept.items() if value != -1.0}
    return {**trained, "shipped": shipped.get(trained["metric"], shipped["shipped"]), **told}


Fold = Callable[[], Judged]
Ask = Callable[[str, Path, int], Fold]
"""Given a task, the sets and a fold: a promise of what is judged in it, kept when called."""


@contextmanager
def _judges(processes: int) -> Iterator[Ask]:
    """Who judges folds: this process, one after the other when asked for it, or so many others at once.

    Each of the others does its sums on one core: threads of two that share two cores would stand in each other's way.
    """
    if processes < 2:
        yield lambda name, sets, fold: partial(judge_fold, name, sets, fold)
        return
    before = os.environ.get("OPENBLAS_NUM_THREADS")
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    try:
        with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
            yield lambda name, sets, fold: pool.submit(judge_fold, name, sets, fold).result
    finally:
        os.environ.pop("OPENBLAS_NUM_THREADS")
        if before is not None:
            os.environ["OPENBLAS_NUM_THREADS"] = before


def judge_fold(name: str, sets: Path, fold: int) -> Judged:
    """One fold of a labelled set, judged by a model that learnt from its other folds."""
    return _examples(name, sets).judge_fold(fold, LABELLED[name].folds)


@lru_cache(maxsize=1)
def _examples(name: str, sets: Path) -> Examples:
    task, texts, labels = LABELLED[name], *_texts(name, sets)
    extra = Understanding.load().head_scores(texts, task.heads) if task.heads else None
    return Examples(texts, labels, extra, task.metric, task.outside, _stream(task, sets))


def _stream(task: Task, sets: Path) -> Block | None:
    posts = stream(sets, task.stream)
    return in_order(posts) if posts else None


def _texts(name: str, sets: Path) -> tuple[list[str], list[str]]:
    pairs = LABELLED[name].read(sets)
    return [text for text, _ in pairs], [label for _, label in pairs]


def _trained(name: str, sets: Path, folds: list[Fold]) -> dict[str, Any]:
    task, examples = LABELLED[name], Examples(*_texts(name, sets))
    judged = [fold() for fold in folds]
    trial = examples.trial(judged)
    figures = _scope(trial, task.outside) if task.outside in trial.classes else _figures(trial, task.metric)
    return {
        "metric": task.metric,
        "shipped": None,
        "floor": FLOOR,
        "us": round(trial.us, 1),
        "rows": len(examples.texts),
        "folds": task.folds,
        "posts": len(stream(sets, task.stream)),
        "seconds": round(sum(one.learning for one in judged), 1),
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
        "sure": float((sure >= FLOOR).mean()), "accuracy_where_sure": float(right[sure >= FLOOR].mean()),
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


def _scope(trial: Trial, outside: str) -> dict[str, float]:
    """In scope: how many get their own class. Out of scope: how many are seen to be so."""
    inside, right = trial.truth != trial.classes.index(outside), trial.said == trial.truth
    in_scope = float(right[inside].mean())
    return {
        **_figures(trial, "accuracy"),
        "trained": in_scope,
        "in_scope_accuracy": in_scope,
        "out_of_scope_recall": float(right[~inside].mean()),
    }


def sets_folder(given: Path | None, configured: Path) -> Path:
    """The folder asked for, else ``TOWNHALL_DATASETS``, else the settings'. Raises ``NotFound`` when it is no folder."""
    folder = given or Path(os.environ.get("TOWNHALL_DATASETS", configured))
    if not folder.is_dir():
        raise NotFound(f"{folder} is no folder of sets; name one with --sets or TOWNHALL_DATASETS")
    return folder
