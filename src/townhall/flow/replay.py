"""Replay: stored posts with the context each was judged on, in bulk, for explanations, back-tests and proofs.

Reads only. A context comes from the sealed content that the judging fact names, so what is replayed is exactly what
was judged; a post whose content was erased is passed over and counted.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from msgspec import Struct, json
from psycopg import Connection

from townhall import journal
from townhall.database.instants import reader
from townhall.flow.people_did import Deeds, Did, Written, deeds
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
    """A stored post from outside, what was decided, by which policy version, and on what; and what people made of it.

    ``tier`` is the customer's as it was looked up for the judging, else as it stood when the post was written: promises are kept by that.
    """

    id: int
    effect: str
    priority: int
    queue: str
    rule: str
    policy: int
    did: Did
    context: Context

    @property
    def tier(self) -> str:
        """The customer's tier, "" for none."""
        return self.context.author_tier if self.context.looked_up else self.did.tier

    @property
    def answered(self) -> bool:
        """Whether somebody of the firm answered it."""
        return self.did.answered

    @property
    def queue_set(self) -> str:
        """The queue that people moved its case to, "" where nobody did."""
        return self.did.queue

    @property
    def priority_set(self) -> int:
        """The priority that people gave its case, -1 where nobody did."""
        return self.did.priority


class Chunk(Struct, frozen=True):
    """Some posts, how many more there are whose content was erased, and the last one's number (0 when there is none)."""

    posts: list[Judged]
    erased: int
    last: int


class _Read(Struct, frozen=True):
    """A chunk as it was read: rows, where each one's context lies, the opened content, what people did."""

    rows: list[tuple[Any, ...]]
    places: list[_Where]
    contents: dict[int, list[bytes | None]]
    done: Deeds

    def opened(self) -> Chunk:
        """The posts with their contexts."""
        found = []
        for row, place in zip(self.rows, self.places, strict=True):
            items = self.contents.get(place.block)
            raw = items[place.item] if items else None
            if raw is not None:
                id, effect, priority, queue, rule, version = row[:6]
                did = self.done.to(Written(*row[8:]), effect)
                found.append(Judged(id, effect, priority, queue, rule, version, did, _context(raw)))
        return Chunk(found, len(self.rows) - len(found), self.rows[-1][0] if self.rows else 0)


class Window(Struct, frozen=True):
    """Posts of a brand received from ``low`` to before ``high``."""

    brand: int
    low: Instant
    high: Instant


def replay(conn: Connection[Any], kek: bytes, window: Window) -> Iterator[Chunk]:
    """Chunks in the order received. Seven queries a chunk. Raises ``Broken`` when the record was changed.

    The next chunk is read while the caller works on this one: a thread of its own keeps the database busy.
    """
    end = id_at(window.high)
    with ThreadPoolExecutor(1, "replay") as ahead:
        coming = ahead.submit(_read, conn, kek, window.brand, id_at(window.low) - 1, end)
        while (chunk := coming.result()).rows:
            coming = ahead.submit(_read, conn, kek, window.brand, chunk.rows[-1][0], end)
            yield chunk.opened()


def read(conn: Connection[Any], kek: bytes, brand: int, after: int, end: int, most: int) -> Chunk:
    """The next posts behind the number ``after`` and before ``end``, at most so many. Seven queries."""
    return _read(conn, kek, brand, after, end, most).opened()


def _read(conn: Connection[Any], kek: bytes, brand: int, after: int, end: int, most: int = CHUNK) -> "_Read":
    rows = _rows(conn, brand, after, end, most)
    facts = journal.blobs(conn, sorted({row[6] for row in rows}))
    # the judging stands right behind the receiving, which the row names
    places = [_judging(facts[row[6]][row[7] + 1]).data for row in rows]
    contents = journal.recall_many(conn, kek, sorted({place.block for place in places}))
    return _Read(rows, places, contents, deeds(conn, [Written(*row[8:]) for row in rows]))


def one(conn: Connection[Any], kek: bytes, interaction: int) -> tuple[int, Judged]:
    """One post: its brand and what was judged. Raises ``NotFound`` when there is none, it is ours, or it was erased."""
    row = conn.execute(
        "SELECT brand_id FROM interaction WHERE id = %s AND direction = 'in'", [interaction]
    ).fetchone()
    found = _read(conn, kek, row[0], interaction - 1, interaction + 1).opened().posts if row else []
    if row is None or not found:
        raise NotFound(f"there is no judged interaction {interaction}; those of our own are not judged")
    return int(row[0]), found[0]


def context_at(conn: Connection[Any], kek: bytes, block: int, ordinal: int) -> Context | None:
    """What was judged of the post whose receiving is the fact (block, ordinal); None when that was erased. Two queries."""
    facts = journal.blobs(conn, [block]).get(block, [])
    if len(facts) <= ordinal + 1:
        return None
    place = _judging(facts[ordinal + 1]).data
    items = journal.recall_many(conn, kek, [place.block]).get(place.block)
    raw = items[place.item] if items else None
    return _context(raw) if raw is not None else None


def _rows(conn: Connection[Any], brand: int, after: int, end: int, most: int) -> list[tuple[Any, ...]]:
    return (
        reader(conn)
        .execute(
            """
        SELECT id, effect, priority, queue, rule, policy_id, block_id, ordinal, uuid_send(key), thread_id, author_id, published_at, received_at
        FROM interaction WHERE id > %s AND id < %s AND brand_id = %s AND direction = 'in' AND rule IS NOT NULL
        ORDER BY id LIMIT %s
        """,
            [after, end, brand, most],
            binary=True,
        )
        .fetchall()
    )
