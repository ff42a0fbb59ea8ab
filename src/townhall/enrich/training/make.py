"""From sets to files: fits every head, tries it on rows it has not seen, writes weights and card."""

import hashlib
import json
import math
from collections import Counter
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from townhall.enrich.logic.features import name_of, word_hash
from townhall.enrich.logic.tokens import END, tokens_of
from townhall.enrich.sets import LICENCES, care_turns, chat_lines, tweets, utterances
from townhall.enrich.training import recipes
from townhall.enrich.training.fit import Fit, fit

_HEADS: dict[str, tuple[Callable[[Path], list[recipes.Row]], float, bool, tuple[str, ...]]] = {
    # head: its rows, inverse of the penalty, classes balanced, its sets
    "sentiment": (recipes.sentiment, 0.6, False, ("umsab_multilingual", "banking77")),
    "question": (
        recipes.question,
        6.0,
        False,
        ("irc_support", "banking77", "clinc150", "bitext", "umsab_multilingual"),
    ),
    "complaint": (recipes.complaint, 1.0, False, ("umsab_multilingual", "banking77", "irc_support")),
    "intent": (
        recipes.intent,
        6.0,
        False,
        ("banking77", "clinc150", "bitext", "umsab_multilingual", "ibm_care"),
    ),
    "language": (recipes.language, 6.0, False, ("umsab_multilingual",)),
    "spam": (recipes.spam, 3.0, False, ("sms_spam", "umsab_multilingual", "irc_support")),
}
_FLOORS = {"intent": 0.45}


def train(sets: Path, out: Path, only: tuple[str, ...] = ()) -> dict[str, Any]:
    """Make every model (or only those named) from ``sets`` into ``out``; the report says what each learnt from."""
    out.mkdir(parents=True, exist_ok=True)
    report: dict[str, Any] = {}
    for name, (recipe, strength, balanced, used) in _HEADS.items():
        if not only or name in only:
            rows = recipe(sets)
            made = fit(
                [t for t, _, _ in rows],
                [c for _, c, _ in rows],
                strength=strength,
                weight=[w for *_, w in rows],
                balanced=balanced,
            )
            report[name] = write(out, name, made.arrays(), _card(name, made, rows, strength, used))
    if not only or "topics" in only:
        report["topics"] = _topics(sets, out)
    return report


def _card(
    name: str, made: Fit, rows: list[recipes.Row], strength: float, used: tuple[str, ...]
) -> dict[str, Any]:
    return {
        "name": name,
        "kind": "multinomial logistic regression over hashed words, letter groups and word pairs",
        "classes": list(made.classes),
        "floor": _FLOORS.get(name, 0.0),
        "rows": len(rows),
        "rows_by_class": dict(sorted(Counter(label for _, label, _ in rows).items())),
        "inverse_penalty": strength,
        "calibration": "temperature (and offset for two classes) on a tenth of the rows, folded into the weights",
        "sets": {used_set: LICENCES[used_set] for used_set in used},
        "recipe": " ".join((getattr(recipes, name).__doc__ or "").split()),
        "source": "townhall.enrich.training",
    }


def write(out: Path, name: str, arrays: dict[str, np.ndarray], card: dict[str, Any]) -> dict[str, Any]:
    """The npz and its card, with the digest that binds them. ``measure`` adds the figures later."""
    packed = BytesIO()
    np.savez_compressed(packed, **arrays)  # type: ignore[arg-type]
    raw = packed.getvalue()
    (out / f"{name}.npz").write_bytes(raw)
    card = {**card, "bytes": len(raw), "sha256": hashlib.sha256(raw).hexdigest()}
    (out / f"{name}.json").write_text(json.dumps(card, indent=2, ensure_ascii=False) + "\n", "utf-8")
    return card


def _topics(sets: Path, out: Path) -> dict[str, Any]:
    """How rare each word is: log of texts over texts with it; 0 for words that any text may hold."""
    groups = _topic_groups(sets)
    rarity: dict[int, float] = {}
    seen: Counter[str] = Counter()
    common: set[str] = set()
    for texts in groups:
        counts = _texts_with(texts)
        seen.update(counts)
        common |= {word for word, count in counts.items() if count > 0.012 * len(texts)}
    total = sum(map(len, groups))
    for word, count in seen.items():
        if word in common or count >= 4:
            rarity[word_hash(word)] = 0.0 if word in common else math.log(total / count)
    hashes = np.array(sorted(rarity), np.uint32)
    arrays: dict[str, np.ndarray] = {
        "hashes": hashes,
        "rarity": np.array([rarity[h] for h in hashes.tolist()], np.float16),
    }
    used: tuple[str, ...] = ("umsab_multilingual", "ibm_care", "irc_support", "banking77")
    card = {
        "name": "topics",
        "kind": "how rare a word is (log of texts over texts with it); 0 for words too common to be a topic",
        "rows": total,
        "words": len(rarity),
        "common_words": len(common),
        "unknown": round(math.log(total / 40), 2),
        "sets": {name: LICENCES[name] for name in used},
    }
    return write(out, "topics", arrays, card)


def _topic_groups(sets: Path) -> list[list[str]]:
    spoken = tweets(sets, "train") + tweets(sets, "val")
    groups = [
        [text for text, code, _ in spoken if code == own] for own in sorted({code for _, code, _ in spoken})
    ]
    care = [text for _, text in care_turns(sets)]
    return [*groups, care, chat_lines(sets), [text for text, _ in utterances(sets, "banking77", "train")]]


def _texts_with(texts: list[str]) -> Counter[str]:
    counts: Counter[str] = Counter()
    words: set[str] = set()
    for token in tokens_of(texts):
        if token == END:
            counts.update(words)
            words = set()
        elif (name := name_of(token)).isalpha():
            words.add(name)
    return counts
