"""Files handed in on a page: read in the background once, through crashes at any moment; other files are told apart."""

import asyncio
import contextlib
import gzip
import io
import json
import random
import tarfile
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.flow.parish import KEYS, Parish, post
from townhall.database import Database
from townhall.database.connect import connect, transaction
from townhall.flow import handed_in, importing, uploading
from townhall.flow.uploading import Uploads
from townhall.intake import parcels, runs, uploads
from townhall.intake.parcels import Parcel, Unsealed
from townhall.kernel.clock import system_clock
from townhall.kernel.errors import Broken, Conflict, Forbidden, NotFound, Refused
from townhall.people import brands
from townhall.people.doors import Asker
from townhall.run.settings import Settings
from townhall.vault import open_keys

CARD = "4111 1111 1111 1111"
BAD = b'{"type": "Create", "object": 7, "summary": "my card is 4111 1111 1111 1111"}'


class Desk:
    """A brand, its administrator, and the loop that reads."""

    def __init__(self, database: Database, conn: Any, home: Path) -> None:
        self.conn, self.home, self.parish = conn, home, Parish(database, conn)
        self.brand = brands.ensure(conn, "acme", "Acme", zone="UTC")[0]
        self.work = Uploads(conn, KEYS, home)
        self.asker = Asker(
            staff_id=1, name="Ann", brand_id=self.brand.id, brand_slug="acme", roles=frozenset({"admin"})
        )

    def hand_in(self, data: bytes, name: str = "posts.ndjson", channel: str = "import") -> int:
        parcel = Parcel(self.home, KEYS.kek)
        for at in range(0, len(data), 70_000):
            parcel.write(data[at : at + 70_000])
        parcel.close()
        try:
            with transaction(self.conn):
                return uploading.hand_in(
                    self.conn, self.asker, self.brand, channel, parcel, name, system_clock()
                )
        except Refused:
            parcel.drop()
            raise

    def finish(self) -> None:
        while self.work.step():
            pass
        self.parish.work()
        self.work.step()

    def shown(self, upload: int) -> uploads.Shown:
        return next(one for one in uploads.newest(self.conn, self.brand.id, 20) if one.of.id == upload)

    def files(self) -> list[Path]:
        return list(parcels.folder_of(self.home).glob("*"))


@pytest.fixture
def desk(database: Database, tmp_path: Path) -> Iterator[Desk]:
    with contextlib.closing(connect(database.dsn("worker"))) as conn:
        yield Desk(database, conn, tmp_path)


def lines(first: int, count: int) -> bytes:
    return b"".join(post(n, n / 60, f"p{n}") + b"\n" for n in range(first, first + count))


def test_a_file_is_read_in_the_background_and_a_second_time_adds_nothing(desk: Desk) -> None:
    data = gzip.compress(lines(0, 30) + b"\n" + BAD + b"\n" + lines(30, 5))
    first = desk.hand_in(data, "posts.ndjson.gz")
    assert desk.shown(first).of.state == "asked" and len(desk.files()) == 1
    assert b"n.example" not in gzip.compress(b"") + desk.files()[0].read_bytes(), "it lies sealed"
    desk.finish()
    shown = desk.shown(first)
    assert (shown.of.state, shown.read, shown.accepted, shown.duplicates, shown.rejected, shown.waiting) == (
        "done", 36, 35, 0, 1, 0,
    )  # fmt: skip
    assert desk.files() == []
    (reject,) = uploading.rejects(desk.conn, KEYS, desk.asker, first)
    assert reject["line"] == 32 and reject["reason"] and CARD not in json.dumps(reject)
    second = desk.hand_in(data, "again.gz")
    desk.finish()
    shown = desk.shown(second)
    assert (shown.accepted, shown.duplicates, shown.rejected) == (0, 35, 1)


