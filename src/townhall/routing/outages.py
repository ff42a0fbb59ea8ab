"""SQL of outages: times in which an account's network, or our way to it, was down. Recorded by people, never guessed."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from psycopg import Connection

from townhall.database.instants import reader
from townhall.kernel.clock import Instant, to_datetime


class Outage(Struct, frozen=True):
    """One outage of an account. ``until`` 0: it lasts."""

    id: int
    brand: int
    account: int
    why: str
    since: Instant
    until: Instant = 0


_COLUMNS = "id, brand_id, account_id, why, from_at, coalesce(until_at, 'epoch')"


def of_accounts(connection: Connection[Any], accounts: Sequence[int]) -> dict[int, list[Outage]]:
    """Every outage of these accounts, in order of start."""
    rows = reader(connection).execute(
        f"SELECT {_COLUMNS} FROM outage WHERE account_id = ANY(%s) ORDER BY account_id, from_at, id",
        [list(accounts)],
    )
    found: dict[int, list[Outage]] = {}
    for row in rows:
        outage = Outage(*row)
        found.setdefault(outage.account, []).append(outage)
    return found


def running(connection: Connection[Any]) -> set[int]:
    """Accounts that are out of order now."""
    return {row[0] for row in connection.execute("SELECT account_id FROM outage WHERE until_at IS NULL")}


def of_brand(connection: Connection[Any], brand: int, most: int = 200) -> list[Outage]:
    """A brand's outages, the newest first."""
    rows = reader(connection).execute(
        f"SELECT {_COLUMNS} FROM outage WHERE brand_id = %s ORDER BY from_at DESC, id DESC LIMIT %s",
        [brand, most],
    )
    return [Outage(*row) for row in rows]


def record(connection: Connection[Any], outage: Outage, actor: str, now: Instant) -> int | None:
    """Keeps an outage; ``None`` when one of that account lasts already."""
    row = connection.execute(
        """
        INSERT INTO outage (brand_id, account_id, why, from_at, until_at, recorded_by, recorded_at)
        VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING RETURNING id
        """,
        [
            outage.brand, outage.account, outage.why, to_datetime(outage.since),
            to_datetime(outage.until) if outage.until else None, actor, to_datetime(now),
        ],
    ).fetchone()  # fmt: skip
    return int(row[0]) if row else None


def end(connection: Connection[Any], account: int, until: Instant) -> Outage | None:
    """Ends the outage that lasts; ``None`` when none does, or it began later."""
    row = (
        reader(connection)
        .execute(
            f"UPDATE outage SET until_at = %s WHERE account_id = %s AND until_at IS NULL AND from_at < %s RETURNING {_COLUMNS}",
            [to_datetime(until), account, to_datetime(until)],
        )
        .fetchone()
    )
    return Outage(*row) if row else None
