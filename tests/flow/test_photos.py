"""Photos are fetched once, from where they may be, bounded, sealed, and let go with their post."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.channels.test_picture import png
from tests.flow.parish import KEYS, START, Parish, act, post
from townhall.database import Database
from townhall.database.connect import connect, transaction
from townhall.flow import photo_book
from townhall.flow.photo_book import TRIES, Looked
from townhall.flow.photos import LABEL, Photos
from townhall.kernel.clock import DAY, HOUR, Instant
from townhall.kernel.errors import NotFound
from townhall.vault import open_sealed

GOOD = png(32, 16)
ANSWERS: dict[str, tuple[str, bytes]] = {
    "/good": ("200 OK", GOOD),
    "/svg": ("200 OK", b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>"),
    "/large": ("200 OK", GOOD + bytes(9 << 20)),
    "/gone": ("404 Not Found", b""),
    "/ill": ("503 Unavailable", b""),
    "/moved": ("302 Found\r\nset-cookie: spy=1\r\nlocation: /good", b""),
    "/inward": ("302 Found\r\nlocation: http://10.0.0.1/secret", b""),
    "/round": ("302 Found\r\nlocation: /round", b""),
}


class Server:
    """A stranger's server: answers by path and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            path = head.split()[1]
            self.asked.append((path, head.lower()))
            status, body = ANSWERS[path]
            writer.write(
                f"HTTP/1.1 {status}\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n".encode()
                + body
            )
            await writer.drain()
        writer.close()


@pytest.fixture
async def stranger() -> AsyncIterator[tuple[Server, str]]:
    server = Server()
    listening = await asyncio.start_server(server.answer, "127.0.0.1", 0)
    yield server, f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    listening.close()


class Album:
    """A parish with one post that carries a photo, and its fetcher."""

    def __init__(self, parish: Parish, conn: Any, inside: frozenset[str]) -> None:
        self.parish, self.now = parish, START + HOUR
        self.photos = Photos(conn, KEYS, lambda: self.now, inside)
        parish.take(post(1, 0, root=1))
        self.post = parish.rows("SELECT id FROM interaction")[0][0]

    def looks(self, url: str, later: Instant = 0) -> Looked:
        self.now += later
        with transaction(self.parish.connection):
            return photo_book.look(self.parish.connection, self.parish.brand.id, self.post, 0, url, self.now)

    async def shows(self, url: str) -> Looked:
        self.looks(url)
        await self.photos.tick()
        return self.looks(url)


@pytest.fixture
async def album(database: Database) -> AsyncIterator[Album]:
    with connect(database.dsn("worker")) as one, connect(database.dsn("worker")) as other:
        made = Album(Parish(database, one), other, frozenset({"127.0.0.1"}))
        yield made
        await made.photos.close()


async def test_a_photo_is_fetched_once_and_lies_sealed(album: Album, stranger: tuple[Server, str]) -> None:
    server, address = stranger
    assert album.looks(f"{address}/good").state == "wanted"
    found = await album.shows(f"{address}/good")
    assert (found.state, found.media_type) == ("kept", "image/png")
    assert found.sealed and open_sealed(KEYS.kek, found.sealed, LABEL) == GOOD
    assert GOOD[:16].hex() not in str(album.parish.rows("SELECT photo::text FROM photo"))
    assert await album.photos.tick() == 0
    assert [path for path, _ in server.asked] == ["/good"]


@pytest.mark.parametrize(
    ("path", "why", "asked"),
    [
        ("/svg", "no picture", 1),
        ("/large", "larger", 1),
        ("/gone", "404", 1),
        ("/inward", "none that may be called", 1),
    ],
)
async def test_what_cannot_be_shown_says_why_at_once(
    album: Album, stranger: tuple[Server, str], path: str, why: str, asked: int
) -> None:
    server, address = stranger
    found = await album.shows(address + path)
    assert found.state == "refused" and why in found.why and found.sealed is None
    assert len(server.asked) == asked and await album.photos.tick() == 0


async def test_redirects_are_followed_without_cookies_and_not_for_ever(
    album: Album, stranger: tuple[Server, str]
) -> None:
    server, address = stranger
    assert (await album.shows(f"{address}/moved")).state == "kept"
    assert [path for path, _ in server.asked] == ["/moved", "/good"]
    assert not any("cookie:" in head for _, head in server.asked)
    assert (await album.shows(f"{address}/round")).state == "wanted"
    assert len(server.asked) <= 2 + 4


async def test_a_server_that_is_ill_is_asked_again_and_then_let_be(
    album: Album, stranger: tuple[Server, str]
) -> None:
    server, address = stranger
    for _ in range(TRIES + 2):
        found = await album.shows(f"{address}/ill")
        album.now += HOUR
    assert found.state == "refused" and len(server.asked) == TRIES


async def test_nothing_inside_our_network_is_called(database: Database, stranger: tuple[Server, str]) -> None:
    server, address = stranger
    with connect(database.dsn("worker")) as one, connect(database.dsn("worker")) as other:
        album = Album(Parish(database, one), other, frozenset())
        for url in (
            f"{address}/good",
            address.replace("http", "https") + "/good",
            "https://localhost/x",
            "gopher://n.example",
        ):
            assert (await album.shows(url)).state == "refused", url
        await album.photos.close()
    assert server.asked == []


async def test_a_photo_goes_with_its_post_with_time_and_with_room(
    album: Album, stranger: tuple[Server, str]
) -> None:
    _, address = stranger
    conn = album.parish.connection

    def sweep(**most: int) -> int:
        with transaction(conn):
            return photo_book.sweep(conn, album.now, **most)

    await album.shows(f"{address}/good")
    assert (sweep(), sweep(most=1)) == (0, 1)
    await album.shows(f"{address}/good")
    album.looks(f"{address}/good", 29 * DAY)
    album.now += 29 * DAY
    assert sweep() == 0  # it was looked at in between
    album.now += 2 * DAY
    assert sweep() == 1
    await album.shows(f"{address}/good")
    album.parish.take(act("Delete", 1, 9))
    assert sweep() == 1
    with pytest.raises(NotFound):
        photo_book.address(conn, album.parish.brand.id, album.post, 0)


async def test_another_address_in_the_same_place_is_another_photo(
    album: Album, stranger: tuple[Server, str]
) -> None:
    _, address = stranger
    await album.shows(f"{address}/good")
    assert album.looks(f"{address}/moved").state == "wanted"
    assert (await album.shows(f"{address}/moved")).state == "kept"
