"""Checking one block against its place in the order, and finding the fact that is broken in a damaged one."""

from msgspec import Struct

from townhall.journal.logic.block import (
    MARK,
    first_changed,
    header_leaf,
    seal_of,
    unframe,
    unframe_start,
    unsqueeze,
    unsqueeze_start,
)
from townhall.journal.logic.tree import Damaged, leaf_hashes, root_of
from townhall.kernel.clock import Instant


class StoredBlock(Struct, frozen=True):
    """A block as it was found. ``written_at`` in microseconds UTC."""

    id: int
    facts: int
    written_at: Instant
    root: bytes
    seal: bytes
    marks: bytes
    body: bytes


class Place(Struct, frozen=True):
    """A row of the order as it was found."""

    position: int
    block_id: int
    first_fact: int
    facts: int
    leaf: bytes


class Flaw(Struct, frozen=True):
    """The first broken fact and what is wrong with it. ``block`` 0 when nothing says which it was, ``position`` -1
    when it has no number yet."""

    block: int
    ordinal: int
    position: int
    what: str

    def words(self) -> str:
        """``block/ordinal (position …): what is wrong``."""
        place = f"position {self.position}" if self.position >= 0 else "not yet numbered"
        return f"{self.block or '?'}/{self.ordinal} ({place}): {self.what}"


class Proved(Struct, frozen=True):
    """A block that proves itself: its facts as stored, and its leaf, derived again."""

    blobs: list[bytes]
    leaf: bytes


def prove(stored: StoredBlock, position: int = -1) -> Proved | Flaw:
    """Derives every hash of a block again from the stored bytes."""
    try:
        blobs = unframe(unsqueeze(stored.body))
    except Damaged as damage:
        return _damaged(stored, position, str(damage))
    leaves = leaf_hashes(blobs)
    if root_of(leaves) != stored.root or len(blobs) != stored.facts:
        return _changed(stored, position, blobs)
    if b"".join([leaf[:MARK] for leaf in leaves]) != stored.marks:
        return Flaw(stored.id, first_changed(blobs, stored.marks), position, "its mark was changed")
    if seal_of(stored.marks, stored.body) != stored.seal:
        return Flaw(stored.id, 0, position, "the block's stored bytes do not fit its seal")
    leaf = header_leaf(stored.id, stored.facts, stored.written_at, stored.root, stored.seal)
    return Proved(blobs, leaf)


def fits(place: Place, proved: Proved, stored: StoredBlock, first_fact: int) -> Flaw | None:
    """Whether a block that proves itself is the one that was numbered here."""
    if place.leaf != proved.leaf:
        what = "the block (its number, count, time, root or seal) is not the one that was numbered here"
    elif place.facts != stored.facts:
        what = f"the order says {place.facts} facts, the block holds {stored.facts}"
    elif place.first_fact != first_fact:
        what = f"the order says that its first fact is number {place.first_fact}, it is {first_fact}"
    else:
        return None
    return Flaw(stored.id, 0, place.position, what)


def _changed(stored: StoredBlock, position: int, blobs: list[bytes]) -> Flaw:
    ordinal = first_changed(blobs, stored.marks)
    if len(blobs) != stored.facts:
        what = f"the block says {stored.facts} facts and holds {len(blobs)}"
        return Flaw(stored.id, min(ordinal, len(blobs), stored.facts), position, what)
    if ordinal == len(blobs):
        return Flaw(stored.id, 0, position, "the block's root was changed")
    return Flaw(stored.id, ordinal, position, "the fact is not the one that was written")


def _damaged(stored: StoredBlock, position: int, what: str) -> Flaw:
    """Opens what can be opened, to say where the damage begins."""
    try:
        blobs = unframe_start(unsqueeze_start(stored.body))
    except Damaged:
        blobs = []
    ordinal = min(first_changed(blobs, stored.marks), max(stored.facts - 1, 0))
    return Flaw(stored.id, ordinal, position, f"the fact is not the one that was written: {what}")