def test_rejects_are_fetched_as_far_as_a_page_can_hold_them(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = json.dumps({"type": "Create", "nonsense": "x" * 5_000}).encode()
    made = desk.hand_in(lines(0, 3) + b"\n".join([long] * 10) + b"\n", "posts.ndjson")
    desk.finish()
    assert len(uploading.rejects(desk.conn, KEYS, desk.asker, made)) == 10
    monkeypatch.setattr(uploading, "MOST_FETCHED", 27_000)
    assert [one["line"] for one in uploading.rejects(desk.conn, KEYS, desk.asker, made)] == [4, 5, 6, 7, 8]


def test_a_crash_at_any_moment_takes_nothing_twice_and_leaves_nothing_out(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "CHUNK", 7)
    chance = random.Random(5)
    made = desk.hand_in(lines(0, 100))

    def falls(*given: Any) -> None:
        if chance.random() < 0.4:
            raise ConnectionError("the machine is gone")

    for name in ("add_read", "begin"):
        whole = getattr(runs, name)
        monkeypatch.setattr(runs, name, lambda *given, whole=whole: (whole(*given), falls())[0])
    for _ in range(200):
        try:
            busy = desk.work.step()
        except ConnectionError:
            desk.work = Uploads(desk.conn, KEYS, desk.home)
            continue
        if chance.random() < 0.3:
            desk.work = Uploads(desk.conn, KEYS, desk.home)
        if not busy:
            break
    desk.finish()
    shown = desk.shown(made)
    assert (shown.of.state, shown.read, shown.accepted, shown.duplicates) == ("done", 100, 100, 0)


def test_an_outbox_makes_its_owner_ours(desk: Desk) -> None:
    items = [json.loads(line) for line in lines(0, 3).splitlines()]
    for item in items:
        item["actor"] = item["object"]["attributedTo"] = "https://n.example/u/acme"
    box = json.dumps({"type": "OrderedCollection", "orderedItems": items}, indent=1).encode()
    made = desk.hand_in(box, "outbox.json")
    desk.finish()
    assert desk.shown(made).accepted == 3
    assert desk.parish.rows("SELECT DISTINCT direction FROM interaction") == [("out",)]


def zipped() -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("outbox.json", b"{}")
    return held.getvalue()


def tarred() -> bytes:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w:gz") as archive:
        archive.addfile(tarfile.TarInfo("outbox.json"), io.BytesIO(b""))
    return held.getvalue()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (zipped(), "a ZIP archive: unpack it"),
        (tarred(), "an archive of several files"),
        (b"%PDF-1.7 and so on", "a PDF"),
        (b"\x89PNG\r\n\x1a\n", "a picture"),
        (b"", "nothing in this file"),
        (gzip.compress(b" \n\n", mtime=0), "nothing in this file"),
        (b"id,text\n1,hello\n2,there\n", "holds no activities"),
        (gzip.compress(b"id,text\n1,hello\n", mtime=0), "holds no activities"),
        (b'[{"type": "Note"}]', "holds no activities"),
        (b"\x1f\x8b and then nothing of the kind", "damaged"),
    ],
    ids=lambda one: "" if isinstance(one, bytes) else one,
)
def test_other_files_are_refused_before_anything_is_kept(desk: Desk, data: bytes, said: str) -> None:
    with pytest.raises(Refused, match=said):
        desk.hand_in(data)
    assert desk.files() == [] and desk.parish.rows("SELECT count(*) FROM upload") == [(0,)]
    assert desk.parish.rows("SELECT count(*) FROM reject") == [(0,)]


def test_what_unpacks_beyond_measure_stops_where_it_does(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handed_in, "_FROM", 1 << 20)
    bomb = gzip.compress(lines(0, 3) + b" \n" * 3_000_000)
    made = desk.hand_in(bomb, "bomb.gz")
    desk.finish()
    shown = desk.shown(made)
    assert shown.of.state == "failed" and "unpacks to more than 150 times" in shown.of.error
    assert desk.files() == []
    endless = desk.hand_in(gzip.compress(lines(5, 1) + b"x" * 5_000_000, 0), "endless.gz")
    desk.finish()
    assert "longer than 4 MB" in desk.shown(endless).of.error
    monkeypatch.setattr(handed_in, "MOST_PLAIN", 1 << 20)
    noise = random.Random(1).randbytes(1 << 20).hex().encode()
    large = desk.hand_in(gzip.compress(lines(9, 1) + noise), "large.gz")
    desk.finish()
    assert "unpacks to more than" in desk.shown(large).of.error


