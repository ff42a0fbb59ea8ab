"""From calibrated scores to what is said of a post: the floors under which it is better to say "unsure"."""

from collections.abc import Sequence

import numpy as np

from townhall.enrich.logic.enriched import UNDETERMINED, UNSURE
from townhall.enrich.logic.features import Floats

_MOODS = {"negative": -1, "neutral": 0, "positive": 1}
_COMPLAINT_FLOOR = 0.6
_PRAISE_FLOOR = 0.6
_LETTERS_FLOOR = 10
"""Fewer letters than this and no language is named: "ok" is a word of a dozen languages."""

_DENSE_LETTERS_FLOOR = 3
_ROMANISED = 0.9
_ROMANISED_AND_HINTED = 0.3
"""How likely Hindi in Latin letters must be to overrule the general detector, which never says it: at 0.9 it finds
0.47 of tweets labelled so and takes 0.6 % of Finnish, Malay, Albanian… interface texts for Hindi (at 0.5: 0.52, 6 %)."""


def chances(scores: Floats) -> Floats:
    """Rows of logits as probabilities; one column is the chance of yes against no."""
    if scores.shape[1] == 1:
        yes = 1 / (1 + np.exp(-scores))
        return np.hstack([1 - yes, yes])
    grown = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(grown / grown.sum(axis=1, keepdims=True), np.float32)


def moods(likely: Floats, classes: Sequence[str]) -> list[tuple[int, float]]:
    """The feeling of each post, -1, 0 or 1, and how likely it is."""
    signs = [_MOODS[name] for name in classes]
    best = likely.argmax(axis=1).tolist()
    return [(signs[i], p) for i, p in zip(best, likely.max(axis=1).tolist(), strict=True)]


def intents(
    likely: Floats,
    classes: Sequence[str],
    floor: float,
    complaint: Sequence[float],
    mood: Sequence[tuple[int, float]],
) -> list[tuple[str, float]]:
    """The care intent of each post. A plain complaint or praise is named when nothing more particular is likely."""
    best, top = likely.argmax(axis=1).tolist(), likely.max(axis=1).tolist()
    return [
        _intent(classes[i] if p >= floor else UNSURE, p, cross, feeling)
        for i, p, cross, feeling in zip(best, top, complaint, mood, strict=True)
    ]


def _intent(name: str, p: float, complaint: float, mood: tuple[int, float]) -> tuple[str, float]:
    if name not in ("other", UNSURE):
        return name, p
    if complaint >= _COMPLAINT_FLOOR:
        return "complaint", complaint
    if mood[0] > 0 and mood[1] >= _PRAISE_FLOOR:
        return "praise", mood[1]
    return name, p


def language(text: str, detected: str, hint: str, romanised: float) -> str:
    """The language: by the general detector, save for Hindi in Latin letters, and nothing for a few letters.

    ``detected`` is the detector's ISO 639-1 code; ``hint`` the network's ("" for none), trusted only where the text
    is too short to tell; ``romanised`` the chance of Hindi by our own model.
    """
    if len(text) < _LETTERS_FLOOR or detected == UNDETERMINED:
        return _short(text, detected, hint)
    floor = _ROMANISED_AND_HINTED if hint[:2].lower() == "hi" else _ROMANISED
    if romanised >= floor and detected not in ("en", "mr", "hi") and text[:4].isascii():
        return "hi"
    return detected


def _short(text: str, detected: str, hint: str) -> str:
    letters = sum(char > "\u0400" and char.isalpha() for char in text)
    if detected != UNDETERMINED and letters >= _DENSE_LETTERS_FLOOR:
        return detected
    return hint[:2].lower() if hint else UNDETERMINED
