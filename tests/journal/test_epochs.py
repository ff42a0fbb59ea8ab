"""A database put back from a copy: the log goes on under a new name, and what was published before stays proof."""

import itertools
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.journal.record import KEYS, NOW, a_fact, check, write_posts
from townhall import journal
from townhall.database import Database
from townhall.database.connect import connect
from townhall.flow import restored
from townhall.flow.sequencer import Sequencer
from townhall.journal import publish
from townhall.journal.logic.epoch import Lost, Opening, ended_by, epoch_at, facts_lost
from townhall.journal.logic.note import checked, size_in
from townhall.kernel.errors import Broken, Conflict
from townhall.run.settings import Settings

pytestmark = pytest.mark.database


class Copies:
    """One home's log: its database now, and copies of it at any moment."""

    def __init__(self, database: Database, settings: Settings, home: Path) -> None:
        self.first, self.home, self._numbers = database, home, itertools.count(1)
        self.settings = replace(settings, home=home)
        self.here, self._made = database, list[str]()
        self._clock = itertools.count(NOW, 60_000_000)

    @property
    def folder(self) -> Path:
        return self.home / "checkpoints" / self.first_name

    @property
    def first_name(self) -> str:
        return self.settings.database_name

    def sign(self, blocks: int = 2) -> None:
        with connect(self.here.dsn("worker")) as writer, connect(self.here.dsn("worker")) as own:
            sequencer = Sequencer(own, KEYS, self.folder)
            assert sequencer.own()
            for n in range(blocks):
                write_posts(writer, n)
                sequencer.tick(next(self._clock), sign_now=True)
            sequencer.let_go()

    def copy(self) -> Database:
        """The database as it is now, kept aside."""
        name = f"{self.first_name}_{next(self._numbers)}"
        self.here.copy_as(name)
        self._made.append(name)
        return Database(replace(self.settings, home=self._settings_home(), database_name=name))

    def open_epoch(self) -> Opening:
        with connect(self.here.dsn("worker")) as conn:
            return restored.open_epoch(conn, self.settings, KEYS.verifying(), "operator", next(self._clock))

    def verdict(self) -> Any:
        return check(self.here, self.home, f"checkpoints/{self.first_name}")

    def drop(self) -> None:
        for name in self._made:
            self.first.drop_copy(name)

    def _settings_home(self) -> Path:
        return self.first._settings.home


@pytest.fixture
def copies(database: Database, copied_settings: Settings, tmp_path: Path) -> Iterator[Copies]:
    made = Copies(database, copied_settings, tmp_path)
    yield made
    made.drop()


def restored_once(copies: Copies) -> Opening:
    """Signed to 2, copied, signed on to 5, put back, opened, signed on."""
    copies.sign(2)
    kept = copies.copy()
    copies.sign(3)
    copies.here = kept
    opening = copies.open_epoch()
    copies.sign(2)
    return opening


def test_the_log_goes_on_under_a_new_name_and_the_old_files_stay(copies: Copies) -> None:
    copies.sign(2)
    kept = copies.copy()
    copies.sign(3)
    before = {path.name: path.read_bytes() for path in copies.folder.glob("*.txt")}
    copies.here = kept
    with connect(kept.dsn("worker")) as conn, pytest.raises(Broken, match="townhall restored"):
        Sequencer(conn, KEYS, copies.folder).own()
    opening = copies.open_epoch()
    assert (opening.epoch, opening.kept, opening.lost[0].size, opening.lost[0].facts) == (2, 2, 5, 35)
    copies.sign(2)
    assert {path.name: path.read_bytes() for path in copies.folder.glob("*.txt")} == before
    notes = [note for _, note in publish.read_notes(publish.lengths(copies.folder / "epoch-2"))]
    assert [size_in(note) for note in notes] == [4, 5] and all(checked(n, KEYS.verifying(), 2) for n in notes)
    found = copies.verdict()
    assert (found.ok, found.epochs, found.lost, found.checkpoints) == (True, 2, 21, 4), found


def test_it_opens_only_where_it_must(copies: Copies) -> None:
    copies.sign(2)
    with pytest.raises(Conflict, match="goes on"):
        copies.open_epoch()
    with connect(copies.here.dsn("worker")) as own:
        assert Sequencer(own, KEYS, copies.folder).own()
        with pytest.raises(Conflict, match="being signed"):
            copies.open_epoch()
    restored_once(copies)
    with pytest.raises(Conflict, match="goes on"):
        copies.open_epoch()


