"""Epochs of the log: after a restore a new one is opened, which says what the one before had published beyond the copy.

A log that went on signing under its old name would sign other trees of sizes that are already out in the world. The
tree itself goes on; its name (``note.origin_of``) counts the epoch.
"""

from collections.abc import Sequence
from hashlib import sha256

import msgspec
from msgspec import Struct

OPENED = "townhall.journal.epoch_opened"
_MARK = OPENED.encode()


class Lost(Struct, frozen=True):
    """The last checkpoint that an epoch published and the copy does not hold; ``digest`` is its note's SHA-256 (hex)."""

    epoch: int
    size: int
    facts: int
    digest: str


class Opening(Struct, frozen=True):
    """An epoch begins: checkpoints up to ``kept`` blocks belong to those before it; ``facts`` were numbered then."""

    epoch: int
    kept: int
    facts: int
    lost: tuple[Lost, ...]


class _Fact(Struct):
    type: str
    data: msgspec.Raw = msgspec.Raw(b"null")


def note_digest(note: str) -> str:
    """By which an opening names a note."""
    return sha256(note.encode()).hexdigest()


def openings_in(blobs: Sequence[bytes]) -> list[Opening]:
    """The epochs that these facts open. Raises ``msgspec.DecodeError`` for one that cannot be read."""
    found = [msgspec.json.decode(blob, type=_Fact) for blob in blobs if _MARK in blob]
    return [msgspec.json.decode(fact.data, type=Opening) for fact in found if fact.type == OPENED]


def epoch_at(size: int, openings: Sequence[Opening]) -> int:
    """The epoch whose name a checkpoint of that size bears. ``openings`` in their order."""
    return max((one.epoch for one in openings if one.kept < size), default=1)


def ended_by(epoch: int, openings: Sequence[Opening]) -> Opening | None:
    """The opening that ended an epoch, None while it is the last."""
    return next((one for one in openings if one.epoch > epoch), None)


def facts_lost(openings: Sequence[Opening]) -> int:
    """How many facts were signed once and are not in this record, counted at most once for each opening."""
    return sum(max((lost.facts - one.facts for lost in one.lost), default=0) for one in openings if one.lost)
