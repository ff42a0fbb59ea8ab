"""How good the shipped understanding is, measured on the open halves of public sets. No set is needed to run Townhall.

Takes: the folder of sets. Gives: one entry a task: what is measured, how much of it, microseconds a post in batches of
500, the expected calibration error (ten bins; -1 where nothing is a probability) and the rows. ``TASKS`` names them all.
"""

from pathlib import Path
from typing import Any

from townhall.enrich.measure.conduct import CONDUCT
from townhall.enrich.measure.scores import Task, calibration_error
from townhall.enrich.measure.words import WORDS
from townhall.enrich.understanding import Understanding

TASKS: dict[str, Task] = WORDS | CONDUCT


def measure(sets: Path, folder: Path | None = None) -> dict[str, dict[str, Any]]:
    """Every task's figures, with the models of ``folder`` (default: the shipped ones).

    Raises ``NotFound`` when a set is missing.
    """
    reader = Understanding.load(folder)
    return {name: task(sets, reader) for name, task in TASKS.items()}


__all__ = ["TASKS", "calibration_error", "measure"]
