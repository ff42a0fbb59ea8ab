"""The public data sets, read as plain rows. Only these open halves are ever read; none of it is shipped."""

import csv
import gzip
from collections.abc import Iterator
from pathlib import Path

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
    """The rows of ``<name>/dev.<file>.csv.gz``. Raises ``NotFound`` when the set is not there."""
    path = sets / name / f"dev.{file}.csv.gz"
    if not path.exists():
        raise NotFound(
            f"the data set {name} is not in {sets}; set TOWNHALL_DATASETS to the folder that holds it"
        )
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)


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