def test_a_damaged_file_keeps_what_stood_before(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "CHUNK", 10)
    whole = gzip.compress(lines(0, 2000))
    made = desk.hand_in(whole[: len(whole) // 2], "half.gz")
    desk.finish()
    shown = desk.shown(made)
    assert shown.of.state == "failed" and "damaged behind line" in shown.of.error
    assert 0 < shown.accepted < 2000 and shown.waiting == 0
    again = desk.hand_in(whole, "whole.gz")
    desk.finish()
    assert (desk.shown(again).accepted, desk.shown(again).duplicates) == (
        2000 - shown.accepted,
        shown.accepted,
    )


def test_a_parcel_that_was_changed_cut_or_removed_is_told(desk: Desk) -> None:
    made = desk.hand_in(lines(0, 3))
    path = desk.files()[0]
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    desk.finish()
    assert "was changed" in desk.shown(made).of.error
    gone = desk.hand_in(lines(0, 3))
    desk.files()[0].unlink()
    desk.finish()
    assert "not on this machine" in desk.shown(gone).of.error
    parcel = Parcel(desk.home, KEYS.kek)
    parcel.write(b"a" * (3 * parcels.PIECE))
    parcel.close()
    path = parcels.folder_of(desk.home) / parcel.token
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 3])
    with pytest.raises(Broken), Unsealed(desk.home, KEYS.kek, parcel.token, parcel.size) as sealed:
        while sealed.read(1 << 16):
            pass


def test_calling_off_keeps_what_was_taken_and_removes_the_file(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "CHUNK", 10)
    made = desk.hand_in(lines(0, 50))
    desk.work.step()
    stranger = Asker(
        staff_id=2, name="Cy", brand_id=desk.brand.id + 1, brand_slug="other", roles=frozenset({"admin"})
    )
    helper = Asker(
        staff_id=3, name="Bo", brand_id=desk.brand.id, brand_slug="acme", roles=frozenset({"agent"})
    )
    for asker, refusal in ((stranger, NotFound), (helper, Forbidden)):
        with pytest.raises(refusal), transaction(desk.conn):
            uploading.call_off(desk.conn, asker, made, system_clock())
        with pytest.raises(refusal):
            uploading.rejects(desk.conn, KEYS, asker, made)
    with transaction(desk.conn):
        uploading.call_off(desk.conn, desk.asker, made, system_clock())
    desk.finish()
    shown = desk.shown(made)
    assert (shown.of.state, shown.accepted) == ("cancelled", 10)
    assert desk.work.tidy() == 0
    with pytest.raises(Conflict), transaction(desk.conn):
        uploading.call_off(desk.conn, desk.asker, made, system_clock())
    monkeypatch.setattr(uploading, "_STRAY_S", 0.0)
    time.sleep(0.01)
    desk.work.tidy()
    assert desk.files() == []


def test_no_more_than_five_wait(desk: Desk) -> None:
    for number in range(uploading.AT_ONCE):
        desk.hand_in(lines(number, 1))
    with pytest.raises(Refused, match="are being imported already"):
        desk.hand_in(lines(9, 1))


async def test_the_loop_reads_what_is_handed_in_until_it_is_stopped(
    copied_settings: Settings, database: Database, tmp_path: Path
) -> None:
    settings = msgspec.structs.replace(copied_settings, home=tmp_path)
    stop = asyncio.Event()
    with contextlib.closing(connect(database.dsn("worker"))) as conn:
        desk = Desk(database, conn, tmp_path)
        parcel = Parcel(tmp_path, open_keys(tmp_path).kek)
        parcel.write(lines(0, 20))
        parcel.close()
        with transaction(conn):
            made = uploading.hand_in(
                conn, desk.asker, desk.brand, "import", parcel, "p.ndjson", system_clock()
            )
        loop = asyncio.create_task(uploading.run(settings, database, stop))
        for _ in range(200):
            if desk.shown(made).of.state == "understanding":
                break
            await asyncio.sleep(0.05)
        stop.set()
        await asyncio.wait_for(loop, 10)
        assert (desk.shown(made).of.state, desk.shown(made).read, desk.files()) == ("understanding", 20, [])
