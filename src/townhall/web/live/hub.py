"""One brand's readings of one period: made once a second while anybody follows, and handed to every follower as they are."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from typing import Any

from asgiref.sync import sync_to_async
from django.template.loader import render_to_string

from townhall.analytics.periods import Period
from townhall.database.connect import for_brand
from townhall.kernel.clock import system_clock
from townhall.people.brands import Brand
from townhall.web.hands import pool
from townhall.web.pages.live import words_of

FILLED_IN = "by the page"
"""In place of a token in forms: a reading is for everybody, and each page puts in its own."""
EVERY = 1.0
"""Seconds between two readings."""

log = logging.getLogger("townhall.live")


def reading(brand: Brand, period: Period) -> bytes:
    """The figures of a period now, as one event."""
    from townhall.desk import live

    now = system_clock()
    with pool().connection() as conn, conn.transaction():
        for_brand(conn, brand.id)
        view = live.live(conn, brand.id, now, period)
    words: dict[str, Any] = {
        **words_of(view),
        "brand": brand,
        "zone": brand.zone,
        "now": now,
        "csrf_token": FILLED_IN,
    }
    html = render_to_string("parts/live.html", words)
    return b"event: figures\ndata: " + json.dumps({"as_of": now // 1000, "html": html}).encode() + b"\n\n"


class Hub:
    """Followers wait for the next reading; the loop runs only while there are any."""

    def __init__(self, brand: Brand, period: Period) -> None:
        self._brand, self._period = brand, period
        self._latest = b""
        self._number = 0
        self._followers = 0
        self._fresh = asyncio.Condition()
        self._loop: asyncio.Task[None] | None = None

    async def follow(self) -> AsyncIterator[bytes]:
        """Every reading from now on; a slow follower gets the newest and misses those between."""
        self._followers += 1
        if self._loop is None or self._loop.done():
            self._loop = asyncio.create_task(self._read())
        try:
            seen = self._number
            while True:
                async with self._fresh:
                    await self._fresh.wait_for(lambda: self._number != seen)  # noqa: B023  read while waiting
                    seen, event = self._number, self._latest
                yield event
        finally:
            self._followers -= 1

    async def _read(self) -> None:
        read = sync_to_async(reading, thread_sensitive=False)
        while self._followers:
            began = asyncio.get_running_loop().time()
            event = await self._safely(read)
            async with self._fresh:
                self._latest, self._number = event, self._number + 1
                self._fresh.notify_all()
            spent = asyncio.get_running_loop().time() - began
            await asyncio.sleep(max(EVERY - spent, 0.05))

    async def _safely(self, read: Any) -> bytes:
        """A reading, or a comment line: readers then see by themselves that no data comes."""
        try:
            return await read(self._brand, self._period)  # type: ignore[no-any-return]
        except Exception:
            log.exception("no live figures", extra={"brand": self._brand.slug})
            return b": no reading\n\n"
