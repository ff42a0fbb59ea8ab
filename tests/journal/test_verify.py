"""Every way we know to change a record behind its back, done in the database, and found."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import Connection

from tests.journal.record import KEYS, NOW, a_fact, check, put_back, write_posts, write_record
from townhall import journal
from townhall.database import Database
from townhall.database.connect import connect
from townhall.flow.sequencer import Sequencer
from townhall.journal.logic.block import frame, make_block, seal_of, squeeze, unframe, unsqueeze
from townhall.journal.logic.note import Checkpoint, origin_of, signed
from townhall.kernel.clock import to_datetime
from townhall.kernel.fact import encode
from townhall.vault import Keys

pytestmark = pytest.mark.database


@pytest.fixture(scope="module")
def written(module_database: Database, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A record of 8 blocks, 56 facts and 4 checkpoints; its home."""
    home = tmp_path_factory.mktemp("record")
    write_record(module_database, home)
    return home


@pytest.fixture
def home(written: Path, tmp_path: Path) -> Path:
    """The home with files of its own."""
    shutil.copytree(written / "checkpoints", tmp_path / "checkpoints")
    return tmp_path


@pytest.fixture
def owner(module_database: Database) -> Iterator[Connection[Any]]:
    """The record's owner, who may change everything; all is put back."""
    with connect(module_database.dsn("owner")) as connection, put_back(connection):
        yield connection


@pytest.fixture
def ids(owner: Connection[Any]) -> list[int]:
    """Block ids by position."""
    return [row[0] for row in owner.execute("SELECT block_id FROM fact_order ORDER BY position")]


def broken(database: Database, home: Path) -> tuple[int, int, int, str]:
    """Block (0 unknown), ordinal and position (-1 none) of the first broken fact, and what is wrong."""
    verdict = check(database, home)
    assert not verdict.ok and verdict.first_broken
    found = re.fullmatch(
        r"(\d+|\?)/(\d+) \((?:position (\d+)|not yet numbered)\): (.+)", verdict.first_broken
    )
    assert found, verdict.first_broken
    block, ordinal, position, what = found.groups()
    return int(block.replace("?", "0")), int(ordinal), int(position or -1), what


def flip(owner: Connection[Any], table: str, column: str, where: str, place: int) -> None:
    """One bit of one stored byte."""
    owner.execute(
        f"UPDATE {table} SET {column} = set_byte({column}, %(n)s, get_byte({column}, %(n)s) # 1) WHERE {where}",
        {"n": place},
    )


def test_an_untouched_record_holds(module_database: Database, home: Path) -> None:
    verdict = check(module_database, home)
    assert (verdict.ok, verdict.first_broken) == (True, None)
    assert (verdict.facts, verdict.blocks, verdict.checkpoints, verdict.vouched) == (56, 8, 4, 48)
    assert (verdict.unsigned, verdict.waiting, verdict.erased) == (0, 0, 0)


def test_several_processes_find_the_same(
    module_database: Database, home: Path, owner: Connection[Any], ids: list[int]
) -> None:
    assert check(module_database, home, processes=2).facts == 56
    flip(owner, "fact_block", "body", f"id = {ids[5]}", 40)
    alone, together = check(module_database, home), check(module_database, home, processes=2)
    assert alone.first_broken == together.first_broken and not together.ok


