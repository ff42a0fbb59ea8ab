"""SQL of epochs: which there are, and the blocks whose facts say so."""

from contextlib import suppress
from typing import Any

import msgspec
from psycopg import Connection

from townhall.journal.logic.block import unframe, unsqueeze
from townhall.journal.logic.epoch import Opening, openings_in
from townhall.journal.logic.tree import Damaged
from townhall.kernel.clock import Instant, to_datetime


def current(connection: Connection[Any]) -> int:
    """The epoch in which the record is signed now; 1 where none was ever opened."""
    row = connection.execute("SELECT coalesce(max(number), 1) FROM journal_epoch").fetchone()
    return row[0] if row else 1


def blocks(connection: Connection[Any]) -> set[int]:
    """The blocks that are said to hold the facts of openings."""
    return {row[0] for row in connection.execute("SELECT block_id FROM journal_epoch")}


def add(connection: Connection[Any], number: int, block_id: int, now: Instant) -> None:
    """Opens one. ``block_id`` holds its fact."""
    connection.execute(
        "INSERT INTO journal_epoch (number, block_id, opened_at) VALUES (%s, %s, %s)",
        [number, block_id, to_datetime(now)],
    )


def openings(connection: Connection[Any]) -> dict[int, Opening]:
    """Block id → the opening its facts state, in the order of epochs; what a block states wrongly is left out."""
    rows = connection.execute(
        "SELECT e.number, e.block_id, b.body FROM journal_epoch e JOIN fact_block b ON b.id = e.block_id ORDER BY e.number",
        binary=True,
    ).fetchall()
    found: dict[int, Opening] = {}
    for number, block_id, body in rows:
        with suppress(Damaged, msgspec.DecodeError):
            stated = openings_in(unframe(unsqueeze(bytes(body))))
            found.update((block_id, one) for one in stated if one.epoch == number)
    return found
