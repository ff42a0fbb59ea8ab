"""A small record of our own for tests: facts of people, posts whose deliveries lie sealed, judged content, checkpoints."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from psycopg import Connection

from townhall import journal
from townhall.database import Database
from townhall.database.connect import connect
from townhall.desk.deliveries import delivery_label, sealed_deliveries
from townhall.flow.sequencer import Sequencer
from townhall.journal.content import label
from townhall.journal.examine import Source
from townhall.journal.logic.block import squeeze
from townhall.journal.store.written import content
from townhall.journal.verify import Job, Verdict, verify
from townhall.kernel.fact import Fact
from townhall.vault import Keys, seal

NOW = 1_767_225_600_000_000
KEYS = Keys(b"k" * 32, b"i" * 32, b"s" * 32, b"p" * 32)
SOURCES = {"delivery": Source(sealed_deliveries, delivery_label), "block": Source(content, label)}
TABLES = (
    "fact_block",
    "fact_pending",
    "fact_order",
    "journal_head",
    "checkpoint",
    "content_block",
    "delivery_block",
)


def a_fact(number: int, type: str = "townhall.case.assigned", **more: Any) -> Fact:
    """A fact that somebody made up."""
    more = {"data": {"to": number}} | more
    return Fact(type=type, subject=f"case/{number}", time=NOW + number, brand=1, actor="staff/7", **more)


def deliver(connection: Connection[Any], raws: Sequence[bytes]) -> tuple[int, list[str]]:
    """A sealed delivery as intake keeps it: its id and the hashes for the facts."""
    framed, hashes = journal.salted(raws)
    sealed = seal(KEYS.kek, squeeze(framed), delivery_label(0))
    row = connection.execute(
        "INSERT INTO delivery_block (account_id, brand_id, channel, shard, received_at, items, key, body)"
        " VALUES (1, 1, 'webhook', 0, clock_timestamp(), %s, %s, %s) RETURNING id",
        [len(raws), sealed.key, sealed.body],
    ).fetchone()
    assert row
    return row[0], hashes


def write_posts(connection: Connection[Any], number: int) -> int:
    """One batch: three posts received, each judged, and a fact of a person. Returns the block."""
    with connection.transaction():
        delivery, raw = deliver(connection, [b"post %d.%d" % (number, n) for n in range(3)])
        judged, digests = journal.keep(connection, KEYS.kek, "judged", [b"context %d" % n for n in range(3)])
        facts = []
        for n in range(3):
            facts.append(
                a_fact(
                    n, "townhall.interaction.received", data={"delivery": delivery, "item": n}, content=raw[n]
                )
            )
            facts.append(
                a_fact(
                    n, "townhall.interaction.judged", data={"block": judged, "item": n}, content=digests[n]
                )
            )
        return journal.append(connection, [*facts, a_fact(number)])


def write_record(database: Database, home: Path, checkpoints: int = 4, each: int = 2) -> None:
    """``checkpoints`` checkpoints over ``each`` blocks of seven facts, the files included."""
    with connect(database.dsn("worker")) as writer, connect(database.dsn("worker")) as own:
        sequencer = Sequencer(own, KEYS, home / "checkpoints")
        assert sequencer.own()
        for round in range(checkpoints):
            for n in range(each):
                write_posts(writer, round * each + n)
            sequencer.tick(NOW + round * 60_000_000, sign_now=True)


def check(
    database: Database, home: Path, folder: str = "checkpoints", processes: int = 1, keys: Keys = KEYS
) -> Verdict:
    """What ``townhall journal verify`` finds."""
    job = Job(database.dsn("worker"), keys.kek, keys.verifying(), home / folder, SOURCES)
    return verify(job, processes=processes)


@contextmanager
def put_back(owner: Connection[Any]) -> Iterator[None]:
    """Whatever is done to the record inside is undone at the end."""
    for table in TABLES:
        owner.execute(f"CREATE TEMP TABLE saved_{table} AS TABLE {table}")
    try:
        yield
    finally:
        for table in TABLES:
            owner.execute(
                f"TRUNCATE {table}; INSERT INTO {table} SELECT * FROM saved_{table}; DROP TABLE saved_{table}"
            )
