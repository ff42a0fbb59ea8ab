"""A head taught from labels, and held against the model it would replace on posts that neither has learnt from."""

from collections import Counter
from collections.abc import Sequence
from math import comb
from typing import Any

import numpy as np
from msgspec import Struct
from xxhash import xxh64_intdigest

from townhall.enrich.learning.adapted import Adapted, teach_blocks
from townhall.enrich.learning.trial import folds_of
from townhall.enrich.learning.views import Hashed, hashed
from townhall.enrich.logic.heads import Head
from townhall.kernel.errors import Refused

FOLDS = 5
LEAST_LABELS, LEAST_OF_A_VALUE = 30, 5
"""So many labels at least, of two values at least so many each."""
MOST_LABELS = 4_000
"""More are not learnt from: the newest count. Learning takes memory with their square (four times 64 MB for so many)."""
LEAST_UNSEEN = 20
"""Two models are not compared on fewer posts."""
SHIPPED = "shipped"


class Rival(Struct, frozen=True):
    """The model in use: its name and digest, what it says of the rows, and the texts it has learnt from (as ``marks``)."""

    name: str
    digest: str
    chances: Any
    seen: frozenset[int]


class Taught(Struct, frozen=True):
    """A taught head and its card."""

    model: Adapted
    card: dict[str, Any]


def marks(texts: Sequence[str]) -> list[int]:
    """A 64-bit digest of each text, to know it again without keeping it."""
    return [xxh64_intdigest(text.encode("utf-8", "replace")) for text in texts]


def enough(labels: Sequence[str]) -> str:
    """Why these labels are too few ("" when they are not)."""
    counts = Counter(labels)
    known = sum(count >= LEAST_OF_A_VALUE for count in counts.values())
    if len(labels) >= LEAST_LABELS and known >= 2:
        return ""
    have = ", ".join(f"{value} {count}" for value, count in sorted(counts.items())) or "none"
    return (
        f"Teaching a head wants {LEAST_LABELS} labelled posts, and {LEAST_OF_A_VALUE} of two values at least;"
        f" there are {len(labels)} ({have})."
    )


def teach_and_try(
    head: Head, texts: Sequence[str], labels: Sequence[str], shipped: Any, rival: Rival | None = None
) -> Taught:
    """Learns from all rows; says how good that is by cross-validation, each row judged by a fit without it.

    ``shipped`` are the shipped models' chances of the rows, ``rival`` is the brand's model in use, if there is one.
    Raises ``Refused`` with too few labels.
    """
    if why := enough(labels):
        raise Refused(why)
    blocks = hashed(texts)
    truth = np.array([head.values.index(label) for label in labels])
    tried = _cross_validated(head, folds_of(texts, FOLDS), blocks, labels, shipped)
    other = rival or Rival(SHIPPED, "", shipped, frozenset())
    unseen = np.array([mark not in other.seen for mark in marks(texts)])
    whole = teach_blocks(head, blocks, labels, shipped)
    return Taught(
        whole,
        {
            "kind": "shipped chances corrected by ridge regression over words, letters and stems",
            "head": head.name,
            "rows": len(texts),
            "rows_by_value": dict(sorted(Counter(labels).items())),
            "folds": FOLDS,
            "trust": round(whole.trust, 3),
            "candidate": figures(head, truth, tried),
            "shipped": figures(head, truth, shipped),
            "against": _against(head, truth, tried, other, unseen),
        },
    )


def _cross_validated(head: Head, part: Any, blocks: Hashed, labels: Sequence[str], shipped: Any) -> Any:
    """The chances of each row by a fit without its fold."""
    tried = np.zeros((len(labels), len(head.values)), np.float32)
    for fold in range(FOLDS):
        learn, ask = np.flatnonzero(part != fold).tolist(), np.flatnonzero(part == fold).tolist()
        if len({labels[i] for i in learn}) < 2:
            tried[ask] = shipped[ask]
        elif ask:
            made = teach_blocks(head, blocks.some(learn), [labels[i] for i in learn], shipped[learn])
            tried[ask] = made.chances(blocks.some(ask), shipped[ask])
    return tried


def _against(head: Head, truth: Any, tried: Any, other: Rival, unseen: Any) -> dict[str, Any]:
    """The new one and the one in use on rows that the latter has not learnt from."""
    rows = int(unseen.sum())
    found: dict[str, Any] = {"model": other.name, "digest": other.digest, "rows": rows, "better": False}
    if rows < LEAST_UNSEEN:
        return found
    new, old = (
        figures(head, truth[unseen], tried[unseen]),
        figures(head, truth[unseen], other.chances[unseen]),
    )
    mine, theirs = (_said(head, one[unseen]) == truth[unseen] for one in (tried, other.chances))
    won, lost = int((mine & ~theirs).sum()), int((~mine & theirs).sum())
    better = new["macro_f1"] > old["macro_f1"] and won > lost
    return found | {
        "candidate": new,
        "other": old,
        "won": won,
        "lost": lost,
        "luck": round(luck(won, lost), 4),
        "better": better,
    }


def luck(won: int, lost: int) -> float:
    """The chance of winning so many of the rows where two models differ, were they equally good (one-sided sign test)."""
    total = won + lost
    return float(sum(comb(total, n) for n in range(won, total + 1)) / 2**total)


def figures(head: Head, truth: Any, chances: Any) -> dict[str, float]:
    """Share right, macro F1 over the values that occur, log loss, and the mean gap between chance and truth (ten bins)."""
    said = _said(head, chances)
    told = chances.max(axis=1)
    likeliest = chances.argmax(axis=1) == truth
    loss = -np.log(np.maximum(chances[np.arange(len(truth)), truth], 1e-9)).mean()
    return {
        "accuracy": round(float((said == truth).mean()), 4),
        "macro_f1": round(float(np.mean([_f1(truth == n, said == n) for n in np.unique(truth)])), 4),
        "log_loss": round(float(loss), 4),
        "calibration_error": round(_gap(told, likeliest), 4),
    }


def _said(head: Head, chances: Any) -> Any:
    """The number of the value said of each row; -1 for "unsure"."""
    if head.is_yes_or_no:
        return (chances[:, 1] >= head.floor).astype(int)
    best = chances.argmax(axis=1)
    return np.where(chances.max(axis=1) >= head.floor, best, -1)


def _f1(truth: Any, said: Any) -> float:
    return 2 * float((truth & said).sum()) / max(1.0, float(truth.sum() + said.sum()))


def _gap(told: Any, right: Any) -> float:
    bins = np.minimum((told * 10).astype(int), 9)
    gaps = [
        abs(float(told[bins == n].mean()) - float(right[bins == n].mean())) * int((bins == n).sum())
        for n in range(10)
        if (bins == n).any()
    ]
    return sum(gaps) / max(1, len(told))
