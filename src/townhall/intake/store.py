"""SQL of intake: accounts, delivery blocks and their queue, the ledger, acts that wait, rejects."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from psycopg import Connection

from townhall.database.arrays import blobs, integers, uuids
from townhall.database.copy import CopyInto
from townhall.database.instants import reader
from townhall.kernel.clock import Instant, to_datetime
from townhall.kernel.errors import NotFound
from townhall.vault import Sealed

LABEL = b"delivery"
PARSED = b"parsed"


class Account(Struct, frozen=True):
    """Our handle on a network."""

    id: int
    brand_id: int
    channel: str
    handle: str
    native_id: str


class Block(Struct, frozen=True):
    """Parsed items of one delivery block, waiting for the pipeline. ``received`` in microseconds UTC."""

    id: int
    account_id: int
    brand_id: int
    run_id: int | None
    received: Instant
    items: int
    sealed: Sealed


class Delivery(Struct, frozen=True):
    """One shard's share of a delivery: the exact bytes, sealed to keep, and what was read in them, sealed to pass on."""

    shard: int
    items: int
    kept: Sealed
    parsed: Sealed


def account(connection: Connection[Any], account_id: int) -> Account:
    """One account. Raises ``NotFound``."""
    row = connection.execute(
        "SELECT id, brand_id, channel, handle, native_id FROM account WHERE id = %s", [account_id]
    ).fetchone()
    if row is None:
        raise NotFound(f"there is no account {account_id}")
    return Account(*row)


def accounts(connection: Connection[Any]) -> dict[int, Account]:
    """Every account, by id."""
    rows = connection.execute("SELECT id, brand_id, channel, handle, native_id FROM account").fetchall()
    return {row[0]: Account(*row) for row in rows}


def ensure_account(connection: Connection[Any], brand_id: int, channel: str, handle: str) -> int:
    """The account of that handle, made when missing, with its health row."""
    connection.execute(
        "INSERT INTO account (brand_id, channel, handle) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
        [brand_id, channel, handle],
    )
    row = connection.execute(
        "SELECT id FROM account WHERE brand_id = %s AND channel = %s AND handle = %s",
        [brand_id, channel, handle],
    ).fetchone()
    assert row is not None
    connection.execute(
        "INSERT INTO account_health (account_id, brand_id) VALUES (%s, %s) ON CONFLICT DO NOTHING",
        [row[0], brand_id],
    )
    return int(row[0])


def append_blocks(
    connection: Connection[Any],
    owner: Account,
    channel: str,
    received: Instant,
    run_id: int | None,
    deliveries: Sequence[Delivery],
) -> list[int]:
    """Stores deliveries and queues what was read in them. Returns the blocks' ids."""
    rows = connection.execute(
        """
        WITH arrived AS (
            SELECT nextval('delivery_number') AS id, b.*
            FROM unnest(%(shards)s::smallint[], %(items)s::integer[], %(keys)s::bytea[], %(bodies)s::bytea[],
                %(parsed_keys)s::bytea[], %(parsed)s::bytea[]) AS b(shard, items, key, body, parsed_key, parsed)
        ), stored AS (
            INSERT INTO delivery_block (id, account_id, brand_id, channel, shard, run_id, received_at, items, key, body)
            SELECT id, %(account)s, %(brand)s, %(channel)s, shard, %(run)s, %(received)s, items, key, body FROM arrived
        )
        INSERT INTO delivery_pending (block_id, account_id, brand_id, shard, run_id, items, received_at, key, body)
        SELECT id, %(account)s, %(brand)s, shard, %(run)s, items, %(received)s, parsed_key, parsed FROM arrived
        RETURNING block_id
        """,
        {
            "account": owner.id,
            "brand": owner.brand_id,
            "channel": channel,
            "run": run_id,
            "received": to_datetime(received),
            "shards": [delivery.shard for delivery in deliveries],
            "items": integers([delivery.items for delivery in deliveries]),
            "keys": blobs([delivery.kept.key for delivery in deliveries]),
            "bodies": blobs([delivery.kept.body for delivery in deliveries]),
            "parsed_keys": blobs([delivery.parsed.key for delivery in deliveries]),
            "parsed": blobs([delivery.parsed.body for delivery in deliveries]),
        },
    ).fetchall()
    return [row[0] for row in rows]


