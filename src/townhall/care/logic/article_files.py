"""A file of articles: CSV with a head, or one JSON object a line. Each line is an article or says why it is none."""

import csv
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import msgspec
from msgspec import Struct

from townhall.care.logic.entry import Entry, Wrong, entry_of

FIELDS = ("title", "url", "text", "language")
NEEDED = FIELDS[:2]
MOST = 20_000
"""Articles and rejected lines of one file: four times what a brand may have in use."""


class Reject(Struct, frozen=True):
    """A line that became no article, from 1, and why."""

    line: int
    why: str


class Taken(Struct, frozen=True):
    """An article with the line it stood on."""

    line: int
    entry: Entry


Read = Taken | Reject


class Unreadable(Struct, frozen=True):
    """Why the file as a whole is none of articles."""

    why: str


def articles_of(raw: bytes) -> list[Read] | Unreadable:
    """The lines of a file in order. Of two with the same address the later is refused.

    A file whose first sign is ``{`` is read as JSON lines, any other as CSV (RFC 4180; commas or semicolons) whose first line
    names the columns title and url, and text and language where there are any. In UTF-8, with or without a byte-order mark.
    """
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as broken:
        line = raw[: broken.start].count(b"\n") + 1
        return Unreadable(f"Line {line} is not UTF-8. Save the file as UTF-8 and hand it in again.")
    if not text.strip():
        return Unreadable("The file is empty.")
    if text.lstrip().startswith("["):
        return Unreadable(
            "The file is a JSON list. Write one object a line, without brackets around and commas between."
        )
    found = list(islice(_of_json(text), MOST + 1)) if text.lstrip().startswith("{") else _of_csv(text)
    if isinstance(found, Unreadable):
        return found
    if len(found) > MOST:
        return Unreadable(f"The file holds more than {MOST:,} articles. Hand it in as several.")
    return list(_first_of_each(found))


def _lines(text: str) -> Iterator[str]:
    """The lines with their ends, one at a time: a file may hold millions."""
    start = 0
    while start < len(text):
        end = text.find("\n", start) + 1 or len(text)
        yield text[start:end]
        start = end


def _of_json(text: str) -> Iterator[Read]:
    for number, line in enumerate(_lines(text), 1):
        if line.strip():
            yield _of_object(number, line)


def _of_object(number: int, line: str) -> Read:
    try:
        given = msgspec.json.decode(line)
    except (msgspec.DecodeError, RecursionError):
        return Reject(number, "This line is no JSON object.")
    if not isinstance(given, dict):
        return Reject(number, "This line is no JSON object.")
    odd = [name for name in FIELDS if not isinstance(given.get(name) or "", str)]
    if odd:
        return Reject(number, f"“{odd[0]}” is not text.")
    return _made(number, {name: given.get(name) or "" for name in FIELDS})


def _of_csv(text: str) -> list[Read] | Unreadable:
    first = text.split("\n", 1)[0]
    sign = ";" if first.count(";") > first.count(",") else ","
    rows = csv.reader(_lines(text), delimiter=sign)
    try:
        head = [name.strip().casefold() for name in next(rows, [])]
        if missing := [name for name in NEEDED if name not in head]:
            return Unreadable(
                f"The first line names no column “{missing[0]}”. It needs title and url; text and language may follow."
            )
        return list(islice(_of_rows(rows, head), MOST + 1))
    except csv.Error as broken:
        return Unreadable(f"Near line {rows.line_num} the file is no CSV: {broken}.")


def _of_rows(rows: Any, head: list[str]) -> Iterator[Read]:
    begins = rows.line_num + 1
    for row in rows:
        if any(cell.strip() for cell in row):
            given = dict(zip(head, row, strict=False))
            yield _made(begins, {name: given.get(name, "") for name in FIELDS})
        begins = rows.line_num + 1


def _made(number: int, given: dict[str, str]) -> Read:
    made = entry_of(**given)
    return Reject(number, made.why) if isinstance(made, Wrong) else Taken(number, made)


def _first_of_each(found: Iterable[Read]) -> Iterator[Read]:
    seen: dict[str, int] = {}
    for one in found:
        if isinstance(one, Taken) and one.entry.url in seen:
            yield Reject(one.line, f"Line {seen[one.entry.url]} has the same address.")
            continue
        if isinstance(one, Taken):
            seen[one.entry.url] = one.line
        yield one