def test_put_back_twice_from_the_same_copy(copies: Copies) -> None:
    copies.sign(2)
    kept = copies.copy()
    copies.sign(3)
    copies.here = kept
    again = copies.copy()
    assert copies.open_epoch().epoch == 2
    copies.sign(4)
    copies.here = again
    opening = copies.open_epoch()
    assert (opening.epoch, [(lost.epoch, lost.size) for lost in opening.lost]) == (3, [(1, 5), (2, 7)])
    copies.sign(1)
    found = copies.verdict()
    assert (found.ok, found.epochs) == (True, 3), found


def test_put_back_again_later_in_the_second_epoch(copies: Copies) -> None:
    restored_once(copies)
    kept = copies.copy()
    copies.sign(2)
    copies.here = kept
    opening = copies.open_epoch()
    assert [lost.epoch for lost in opening.lost] == [2]
    copies.sign(1)
    found = copies.verdict()
    assert (found.ok, found.epochs, len(publish.epochs_in(copies.folder))) == (True, 3, 3), found


@pytest.mark.parametrize(
    ("harm", "says"),
    [
        ("cut the old files", "do not end with the checkpoint of 5 blocks"),
        ("drop the old files", "not in the checkpoint files|do not end with"),
        ("drop the new files", "not in the checkpoint files"),
        ("change an old signature", "signature|another key"),
        ("forget the epoch", "but not in the database"),
        ("name an epoch nobody opened", "no numbered fact opened"),
    ],
)
def test_what_somebody_does_to_epochs_is_found(copies: Copies, harm: str, says: str) -> None:
    restored_once(copies)
    assert copies.verdict().ok
    (old,) = copies.folder.glob("*.txt")
    with connect(copies.here.dsn("owner")) as owner:
        if harm == "cut the old files":
            pieces = old.read_text().split("\n\n")
            old.write_text("\n\n".join(pieces[:-3]) + "\n\n")
        elif harm == "drop the old files":
            old.unlink()
        elif harm == "drop the new files":
            shutil.rmtree(copies.folder / "epoch-2")
        elif harm == "change an old signature":
            raw = bytearray(old.read_bytes())
            raw[-10] = ord("B" if raw[-10] == ord("A") else "A")
            old.write_bytes(bytes(raw))
        elif harm == "forget the epoch":
            owner.execute("DELETE FROM journal_epoch")
        else:
            owner.execute("INSERT INTO journal_epoch VALUES (3, (SELECT min(id) FROM fact_block), now())")
    found = copies.verdict()
    assert not found.ok and any(word in found.first_broken for word in says.split("|")), found.first_broken


def test_changed_files_open_nothing(copies: Copies) -> None:
    copies.sign(2)
    kept = copies.copy()
    copies.sign(1)
    (old,) = copies.folder.glob("*.txt")
    old.write_text(old.read_text().replace("facts 21", "facts 22"))
    copies.here = kept
    with pytest.raises(Broken, match="signature"):
        copies.open_epoch()


def test_the_old_files_are_missed_though_the_copy_holds_nothing_of_them(copies: Copies) -> None:
    kept = copies.copy()
    copies.sign(3)
    copies.here = kept
    copies.open_epoch()
    copies.sign(1)
    assert copies.verdict().ok
    for old in copies.folder.glob("*.txt"):
        old.unlink()
    assert "do not end with the checkpoint of 3 blocks" in copies.verdict().first_broken


def test_facts_that_waited_for_a_number_come_into_the_new_epoch(copies: Copies) -> None:
    copies.sign(2)
    with connect(copies.here.dsn("worker")) as writer:
        journal.append(writer, [a_fact(7)])
    kept = copies.copy()
    copies.sign(1)
    copies.here = kept
    copies.open_epoch()
    copies.sign(1)
    found = copies.verdict()
    assert (found.ok, found.waiting, found.unsigned, found.facts) == (True, 0, 0, 14 + 1 + 1 + 7)


@given(st.lists(st.integers(1, 50), min_size=0, max_size=4), st.integers(1, 200))
def test_every_size_has_one_epoch(steps: list[int], size: int) -> None:
    """Against counting: an epoch holds the sizes beyond what was kept at its opening, up to the next one's."""
    openings = [Opening(n + 2, kept, kept * 7, ()) for n, kept in enumerate(itertools.accumulate(steps))]
    epoch = 1
    for opening in openings:
        if size > opening.kept:
            epoch = opening.epoch
    assert epoch_at(size, openings) == epoch
    end = ended_by(epoch, openings)
    assert end is None or (end.epoch > epoch and size <= end.kept)


def test_lost_facts_are_counted_once_for_each_restore() -> None:
    openings = [
        Opening(3, 2, 14, (Lost(1, 5, 35, ""), Lost(2, 7, 43, ""))),
        Opening(4, 3, 22, (Lost(3, 4, 29, ""),)),
        Opening(5, 9, 50, ()),
    ]
    assert facts_lost(openings) == 29 + 7
