"""A learnt model on disk: arrays in an npz, its card beside it with the digest that binds them. Never a pickle."""

import hashlib
import json
import re
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix

from townhall.enrich.learning.company import Company
from townhall.enrich.learning.logistic import Logistic
from townhall.enrich.learning.machine import Machine
from townhall.enrich.learning.views import VIEWS, View
from townhall.kernel.errors import NotFound, Refused

_NAME = re.compile(r"[a-z0-9][a-z0-9_\-]{0,63}")


def save(made: Machine, folder: Path, name: str, card: dict[str, Any]) -> dict[str, Any]:
    """Writes ``<name>.npz`` and ``<name>.json``; gives the card as written. Raises ``Refused`` for an odd name."""
    if not _NAME.fullmatch(name):
        raise Refused(f"{name!r} is no name of a model: small letters, digits, - and _, at most 64")
    raw = pack(arrays_of(made))
    whole = {"name": name, "classes": list(made.classes), **card, "bytes": len(raw), "sha256": digest_of(raw)}
    folder.mkdir(parents=True, exist_ok=True)
    _replace(folder / f"{name}.npz", raw)
    _replace(folder / f"{name}.json", (json.dumps(whole, indent=2, ensure_ascii=False) + "\n").encode())
    return whole


def load(folder: Path, name: str) -> tuple[Machine, dict[str, Any]]:
    """The model and its card. Raises ``NotFound``, or ``Refused`` when the file is not the one its card describes."""
    try:
        card = json.loads((folder / f"{name}.json").read_text("utf-8"))
        raw = (folder / f"{name}.npz").read_bytes()
    except (OSError, ValueError) as error:
        raise NotFound(f"there is no learnt model {name!r} in {folder}; train it first") from error
    if digest_of(raw) != card.get("sha256"):
        raise Refused(
            f"the model {name} in {folder} is not the one its card describes (SHA-256); train it again"
        )
    arrays = unpack(raw)
    if sum(key.startswith("columns") for key in arrays) != VIEWS or "offset" not in arrays:
        raise Refused(f"the model {name} sees texts as an earlier Townhall did; train it again")
    return machine_of(arrays, tuple(card["classes"])), card


def pack(arrays: dict[str, Any]) -> bytes:
    """Arrays as the bytes of an npz."""
    packed = BytesIO()
    np.savez_compressed(packed, **arrays)
    return packed.getvalue()


def unpack(raw: bytes) -> dict[str, Any]:
    """The arrays of an npz. Check its digest first: nothing in it is ever run, but what is wrong is not understood."""
    with np.load(BytesIO(raw), allow_pickle=False) as stored:
        return {key: stored[key] for key in stored.files}


def digest_of(raw: bytes) -> str:
    """SHA-256 (hex) of a model's file."""
    return hashlib.sha256(raw).hexdigest()


def _replace(path: Path, raw: bytes) -> None:
    """Whole or not at all: written beside it, then put in its place."""
    beside = path.with_suffix(path.suffix + ".new")
    beside.write_bytes(raw)
    beside.replace(path)


def arrays_of(made: Machine) -> dict[str, Any]:
    """All that a machine holds, by name."""
    found: dict[str, Any] = {
        "alpha": made.alpha, "offset": made.offset, "data": made.rows.data, "indices": made.rows.indices,
        "indptr": made.rows.indptr,
        "settings": np.array([made.squared, made.heat, made.shift, made.border, made.outside]),
    }  # fmt: skip
    for n, view in enumerate(made.views):
        found |= {f"columns{n}": view.columns, f"rarity{n}": view.rarity}
    if made.company is not None:
        found |= {"words": made.company.words, "places": made.company.places, "usual": made.company.usual}
    if made.linear is not None:
        found |= {"linear_columns": made.linear.columns, "linear_weights": made.linear.weights}
    return found


def machine_of(arrays: dict[str, Any], classes: tuple[str, ...]) -> Machine:
    """The machine with these arrays."""
    views = [View(arrays[f"columns{n}"], arrays[f"rarity{n}"]) for n in range(VIEWS)]
    parts = arrays["data"], arrays["indices"], arrays["indptr"]
    company = Company(arrays["words"], arrays["places"], arrays["usual"]) if "places" in arrays else None
    width = sum(len(view.columns) for view in views) + (company.usual.size if company else 0)
    rows = csr_matrix(parts, shape=(len(parts[2]) - 1, width))
    made = Machine(classes, views, company, rows, arrays["alpha"])
    made.offset = arrays["offset"]
    made.squared, made.heat, made.shift, made.border = map(float, arrays["settings"][:4])
    made.outside = int(arrays["settings"][4])
    if "linear_columns" in arrays:
        made.linear = Logistic(arrays["linear_columns"], arrays["linear_weights"])
    return made
