"""What the listening front marked comes to the pipeline once, through crashes at any moment, and the rest stays in the spool."""

import contextlib
import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.flow.parish import KEYS, Parish, post
from townhall.database import Database
from townhall.database.connect import connect
from townhall.flow import draining
from townhall.flow.draining import Drain, folder_of, lags
from townhall.flow.hearing import begin
from townhall.flow.listening import Front, Taken, follow
from townhall.intake import spooled
from townhall.intake.logic.listening import Ear, Sign
from townhall.intake.spool import Place, Spool, frames
from townhall.kernel.clock import DAY, system_clock
from townhall.kernel.errors import Refused


class Town:
    """A brand that listens, and a firehose of which every third post is about it."""

    def __init__(self, database: Database, conn: Any, home: Path) -> None:
        self.database, self.home, self.conn, self.parish = database, home, conn, Parish(database, conn)
        self.account, self.signs = begin(
            database, "acme", "activitystreams", "firehose", [Sign("fibre", sure=False)], 1
        )
        self.drain = Drain(conn, KEYS, home)

    def hear(self, *blocks: bytes) -> list[Taken]:
        told: list[Taken] = []
        spool = Spool(folder_of(self.home, self.account), KEYS.kek)
        front = Front(Ear(self.signs), spool, system_clock, told.append)
        for block in blocks:
            front.take(block)
        front.close()
        return told

    def stored(self) -> int:
        self.parish.work()
        return int(self.parish.rows("SELECT count(*) FROM interaction")[0][0])


@pytest.fixture
def town(database: Database, tmp_path: Path) -> Iterator[Town]:
    with contextlib.closing(connect(database.dsn("worker"))) as conn:
        yield Town(database, conn, tmp_path)


def said(first: int, count: int) -> bytes:
    return b"".join(
        post(n, n / 60, f"p{n}", "is @acme asleep?" if n % 3 == 0 else "good morning") + b"\n"
        for n in range(first, first + count)
    )


def test_what_is_about_us_comes_in_and_all_of_it_stays_spooled(town: Town) -> None:
    assert "@acme" in {sign.text for sign in town.signs}
    (*_, last) = town.hear(said(0, 30), b"no json\n" + said(30, 3) + b"\n\r\n")
    assert (last.posts, last.hits) == (34, 12)
    lag = lags(town.conn, town.home)[0]
    assert (lag.waiting, lag.posts, lag.drained) == (12, 34, 0)
    assert town.drain.step() == 12 and town.drain.step() == 0
    assert town.stored() == 11
    assert town.parish.rows("SELECT count(*) FROM reject") == [(1,)]
    assert lags(town.conn, town.home)[0].waiting == 0
    assert town.drain.tidy() == 0


def test_a_crash_at_any_moment_hands_nothing_on_twice(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(draining, "PIECE", 7)
    chance = random.Random(3)
    town.hear(*(said(number * 20, 20) for number in range(15)))
    advance = spooled.advance

    def dies(*of: Any) -> None:
        advance(*of)
        if chance.random() < 0.5:
            raise KeyboardInterrupt

    monkeypatch.setattr(spooled, "advance", dies)
    for _ in range(200):
        with contextlib.suppress(KeyboardInterrupt):
            if not town.drain.step():
                break
    assert town.stored() == 100
    assert town.parish.rows("SELECT sum(drained)::int FROM spool_cursor") == [(100,)]
    counted = town.parish.rows("SELECT sum(items)::int FROM delivery_block")
    assert counted == [(100,)], "no post came to the door twice"


def test_a_torn_end_is_left_out_and_listening_goes_on(town: Town) -> None:
    town.hear(said(0, 6))
    town.hear(said(6, 6))
    town.drain.step()
    path = folder_of(town.home, town.account) / "0000000003.spool"
    town.hear(said(12, 6))
    whole = path.read_bytes()
    path.write_bytes(whole[:-20] + bytes(20))
    town.hear(said(18, 6))
    assert town.drain.step() == 2 and town.drain.step() == 0
    assert town.stored() == 6


def test_the_pipeline_is_not_flooded(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    town.hear(said(0, 30))
    monkeypatch.setattr(draining, "PIECE", 4)
    monkeypatch.setattr(draining, "ENOUGH", 4)
    assert town.drain.step() == 4 and town.drain.step() == 0
    town.parish.work()
    assert town.drain.step() == 4


def test_drained_segments_go_after_a_week(town: Town) -> None:
    town.hear(said(0, 6))
    town.hear(said(6, 6))
    town.drain.step()
    later = Drain(town.conn, KEYS, town.home, lambda: system_clock() + 8 * DAY)
    assert later.tidy() == 1
    assert [frame.posts for frame in frames(folder_of(town.home, town.account), Place())] == [6]


def test_lines_of_a_pipe_come_whole(town: Town) -> None:
    told: list[Taken] = []
    spool = Spool(folder_of(town.home, town.account), KEYS.kek)
    front = Front(Ear(town.signs), spool, system_clock, told.append)
    out, into = os.pipe()
    os.write(into, said(0, 5) + said(5, 1)[:50])
    os.write(into, said(5, 1)[50:-1])
    os.close(into)
    follow(out, front)
    front.close()
    assert (told[-1].posts, told[-1].hits) == (6, 2)
    with pytest.raises(Refused, match="no shape"):
        begin(town.database, "acme", "nowhere", "x", [], 1)
