"""Appending as worker and as web, numbering in order of commits, whatever else is open."""

import struct
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import Connection

from townhall import journal
from townhall.database import Database
from townhall.database.connect import connect
from townhall.flow.sequencer import Sequencer
from townhall.journal.logic.block import header_leaf, make_block, unsqueeze
from townhall.journal.store import order
from townhall.kernel.fact import Fact, encode
from townhall.vault import Keys

pytestmark = pytest.mark.database
NOW = 1_767_225_600_000_000
KEYS = Keys(b"k" * 32, b"i" * 32, b"s" * 32, b"p" * 32)


def a_fact(number: int, subject: str = "case") -> Fact:
    return Fact(
        type="townhall.case.assigned",
        subject=f"{subject}/{number}",
        time=NOW + number,
        brand=1,
        actor="staff/7",
        data={"to": number},
    )


def facts(*numbers: int) -> list[Fact]:
    return [a_fact(n) for n in numbers]


@pytest.fixture
def sequencer(worker: Connection[Any], tmp_path: Path) -> Sequencer:
    made = Sequencer(worker, KEYS, tmp_path)
    assert made.own()
    return made


def numbered(connection: Connection[Any]) -> list[int]:
    return [row[0] for row in connection.execute("SELECT block_id FROM fact_order ORDER BY position")]


@pytest.mark.parametrize("role", ["worker", "web"])
def test_both_roles_append(
    open_as: Callable[..., Connection[Any]], sequencer: Sequencer, worker: Connection[Any], role: str
) -> None:
    writer = open_as(role)
    with writer.transaction():
        first = journal.append(writer, facts(1, 2, 3))
        second = journal.append(writer, facts(4))
    assert first < second
    assert journal.append(writer, []) == 0
    done = sequencer.tick(NOW)
    assert (done.blocks, done.facts, done.signed_size) == (2, 4, 2)
    assert numbered(worker) == [first, second]


