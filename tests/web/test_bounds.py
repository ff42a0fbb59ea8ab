"""What forms may carry together: large bodies share a room of their own, whoever sends them."""

import asyncio
from collections.abc import MutableMapping
from typing import Any

import pytest

from townhall.web import bounds
from townhall.web.bounds import AT_ONCE, LARGE, PAGE, PICTURES, bounded

PICTURE, OTHER = "/case/7/pictures/", "/case/7/send/"
Message = MutableMapping[str, Any]


class Port:
    """Requests whose pages wait until they are let go. ``held`` are their bodies' sizes, ``said`` the answers given by the bounds."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.held: list[int] = []
        self.said: list[int] = []
        self.open: list[asyncio.Task[None]] = []

    async def asks(self, path: str, size: int, *, chunked: bool = False) -> None:
        """One more request, read as far as it comes."""
        length = (b"transfer-encoding", b"chunked") if chunked else (b"content-length", str(size).encode())
        parts = [b"x" * (size // 4)] * 4

        async def receive() -> Message:
            if not parts:
                await asyncio.sleep(3600)
            return {"type": "http.request", "body": parts.pop(), "more_body": bool(parts)}

        async def send(message: Message) -> None:
            if "status" in message:
                self.said.append(message["status"])

        scope = {"path": path, "headers": [length]}
        self.open.append(asyncio.create_task(bounded(self._pages, scope, receive, send)))
        for _ in range(12):
            await asyncio.sleep(0)

    async def _pages(self, scope: Message, receive: Any, send: Any) -> None:
        size, more = 0, True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                self.held.append(-1)
                return
            size, more = size + len(message["body"]), message["more_body"]
        self.held.append(size)
        await self.go.wait()

    async def end(self) -> None:
        """All that is open ends."""
        self.go.set()
        await asyncio.gather(*self.open)


async def test_large_forms_share_a_room_and_small_ones_always_pass() -> None:
    port = Port()
    for _ in range(AT_ONCE // PICTURES + 3):
        await port.asks(PICTURE, PICTURES)
    assert port.said == [503] * 3 and sum(port.held) <= AT_ONCE
    await port.asks(OTHER, LARGE)
    await port.asks(OTHER, PAGE, chunked=True)
    assert port.held[-1] == LARGE and port.said == [503] * 4
    await port.end()
    again = Port()
    await again.asks(PICTURE, PICTURES)
    assert again.held == [PICTURES] and again.said == []
    await again.end()


async def test_one_that_fails_gives_its_room_back() -> None:
    async def fails(scope: Any, receive: Any, send: Any) -> None:
        raise RuntimeError("a page that fails")

    scope = {"path": PICTURE, "headers": [(b"content-length", str(PICTURES).encode())]}
    for _ in range(AT_ONCE // PICTURES + 1):
        with pytest.raises(RuntimeError):
            await bounded(fails, scope, None, None)  # type: ignore[arg-type]


async def test_whoever_only_begins_to_send_does_not_keep_its_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "PATIENCE", 0.05)
    heard: list[str] = []

    async def pages(scope: Any, receive: Any, send: Any) -> None:
        heard.append((await receive())["type"])
        heard.append((await receive())["type"])

    async def receive() -> Message:
        if heard:
            await asyncio.sleep(3600)
        return {"type": "http.request", "body": b"x", "more_body": True}

    scope = {"path": PICTURE, "headers": [(b"content-length", str(PICTURES).encode())]}
    await bounded(pages, scope, receive, None)  # type: ignore[arg-type]
    assert heard == ["http.request", "http.disconnect"]
