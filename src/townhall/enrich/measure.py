"""How good the shipped understanding is, measured on the open halves of public sets. No set is needed to run Townhall.

``measure(sets)`` gives one entry a task: what is measured, how much of it, microseconds a post in batches of 500,
the expected calibration error (ten bins; -1 where nothing is a probability) and the rows.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import eldc
import numpy as np

from townhall.enrich.logic.enriched import UNSURE, Enriched
from townhall.enrich.logic.personal_data import find_personal_data, redact_batch
from townhall.enrich.sets import rows, tweets, utterances
from townhall.enrich.sets.intents import OF_SET
from townhall.enrich.understanding import Understanding
from townhall.enrich.weights import SHIPPED

_BATCH = 500
_MOODS = {"negative": -1, "neutral": 0, "positive": 1}
_KINDS = {
    "CREDIT_CARD": "card",
    "IBAN_CODE": "iban",
    "EMAIL_ADDRESS": "email",
    "PHONE_NUMBER": "phone",
    "US_SSN": "national_id",
    "IP_ADDRESS": "ip",
}
_READ = tuple[list[Enriched], float]


def measure(sets: Path, folder: Path | None = None) -> dict[str, dict[str, Any]]:
    """Every task's figures, with the models of ``folder`` (default: the shipped ones).

    Raises ``NotFound`` when a set is missing.
    """
    reader = Understanding.load(folder)
    return {name: task(sets, reader) for name, task in TASKS.items()}


def _read(reader: Understanding, texts: Sequence[str]) -> _READ:
    """What is understood of the texts, and microseconds of processor time for each."""
    started = time.process_time()
    found = [one for i in range(0, len(texts), _BATCH) for one in reader.enrich(texts[i : i + _BATCH])]
    return found, (time.process_time() - started) * 1e6 / max(1, len(texts))


def _entry(
    metric: str, value: float, us: float, rows: int, error: float = -1.0, **more: Any
) -> dict[str, Any]:
    rounded = {key: round(v, 4) if isinstance(v, float) else v for key, v in more.items()}
    return {
        "metric": metric,
        "shipped": round(value, 4),
        "us": round(us, 1),
        "calibration_error": round(error, 4),
        "rows": rows,
        **rounded,
    }


def calibration_error(likely: Sequence[float], truth: Sequence[bool]) -> float:
    """Expected calibration error: how far stated chance and truth lie apart, over ten equal bins."""
    p, y = np.array(likely), np.array(truth, float)
    bins = np.minimum((p * 10).astype(int), 9)
    return float(
        sum(
            abs(p[bins == b].mean() - y[bins == b].mean()) * (bins == b).mean()
            for b in range(10)
            if (bins == b).any()
        )
    )


def f1(truth: Sequence[bool], said: Sequence[bool]) -> float:
    """F1 of yes."""
    hit = sum(t and s for t, s in zip(truth, said, strict=True))
    return 2 * hit / max(1, sum(truth) + sum(said))


def macro_f1(truth: Sequence[Any], said: Sequence[Any]) -> float:
    """F1 of each class of the truth, averaged."""
    classes = sorted(set(truth))
    return sum(f1([t == c for t in truth], [s == c for s in said]) for c in classes) / len(classes)


def _mood(texts: list[str], truth: list[int], reader: Understanding) -> dict[str, Any]:
    found, us = _read(reader, texts)
    said = [one.sentiment for one in found]
    right = [a == b for a, b in zip(said, truth, strict=True)]
    error = calibration_error([one.sentiment_p for one in found], right)
    return _entry("accuracy", float(np.mean(right)), us, len(texts), error, macro_f1=macro_f1(truth, said))


def _airline(sets: Path, reader: Understanding) -> dict[str, Any]:
    posts = list(rows(sets, "airline_sentiment", "tweets"))
    return _mood([p["text"] for p in posts], [_MOODS[p["airline_sentiment"]] for p in posts], reader)


def _tweets(sets: Path, reader: Understanding) -> dict[str, Any]:
    posts = tweets(sets, "test")
    return _mood([text for text, _, _ in posts], [_MOODS[mood] for *_, mood in posts], reader)


def _question(sets: Path, reader: Understanding) -> dict[str, Any]:
    posts = list(rows(sets, "nps_chat", "posts"))
    truth = ["Question" in post["act"] for post in posts]
    found, us = _read(reader, [post["text"] for post in posts])
    error = calibration_error([one.question_p for one in found], truth)
    return _entry("f1", f1(truth, [one.question for one in found]), us, len(posts), error)


def _complaint(sets: Path, reader: Understanding) -> dict[str, Any]:
    posts = list(rows(sets, "complaints", "tweets"))
    truth = [post["complaint"] == "1" for post in posts]
    found, us = _read(reader, [post["text"] for post in posts])
    likely = [one.complaint_p for one in found]
    said = [p >= 0.5 for p in likely]
    right = float(np.mean([a == b for a, b in zip(said, truth, strict=True)]))
    return _entry("accuracy", right, us, len(posts), calibration_error(likely, truth), f1=f1(truth, said))


def _language(sets: Path, reader: Understanding) -> dict[str, Any]:
    """Over the seven languages of the set that the detector knows; Hindi, there mostly in Latin letters, stands apart.

    ``us`` is the detector's; what tells romanised Hindi comes with the reading that every post gets.
    """
    posts = tweets(sets, "test")
    truth = [code for _, code, _ in posts]
    found, reading = _read(reader, [text for text, _, _ in posts])
    right = [one.language == code for one, code in zip(found, truth, strict=True)]
    started = time.process_time()
    plain = [eldc.detect(text) for text, _, _ in posts]
    alone = (time.process_time() - started) * 1e6 / len(posts)
    by = {
        code: round(float(np.mean([r for r, t in zip(right, truth, strict=True) if t == code])), 3)
        for code in sorted(set(truth))
    }
    seven = [r for r, code in zip(right, truth, strict=True) if code != "hi"]
    return _entry(
        "accuracy", float(np.mean(seven)), alone, len(seven), reading_us=reading, eight=float(np.mean(right)),
        detector_alone=float(np.mean([a == b for a, b in zip(plain, truth, strict=True)])), by_language=by,
    )  # fmt: skip


def _intent(sets: Path, reader: Understanding) -> dict[str, Any]:
    pairs = [
        (text, ours.get(theirs, "other"))
        for name, ours in OF_SET.items()
        for text, theirs in utterances(sets, name, "test")
    ]
    found, us = _read(reader, [text for text, _ in pairs])
    sure = [(one, label) for one, (_, label) in zip(found, pairs, strict=True) if one.intent != UNSURE]
    right = [one.intent == label for one, label in sure]
    error = calibration_error([one.intent_p for one, _ in sure], right)
    return _entry(
        "accuracy where sure", float(np.mean(right)), us, len(pairs), error, sure=len(sure) / len(pairs)
    )


def _personal(sets: Path, _: Understanding) -> dict[str, Any]:
    """F2 over cards, IBANs, e-mails, phones, US numbers and IP addresses; a hit overlaps and is of the right kind."""
    posts = [post for file in ("synth_v2", "generated_large") for post in rows(sets, "pii_presidio", file)]
    started = time.process_time()
    found = [find_personal_data(post["text"]) for post in posts]
    us = (time.process_time() - started) * 1e6 / len(posts)
    missed = hit = wrong = 0
    by: dict[str, list[bool]] = {}
    for post, findings in zip(posts, found, strict=True):
        spans = [
            (s["start_position"], s["end_position"], s["entity_type"]) for s in json.loads(post["spans"])
        ]
        ours = [f for f in findings if f.kind in _KINDS.values()]
        for start, end, kind in spans:
            if kind in _KINDS:
                by.setdefault(_KINDS[kind], []).append(
                    any(f.kind == _KINDS[kind] and f.start < end and f.end > start for f in ours)
                )
        wrong += sum(
            not any(_KINDS.get(k) == f.kind and f.start < e and f.end > s for s, e, k in spans) for f in ours
        )
    hit, missed = sum(map(sum, by.values())), sum(len(v) - sum(v) for v in by.values())
    recall = {kind: round(float(np.mean(hits)), 3) for kind, hits in sorted(by.items())}
    return _entry(
        "f2",
        5 * hit / max(1, 5 * hit + 4 * missed + wrong),
        us,
        len(posts),
        precision=hit / max(1, hit + wrong),
        recall=recall,
    )


def _redaction(sets: Path, _: Understanding) -> dict[str, Any]:
    texts = [post["text"] for post in rows(sets, "airline_sentiment", "tweets")]
    redact_batch(texts[:10])
    started = time.process_time()
    changed = sum(
        bool(found) for i in range(0, len(texts), _BATCH) for _, found in redact_batch(texts[i : i + _BATCH])
    )
    us = (time.process_time() - started) * 1e6 / len(texts)
    return _entry("share of care posts redacted", changed / len(texts), us, len(texts))


TASKS: dict[str, Callable[[Path, Understanding], dict[str, Any]]] = {
    "airline_sentiment": _airline,
    "tweets_sentiment": _tweets,
    "question": _question,
    "complaint": _complaint,
    "intent": _intent,
    "language": _language,
    "personal_data": _personal,
    "redaction": _redaction,
}
"""Task → how the shipped models are measured in it, given the folder of sets and the reader."""

_CARD_TASKS = {
    "sentiment": ("airline_sentiment", "tweets_sentiment"),
    "question": ("question",),
    "complaint": ("complaint",),
    "intent": ("intent",),
    "language": ("language",),
}


def note_on_cards(figures: dict[str, dict[str, Any]], folder: Path = SHIPPED) -> None:
    """Write each model's figures on its card (the weights and their digest stay as they are)."""
    for name, tasks in _CARD_TASKS.items():
        path = folder / f"{name}.json"
        card = json.loads(path.read_text("utf-8"))
        card["figures"] = {
            task: {k: v for k, v in figures[task].items() if not k.endswith("us")} for task in tasks
        }
        path.write_text(json.dumps(card, indent=2, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    measured = measure(Path(os.environ.get("TOWNHALL_DATASETS", "../shared/data")))
    if "--cards" in sys.argv:
        note_on_cards(measured)
    sys.stdout.write(json.dumps(measured, indent=2) + "\n")