def test_web_cannot_change_or_read_what_it_wrote(web: Connection[Any]) -> None:
    journal.append(web, facts(1))
    for statement in (
        "UPDATE fact_block SET facts = 2",
        "DELETE FROM fact_block",
        "SELECT body FROM fact_block",
        "DELETE FROM fact_pending",
        "INSERT INTO fact_order VALUES (0, 1, 0, 1, '')",
        "UPDATE journal_head SET size = 9",
        "SELECT body FROM content_block",
        "UPDATE journal_follower SET position = 9",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            web.execute(statement)  # type: ignore[call-overload]


def test_a_reserved_block_can_be_named_before_it_is_written(
    worker: Connection[Any], sequencer: Sequencer
) -> None:
    with worker.transaction():
        block_id = journal.reserve(worker)
        assert journal.append(worker, facts(1), block_id) == block_id
    sequencer.tick(NOW)
    assert numbered(worker) == [block_id]


def test_commits_out_of_order_are_each_numbered_once(
    open_as: Callable[..., Connection[Any]], sequencer: Sequencer, worker: Connection[Any]
) -> None:
    early, late = open_as("worker"), open_as("web")
    early.autocommit = late.autocommit = False
    first = journal.append(early, facts(1))
    second = journal.append(late, facts(2))
    late.commit()
    assert sequencer.tick(NOW).blocks == 1
    assert numbered(worker) == [second]
    early.commit()
    assert sequencer.tick(NOW + 1).blocks == 1
    assert numbered(worker) == [second, first]
    assert sequencer.tick(NOW + 2).blocks == 0


def test_savepoints_and_rollbacks_leave_only_what_was_committed(
    open_as: Callable[..., Connection[Any]], sequencer: Sequencer, worker: Connection[Any]
) -> None:
    writer = open_as("web")
    with writer.transaction():
        kept = journal.append(writer, facts(1))
        with pytest.raises(RuntimeError), writer.transaction():
            journal.append(writer, facts(2))
            raise RuntimeError
        with writer.transaction():
            nested = journal.append(writer, facts(3))
    with pytest.raises(RuntimeError), writer.transaction():
        journal.append(writer, facts(4))
        raise RuntimeError
    assert sequencer.tick(NOW).facts == 2
    assert numbered(worker) == [kept, nested]
    assert order.waiting_ids(worker) == []


def test_nothing_waits_for_a_transaction_that_is_stuck(
    database: Database,
    server: Database,
    open_as: Callable[..., Connection[Any]],
    sequencer: Sequencer,
    worker: Connection[Any],
) -> None:
    """One stuck in another database of the cluster, one in this one that has appended and does not end."""
    elsewhere = psycopg.connect(database.admin_dsn("postgres"))
    elsewhere.execute("CREATE TEMP TABLE stuck AS SELECT pg_current_xact_id()")
    here = open_as("worker")
    here.autocommit = False
    stuck = journal.append(here, facts(0))
    writer = open_as("web")
    ids = []
    for n in range(1, 21):
        ids.append(journal.append(writer, facts(n)))
        assert sequencer.tick(NOW + n).blocks == 1
    assert numbered(worker) == ids
    here.commit()
    elsewhere.rollback()
    elsewhere.close()
    assert sequencer.tick(NOW + 99).blocks == 1
    assert numbered(worker) == [*ids, stuck]


def test_a_long_queue_is_numbered_in_passes(
    worker: Connection[Any], open_as: Callable[..., Connection[Any]], tmp_path: Path
) -> None:
    ids = [journal.append(worker, facts(n)) for n in range(7)]
    small = Sequencer(open_as("worker"), KEYS, tmp_path, limit=3)
    assert small.own()
    passes = [small.tick(NOW) for _ in range(4)]
    assert [(done.blocks, done.is_full) for done in passes] == [(3, True), (3, True), (1, False), (0, False)]
    assert numbered(worker) == ids


def test_a_tick_tells_listeners_once(
    database: Database, worker: Connection[Any], sequencer: Sequencer
) -> None:
    with connect(database.dsn("web")) as listener:
        listener.execute("LISTEN townhall_journal")
        for n in range(3):
            journal.append(worker, facts(n))
        sequencer.tick(NOW)
        sequencer.tick(NOW + 1)
        heard = [notice.payload for notice in listener.notifies(timeout=0.5, stop_after=2)]
    assert heard == ["3"]


def test_content_is_kept_apart_and_comes_back(web: Connection[Any], worker: Connection[Any]) -> None:
    items = [b"My parcel never came", b"", "Größe".encode()]
    with web.transaction():
        block_id, hashes = journal.keep(web, KEYS.kek, "draft", items)
    assert journal.recall(worker, KEYS.kek, block_id) == items
    assert len(set(hashes)) == 3 and all(len(h) == 64 for h in hashes)
    stored = worker.execute("SELECT key || body FROM content_block").fetchone()
    assert stored and b"parcel" not in bytes(stored[0])
    assert sha256(items[0]).hexdigest() not in hashes, "without its salt, a hash must not be guessable"


def test_the_bytes_of_a_fact_and_a_block_are_pinned() -> None:
    """Stored facts are never rewritten: if this fails, the format changed and old records no longer verify."""
    blob = encode(a_fact(5))
    assert blob == (
        b'{"type":"townhall.case.assigned","subject":"case/5","time":1767225600000005,"brand":1,'
        b'"actor":"staff/7","data":{"to":5}}'
    )
    block = make_block([blob, encode(a_fact(6)), encode(a_fact(7))])
    assert block.root == naive_root([blob, encode(a_fact(6)), encode(a_fact(7))])
    assert block.marks[:4] == sha256(b"\0" + blob).digest()[:4]
    assert block.root.hex() == "e8f79e4a6a705bc9b29f72b132650a34ca3e8343de5edec4bcfff2113e640239"
    assert unsqueeze(block.body)[:16] == struct.pack("<4I", 3, *[len(blob)] * 3)
    header = b"\1" + struct.pack(">qIq", 9, 3, NOW) + block.root + block.seal
    assert header_leaf(9, 3, NOW, block.root, block.seal) == sha256(b"\0" + header).digest()


def naive_root(entries: Sequence[bytes]) -> bytes:
    """RFC 6962, 2.1, as it is written there."""
    if len(entries) == 1:
        return sha256(b"\0" + entries[0]).digest()
    split = 1
    while split * 2 < len(entries):
        split *= 2
    return sha256(b"\1" + naive_root(entries[:split]) + naive_root(entries[split:])).digest()
