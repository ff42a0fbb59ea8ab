"""Pictures on a real Mastodon-compatible server over loopback, through a line that fails on command."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from mastodon_mock.testing.server import MockServer
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.channels.line import CUT_ANSWER, CUT_BEFORE, CUT_REQUEST, PASS, REFUSE, SWALLOW, Line
from tests.channels.test_mastodon_live import as_alice, reply, says, settings
from tests.channels.x_stand_in import serving
from townhall.channels.limits import Limits
from townhall.channels.mastodon.client import MastodonClient
from townhall.channels.mastodon.pictures import handed_in
from townhall.channels.port import Enclosure
from townhall.channels.wire import Wire
from townhall.kernel.clock import system_clock
from townhall.kernel.errors import ChannelUnavailable, Refused

RED = Enclosure(b"\xff\xd8\xff red", "image/jpeg", "A red wall")
BLUE = Enclosure(b"\x89PNG blue", "image/png", "A blue wall, 12 m²")


@pytest.fixture
async def bob(line: Line) -> AsyncIterator[MastodonClient]:
    client = MastodonClient(settings(line.url), system_clock)
    yield client
    await client.close()


async def seen(server: MockServer, native_id: str) -> list[tuple[bytes, str]]:
    """The pictures of a post as a stranger sees them."""
    there = await as_alice(server, "GET", f"/api/v1/statuses/{native_id}")
    found = there["media_attachments"]
    async with httpx.AsyncClient() as anybody:
        urls = [one["url"].replace(str(httpx.URL(one["url"]).port), str(server.port)) for one in found]  # type: ignore[attr-defined]
        files = [(await anybody.get(url)).content for url in urls]
    return [(file, one["description"]) for file, one in zip(files, found, strict=True)]  # type: ignore[call-overload]


async def test_what_the_server_says_of_pictures(bob: MastodonClient) -> None:
    known = await bob.verify()
    assert (known["max_pictures"], known["picture_bytes"], known["alt_length"]) == (4, 10_485_760, 0)


@pytest.mark.parametrize("visibility", ["public", "direct"])
async def test_a_reply_with_pictures_arrives_with_their_words(
    bob: MastodonClient, server: MockServer, visibility: str
) -> None:
    asked = await says(server, "@bob which wall?", visibility=visibility)
    receipt = await bob.send(
        reply("This one", asked, recipient="alice", visibility=visibility, pictures=(RED, BLUE))
    )
    assert sorted(await seen(server, receipt.native_id)) == sorted(
        [(RED.data, RED.alt), (BLUE.data, BLUE.alt)]
    )


async def test_pictures_go_without_words(bob: MastodonClient, server: MockServer) -> None:
    asked = await says(server, "@bob which wall?")
    receipt = await bob.send(reply("", asked, recipient="alice", pictures=(RED,)))
    assert await seen(server, receipt.native_id) == [(RED.data, RED.alt)]


@pytest.mark.parametrize("fate", [REFUSE, CUT_BEFORE, CUT_REQUEST, SWALLOW, CUT_ANSWER])
async def test_a_picture_that_is_lost_on_the_way_is_a_certain_failure(
    bob: MastodonClient, server: MockServer, line: Line, fate: str
) -> None:
    asked = await says(server, "@bob which wall?")
    line.then(PASS, fate)
    with pytest.raises(ChannelUnavailable) as no:
        await bob.send(reply("This one", asked, recipient="alice", pictures=(RED, BLUE)))
    assert not no.value.ambiguous and not no.value.permanent
    there = await as_alice(server, "GET", f"/api/v1/statuses/{asked}/context")
    assert there["descendants"] == []


async def test_a_line_cut_between_pictures_and_post_makes_one_post_however_often_it_is_tried(
    bob: MastodonClient, server: MockServer, line: Line
) -> None:
    asked = await says(server, "@bob which wall?")
    out = reply("This one", asked, recipient="alice", pictures=(RED,))
    line.then(PASS, CUT_BEFORE)
    with pytest.raises(ChannelUnavailable) as unclear:
        await bob.send(out)
    assert unclear.value.ambiguous
    line.then(PASS, SWALLOW)
    with pytest.raises(ChannelUnavailable):
        await bob.send(out)
    found = await bob.find_sent(out, 0)
    again = await bob.send(out)
    assert found and found.native_id == again.native_id
    there = await as_alice(server, "GET", f"/api/v1/statuses/{asked}/context")
    assert [one["id"] for one in there["descendants"]] == [again.native_id]  # type: ignore[index, attr-defined]
    assert await seen(server, again.native_id) == [(RED.data, RED.alt)]


async def test_nothing_is_handed_in_for_a_text_that_is_too_long(bob: MastodonClient, line: Line) -> None:
    with pytest.raises(Refused):
        await bob.send(reply("x" * 501, pictures=(RED,)))
    assert line.requests == []


class Slow:
    """A server that works on a picture for some looks, as Mastodon does with large ones."""

    def __init__(self, looks: int, then: int = 200) -> None:
        self.looks, self.then = looks, then

    def app(self) -> Starlette:
        routes = [("/api/v2/media", self.take), ("/api/v1/media/{id}", self.look)]
        return Starlette(routes=[Route(path, act, methods=["GET", "POST"]) for path, act in routes])

    async def take(self, request: Request) -> Response:
        return JSONResponse({"id": "7", "type": "image", "url": None}, 202)

    async def look(self, request: Request) -> Response:
        self.looks -= 1
        if self.looks > 0:
            return JSONResponse({"id": "7", "url": None}, 206)
        return JSONResponse({"id": "7", "url": "https://m.example/7.jpg", "error": "no picture"}, self.then)


@asynccontextmanager
async def wire_to(slow: Slow) -> AsyncIterator[Wire]:
    async with serving(slow.app()) as port:
        wire = Wire(f"http://127.0.0.1:{port}", system_clock, Limits(), 10.0)
        yield wire
        await wire.close()


async def test_it_waits_until_the_server_is_done() -> None:
    async with wire_to(Slow(3)) as wire:
        assert await handed_in(wire, "t", [RED], pauses=(0.0,)) == ["7"]


async def test_what_the_server_cannot_read_fails_in_its_own_words() -> None:
    async with wire_to(Slow(2, 422)) as wire:
        with pytest.raises(ChannelUnavailable, match="422: no picture") as no:
            await handed_in(wire, "t", [RED], pauses=(0.0,))
    assert no.value.permanent and not no.value.ambiguous


async def test_it_does_not_wait_for_ever() -> None:
    async with wire_to(Slow(1 << 30)) as wire, asyncio.timeout(10):
        with pytest.raises(ChannelUnavailable) as no:
            await handed_in(wire, "t", [RED], 0.2, (0.0,))
    assert not no.value.ambiguous and not no.value.permanent
