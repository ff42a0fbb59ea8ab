"""One owner, however many try; what was signed is published even if its signer was killed; files are never rewritten."""

import asyncio
import fcntl
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct
from psycopg import Connection

from tests.journal.record import KEYS, NOW, a_fact, check, write_posts
from townhall import journal, vault
from townhall.database import Database
from townhall.database.connect import connect
from townhall.flow import sequencer as sequencer_loop
from townhall.flow.sequencer import SIGN_EVERY, Sequencer
from townhall.journal import publish
from townhall.kernel.clock import system_clock
from townhall.kernel.errors import Broken, Conflict

pytestmark = pytest.mark.database
Open = Callable[..., Connection[Any]]


def notes(home: Path, folder: str = "checkpoints") -> list[str]:
    return [note for _, note in publish.read_notes(publish.lengths(home / folder))]


def owning(connection: Connection[Any], home: Path) -> Sequencer:
    made = Sequencer(connection, KEYS, home / "checkpoints")
    for _ in range(1000):
        if made.own():
            return made
        time.sleep(0.01)
    raise AssertionError("nobody lets go of the journal")


def test_two_at_once_have_one_owner(open_as: Open, tmp_path: Path) -> None:
    first, second = (Sequencer(open_as("worker"), KEYS, tmp_path / "checkpoints") for _ in range(2))
    assert first.own() and not second.own()


def test_an_owner_that_lost_the_journal_changes_nothing(
    open_as: Open, worker: Connection[Any], tmp_path: Path
) -> None:
    """It kept its connection and its idea of the head, but another has moved on since."""
    old = owning(worker, tmp_path)
    worker.execute("SELECT pg_advisory_unlock_all()")
    new = owning(open_as("worker"), tmp_path)
    write_posts(worker, 1)
    assert new.tick(NOW).blocks == 1
    write_posts(worker, 2)
    with pytest.raises(Conflict):
        old.tick(NOW)
    assert new.tick(NOW + 1).blocks == 1, "what the old one took from the queue was given back"


def test_it_signs_at_once_when_idle_and_within_a_second_under_traffic(
    worker: Connection[Any], open_as: Open, tmp_path: Path
) -> None:
    sequencer = owning(open_as("worker"), tmp_path)
    signed_at, last, longest = [], NOW, 0
    for tick in range(30):
        now = NOW + tick * 200_000
        journal.append(worker, [a_fact(tick)])
        if sequencer.tick(now).signed_size:
            signed_at.append(now)
            longest, last = max(longest, now - last), now
    assert signed_at[0] == NOW and longest <= 1_000_000 and SIGN_EVERY < 1_000_000
    assert len(signed_at) <= 8, "but not at every tick"
    assert sequencer.tick(NOW + 60_000_000).signed_size == 30
    assert sequencer.tick(NOW + 120_000_000).signed_size == 0, "nothing new, nothing to sign"
    assert sequencer.tick(NOW + 120_000_001, sign_now=True).signed_size == 0


def test_a_clock_that_went_back_does_not_stop_signing(
    worker: Connection[Any], open_as: Open, tmp_path: Path
) -> None:
    sequencer = owning(open_as("worker"), tmp_path)
    for now in (NOW, NOW - 86_400_000_000):
        journal.append(worker, [a_fact(1)])
        assert sequencer.tick(now).signed_size
    assert [publish.size_in(note) for note in notes(tmp_path)] == [1, 2]
    assert check_database(worker, tmp_path)


def check_database(worker: Connection[Any], home: Path) -> bool:
    class Here(Struct):
        address: str

        def dsn(self, role: str) -> str:
            return self.address

    return check(Here(worker.info.dsn), home).ok  # type: ignore[arg-type]


KILLED = """
import sys
from pathlib import Path
from tests.journal.record import KEYS, NOW
from townhall.database.connect import connect
from townhall.flow.sequencer import Sequencer
sequencer = Sequencer(connect(sys.argv[1]), KEYS, Path(sys.argv[2]) / "checkpoints")
assert sequencer.own()
sequencer.tick(NOW + 5, sign_now=True)
"""