@pytest.mark.parametrize("column", ["body", "root", "seal", "marks"])
def test_a_flipped_byte_of_a_block_names_that_block(
    module_database: Database, home: Path, owner: Connection[Any], ids: list[int], column: str
) -> None:
    length = owner.execute(f"SELECT length({column}) FROM fact_block WHERE id = {ids[3]}").fetchone()
    assert length
    for place in range(0, length[0], max(1, length[0] // 12)):
        flip(owner, "fact_block", column, f"id = {ids[3]}", place)
        assert broken(module_database, home)[::2][:2] == (ids[3], 3)
        flip(owner, "fact_block", column, f"id = {ids[3]}", place)
    assert check(module_database, home).ok


@pytest.mark.parametrize(
    "change",
    ["written_at = written_at + interval '1 microsecond'", "written_at = 'infinity'", "id = -5"],
)
def test_a_changed_column_of_a_block_is_found(
    module_database: Database, home: Path, owner: Connection[Any], ids: list[int], change: str
) -> None:
    owner.execute(f"UPDATE fact_block SET {change} WHERE id = {ids[2]}")
    assert broken(module_database, home)[::2][:2] == (ids[2], 2)


def rewrite(owner: Connection[Any], block: int, blobs: list[bytes], marks: bytes | None = None) -> None:
    """Somebody who knows the format: a well-formed body with other facts."""
    body = squeeze(frame(blobs))
    row = owner.execute("SELECT marks FROM fact_block WHERE id = %s", [block]).fetchone()
    assert row
    owner.execute(
        "UPDATE fact_block SET body = %s, seal = %s WHERE id = %s", [body, seal_of(row[0], body), block]
    )


def blobs_of(owner: Connection[Any], block: int) -> list[bytes]:
    row = owner.execute("SELECT body FROM fact_block WHERE id = %s", [block]).fetchone()
    assert row
    return unframe(unsqueeze(row[0]))


def test_the_changed_fact_inside_a_block_is_named(
    module_database: Database, home: Path, owner: Connection[Any], ids: list[int]
) -> None:
    for ordinal in range(7):
        with put_back_block(owner, ids[4]):
            blobs = blobs_of(owner, ids[4])
            blobs[ordinal] = blobs[ordinal].replace(b"staff/7", b"staff/8")
            rewrite(owner, ids[4], blobs)
            assert broken(module_database, home)[:3] == (ids[4], ordinal, 4)


class put_back_block:
    def __init__(self, owner: Connection[Any], block: int) -> None:
        self.owner, self.block = owner, block

    def __enter__(self) -> None:
        self.kept = self.owner.execute(
            "SELECT body, seal FROM fact_block WHERE id = %s", [self.block]
        ).fetchone()

    def __exit__(self, *error: object) -> None:
        assert self.kept
        self.owner.execute(
            "UPDATE fact_block SET body = %s, seal = %s WHERE id = %s", [*self.kept, self.block]
        )


def test_a_dropped_fact_and_two_swapped_ones_are_named(
    module_database: Database, home: Path, owner: Connection[Any], ids: list[int]
) -> None:
    blobs = blobs_of(owner, ids[1])
    with put_back_block(owner, ids[1]):
        rewrite(owner, ids[1], blobs[:2] + blobs[3:])
        assert broken(module_database, home)[:3] == (ids[1], 2, 1)
    with put_back_block(owner, ids[1]):
        rewrite(owner, ids[1], [*blobs[:3], blobs[4], blobs[3], *blobs[5:]])
        assert broken(module_database, home)[:3] == (ids[1], 3, 1)


def test_a_block_replaced_with_all_its_hashes_is_found_against_the_order(
    module_database: Database, home: Path, owner: Connection[Any], ids: list[int]
) -> None:
    other = make_block([encode(a_fact(n)) for n in range(7)])
    owner.execute(
        "UPDATE fact_block SET root = %s, seal = %s, marks = %s, body = %s WHERE id = %s",
        [other.root, other.seal, other.marks, other.body, ids[6]],
    )
    assert broken(module_database, home)[:3] == (ids[6], 0, 6)


def test_a_forger_who_knows_the_order_too_fails_at_the_checkpoint(
    module_database: Database, home: Path, owner: Connection[Any], ids: list[int]
) -> None:
    """Block, order and head all rewritten to fit each other: only the signature is out of reach."""
    with connect(module_database.dsn("owner")) as forger:
        other = make_block([encode(a_fact(n)) for n in range(7)])
        forger.execute(
            "UPDATE fact_block SET root = %s, seal = %s, marks = %s, body = %s WHERE id = %s",
            [other.root, other.seal, other.marks, other.body, ids[2]],
        )
        forger.execute("UPDATE journal_head SET size = 0, facts = 0, peaks = ''")
        forger.execute("DELETE FROM fact_order")
        forger.execute("INSERT INTO fact_pending SELECT id FROM fact_block")
        forger_home = home / "forger"
        kept = forger.execute("DELETE FROM checkpoint RETURNING size, facts, signed_at, note").fetchall()
        sequencer = Sequencer(forger, KEYS, forger_home)
        assert sequencer.own() and sequencer.tick(NOW).blocks == 8
        forger.execute("DELETE FROM checkpoint")
        for row in kept:
            forger.execute(
                "INSERT INTO checkpoint (size, facts, signed_at, note) VALUES (%s, %s, %s, %s)", row
            )
    block, _, position, what = broken(module_database, home)
    assert (block, position) == (ids[2], 2) and "positions 2 to 3" in what


@pytest.mark.parametrize("table", ["fact_block", "fact_order", "content_block", "delivery_block"])
def test_a_dropped_row_is_found_where_it_was(
    module_database: Database, home: Path, owner: Connection[Any], ids: list[int], table: str
) -> None:
    column = {"fact_block": "id", "fact_order": "block_id"}.get(table)
    if column:
        owner.execute(f"DELETE FROM {table} WHERE {column} = {ids[5]}")
    else:
        owner.execute(f"DELETE FROM {table} WHERE id = (SELECT id FROM {table} ORDER BY id OFFSET 5 LIMIT 1)")
    assert broken(module_database, home)[2] == 5


@pytest.mark.parametrize("position", [0, 7])
def test_the_first_and_the_last_are_as_safe(
    module_database: Database, home: Path, owner: Connection[Any], ids: list[int], position: int
) -> None:
    owner.execute(f"DELETE FROM fact_order WHERE position = {position}")
    assert broken(module_database, home)[2] == position


def test_two_swapped_places_are_found(
    module_database: Database, home: Path, owner: Connection[Any], ids: list[int]
) -> None:
    swap = "SELECT position, block_id, facts, leaf FROM fact_order WHERE position IN (2, 3)"
    for also_leaf in (False, True):
        (one, block_one, _, leaf_one), (two, block_two, _, leaf_two) = owner.execute(swap).fetchall()
        with owner.transaction():
            owner.execute("DELETE FROM fact_order WHERE position IN (2, 3)")
            for place, block, leaf in (
                (one, block_two, leaf_two if also_leaf else leaf_one),
                (two, block_one, leaf_one if also_leaf else leaf_two),
            ):
                owner.execute(
                    "INSERT INTO fact_order VALUES (%s, %s, %s, 7, %s)", [place, block, place * 7, leaf]
                )
        block, _, position, what = broken(module_database, home)
        assert (block, position) == (ids[3], 2)
        assert ("checkpoint" in what) == also_leaf
        with owner.transaction():
            owner.execute("DELETE FROM fact_order WHERE position IN (2, 3)")
            owner.execute("INSERT INTO fact_order VALUES (%s, %s, 14, 7, %s), (%s, %s, 21, 7, %s)",
                          [one, block_one, leaf_one, two, block_two, leaf_two])  # fmt: skip


def test_two_swapped_bodies_are_found(
    module_database: Database, home: Path, owner: Connection[Any], ids: list[int]
) -> None:
    owner.execute(
        "UPDATE fact_block b SET body = o.body, root = o.root, seal = o.seal, marks = o.marks FROM fact_block o"
        " WHERE (b.id, o.id) IN ((%(a)s::bigint, %(b)s::bigint), (%(b)s, %(a)s))", {"a": ids[1], "b": ids[6]},
    )  # fmt: skip
    assert broken(module_database, home)[:3] == (ids[1], 0, 1)


@pytest.mark.parametrize("column", ["first_fact", "facts", "leaf", "position"])
def test_a_changed_place_is_found(
    module_database: Database, home: Path, owner: Connection[Any], ids: list[int], column: str
) -> None:
    if column == "leaf":
        flip(owner, "fact_order", "leaf", "position = 4", 31)
    else:
        new = {"first_fact": 29, "facts": 6, "position": 99}[column]
        owner.execute(f"UPDATE fact_order SET {column} = {new} WHERE position = 4")
    assert broken(module_database, home)[2] == 4


CUT = """
DELETE FROM fact_block WHERE id IN (SELECT block_id FROM fact_order WHERE position >= {n});
DELETE FROM fact_order WHERE position >= {n};
DELETE FROM checkpoint WHERE size > {n};
"""


def test_a_cut_tail_is_found_against_the_files(
    module_database: Database, home: Path, owner: Connection[Any]
) -> None:
    """Everything behind block 4 gone, checkpoints and head put right: from inside nothing is to be seen."""
    with connect(module_database.dsn("owner")) as forger:
        rows = forger.execute("SELECT leaf FROM fact_order ORDER BY position LIMIT 4").fetchall()
        peaks = journal_peaks([row[0] for row in rows])
        forger.execute(CUT.format(n=4))
        forger.execute("UPDATE journal_head SET size = 4, facts = 28, peaks = %s", [peaks])
    _, _, position, what = broken(module_database, home)
    assert position == 4 and "cut off" in what and "14 facts" in what
    [file] = (home / "checkpoints").glob("*.txt")
    file.write_bytes(b"".join(piece + b"\n\n" for piece in file.read_bytes().split(b"\n\n")[:4]))
    assert check(module_database, home).ok, (
        "the limit that docs/record.md states: cut there too, it is not seen"
    )


def journal_peaks(leaves: list[bytes]) -> bytes:
    from townhall.journal.logic.tree import Peaks

    return Peaks().grown(leaves).packed()


def test_a_cut_tail_with_checkpoints_left_is_found_inside(
    module_database: Database, home: Path, owner: Connection[Any]
) -> None:
    owner.execute(
        "DELETE FROM fact_order WHERE position >= 6; DELETE FROM fact_block WHERE id IN (SELECT max(id) FROM fact_block)"
    )
    assert broken(module_database, home)[2] == 6


def test_the_unsigned_end_is_no_error(module_database: Database, home: Path, owner: Connection[Any]) -> None:
    with connect(module_database.dsn("worker")) as worker:
        write_posts(worker, 100)
        waiting = check(module_database, home)
        sequencer = Sequencer(worker, KEYS, home / "checkpoints")
        assert sequencer.own()
        assert sequencer.tick(NOW + 180_000_001).signed_size == 0
        numbered = check(module_database, home)
        assert sequencer.tick(NOW + 181_000_000).signed_size == 9
    assert (waiting.ok, waiting.waiting, waiting.facts) == (True, 1, 56)
    assert (numbered.ok, numbered.unsigned, numbered.facts) == (True, 7, 63)
    assert check(module_database, home).checkpoints == 5


def test_blocks_that_stand_nowhere_or_twice_are_found(
    module_database: Database, home: Path, owner: Connection[Any], ids: list[int]
) -> None:
    with connect(module_database.dsn("worker")) as worker:
        stray = write_posts(worker, 100)
    owner.execute("DELETE FROM fact_pending")
    assert broken(module_database, home)[:3] == (stray, 0, -1)
    owner.execute("DELETE FROM fact_block WHERE id = %s", [stray])
    owner.execute("INSERT INTO fact_pending VALUES (%s)", [stray])
    assert broken(module_database, home)[0] == stray
    owner.execute("UPDATE fact_pending SET block_id = %s", [ids[0]])
    assert broken(module_database, home)[0] == ids[0]


def test_a_block_changed_before_it_is_numbered_is_found(
    module_database: Database, home: Path, owner: Connection[Any]
) -> None:
    with connect(module_database.dsn("worker")) as worker:
        waiting = write_posts(worker, 100)
    flip(owner, "fact_block", "body", f"id = {waiting}", 60)
    assert broken(module_database, home)[::2][:2] == (waiting, -1)


def test_a_changed_head_is_found(module_database: Database, home: Path, owner: Connection[Any]) -> None:
    for change in ("size = 7", "facts = 55", "peaks = set_byte(peaks, 0, 1 # get_byte(peaks, 0))"):
        kept = owner.execute("SELECT size, facts, peaks FROM journal_head").fetchone()
        owner.execute(f"UPDATE journal_head SET {change}")
        assert "head" in broken(module_database, home)[3]
        owner.execute("UPDATE journal_head SET size = %s, facts = %s, peaks = %s", kept)


def test_every_character_of_a_checkpoint_counts(
    module_database: Database, home: Path, owner: Connection[Any]
) -> None:
    row = owner.execute("SELECT note FROM checkpoint WHERE size = 4").fetchone()
    assert row
    note = row[0]
    for place in range(0, len(note), 5):
        other = "B" if note[place] != "B" else "C"
        owner.execute(
            "UPDATE checkpoint SET note = %s WHERE size = 4", [note[:place] + other + note[place + 1 :]]
        )
        _, _, position, what = broken(module_database, home)
        assert position == 3 and "checkpoint of 4 blocks" in what


@pytest.mark.parametrize("change", ["size = 5", "facts = 27", "signed_at = signed_at + interval '1 second'"])
def test_a_checkpoint_fits_its_row(
    module_database: Database, home: Path, owner: Connection[Any], change: str
) -> None:
    owner.execute(f"UPDATE checkpoint SET {change} WHERE size = 4")
    assert "checkpoint of " in broken(module_database, home)[3]


def test_a_dropped_checkpoint_is_found_against_the_files(
    module_database: Database, home: Path, owner: Connection[Any]
) -> None:
    owner.execute("DELETE FROM checkpoint WHERE size = 6")
    _, _, position, what = broken(module_database, home)
    assert position == 5 and "not in the database" in what


def test_a_signature_by_another_key_is_refused(
    module_database: Database, home: Path, owner: Connection[Any]
) -> None:
    thief = Keys(b"k" * 32, b"i" * 32, b"t" * 32, b"p" * 32)
    row = owner.execute("SELECT facts, peaks FROM journal_head").fetchone()
    assert row
    stated = Checkpoint(origin_of(thief.verifying()), 8, row[1], row[0], NOW)
    for origin in (origin_of(thief.verifying()), origin_of(KEYS.verifying())):
        stated = Checkpoint(origin, 8, row[1], row[0], NOW)
        note = signed(stated, thief.verifying(), thief.signer().sign)
        owner.execute(
            "UPDATE checkpoint SET note = %s, signed_at = %s WHERE size = 8", [note, to_datetime(NOW)]
        )
        assert "signed by another key" in broken(module_database, home)[3]
    assert not check(module_database, home, keys=thief).ok


def test_changed_files_are_found(module_database: Database, home: Path, owner: Connection[Any]) -> None:
    [file] = (home / "checkpoints").glob("*.txt")
    whole = file.read_bytes()
    for place in range(0, len(whole) - 1, 23):
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert not check(module_database, home).ok, (place, whole[place : place + 20])
    notes = whole.split(b"\n\n")
    file.write_bytes(b"\n\n".join(notes[:2] + notes[4:]))
    assert "not in the checkpoint files" in broken(module_database, home)[3]
    file.write_bytes(b"\n\n".join([*notes[2:4], *notes[:2], *notes[4:]]))
    assert not check(module_database, home).ok
    file.unlink()
    assert "not in the checkpoint files" in broken(module_database, home)[3]


@pytest.mark.parametrize("table", ["content_block", "delivery_block"])
def test_changed_content_names_the_fact_that_vouched(
    module_database: Database, home: Path, owner: Connection[Any], ids: list[int], table: str
) -> None:
    row = f"id = (SELECT id FROM {table} ORDER BY id OFFSET 3 LIMIT 1)"
    for column, place in (("body", 0), ("body", 30), ("key", 5)):
        flip(owner, table, column, row, place)
        block, ordinal, position, what = broken(module_database, home)
        assert (block, ordinal, position) == (ids[3], int(table == "content_block"), 3) and "content" in what
        flip(owner, table, column, row, place)


def test_content_in_another_blocks_place_is_found(
    module_database: Database, home: Path, owner: Connection[Any], ids: list[int]
) -> None:
    owner.execute(
        "WITH two AS (SELECT id, key, body, row_number() OVER (ORDER BY id) AS n FROM delivery_block)"
        " UPDATE delivery_block d SET key = o.key, body = o.body FROM two o, two m"
        " WHERE m.id = d.id AND ((m.n = 3 AND o.n = 4) OR (m.n = 4 AND o.n = 3))"
    )
    assert broken(module_database, home)[:3] == (ids[2], 0, 2)


def test_content_may_be_gone_only_if_a_fact_says_so(
    module_database: Database, home: Path, owner: Connection[Any], ids: list[int]
) -> None:
    block = owner.execute(
        "UPDATE content_block SET key = NULL, body = NULL WHERE id = (SELECT min(id) FROM content_block) RETURNING id"
    ).fetchone()
    assert block
    assert "is gone" in broken(module_database, home)[3]
    journal.append(owner, [a_fact(1, "townhall.content.erased", data={"block": block[0], "items": [0, 2]})])
    with connect(module_database.dsn("worker")) as worker:
        sequencer = Sequencer(worker, KEYS, home / "checkpoints")
        assert sequencer.own()
        sequencer.tick(NOW + 300_000_000)
        assert broken(module_database, home)[1] == 3, "item 1 is not among them"
        journal.append(owner, [a_fact(1, "townhall.content.erased", data={"block": block[0]})])
        sequencer.tick(NOW + 310_000_000)
    verdict = check(module_database, home)
    assert (verdict.ok, verdict.erased) == (True, 3)


@pytest.mark.parametrize("role", ["web", "worker"])
@pytest.mark.parametrize("table", ["fact_block", "fact_order", "checkpoint"])
def test_the_programs_own_roles_cannot_rewrite_the_record(
    module_database: Database, role: Any, table: str
) -> None:
    column = {"fact_block": "facts", "fact_order": "leaf", "checkpoint": "note"}[table]
    with connect(module_database.dsn(role)) as connection:
        for statement in (
            f"DELETE FROM {table}",
            f"UPDATE {table} SET {column} = {column}",
            f"TRUNCATE {table}",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)
