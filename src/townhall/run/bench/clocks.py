"""``townhall bench clocks``: a million running promises, ten thousand of them due in one second, and one crash.

The promises are rows as the pipeline writes them; the watch is that of the clock role. In the middle of the alarms the
watch is thrown away, as a crash would, and another begins from nothing. Late is from the moment due to the commit.
"""

import asyncio
import time
from collections.abc import Callable, Iterator
from typing import Any

from psycopg import Connection

from townhall import journal
from townhall.care import bulk as care
from townhall.database import Database
from townhall.database.connect import connect, transaction
from townhall.flow import sequencer
from townhall.flow.opening import open_account, open_brand
from townhall.flow.watch import TICK_S, Watch
from townhall.intake.store import Account
from townhall.kernel.clock import DAY, HOUR, MINUTE, SECOND, Instant, system_clock
from townhall.kernel.ids import Snowflake
from townhall.routing import store as routing
from townhall.run.settings import Settings

Told = Callable[[str, int, int], None]
_CHUNK = 50_000
_PATIENCE_S = 120
_LEAD: Instant = 20 * SECOND
"""The thousands fall due so long after they are written."""


def bench_clocks(settings: Settings, database: Database, clocks: int, due: int, told: Told) -> dict[str, Any]:
    """Fills ``clocks`` running promises of which ``due`` fall due in one second, and watches. Gives how late the alarms were
    (seconds), how many never came and how many came twice, in rows or in the record."""
    with connect(database.dsn("worker"), "bench clocks") as conn:
        with transaction(conn):
            brand = open_brand(conn, "bench", system_clock(), name="Bench").brand
            account = open_account(conn, brand, "activitystreams", "harbourtel")
        ids = Snowflake(201, system_clock)
        began = time.perf_counter()
        _fill(
            conn, ids, account, clocks - due, lambda n: system_clock() + HOUR + n * (30 * DAY) // clocks, told
        )
        moment = system_clock() + _LEAD
        first = _fill(conn, ids, account, due, lambda n: moment + n * SECOND // due, told)
        with transaction(conn):
            conn.execute("ANALYZE commitment")
        filled = time.perf_counter() - began
        late = _watch(database, conn, first, due, told)
        twice = _told_twice(settings, database, conn, first)
    return _figures(late, clocks, due, twice, filled)


def _figures(late: list[float], clocks: int, due: int, twice: int, filled: float) -> dict[str, Any]:
    late.sort()
    at = [late[min(int(len(late) * share), len(late) - 1)] if late else None for share in (0.5, 0.99, 1.0)]
    return {
        "late_p50_s": at[0], "late_p99_s": at[1], "late_max_s": at[2], "missed": due - len(late), "duplicates": twice,
        "clocks": clocks, "due": due, "crashes": 1, "fill_s": round(filled, 1),
    }  # fmt: skip


def _fill(
    conn: Connection[Any],
    ids: Snowflake,
    account: Account,
    count: int,
    due: Callable[[int], Instant],
    told: Told,
) -> int:
    """Promises and their cases. Gives the first promise's id."""
    first = 0
    for start in range(0, count, _CHUNK):
        numbers = range(start, min(start + _CHUNK, count))
        names = ids.take(2 * len(numbers))
        first = first or names[0]
        now = system_clock()
        with transaction(conn):
            care.CASES.write(conn, _cases(account, names, numbers, due, now))
            routing.COMMITMENTS.write(conn, _promises(account, names, numbers, due, now))
        told("filling", numbers[-1] + 1, count)
    return first


def _cases(
    account: Account, names: list[int], numbers: range, due: Callable[[int], Instant], now: Instant
) -> Iterator[Any]:
    for place, n in enumerate(numbers):
        case = names[2 * place + 1]
        yield (
            case, account.brand_id, account.id, case, case, "open", 3, f"queue-{n % 20}", "question", "where is it?", "en", 1,
            now, now, None, case, "first_response", due(n), False,
        )  # fmt: skip


def _promises(
    account: Account, names: list[int], numbers: range, due: Callable[[int], Instant], now: Instant
) -> Iterator[Any]:
    for place, n in enumerate(numbers):
        yield (
            names[2 * place], account.brand_id, names[2 * place + 1], names[2 * place + 1], "first_response", 3,
            f"queue-{n % 20}", HOUR, "default", 0, now - MINUTE, due(n), None, "", None, "", None, 0,
        )  # fmt: skip


def _watch(database: Database, conn: Connection[Any], first: int, due: int, told: Told) -> list[float]:
    """Watches until all have been told, with one crash after the first of them. Gives seconds late of each."""
    late: list[float] = []
    limit = time.monotonic() + _LEAD / SECOND + _PATIENCE_S
    watching = connect(database.dsn("worker"), "townhall watch")
    watch, seen, crashed = Watch(watching), 0, False
    while len(late) < due and time.monotonic() < limit:
        watch.tick()
        committed = system_clock()
        found = _raised(conn, first, seen)
        seen += len(found)
        late += [round((committed - at) / SECOND, 4) for at in found]
        told("alarms", len(late), due)
        if found and not crashed:
            crashed = True
            watching.close()
            watching = connect(database.dsn("worker"), "townhall watch")
            watch = Watch(watching)
        elif len(late) < due:
            time.sleep(TICK_S)
    watching.close()
    return late


def _raised(conn: Connection[Any], first: int, seen: int) -> list[Instant]:
    """When those told since were due."""
    rows = conn.execute(
        "SELECT (extract(epoch FROM c.due_at) * 1000000)::bigint FROM alarm a JOIN commitment c ON c.id = a.commitment_id"
        " WHERE a.level = 'missed' AND c.id >= %s ORDER BY a.raised_at, c.due_at, c.id OFFSET %s",
        [first, seen],
    ).fetchall()
    return [row[0] for row in rows]


def _told_twice(settings: Settings, database: Database, conn: Connection[Any], first: int) -> int:
    """Alarms that stand in the record more often than once."""
    asyncio.run(sequencer.settle(settings, database))
    told: dict[tuple[str, str], int] = {}
    name = f"bench clocks {system_clock()}"
    while True:
        with transaction(conn):
            blocks = journal.follow(conn, name, 500)
            if not blocks:
                return sum(count - 1 for count in told.values())
            journal.advance(conn, name, blocks[-1].position)
        for block in blocks:
            for fact in block.facts():
                _count(fact, told)


def _count(fact: Any, told: dict[tuple[str, str], int]) -> None:
    if fact.type == "townhall.alarm.raised":
        key = fact.subject, fact.data["level"]
        told[key] = told.get(key, 0) + 1
