"""The live stream of one account. The stream gives speed, polling gives certainty.

The line is opened first and the gap read by polling second, so that nothing falls between the two. Events come
out at once but never move the cursor: servers push them out of order, and a mark that jumped ahead would lose the one
behind. A reading from the cursor follows every ``poll_s`` and moves it; what comes twice is one post for intake.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Protocol
from urllib.parse import urlsplit

import httpx

from townhall.channels.mastodon import reading
from townhall.channels.mastodon.events import Events
from townhall.channels.port import AccountSettings, Page
from townhall.channels.wire import Wire
from townhall.kernel.errors import ChannelUnavailable, TooLarge

HEARTBEAT_S = 60.0
"""Servers send a heartbeat every 15 s; four missed ones are a dead line."""
WANTED = frozenset({"notification", "status.update", "delete"})
ABSENT = frozenset({404, 405, 501})
"""A server without streaming answers so; polling alone is slower and loses nothing."""
QUEUE = 1_000
"""Events waiting at most; past that the reader waits and the line pushes back."""


class Reading(Protocol):
    """What is followed: an account that can be read, and the wire that it is read by."""

    @property
    def settings(self) -> AccountSettings: ...
    @property
    def wire(self) -> Wire: ...
    async def verify(self) -> dict[str, Any]: ...
    async def poll(self, cursor: str) -> Page: ...


async def follow(client: Reading, cursor: str) -> AsyncIterator[Page]:
    """Pages as they happen, after the gap since ``cursor``. Raises ``ChannelUnavailable`` when the line breaks."""
    place = streaming_base(client.settings.base_url, str((await client.verify())["streaming"]))
    waiting: asyncio.Queue[tuple[str, bytes] | None] = asyncio.Queue(QUEUE)
    listener = asyncio.create_task(_listen(client, place, waiting))
    try:
        if (opened := await waiting.get()) is None:
            await listener
        assert opened is None or opened[0] in ("open", "absent")
        async for page in _relay(client, cursor, waiting):
            yield page
        await listener
    finally:
        listener.cancel()
        await asyncio.gather(listener, return_exceptions=True)


async def _relay(
    client: Reading, cursor: str, waiting: "asyncio.Queue[tuple[str, bytes] | None]"
) -> AsyncIterator[Page]:
    loop = asyncio.get_running_loop()
    due = 0.0
    while True:
        if loop.time() >= due:
            page = await client.poll(cursor)
            cursor = page.cursor
            yield page
            due = 0.0 if page.more else loop.time() + client.settings.poll_s
            continue
        try:
            event = await asyncio.wait_for(waiting.get(), due - loop.time())
        except TimeoutError:
            continue
        if event is None:
            return
        if event[0] in WANTED:
            yield Page([reading.event_item(*event)], cursor)


async def _listen(client: Reading, place: str, waiting: "asyncio.Queue[tuple[str, bytes] | None]") -> None:
    """Reads the line into the queue; ``open`` comes first, ``None`` last."""
    timeout = httpx.Timeout(client.settings.timeout_s, read=HEARTBEAT_S)
    headers = {
        "authorization": f"Bearer {client.settings.token}", "accept": "text/event-stream", "accept-encoding": "identity",
    }  # fmt: skip
    events = Events()
    try:
        async with client.wire.client.stream("GET", place, headers=headers, timeout=timeout) as response:
            if response.status_code in ABSENT:
                await waiting.put(("absent", b""))
                await asyncio.Event().wait()  # nothing will come; readings every ``poll_s`` go on
            if response.status_code != 200:
                raise ChannelUnavailable(
                    f"the stream answered {response.status_code}",
                    permanent=response.status_code in (401, 403),
                )
            await waiting.put(("open", b""))
            async for (
                piece
            ) in response.aiter_raw():  # asked for plain: what is packed all the same makes no event
                for event in events.feed(piece):
                    await waiting.put(event)
        raise ChannelUnavailable("the server closed the stream")
    except (httpx.HTTPError, TooLarge) as wrong:
        raise ChannelUnavailable(f"the stream broke off: {type(wrong).__name__}") from wrong
    finally:
        _end(waiting)


def _end(waiting: "asyncio.Queue[tuple[str, bytes] | None]") -> None:
    while waiting.full():
        waiting.get_nowait()  # the poll after the reconnection brings these again
    waiting.put_nowait(None)


def streaming_base(base_url: str, stated: str) -> str:
    """Where to stream from: the host that the server names if it is one below its own, else the server itself.

    The token goes there, so a host elsewhere is not believed.
    """
    base, named = urlsplit(base_url), urlsplit(stated)
    below = bool(named.hostname) and str(named.hostname).endswith(f".{base.hostname}")
    host = named.netloc if below and named.scheme in ("wss", "https") else base.netloc
    return f"{base.scheme}://{host}/api/v1/streaming/user"