def test_what_a_killed_owner_signed_is_published_by_the_next(
    database: Database, worker: Connection[Any], open_as: Open, tmp_path: Path
) -> None:
    """Killed between the commit and the file: held there by the lock that guards the files."""
    first = owning(worker, tmp_path)
    write_posts(worker, 1)
    first.tick(NOW)
    worker.execute("SELECT pg_advisory_unlock_all()")
    write_posts(worker, 2)
    root = Path(__file__).parents[2]
    with connect(database.dsn("worker")) as listener, (tmp_path / "checkpoints/.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        listener.execute("LISTEN townhall_journal")
        doomed = subprocess.Popen(
            [sys.executable, "-c", KILLED, database.dsn("worker"), str(tmp_path)], cwd=root
        )
        assert [heard.payload for heard in listener.notifies(timeout=30, stop_after=1)] == ["2"]
        doomed.send_signal(signal.SIGKILL)
        doomed.wait()
    assert len(notes(tmp_path)) == 1
    assert check(database, tmp_path).ok, "a checkpoint that is about to be published is no flaw"
    owning(open_as("worker"), tmp_path)
    assert [publish.size_in(note) for note in notes(tmp_path)] == [1, 2]
    assert check(database, tmp_path).ok


def test_a_torn_file_is_mended_from_the_database(
    worker: Connection[Any], open_as: Open, tmp_path: Path
) -> None:
    first = owning(worker, tmp_path)
    for n in range(25):
        journal.append(worker, [a_fact(n)])
        first.tick(NOW + n, sign_now=True)
    worker.execute("SELECT pg_advisory_unlock_all()")
    [file] = (tmp_path / "checkpoints").glob("*.txt")
    whole = file.read_bytes()
    assert len(whole) > 4096
    record = len(whole) // 25
    for torn in range(0, record + 10, 7):
        file.write_bytes(whole[: len(whole) - torn])
        assert len(notes(tmp_path)) == 25 - (torn + record - 1) // record
        own = open_as("worker")
        owning(own, tmp_path)
        assert file.read_bytes() == whole
        own.close()
    file.write_bytes(whole[:100])
    owning(open_as("worker"), tmp_path)
    assert file.read_bytes() == whole


def test_files_go_by_day_and_never_back(tmp_path: Path, worker: Connection[Any], open_as: Open) -> None:
    sequencer = owning(open_as("worker"), tmp_path)
    day = 86_400_000_000
    for n, now in enumerate([NOW, NOW + day, NOW + day + 1, NOW]):
        journal.append(worker, [a_fact(n)])
        sequencer.tick(now, sign_now=True)
    assert [(path.name, path.read_text().count("townhall/") // 2) for path, _ in publish.lengths(tmp_path / "checkpoints")] == [
        ("2026-01-01.txt", 1), ("2026-01-02.txt", 3),
    ]  # fmt: skip
    assert publish.publish(tmp_path / "checkpoints", notes(tmp_path)) == 4
    assert len(notes(tmp_path)) == 4, "what is there already is not written again"


def test_a_database_behind_its_files_is_not_numbered(
    worker: Connection[Any], owner: Connection[Any], open_as: Open, tmp_path: Path
) -> None:
    """A restored backup: numbering on would sign other trees of sizes that were published."""
    first = owning(worker, tmp_path)
    for n in range(2):
        journal.append(worker, [a_fact(n)])
        first.tick(NOW + n, sign_now=True)
    worker.execute("SELECT pg_advisory_unlock_all()")
    owner.execute("DELETE FROM checkpoint WHERE size = 2")
    with pytest.raises(Broken, match="restored"):
        Sequencer(open_as("worker"), KEYS, tmp_path / "checkpoints").own()


def test_a_follower_moves_with_its_results(open_as: Open, worker: Connection[Any], tmp_path: Path) -> None:
    sequencer = owning(open_as("worker"), tmp_path)
    for n in range(5):
        journal.append(worker, [a_fact(n), a_fact(n + 10)])
    sequencer.tick(NOW)
    worker.execute("CREATE TEMP TABLE result (number integer)")

    def step(connection: Connection[Any], crash: bool = False) -> int:
        with connection.transaction():
            blocks = journal.follow(connection, "search", limit=2)
            for block in blocks:
                for fact in block.facts():
                    connection.execute("INSERT INTO result VALUES (%s)", [fact.data["to"]])
            if blocks:
                journal.advance(connection, "search", blocks[-1].position)
            if crash:
                raise RuntimeError
        return len(blocks)

    assert step(worker) == 2
    with pytest.raises(RuntimeError):
        step(worker, crash=True)
    assert [step(worker), step(worker), step(worker)] == [2, 1, 0]
    found = [row[0] for row in worker.execute("SELECT number FROM result")]
    assert found == [0, 10, 1, 11, 2, 12, 3, 13, 4, 14]


def test_two_runs_of_a_follower_do_not_share_its_work(
    open_as: Open, worker: Connection[Any], tmp_path: Path
) -> None:
    sequencer = owning(open_as("worker"), tmp_path)
    journal.append(worker, [a_fact(1)])
    sequencer.tick(NOW)
    assert len(journal.follow(worker, "search")) == 1, "read, and nothing done with it"
    other = open_as("worker")
    with worker.transaction():
        [block] = journal.follow(worker, "search")
        assert journal.follow(other, "search") == [], "another run has it"
        journal.advance(worker, "search", block.position)
    assert journal.follow(other, "search") == []
    assert len(journal.follow(worker, "archive")) == 1
    assert (block.position, block.first_fact) == (0, 0)


class Home(Struct, frozen=True):
    home: Path
    database_name: str = "checked"


async def test_the_loop_numbers_signs_and_stops(
    database: Database, worker: Connection[Any], tmp_path: Path
) -> None:
    """As the clock role runs it, and with it the wait for everything written so far."""
    stop = asyncio.Event()
    loop = asyncio.create_task(sequencer_loop.run(Home(tmp_path), database, stop))
    for n in range(3):
        journal.append(worker, [a_fact(n)])
    size = await sequencer_loop.settle(Home(tmp_path), database, patience_s=30)
    stop.set()
    await asyncio.wait_for(loop, 30)
    assert size == 3 and worker.execute("SELECT count(*) FROM fact_pending").fetchone() == (0,)
    keys = vault.open_keys(tmp_path)
    assert check(database, tmp_path, "checkpoints/checked", keys=keys).facts == 3


async def test_the_loop_runs_beside_long_work(
    database: Database, worker: Connection[Any], tmp_path: Path
) -> None:
    with sequencer_loop.beside(Home(tmp_path), database):
        journal.append(worker, [a_fact(1)])
        assert await sequencer_loop.settle(Home(tmp_path), database) == 1
        journal.append(worker, [a_fact(2)])
    assert journal.standing(worker).checkpoint_size == 2, "it leaves nothing unsigned behind"
    assert len(notes(tmp_path, "checkpoints/checked")) == 2


async def test_settling_numbers_by_itself_when_nobody_does(
    database: Database, worker: Connection[Any], tmp_path: Path
) -> None:
    assert await sequencer_loop.settle(Home(tmp_path), database) == 0
    for n in range(3):
        journal.append(worker, [a_fact(n)])
    assert await sequencer_loop.settle(Home(tmp_path), database) == 3
    standing = journal.standing(worker)
    assert (standing.blocks, standing.facts, standing.pending, standing.checkpoint_size) == (3, 3, 0, 3)
    assert abs(standing.checkpoint_at - system_clock()) < 60_000_000
