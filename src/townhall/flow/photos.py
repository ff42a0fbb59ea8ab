"""Customers' photos are fetched here, once, so that no colleague's browser calls a stranger's server.

A stranger chose the address: it is called on the open internet only (``channels.reach``), also after each redirect,
in bounded time and size, without cookies; what comes is judged by its bytes and kept sealed.
"""

import asyncio
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any

import httpx
import structlog
from psycopg import Connection

from townhall.channels.outside import Outside
from townhall.channels.picture import MOST_BYTES, kind_of, why_not
from townhall.channels.whole import ASK, whole
from townhall.channels.wire import AGENT
from townhall.database import Database
from townhall.database.connect import connect, take_ownership, transaction
from townhall.flow import photo_book
from townhall.flow.photo_book import Wanted
from townhall.flow.rest import rest
from townhall.kernel.clock import MINUTE, Clock, Instant, system_clock
from townhall.kernel.errors import Refused, TooLarge
from townhall.vault import Keys, open_keys, seal

LABEL = b"photo"
TICK_S = 0.5
WHOLE_S = 15.0
"""Seconds for one photo, redirects and all."""
_SPACE, _NUMBER = 0x70686F74, 1
_GONE = frozenset({400, 401, 403, 404, 405, 406, 410, 415, 451})
_log = structlog.get_logger()


class Gone(Exception):
    """Trying again would give the same."""


class Photos:
    """Fetches what is wanted, a few at a time. ``conn`` is a worker's connection nobody else uses."""

    def __init__(self, conn: Connection[Any], keys: Keys, clock: Clock, inside: frozenset[str]) -> None:
        self._conn, self._keys, self._clock = conn, keys, clock
        self._swept: Instant = 0
        self._line = httpx.AsyncClient(
            transport=Outside(inside), follow_redirects=True, max_redirects=3, timeout=WHOLE_S, trust_env=False,
            headers={"user-agent": AGENT, "accept": "image/*", **ASK},
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        )  # fmt: skip

    async def tick(self) -> int:
        """Fetches what is due. Gives how many were tried."""
        with transaction(self._conn):
            wanted = photo_book.due(self._conn, self._clock())
        found = await asyncio.gather(*(self._fetch(one) for one in wanted))
        for one, outcome in zip(wanted, found, strict=True):
            self._settle(one, outcome)
        self._sweep()
        return len(wanted)

    async def close(self) -> None:
        """Lets the connections go."""
        await self._line.aclose()

    async def _fetch(self, one: Wanted) -> bytes | Exception:
        try:
            async with asyncio.timeout(WHOLE_S):
                return await self._bytes(one.url)
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, Gone, TooLarge, ValueError) as wrong:
            return wrong

    async def _bytes(self, url: str) -> bytes:
        async with self._line.stream("GET", url) as answer:
            if answer.status_code in _GONE:
                raise Gone(f"its network answered {answer.status_code}")
            answer.raise_for_status()
            try:
                return await whole(answer, MOST_BYTES)
            except TooLarge:
                raise TooLarge(f"it is larger than {MOST_BYTES >> 20} MB") from None

    def _settle(self, one: Wanted, outcome: bytes | Exception) -> None:
        with transaction(self._conn):
            if isinstance(outcome, Exception):
                why, final = _worded(outcome)
                photo_book.put_off(self._conn, one, why, self._clock(), final=final)
            elif why := why_not(outcome):
                photo_book.put_off(self._conn, one, why, self._clock(), final=True)
            else:
                sealed = seal(self._keys.kek, outcome, LABEL)
                photo_book.keep(self._conn, one, kind_of(outcome), sealed)

    def _sweep(self) -> None:
        now = self._clock()
        if now - self._swept >= MINUTE:
            self._swept = now
            with transaction(self._conn):
                photo_book.sweep(self._conn, now)


def _worded(wrong: Exception) -> tuple[str, bool]:
    """Why, for people, and whether trying again is of no use."""
    if isinstance(wrong, (Gone, TooLarge)):
        return str(wrong), True
    if isinstance(wrong.__cause__, Refused) or isinstance(wrong, (httpx.InvalidURL, ValueError)):
        return "its address is none that may be called", True
    return f"its network does not answer well ({type(wrong).__name__})", False


async def run(settings: Any, database: Database, stop: asyncio.Event, clock: Clock = system_clock) -> None:
    """The loop of the clock role; one owner for the whole house."""
    with connect(database.dsn("worker"), "townhall photos") as conn:
        photos, owned = Photos(conn, open_keys(settings.home), clock, settings.inside), None
        try:
            while not stop.is_set():
                owned = owned or take_ownership(conn, _SPACE, _NUMBER)
                busy = await photos.tick() if owned else 0
                if not busy:
                    await rest(stop, TICK_S)
        finally:
            await photos.close()
