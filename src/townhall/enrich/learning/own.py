"""An operator's own labelled posts: read, tried on rows a model has not seen, learnt; and where it is least sure."""

import csv
from collections import Counter
from pathlib import Path
from typing import Any

from msgspec import Struct

from townhall.enrich.learning.grades import grade
from townhall.enrich.learning.kept import load, save
from townhall.enrich.learning.machine import fit
from townhall.enrich.learning.trial import cross_validate
from townhall.enrich.learning.views import in_order
from townhall.kernel.errors import NotFound, Refused

LEAST_OF_A_CLASS = 5
_FOLDS = 5
_BESIDE = ", beside them the company that words keep"
MOST_POSTS = 200_000
"""Posts without labels that are learnt from at most."""
FLOOR = 0.6
"""Under this chance the answer is "unsure"."""


class Said(Struct, frozen=True):
    """What a model says of a text: ``label`` is "unsure" under the floor, ``likeliest`` what it would be."""

    text: str
    label: str
    likeliest: str
    chance: float


def read_labelled(path: Path) -> list[tuple[str, str]]:
    """(text, label) of a CSV file with these columns. Rows without either are passed over. Raises ``NotFound``, ``Refused``."""
    return [
        (row["text"], row["label"]) for row in _read(path, ("text", "label")) if row["text"] and row["label"]
    ]


def read_texts(path: Path) -> list[str]:
    """The column ``text`` of a CSV file. Raises ``NotFound``, ``Refused``."""
    return [row["text"] for row in _read(path, ("text",)) if row["text"]]


def _read(path: Path, columns: tuple[str, ...]) -> list[dict[str, str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines)
            missing = [column for column in columns if column not in (reader.fieldnames or ())]
            if missing:
                raise Refused(f"{path} has no column {', '.join(missing)}; its first line must name them")
            return list(reader)
    except (OSError, UnicodeDecodeError) as error:
        raise NotFound(f"{path} cannot be read as a CSV file in UTF-8 ({error})") from error


def train(
    pairs: list[tuple[str, str]], folder: Path, name: str, posts: list[str] | None = None
) -> dict[str, Any]:
    """Learns from the pairs into ``folder``; the card says how good it is on rows it had not seen. ``posts`` are of the same
    kind, and nobody has labelled them: they teach which words are used alike.

    Raises ``Refused`` with fewer than two classes, fewer than five rows of one, or more than ``MOST_POSTS`` posts.
    """
    if posts and len(posts) > MOST_POSTS:
        raise Refused(
            f"{len(posts):,} posts without labels are more than are learnt from: give {MOST_POSTS:,} at most"
        )
    counts = Counter(label for _, label in pairs)
    small = sorted(label for label, count in counts.items() if count < LEAST_OF_A_CLASS)
    if len(counts) < 2 or small:
        few = f"; too few of: {', '.join(small[:5])}" if small else ""
        raise Refused(f"learning wants two labels or more, each on {LEAST_OF_A_CLASS} posts or more{few}")
    texts, labels = [text for text, _ in pairs], [label for _, label in pairs]
    lines = in_order(posts) if posts else None
    trial = cross_validate(texts, labels, folds=_FOLDS, posts=lines)
    sure = trial.chances.max(axis=1) >= FLOOR
    right = trial.said == trial.truth
    made = fit(texts, labels, posts=lines)
    card = {
        "kind": f"{made.kind} over words, letters and stems{_BESIDE if made.company else ''}", "rows": len(pairs), "posts": len(posts or ()), "floor": FLOOR,
        "rows_by_class": dict(sorted(counts.items())), "folds": _FOLDS,
        "accuracy": round(grade(trial.truth, trial.said, "accuracy"), 4),
        "sure": round(float(sure.mean()), 4),
        "accuracy_where_sure": round(float(right[sure].mean()), 4) if sure.any() else None,
    }  # fmt: skip
    return save(made, folder, name, card)


def judge(texts: list[str], folder: Path, name: str) -> list[Said]:
    """What the learnt model says of each text. Raises ``NotFound``, ``Refused``."""
    made, card = load(folder, name)
    if not texts:
        return []
    chances = made.chances(made.scores(texts))
    best, top = chances.argmax(axis=1).tolist(), chances.max(axis=1).tolist()
    return [
        Said(
            text,
            made.classes[place] if chance >= card["floor"] else "unsure",
            made.classes[place],
            round(chance, 4),
        )
        for text, place, chance in zip(texts, best, top, strict=True)
    ]


def least_sure(said: list[Said], count: int) -> list[Said]:
    """The texts whose labels would teach it most: each once, the least sure first."""
    once = {one.text: one for one in said}
    return sorted(once.values(), key=lambda one: (one.chance, one.text))[:count]
