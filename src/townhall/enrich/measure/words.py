"""What texts say, as shipped: feeling, questions, complaints, language, intents, personal data."""

import json
import time
from pathlib import Path
from typing import Any

import eldc
import numpy as np

from townhall.enrich.logic.enriched import UNSURE
from townhall.enrich.logic.feeling import SURE
from townhall.enrich.logic.personal_data import find_personal_data, redact_batch
from townhall.enrich.measure.reasons import reason
from townhall.enrich.measure.scores import (
    BATCH,
    Task,
    by_class,
    calibration_error,
    entry,
    read,
    where_sure,
    yes_or_no,
)  # fmt: skip
from townhall.enrich.measure.secrets import secrets
from townhall.enrich.measure.topics import topics
from townhall.enrich.sets import rows, tweets, utterances
from townhall.enrich.sets.intents import OF_SET
from townhall.enrich.understanding import Understanding

_MOODS = {"negative": -1, "neutral": 0, "positive": 1}
_KINDS = {
    "CREDIT_CARD": "card",
    "IBAN_CODE": "iban",
    "EMAIL_ADDRESS": "email",
    "PHONE_NUMBER": "phone",
    "US_SSN": "national_id",
    "IP_ADDRESS": "ip",
}


def _mood(texts: list[str], truth: list[int], reader: Understanding) -> dict[str, Any]:
    found, us = read(reader, texts)
    said = [one.sentiment for one in found]
    right = [a == b for a, b in zip(said, truth, strict=True)]
    error = calibration_error([one.sentiment_p for one in found], right)
    told = [one.sentiment if one.sentiment_p >= SURE else None for one in found]
    figures = by_class(truth, said) | where_sure(truth, told)
    return entry("accuracy", float(np.mean(right)), us, len(texts), error, floor=SURE, **figures)


def _airline(sets: Path, reader: Understanding) -> dict[str, Any]:
    posts = list(rows(sets, "airline_sentiment", "tweets"))
    return _mood([p["text"] for p in posts], [_MOODS[p["airline_sentiment"]] for p in posts], reader)


def _tweets(sets: Path, reader: Understanding) -> dict[str, Any]:
    posts = tweets(sets, "test")
    return _mood([text for text, _, _ in posts], [_MOODS[mood] for *_, mood in posts], reader)


def _question(sets: Path, reader: Understanding) -> dict[str, Any]:
    pairs = [(post["text"], "Question" in post["act"]) for post in rows(sets, "nps_chat", "posts")]
    found, us = read(reader, [text for text, _ in pairs])
    return yes_or_no("f1", pairs, [one.question_p for one in found], us, "question")


def _complaint(sets: Path, reader: Understanding) -> dict[str, Any]:
    pairs = [(post["text"], post["complaint"] == "1") for post in rows(sets, "complaints", "tweets")]
    found, us = read(reader, [text for text, _ in pairs])
    return yes_or_no("accuracy", pairs, [one.complaint_p for one in found], us, "complaint")


def _language(sets: Path, reader: Understanding) -> dict[str, Any]:
    """Over the seven languages of the set that the detector knows; Hindi, there mostly in Latin letters, stands apart.

    ``us`` is the detector's; what tells romanised Hindi comes with the reading that every post gets.
    """
    posts = tweets(sets, "test")
    truth = [code for _, code, _ in posts]
    found, reading = read(reader, [text for text, _, _ in posts])
    right = [one.language == code for one, code in zip(found, truth, strict=True)]
    started = time.process_time()
    plain = [eldc.detect(text) for text, _, _ in posts]
    alone = (time.process_time() - started) * 1e6 / len(posts)
    by = {
        code: round(float(np.mean([r for r, t in zip(right, truth, strict=True) if t == code])), 3)
        for code in sorted(set(truth))
    }
    seven = [r for r, code in zip(right, truth, strict=True) if code != "hi"]
    return entry(
        "accuracy", float(np.mean(seven)), alone, len(seven), reading_us=reading, eight=float(np.mean(right)),
        detector_alone=float(np.mean([a == b for a, b in zip(plain, truth, strict=True)])), by_language=by,
    )  # fmt: skip


def _intent(sets: Path, reader: Understanding) -> dict[str, Any]:
    pairs = [
        (text, ours.get(theirs, "other"))
        for name, ours in OF_SET.items()
        for text, theirs in utterances(sets, name, "test")
    ]
    found, us = read(reader, [text for text, _ in pairs])
    sure = [(one, label) for one, (_, label) in zip(found, pairs, strict=True) if one.intent != UNSURE]
    right = [one.intent == label for one, label in sure]
    error = calibration_error([one.intent_p for one, _ in sure], right)
    figures = by_class([label for _, label in sure], [one.intent for one, _ in sure])
    return entry(
        "accuracy where sure", float(np.mean(right)), us, len(pairs), error, floor=reader.floor,
        sure=len(sure) / len(pairs), **figures,
    )  # fmt: skip


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
    return entry(
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
        bool(found) for i in range(0, len(texts), BATCH) for _, found in redact_batch(texts[i : i + BATCH])
    )
    us = (time.process_time() - started) * 1e6 / len(texts)
    return entry("share of care posts redacted", changed / len(texts), us, len(texts))


WORDS: dict[str, Task] = {
    "airline_sentiment": _airline,
    "tweets_sentiment": _tweets,
    "question": _question,
    "complaint": _complaint,
    "intent": _intent,
    "language": _language,
    "personal_data": _personal,
    "redaction": _redaction,
    "airline_reason": reason,
    "topic": topics,
    "secrets": secrets,
}
