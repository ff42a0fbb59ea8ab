"""Numbering: gives committed blocks their place for ever, grows the tree over them, signs where it stands.

What is seen committed and not yet numbered gets the next positions. No horizon is waited for: a transaction that
is still open has not put its block in anybody's sight, and is numbered in the pass after it commits.
"""

from typing import Any

from msgspec import Struct
from psycopg import Connection

from townhall.journal.logic.block import header_leaf
from townhall.journal.logic.note import Checkpoint, origin_of, signed
from townhall.journal.logic.tree import Damaged, Peaks, unpack_peaks
from townhall.journal.store import order
from townhall.kernel.clock import Instant
from townhall.kernel.errors import Broken, Conflict
from townhall.vault import Keys

CHANNEL = "townhall_journal"
"""Told the new size at each pass that numbered something."""


class Head(Struct, frozen=True):
    """Where the tree stands."""

    peaks: Peaks
    facts: int

    @property
    def size(self) -> int:
        """How many blocks are numbered."""
        return self.peaks.size


NOTHING = Head(Peaks(), 0)
"""The head of a journal in which nothing is numbered."""


def read_head(connection: Connection[Any]) -> Head:
    """Where the tree stands in the database. Raises ``Broken`` when the stored head is impossible."""
    size, facts, packed = order.head(connection)
    try:
        return Head(unpack_peaks(size, packed), facts)
    except Damaged as damage:
        raise Broken(f"the head of the journal was changed: {damage}") from damage


def number(connection: Connection[Any], head: Head, limit: int) -> Head:
    """Numbers up to ``limit`` waiting blocks in the caller's transaction and tells listeners. Returns the new head.

    Raises ``Conflict`` when the head in the database is no longer ``head``: somebody else numbers, or changed it.
    """
    taken = order.take_waiting(connection, limit)
    if not taken:
        return head
    rows, facts = [], head.facts
    for place, block in enumerate(taken, head.size):
        leaf = header_leaf(block.id, block.facts, block.written_at, block.root, block.seal)
        rows.append((place, block.id, facts, block.facts, leaf))
        facts += block.facts
    grown = Head(head.peaks.grown([row[4] for row in rows]), facts)
    if not order.move_head(connection, head.size, grown.size, facts, grown.peaks.packed()):
        raise Conflict(f"the journal does not stand at {head.size} blocks any more")
    order.add_order(connection, rows)
    order.announce(connection, CHANNEL, str(grown.size))
    return grown


def sign(connection: Connection[Any], head: Head, keys: Keys, now: Instant, epoch: int = 1) -> str:
    """Signs the head and stores the checkpoint in the caller's transaction. Returns the note.

    Publish it only after the commit: a note that left the house must never be contradicted by a second signature.
    """
    public = keys.verifying()
    stated = Checkpoint(origin_of(public, epoch), head.size, head.peaks.root(), head.facts, now)
    note = signed(stated, public, keys.signer().sign)
    order.add_checkpoint(connection, head.size, head.facts, now, note)
    return note
