"""Replay: stored posts with the context each was judged on, in bulk, for explanations, back-tests and proofs.

Reads only. A context comes from the sealed content that the judging fact names, so what is replayed is exactly what
was judged; a post whose content was erased is passed over and counted.
"""

from collections.abc import Iterator
from typing import Any

from msgspec import Struct, json
from psycopg import Connection

from townhall import journal
from townhall.database.instants import reader
from townhall.kernel.clock import Instant
from townhall.kernel.errors import NotFound
from townhall.kernel.ids import id_at
from townhall.policy.logic import Context

CHUNK = 5_000
_context = json.Decoder(Context).decode


class _Where(Struct):
    block: int
    item: int


class _Judging(Struct):
    data: _Where


_judging = json.Decoder(_Judging).decode


class Judged(Struct, frozen=True, gc=False):
    """A stored post from outside, what was decided, by which policy version, and on what. ``answered``: somebody did."""

    id: int
    effect: str
    priority: int
    queue: str
    rule: str
    policy: int
    answered: bool
    context: Context


class Window(Struct, frozen=True):
    """Posts of a brand received from ``low`` to before ``high``."""

    brand: int
    low: Instant
    high: Instant


def replay(conn: Connection[Any], kek: bytes, window: Window) -> Iterator[list[Judged]]:
    """Chunks in the order received. Five queries a chunk. Raises ``Broken`` when the record was changed."""
    after, end = id_at(window.low) - 1, id_at(window.high)
    while rows := _rows(conn, window.brand, after, end):
        after = rows[-1][0]
        yield _with_contexts(conn, kek, rows)


def one(conn: Connection[Any], kek: bytes, interaction: int) -> tuple[int, Judged]:
    """One post: its brand and what was judged. Raises ``NotFound`` when there is none, it is ours, or it was erased."""
    row = conn.execute(
        "SELECT brand_id FROM interaction WHERE id = %s AND direction = 'in'", [interaction]
    ).fetchone()
    found = _with_contexts(conn, kek, _rows(conn, row[0], interaction - 1, interaction + 1)) if row else []
    if row is None or not found:
        raise NotFound(f"there is no judged interaction {interaction}; those of our own are not judged")
    return int(row[0]), found[0]


def _rows(conn: Connection[Any], brand: int, after: int, end: int) -> list[tuple[Any, ...]]:
    return (
        reader(conn)
        .execute(
            """
        SELECT i.id, i.effect, i.priority, i.queue, i.rule, i.policy_id, i.block_id, i.ordinal,
            EXISTS (SELECT FROM interaction o WHERE o.thread_id = i.thread_id AND o.direction = 'out' AND o.parent = i.key)
        FROM interaction i WHERE i.id > %s AND i.id < %s AND i.brand_id = %s AND i.direction = 'in' AND i.rule IS NOT NULL
        ORDER BY i.id LIMIT %s
        """,
            [after, end, brand, CHUNK],
            binary=True,
        )
        .fetchall()
    )


def _with_contexts(conn: Connection[Any], kek: bytes, rows: list[tuple[Any, ...]]) -> list[Judged]:
    facts = journal.blobs(conn, sorted({row[6] for row in rows}))
    # the judging stands right behind the receiving, which the row names
    places = [_judging(facts[row[6]][row[7] + 1]).data for row in rows]
    contents = journal.recall_many(conn, kek, sorted({place.block for place in places}))
    found = []
    for row, place in zip(rows, places, strict=True):
        raw = contents[place.block][place.item] if place.block in contents else None
        if raw is not None:
            id, effect, priority, queue, rule, version, *_, answered = row
            found.append(Judged(id, effect, priority, queue, rule, version, answered, _context(raw)))
    return found