def take_blocks(connection: Connection[Any], shards: Sequence[int], most_items: int) -> list[Block]:
    """The oldest waiting blocks of these shards, up to about ``most_items`` items. Does not remove them."""
    rows = (
        reader(connection)
        .execute(
            """
        SELECT p.block_id, p.account_id, p.brand_id, p.run_id, p.received_at, p.items, p.key, p.body
        FROM (
            SELECT block_id, sum(items) OVER (ORDER BY block_id) - items AS before
            FROM (
                SELECT block_id, items FROM delivery_pending WHERE shard = ANY(%s) ORDER BY block_id LIMIT 1000
            ) oldest
        ) waiting JOIN delivery_pending p USING (block_id)
        WHERE waiting.before < %s ORDER BY p.block_id
        """,
            [list(shards), most_items],
            binary=True,
        )
        .fetchall()
    )
    return [
        Block(id, account, brand, run, at, items, Sealed(key, body))
        for id, account, brand, run, at, items, key, body in rows
    ]


def remove_pending(connection: Connection[Any], block_ids: Sequence[int]) -> int:
    """Marks blocks as done; part of the batch's transaction. Returns how many there were."""
    return connection.execute(
        "DELETE FROM delivery_pending WHERE block_id = ANY(%s)", [list(block_ids)]
    ).rowcount


def ledger(connection: Connection[Any], keys: Sequence[bytes]) -> dict[bytes, tuple[int, int]]:
    """Which of these posts are stored: key → (interaction id, thread id)."""
    if not keys:
        return {}
    rows = connection.execute(
        "SELECT key, interaction_id, thread_id FROM post_ledger WHERE key = ANY(%s::uuid[])",
        [uuids(keys)],
        binary=True,
    ).fetchall()
    return {row[0].bytes: (row[1], row[2]) for row in rows}


LEDGER = CopyInto("post_ledger", key="uuid", interaction_id="i8", thread_id="i8")


def waiting_acts(connection: Connection[Any], keys: Sequence[bytes]) -> list[tuple[bytes, int, bytes]]:
    """Edits, deletions and likes that came before their post: (key, account, encoded activity); takes them out."""
    rows = connection.execute(
        """
        WITH due AS (DELETE FROM pending_act WHERE key = ANY(%s::uuid[]) RETURNING id, key, account_id, act)
        SELECT key, account_id, act FROM due ORDER BY id
        """,
        [uuids(keys)],
    ).fetchall()
    return [(row[0].bytes, row[1], row[2]) for row in rows]


def stranded_acts(connection: Connection[Any], limit: int) -> list[bytes]:
    """Keys of waiting acts whose post is stored. Reads everything that waits."""
    rows = connection.execute(
        "SELECT DISTINCT p.key FROM pending_act p JOIN post_ledger l USING (key) LIMIT %s", [limit]
    ).fetchall()
    return [row[0].bytes for row in rows]


def keep_acts(connection: Connection[Any], acts: Sequence[tuple[bytes, int, Instant, bytes]]) -> None:
    """Keeps (key, account, happened, encoded activity) until the post arrives."""
    WAITING.write(connection, acts)


WAITING = CopyInto("pending_act", key="uuid", account_id="i4", happened_at="time", act="bytes")


def count_run(connection: Connection[Any], run_id: int, accepted: int, duplicates: int, folded: int) -> None:
    """Adds a batch's outcome to its import run."""
    connection.execute(
        "UPDATE import_run SET accepted = accepted + %s, duplicates = duplicates + %s, folded = folded + %s WHERE id = %s",
        [accepted, duplicates, folded, run_id],
    )


def reject(
    connection: Connection[Any],
    owner: Account,
    run_id: int | None,
    rows: Sequence[tuple[int | None, str, Sealed]],
    kind: str = "unread",
) -> None:
    """Keeps what could not be read (raw bytes) or, ``unstored``, not be stored (the activity as JSON): (line, reason, sealed)."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO reject (account_id, brand_id, run_id, line, kind, reason, key, body) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
            [
                (owner.id, owner.brand_id, run_id, line, kind, reason, sealed.key, sealed.body)
                for line, reason, sealed in rows
            ],
        )


def note_arrivals(connection: Connection[Any], seen: Sequence[tuple[int, Instant]]) -> None:
    """Remembers each account's newest post time, for its health line."""
    connection.execute(
        """
        UPDATE account_health h SET last_post_at = greatest(h.last_post_at, n.at)
        FROM unnest(%s::integer[], %s::timestamptz[]) AS n(account_id, at)
        WHERE h.account_id = n.account_id AND h.last_post_at IS DISTINCT FROM greatest(h.last_post_at, n.at)
        """,
        [[account_id for account_id, _ in seen], [to_datetime(at) for _, at in seen]],
    )
