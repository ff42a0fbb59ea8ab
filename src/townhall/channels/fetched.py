"""One file from an address that somebody chose: from the open internet only, also after each redirect, in bounded time
and size, without cookies or proxies."""

import asyncio
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx

from townhall.channels.outside import Outside
from townhall.channels.reach import may_call
from townhall.channels.whole import ASK, whole
from townhall.channels.wire import AGENT
from townhall.kernel.errors import Refused, TooLarge, Unavailable

WHOLE_S = 20.0
"""Seconds for all of it, redirects too."""


async def fetched(address: str, most: int, inside: frozenset[str], whole_s: float = WHOLE_S) -> bytes:
    """The bytes at an address, at most ``most`` of them. ``inside``: hosts that the operator named, see ``channels.reach``.

    Raises ``Refused`` for an address that may not be called, there or on the way; ``TooLarge``; ``Unavailable`` when
    nobody answers well or in time.
    """
    may_call(address, inside)
    try:
        async with asyncio.timeout(whole_s), _line(inside, whole_s) as line:
            return await _bounded(line, address, most)
    except TimeoutError as wrong:
        raise Unavailable(f"{address} did not answer whole within {whole_s:g} seconds") from wrong
    except (httpx.HTTPError, httpx.InvalidURL) as wrong:
        if isinstance(wrong.__cause__, Refused):
            raise Refused(str(wrong.__cause__)) from wrong
        raise Unavailable(f"{address} does not answer well: {wrong or type(wrong).__name__}") from wrong


def _line(inside: frozenset[str], whole_s: float) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=Outside(inside), follow_redirects=True, max_redirects=3, timeout=whole_s, trust_env=False,
        headers={"user-agent": AGENT, **ASK}, cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
    )  # fmt: skip


async def _bounded(line: httpx.AsyncClient, address: str, most: int) -> bytes:
    async with line.stream("GET", address) as answer:
        answer.raise_for_status()
        try:
            return await whole(answer, most)
        except TooLarge:
            raise TooLarge(f"{address} holds more than {most:,} bytes") from None
