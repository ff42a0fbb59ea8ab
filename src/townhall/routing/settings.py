"""SQL of what is set for handing out: queues, and the rules of a brand."""

from collections.abc import Sequence
from typing import Any

import msgspec
from psycopg import Connection

from townhall.kernel.clock import Instant, to_datetime
from townhall.routing.logic import Queue, Requirement, Rules

_QUEUE = "slug, title, auto_assign, needs, language, overflow_after, overflow_to, relax_after, silence_after, stick_for, usual_work"


def brands_handing_out(connection: Connection[Any]) -> list[int]:
    """Brands with a queue that hands its cases out."""
    rows = connection.execute("SELECT DISTINCT brand_id FROM queue WHERE auto_assign ORDER BY brand_id")
    return [row[0] for row in rows]


def queues(connection: Connection[Any], brand: int) -> list[Queue]:
    """Every queue of a brand as it is set, by slug."""
    rows = connection.execute(f"SELECT {_QUEUE} FROM queue WHERE brand_id = %s ORDER BY slug", [brand])
    return [_queue(row) for row in rows]


def _queue(row: Sequence[Any]) -> Queue:
    needs = tuple(msgspec.convert(one, Requirement) for one in row[3])
    return Queue(row[0], row[1], row[2], needs, row[4], row[5], tuple(row[6]), *row[7:])


def set_queue(connection: Connection[Any], brand: int, queue: Queue) -> bool:
    """Writes a queue's settings. ``False`` when there is none of that slug."""
    done = connection.execute(
        """
        UPDATE queue SET title = %s, auto_assign = %s, needs = %s::jsonb, language = %s, overflow_after = %s, overflow_to = %s,
            relax_after = %s, silence_after = %s, stick_for = %s, usual_work = %s WHERE brand_id = %s AND slug = %s
        """,
        [
            queue.title, queue.hands_out, msgspec.json.encode(queue.needs).decode(), queue.language, queue.overflow_after,
            list(queue.overflow_to), queue.relax_after, queue.silence_after, queue.stick_for, queue.usual_work, brand,
            queue.slug,
        ],
    )  # fmt: skip
    return done.rowcount == 1


def rules(connection: Connection[Any], brand: int) -> Rules:
    """What holds for all queues of a brand; the usual where nothing was set."""
    row = connection.execute("SELECT rules FROM routing_rules WHERE brand_id = %s", [brand]).fetchone()
    return msgspec.convert(row[0], Rules) if row else Rules()


def set_rules(connection: Connection[Any], brand: int, found: Rules, actor: str, now: Instant) -> None:
    """Writes the rules of a brand."""
    connection.execute(
        """
        INSERT INTO routing_rules (brand_id, rules, set_by, set_at) VALUES (%s, %s::jsonb, %s, %s)
        ON CONFLICT (brand_id) DO UPDATE SET rules = excluded.rules, set_by = excluded.set_by, set_at = excluded.set_at
        """,
        [brand, msgspec.json.encode(found).decode(), actor, to_datetime(now)],
    )
