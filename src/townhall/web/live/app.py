"""``/live/<brand>/``: a stream of server-sent events (WHATWG HTML, 9.2) with the live page's figures of a ``?period=``."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs

from asgiref.sync import sync_to_async

from townhall.analytics.periods import PERIODS
from townhall.web.live.hub import Hub
from townhall.web.live.watcher import watcher

HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
    (b"x-content-type-options", b"nosniff"),
]
hubs: dict[tuple[int, str], Hub] = {}


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Streams until the reader leaves. 401 without a session, 404 for a brand that the reader has no seat at."""
    slug = scope["path"].removeprefix("/live/").strip("/")
    period = PERIODS.get(
        parse_qs(scope["query_string"].decode("latin-1")).get("period", [""])[0], PERIODS[""]
    )
    found = await sync_to_async(watcher, thread_sensitive=False)(dict(scope["headers"]), slug)
    if isinstance(found, int):
        await send(
            {"type": "http.response.start", "status": found, "headers": [(b"content-type", b"text/plain")]}
        )
        await send({"type": "http.response.body", "body": b"Sign in, then open the live page again.\n"})
        return
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    hub = hubs.setdefault((found.id, period.name), Hub(found, period))
    gone = asyncio.create_task(_leaves(receive))
    try:
        await _stream(hub.follow(), gone, send)
    finally:
        gone.cancel()


async def _stream(events: AsyncIterator[bytes], gone: asyncio.Task[None], send: Any) -> None:
    async for event in events:
        if gone.done():
            return
        await send({"type": "http.response.body", "body": event, "more_body": True})


async def _leaves(receive: Any) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
