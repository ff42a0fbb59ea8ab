"""SQL of questions to people: posts of the last weeks where a head is least sure, in turns over the heads."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from psycopg import Connection

from townhall.kernel.clock import Instant, to_datetime


class Ask(Struct, frozen=True):
    """One question: ``turn`` counts within the head, the least sure first; ``print`` tells near-copies; ``passed`` are people who
    could not say."""

    head: str
    interaction: int
    turn: int
    doubt: float
    said: str
    chance: float
    read_by: str
    print: int
    passed: list[int]


def of_brand(conn: Connection[Any], brand: int) -> list[Ask]:
    """Every question of a brand, in order."""
    rows = conn.execute(
        "SELECT head, interaction_id, turn, doubt, said, chance, read_by, print, passed FROM label_ask WHERE brand_id = %s"
        " ORDER BY turn, head, interaction_id",
        [brand],
    )
    return [Ask(*row) for row in rows]


def put(conn: Connection[Any], brand: int, asks: Sequence[Ask]) -> None:
    """These are the brand's questions from now on. Whoever passed one stays passed."""
    conn.execute("DELETE FROM label_ask WHERE brand_id = %s", [brand])
    with conn.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO label_ask (brand_id, head, interaction_id, turn, doubt, said, chance, read_by, print, passed)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [
                (
                    brand,
                    a.head,
                    a.interaction,
                    a.turn,
                    a.doubt,
                    a.said,
                    a.chance,
                    a.read_by,
                    a.print,
                    a.passed,
                )
                for a in asks
            ],
        )


def pass_over(conn: Connection[Any], brand: int, head: str, interaction: int, staff: int) -> bool:
    """That person cannot say, and is not asked this again; whether it is asked at all."""
    done = conn.execute(
        "UPDATE label_ask SET passed = array_append(array_remove(passed, %(staff)s), %(staff)s)"
        " WHERE brand_id = %(brand)s AND head = %(head)s AND interaction_id = %(post)s",
        {"brand": brand, "head": head, "post": interaction, "staff": staff},
    )
    return bool(done.rowcount)


def begin_round(conn: Connection[Any], now: Instant, before: Instant) -> tuple[int, int] | None:
    """A brand whose last round is longest ago, and before ``before``: (brand, the last post it has seen), locked."""
    row = conn.execute(
        "SELECT brand_id, upto FROM label_round WHERE worked_at <= %s ORDER BY worked_at, brand_id LIMIT 1"
        " FOR UPDATE SKIP LOCKED",
        [to_datetime(before)],
    ).fetchone()
    return (int(row[0]), int(row[1])) if row else None


def meet(conn: Connection[Any], brands: Sequence[int], upto: int) -> None:
    """Brands that are new have a first round, which begins behind ``upto``."""
    conn.execute(
        "INSERT INTO label_round (brand_id, upto, worked_at) SELECT brand, %s, 'epoch' FROM unnest(%s::integer[]) brand"
        " ON CONFLICT DO NOTHING",
        [upto, list(brands)],
    )


def end_round(conn: Connection[Any], brand: int, upto: int, now: Instant) -> None:
    """Keeps how far a brand's round came."""
    conn.execute(
        "UPDATE label_round SET upto = %s, worked_at = %s WHERE brand_id = %s",
        [upto, to_datetime(now), brand],
    )
