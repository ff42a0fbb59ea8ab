"""A file imported on the page: handed in through the browser, read in the background, watched, fetched, refused clearly."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from desk_person import Person
from stage_house import ANN, BO, CY, Stage

from tests.flow.parish import digest, post
from townhall.database.connect import connect
from townhall.flow.house import House
from townhall.flow.pipeline import Worker
from townhall.flow.uploading import MOST, Uploads
from townhall.intake.logic import shards_of_worker
from townhall.intake.parcels import folder_of
from townhall.kernel.clock import system_clock
from townhall.vault import open_keys
from townhall.web.bounds import PAGE

pytestmark = [pytest.mark.browser, pytest.mark.database]
FIRST = 880_000


def data(first: int, count: int) -> bytes:
    return b"".join(post(FIRST + n, n / 60, f"p{n}") + b"\n" for n in range(first, first + count))


def read(staged: Stage, *, understand: bool = True) -> None:
    """What the clock and the worker do."""
    keys = open_keys(staged.settings.home)
    with connect(staged.database.dsn("worker")) as conn:
        work = Uploads(conn, keys, staged.settings.home)
        while work.step():
            pass
        if understand:
            digest(Worker(staged.database, House(keys), 0, shards_of_worker(0, 1), clock=system_clock), conn)
            work.step()


def test_a_file_goes_in_by_the_browser_and_its_way_is_watched(
    staged: Stage, visit: Callable[..., Any], tmp_path: Path
) -> None:
    path = tmp_path / "autumn.ndjson.gz"
    path.write_bytes(gzip.compress(data(0, 40) + b'{"type": "Create", "object": 7}\n'))
    page = visit("/start/")
    page.get_by_role("link", name="Import a file").click()
    page.get_by_label("File").set_input_files(str(path))
    page.get_by_role("button", name="Import into").click()
    page.wait_for_selector("text=The file is kept and will be read")
    assert "waits its turn" in page.inner_text("#imports")
    read(staged, understand=False)
    page.wait_for_selector("text=understanding, ")
    page.reload()
    assert "41 read" in page.inner_text("#imports")
    read(staged)
    page.wait_for_selector("#imports .chip.good")
    words = page.inner_text("#imports")
    assert "41 read · 40 accepted · 0 known already · 1 rejected" in words and "autumn.ndjson.gz" in words
    with page.expect_download() as fetched:
        page.get_by_role("link", name="Fetch the rejected lines of autumn").click()
    reject = json.loads(Path(fetched.value.path()).read_text())
    assert reject["line"] == 41 and reject["reason"]
    assert list(folder_of(staged.settings.home).glob("*")) == []


def given(client: httpx.Client, name: str, body: bytes, **more: str) -> httpx.Response:
    token = client.get("/channels/import/").text.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
    fields = {"csrfmiddlewaretoken": token, "channel": "import", **more}
    return client.post("/channels/import/", data=fields, files={"file": (name, body)})


def test_what_is_no_file_of_posts_is_refused_on_the_page_and_nothing_stays(
    staged: Stage, desk: Callable[[str], Person], rows: Callable[..., list[Any]]
) -> None:
    ann = desk(ANN).client
    before = rows("SELECT count(*) FROM upload")
    for name, body, said in (
        ("archive.zip", b"PK\x03\x04rest", "a ZIP archive: unpack it"),
        ("people.csv", b"id,name\n1,Ines\n", "holds no activities"),
        ("empty.json", b"", "empty"),
    ):
        answer = given(ann, name, body)
        assert answer.status_code == 422 and said in answer.text and 'role="alert"' in answer.text, name
    assert given(ann, "a.ndjson", data(0, 1), channel="no/such name").status_code == 422
    assert ann.post("/channels/import/", files={"file": ("a", data(0, 1))}).status_code == 403, "no token"
    assert list(folder_of(staged.settings.home).glob("*")) == []
    assert rows("SELECT count(*) FROM upload") == before


def test_what_is_too_large_is_told_without_being_kept(staged: Stage, desk: Callable[[str], Person]) -> None:
    ann = desk(ANN).client

    def endless(size: int) -> Any:
        piece = b"x" * (1 << 20)
        return (piece for _ in range(size // len(piece)))

    size = MOST + 2 * PAGE
    headers = {"content-length": str(size), "content-type": "multipart/form-data; boundary=b"}
    answer = ann.post("/channels/import/", content=endless(size), headers=headers)
    assert answer.history[0].status_code == 303
    assert answer.status_code == 422 and "at most 256 MB" in answer.text
    headers = {"content-length": str(2 * PAGE), "content-type": "application/x-www-form-urlencoded"}
    answer = ann.post("/settings/", content=endless(2 * PAGE), headers=headers)
    assert answer.status_code == 413 and "Nothing was kept" in answer.text
    assert list(folder_of(staged.settings.home).glob("*")) == []


def test_others_may_not_import_see_or_stop(
    staged: Stage, desk: Callable[[str], Person], rows: Callable[..., list[Any]]
) -> None:
    assert given(desk(ANN).client, "b.ndjson", data(100, 2)).status_code == 200
    (upload,) = rows("SELECT max(id) FROM upload")[0]
    for who in (BO, CY):
        person = desk(who)
        assert person.client.get("/channels/import/").status_code == 403
        assert person.client.get(f"/channels/import/{upload}/rejects.ndjson").status_code in (403, 404)
        assert person.sends(f"/channels/import/{upload}/stop/").status_code in (403, 404)
    assert desk(ANN).sends(f"/channels/import/{upload}/stop/").status_code == 200
    assert "called off" in desk(ANN).client.get("/channels/import/").text
    read(staged)
    assert rows("SELECT count(*) FROM interaction WHERE native_id LIKE %s", f"%/s/{FIRST + 100}") == [(0,)]


def test_the_page_asks_a_fixed_number_of_questions(
    desk: Callable[[str], Person], rows: Callable[..., list[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[Any] = []
    real = psycopg.Cursor.execute

    def spy(self: Any, query: Any, *more: Any, **words: Any) -> Any:
        sent.append(query)
        return real(self, query, *more, **words)

    def asked() -> int:
        with monkeypatch.context() as patch:
            patch.setattr(psycopg.Cursor, "execute", spy)
            sent.clear()
            assert desk(ANN).client.get("/channels/import/").status_code == 200
        return len(sent)

    few = asked()
    more = "SELECT brand_id, id, 'many' || n || '-' || id, 'many.gz', '', 9, 'done', 'Ann', now() FROM account, generate_series(1, 12) n"
    columns = "(brand_id, account_id, token, name, packing, bytes, state, asked_by, asked_at)"
    rows(f"INSERT INTO upload {columns} {more} RETURNING 1")
    assert asked() == few <= 24
    rows("DELETE FROM upload WHERE name = 'many.gz' RETURNING 1")
