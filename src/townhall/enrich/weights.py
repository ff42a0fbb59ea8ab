"""Model files: read with their digests checked, put side by side. Never pickle.

A model is ``<name>.npz`` (numpy arrays only) and its card ``<name>.json``, which holds how it was made, how good it
is, and the SHA-256 of the npz. An operator may put better ones of the same shape into a folder of their own.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np

from townhall.enrich.logic.lexicon import Weights
from townhall.kernel.errors import Refused

SHIPPED = Path(__file__).parent / "models"
HEADS = ("sentiment", "question", "complaint", "intent", "language", "spam")
"""The linear models, in the order of their columns."""


class Model:
    """One file: its arrays and its card."""

    def __init__(self, arrays: dict[str, np.ndarray], card: dict[str, Any]) -> None:
        self.arrays, self.card = arrays, card
        self.classes: tuple[str, ...] = tuple(card.get("classes", ()))


def read_model(folder: Path, name: str) -> Model:
    """The model of that name. Raises ``Refused`` when a file is missing or is not the one its card describes."""
    try:
        card = json.loads((folder / f"{name}.json").read_text("utf-8"))
        raw = (folder / f"{name}.npz").read_bytes()
    except (OSError, ValueError) as error:
        raise Refused(f"the model {name} cannot be read from {folder} ({error}); install it again") from error
    if hashlib.sha256(raw).hexdigest() != card.get("sha256"):
        raise Refused(
            f"the model {name} in {folder} is not the one its card describes (SHA-256); install it again"
        )
    with np.load(folder / f"{name}.npz", allow_pickle=False) as stored:
        return Model({key: stored[key] for key in stored.files}, card)


def read_all(folder: Path) -> dict[str, Model]:
    """Every model of the folder by name."""
    return {name: read_model(folder, name) for name in (*HEADS, "topics")}


def side_by_side(models: dict[str, Model]) -> Weights:
    """All heads as one set of columns, so that one product scores them all."""
    bias = np.concatenate([models[name].arrays["bias"].astype(np.float32) for name in HEADS])
    topics = models["topics"].arrays
    rarity = dict(zip(topics["hashes"].tolist(), topics["rarity"].astype(float).tolist(), strict=True))
    return Weights(
        _columns(models, "words"), _columns(models, "letters"), _columns(models, "pairs"), bias, rarity
    )


def _columns(models: dict[str, Model], key: str) -> np.ndarray:
    return np.hstack([models[name].arrays[key].astype(np.float32) for name in HEADS])
