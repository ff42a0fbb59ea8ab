"""The public data sets, read as plain rows. Only these open halves are ever read; none of it is shipped."""

import csv
import gzip
from collections.abc import Iterator
from pathlib import Path

from xxhash import xxh32_intdigest

from townhall.kernel.errors import NotFound

LICENCES = {
    "banking77": "CC BY 4.0",
    "clinc150": "CC BY 3.0",
    "bitext": "CDLA-Sharing 1.0",
    "umsab_multilingual": "Apache-2.0",
    "ibm_care": "Apache-2.0",
    "irc_support": "CC BY 4.0",
    "sms_spam": "CC BY 4.0",
}
"""The sets that weights may be trained from, and their licences."""

LANGUAGES = {
    "arabic": "ar",
    "english": "en",
    "french": "fr",
    "german": "de",
    "hindi": "hi",
    "italian": "it",
    "portuguese": "pt",
    "spanish": "es",
}


def rows(sets: Path, name: str, file: str) -> Iterator[dict[str, str]]:
    """The rows of ``<name>/dev.<file>.csv.gz``, else of the one ``<name>/<anything>.<file>.csv.gz``.

    Raises ``NotFound`` when the set is not there, or when several files could be meant.
    """
    yield from table(file_of(sets, name, f"{file}.csv.gz"))


def table(path: Path) -> Iterator[dict[str, str]]:
    """The rows of one packed table."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)


def file_of(sets: Path, name: str, ending: str) -> Path:
    """The file ``dev.<ending>`` of a set, else its one file with that ending. Raises ``NotFound``."""
    usual = sets / name / f"dev.{ending}"
    found = [usual] if usual.exists() else sorted((sets / name).glob(f"*{ending}"))
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(path.name for path in found)
        raise NotFound(f"the data set {name} in {sets} has several files that end in {ending}: {names}")
    raise NotFound(f"the data set {name} is not in {sets}; set TOWNHALL_DATASETS to the folder that holds it")


def messages(sets: Path, split: str) -> list[tuple[str, str]]:
    """(text, ``spam`` or ``ham``) of the text messages: ``train`` are four fifths by a hash of the text, ``test`` the rest."""
    return [
        (row["text"], row["label"])
        for row in rows(sets, "sms_spam", "messages")
        if (xxh32_intdigest(row["text"].encode()) % 5 == 0) == (split == "test")
    ]


def utterances(sets: Path, name: str, split: str) -> list[tuple[str, str]]:
    """(text, intent) of the rows of an intent set whose original split is, or ends in, ``split``."""
    column = "utterance" if name == "bitext" else "text"
    return [
        (row[column], row["intent"])
        for row in rows(sets, name, "utterances")
        if row["original_split"].rpartition("_")[2] == split
    ]


def tweets(sets: Path, split: str) -> list[tuple[str, str, str]]:
    """(text, language, sentiment) of the multilingual tweets of a split: ``train``, ``val`` or ``test``."""
    return [
        (row["text"], LANGUAGES[row["language"]], row["sentiment"])
        for row in rows(sets, "umsab_multilingual", "tweets")
        if row["original_split"] == split
    ]


def stream(sets: Path, name: str) -> list[str]:
    """The posts of a set that stands for a stream; none where it is not there, or where ``name`` is ""."""
    try:
        return [row["text"] for row in rows(sets, name, "posts")] if name else []
    except NotFound:
        return []


def reasons(sets: Path) -> list[tuple[str, str]]:
    """(text, reason) of complaints to airlines; one that was none of the other nine is ``Can't Tell``."""
    return [
        (row["text"], row["negativereason"])
        for row in rows(sets, "airline_sentiment", "tweets")
        if row["negativereason"]
    ]


def care_turns(sets: Path) -> list[tuple[int, str]]:
    """(turn, text) of what customers wrote in the care conversations."""
    return [(int(r["turn"]), r["text"]) for r in rows(sets, "ibm_care", "turns") if r["inbound"] == "1"]


def chat_lines(sets: Path) -> list[str]:
    """What people wrote in the support channels, without the name it was addressed to."""
    lines = []
    for row in rows(sets, "irc_support", "messages"):
        if row["system"] == "0" and row["text"]:
            head, sign, rest = row["text"].partition(" ")
            lines.append(rest if sign and head[-1:] in ":," and len(head) < 20 else row["text"])
    return lines
