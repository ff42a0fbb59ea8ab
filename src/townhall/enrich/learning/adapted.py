"""A head taught by a brand's own labels: the shipped reading corrected by how alike a text is to those labelled.

The chance of a value is proportional to ``prior ** trust * exp(heat * evidence + shift)``. The prior is what the shipped
models say; the evidence is a ridge regression's score beside what is usual, so that a text unlike every labelled one is read as
before. It is a weight for each feature, so that its cost does not grow with the labels. Trust, heat and shift come from the labelled rows' scores without themselves (Allen's PRESS), held towards the
shipped reading by a penalty: few labels change little.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

from townhall.enrich.learning import ridge
from townhall.enrich.learning.kept import digest_of, pack, unpack
from townhall.enrich.learning.views import VIEWS, Hashed, View, hashed
from townhall.enrich.logic.heads import HEADS, Head
from townhall.kernel.errors import Refused

LEAST = 1e-4
"""The least chance that a prior gives a value."""
_FEW = 3
"""Heads of more values get no shift of their own for each: labels say too little of each."""
_HOLD_TRUST, _HOLD_SHIFT, _HOLD_HEAT = 4.0, 1.0, 0.01


PENALTY = 0.3
"""The ridge."""


class Adapted:
    """A taught head. ``chances`` need what the shipped models say of the same texts.

    ``weights`` are (columns, values), those of all views below each other, the heat included.
    """

    def __init__(self, head: Head, views: list[View], weights: Any, trust: float, shift: Any) -> None:
        self.head, self.views, self.weights = head, views, np.asarray(weights, np.float32)
        self.trust, self.shift = trust, np.asarray(shift, np.float32)
        self.seen: tuple[int, ...] = ()
        """64-bit digests of the texts it learnt from, where it comes from a file."""

    def chances(self, blocks: Hashed, prior: Any) -> Any:
        """(texts, values) of texts hashed already, whose shipped chances are ``prior``."""
        return blended(prior, _rows(self.views, blocks) @ self.weights, self.trust, 1.0, self.shift)

    def packed(self, seen: Sequence[int] = ()) -> bytes:
        """The bytes of its file: an npz of plain arrays. ``seen`` are digests of the texts it learnt from."""
        own: dict[str, Any] = {
            "head": np.array(self.head.name), "trust": np.array(self.trust), "shift": self.shift, "weights": self.weights,
            "seen": np.array(seen, np.uint64),
        }  # fmt: skip
        for n, view in enumerate(self.views):
            own |= {f"columns{n}": view.columns, f"rarity{n}": view.rarity}
        return pack(own)

    @classmethod
    def unpacked(cls, raw: bytes, digest: str) -> "Adapted":
        """The head of a file. Raises ``Refused`` when its SHA-256 is not ``digest`` (hex)."""
        if digest_of(raw) != digest:
            raise Refused("a model is not the file that was kept (SHA-256); train it again")
        arrays = unpack(raw)
        views = [View(arrays[f"columns{n}"], arrays[f"rarity{n}"]) for n in range(VIEWS)]
        made = cls(
            HEADS[str(arrays["head"])], views, arrays["weights"], float(arrays["trust"]), arrays["shift"]
        )
        made.seen = tuple(arrays["seen"].tolist())
        return made


def teach(head: Head, texts: Sequence[str], labels: Sequence[str], prior: Any) -> Adapted:
    """Learns a head from labelled texts and what the shipped models say of them. Raises ``Refused``."""
    return teach_blocks(head, hashed(texts), labels, prior)


def teach_blocks(head: Head, blocks: Hashed, labels: Sequence[str], prior: Any) -> Adapted:
    """As ``teach``, for texts hashed already."""
    truth = np.array([head.values.index(label) for label in labels])
    views = [View.learn(block) for block in blocks.views]
    rows = _rows(views, blocks)
    wanted = np.eye(len(head.values), dtype=np.float32)[truth]
    mean = wanted.mean(axis=0)
    alpha, left_out = ridge.solve(ridge.alike(rows, ridge.Known(rows)), wanted - mean, PENALTY)
    trust, heat, shift = _settled(prior, left_out, truth)
    return Adapted(head, views, (rows.T @ alpha) * heat, trust, shift)


def _rows(views: Sequence[View], blocks: Hashed) -> csr_matrix:
    return ridge.side_by_side(
        [view.weigh(block) for view, block in zip(views, blocks.views, strict=True)], None
    )


def blended(prior: Any, found: Any, trust: float, heat: float, shift: Any) -> Any:
    """Chances: rows sum to one."""
    logits = trust * np.log(np.maximum(prior, LEAST)) + heat * found + shift
    grown = np.exp(logits - logits.max(axis=1, keepdims=True))
    return grown / grown.sum(axis=1, keepdims=True)


def _settled(prior: Any, found: Any, truth: Any) -> tuple[float, float, Any]:
    """Trust, heat and shift that make the labels likeliest, held towards (1, 0, none)."""
    rows, width = np.arange(len(truth)), prior.shape[1]
    moves = width if width <= _FEW else 0

    def cost(setting: Any) -> float:
        trust, heat, shift = setting[0], setting[1], _whole(setting[2:], width)
        likely = blended(prior, found, trust, heat, shift)[rows, truth]
        held = _HOLD_TRUST * (trust - 1) ** 2 + _HOLD_HEAT * heat**2 + _HOLD_SHIFT * float(shift @ shift)
        return float(held - np.log(likely + 1e-9).sum())

    start = np.array([1.0, 1.0, *[0.0] * moves])
    bounds = [(0.0, 2.0), (0.0, 50.0), *[(-4.0, 4.0)] * moves]
    best: Any = minimize(cost, start, method="L-BFGS-B", bounds=bounds)
    return float(best.x[0]), float(best.x[1]), _whole(best.x[2:], width)


def _whole(shift: Any, width: int) -> Any:
    return shift if len(shift) else np.zeros(width)
