"""Content: what people wrote, sealed in blocks; facts hold only the salted hashes."""

import os
from collections.abc import Sequence
from typing import Any

from psycopg import Connection

from townhall.journal.logic.block import squeeze, unsqueeze
from townhall.journal.logic.salted import SALT, Item, enframe, unframe_salted
from townhall.journal.logic.tree import Damaged
from townhall.journal.store import written
from townhall.kernel.errors import Broken, NotFound
from townhall.vault import Sealed, open_sealed, seal


def salted(items: Sequence[bytes]) -> tuple[bytes, list[str]]:
    """A frame of the items, each behind a fresh random salt, and their hashes in hex as ``Fact.content`` wants them."""
    return enframe(items, os.urandom(SALT * len(items)))


def unsalted(framed: bytes) -> list[Item]:
    """The items of a frame made by ``salted``, each with its hash. Raises ``Broken`` on damaged bytes."""
    try:
        return unframe_salted(framed)
    except Damaged as damage:
        raise Broken(str(damage)) from damage


def keep(connection: Connection[Any], kek: bytes, kind: str, items: Sequence[bytes]) -> tuple[int, list[str]]:
    """Stores the items sealed under a fresh key. Returns the content block's id and each item's hash (hex).

    A fact refers to one as ``data={"block": id, "item": n}, content=hashes[n]``; ``journal verify`` follows that.
    """
    framed, hashes = salted(items)
    block_id = written.next_content(connection)
    written.add_content(connection, block_id, kind, len(items), seal(kek, squeeze(framed), label(block_id)))
    return block_id, hashes


def recall(connection: Connection[Any], kek: bytes, block_id: int) -> list[bytes | None]:
    """The items of a content block; ``None`` for one that was erased. Needs the worker's rights.

    Raises ``NotFound`` when there is no such block or its key was destroyed, ``Broken`` when it was changed.
    """
    found = written.content(connection, [block_id]).get(block_id)
    if found is None:
        raise NotFound(f"content block {block_id} does not exist or was erased")
    return [item.raw for item in open_content(kek, block_id, found)]


def recall_many(
    connection: Connection[Any], kek: bytes, block_ids: Sequence[int]
) -> dict[int, list[bytes | None]]:
    """As ``recall`` of each; a block that was erased is not in the answer."""
    found = written.content(connection, list(block_ids))
    return {id: [item.raw for item in open_content(kek, id, sealed)] for id, sealed in found.items()}


def open_content(kek: bytes, block_id: int, sealed: Sealed) -> list[Item]:
    """The items of a sealed content block. Raises ``Broken``."""
    return unsalted(_unsqueezed(open_sealed(kek, sealed, label(block_id))))


def label(block_id: int) -> bytes:
    """What a content block is sealed as: its own number, so that two cannot change places."""
    return b"content/%d" % block_id


def _unsqueezed(packed: bytes) -> bytes:
    try:
        return unsqueeze(packed)
    except Damaged as damage:
        raise Broken(str(damage)) from damage


def open_items(kek: bytes, sealed: Sealed, sealed_as: bytes) -> list[Item]:
    """The items of any block sealed over ``squeeze``d ``salted`` items, with its label. Raises ``Broken``."""
    return unsalted(_unsqueezed(open_sealed(kek, sealed, sealed_as)))
