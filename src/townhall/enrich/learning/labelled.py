"""The labelled sets that learning is tried on, as (text, label), and what each is judged by."""

from collections.abc import Callable
from pathlib import Path

from msgspec import Struct

from townhall.enrich.sets import reasons, rows
from townhall.enrich.sets.offensive import offensive_posts

Pairs = list[tuple[str, str]]


class Task(Struct, frozen=True):
    """``second`` is the label that F1 is of: for two classes it sorts last. ``heads``: the shipped models whose scores
    help, never one that has learnt from this set. ``outside`` is the label of what is in no class; ``stream``
    the set that stands for the operator's own posts which nobody has labelled."""

    read: Callable[[Path], Pairs]
    metric: str
    heads: tuple[str, ...]
    folds: int = 8
    outside: str = ""
    stream: str = ""


def _column(name: str, file: str, text: str, label: str) -> Callable[[Path], Pairs]:
    return lambda sets: [(row[text], row[label]) for row in rows(sets, name, file)]


def _question(sets: Path) -> Pairs:
    return [
        (row["text"], "yes" if "Question" in row["act"] else "no") for row in rows(sets, "nps_chat", "posts")
    ]


def _told(read: Callable[[Path], list[tuple[str, bool]]]) -> Callable[[Path], Pairs]:
    return lambda sets: [(text, "yes" if true else "no") for text, true in read(sets)]


_MOOD = ("sentiment", "question", "complaint", "intent")

LABELLED: dict[str, Task] = {
    "airline_sentiment": Task(
        _column("airline_sentiment", "tweets", "text", "airline_sentiment"), "accuracy", _MOOD, stream="twcs"
    ),
    "airline_reason": Task(reasons, "accuracy", _MOOD, 5),
    "banking77": Task(_column("banking77", "utterances", "text", "intent"), "accuracy", (), 8),
    "clinc150": Task(_column("clinc150", "utterances", "text", "intent"), "accuracy", (), 10, "oos"),
    "complaint": Task(_column("complaints", "tweets", "text", "complaint"), "f1", _MOOD, 10),
    "question": Task(_question, "f1", ("sentiment", "question", "complaint")),
    "sms_spam": Task(_column("sms_spam", "messages", "text", "label"), "f1", (), 10),
    "youtube_spam": Task(
        _column("youtube_spam", "comments", "text", "spam"), "accuracy", (*_MOOD, "spam"), 10
    ),
    "offensive": Task(_told(offensive_posts), "macro_f1", (*_MOOD, "abuse"), 6),
    "hatecheck": Task(_column("hatecheck", "cases", "test_case", "label_gold"), "macro_f1", ("abuse",)),
    "op_spam": Task(_column("op_spam", "reviews", "text", "deceptive"), "accuracy", (), 10),
    "bitext": Task(_column("bitext", "utterances", "utterance", "intent"), "accuracy", (), 5),
}
"""Task name → set. Only the open rows of ``<set>/dev.<file>.csv.gz`` are read."""
