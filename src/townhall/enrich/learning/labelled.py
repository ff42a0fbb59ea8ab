"""The labelled sets that learning is tried on, as (text, label), and what each is judged by."""

from collections.abc import Callable
from pathlib import Path

from msgspec import Struct

from townhall.enrich.sets import rows

Pairs = list[tuple[str, str]]


class Task(Struct, frozen=True):
    """``second`` is the label that F1 is of: for two classes it sorts last. ``heads``: the shipped models whose scores
    help, never one that has learnt from this set."""

    read: Callable[[Path], Pairs]
    metric: str
    heads: tuple[str, ...]
    folds: int = 10


def _column(name: str, file: str, text: str, label: str) -> Callable[[Path], Pairs]:
    return lambda sets: [(row[text], row[label]) for row in rows(sets, name, file)]


def _question(sets: Path) -> Pairs:
    return [
        (row["text"], "yes" if "Question" in row["act"] else "no") for row in rows(sets, "nps_chat", "posts")
    ]


def _offensive(sets: Path) -> Pairs:
    found = rows(sets, "tweeteval", "offensive")
    return [
        (row["text"], "no" if row["label"].startswith("non") or row["label"].startswith("not") else "yes")
        for row in found
    ]


_MOOD = ("sentiment", "question", "complaint", "intent")

LABELLED: dict[str, Task] = {
    "airline_sentiment": Task(
        _column("airline_sentiment", "tweets", "text", "airline_sentiment"), "accuracy", _MOOD
    ),
    "banking77": Task(_column("banking77", "utterances", "text", "intent"), "accuracy", ()),
    "clinc150": Task(_column("clinc150", "utterances", "text", "intent"), "accuracy", (), 5),
    "complaint": Task(_column("complaints", "tweets", "text", "complaint"), "f1", _MOOD),
    "question": Task(_question, "f1", ("sentiment", "question", "complaint")),
    "sms_spam": Task(_column("sms_spam", "messages", "text", "label"), "f1", ()),
    "youtube_spam": Task(_column("youtube_spam", "comments", "text", "spam"), "accuracy", _MOOD),
    "offensive": Task(_offensive, "macro_f1", _MOOD),
}
"""Task name → set. Only the open rows of ``<set>/dev.<file>.csv.gz`` are read."""
