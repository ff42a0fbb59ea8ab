"""Calls that reach the open internet only: every request's name is looked up and judged, then called where it was found."""

import asyncio

import httpx

from townhall.channels.port import AccountSettings
from townhall.channels.reach import look_up
from townhall.kernel.errors import Refused, Unavailable


class Outside(httpx.AsyncHTTPTransport):
    """Raises ``httpx.ConnectError`` for a host inside our own network, unless the operator named it (``inside``)."""

    def __init__(self, inside: frozenset[str], *, keep: bool = True) -> None:
        """``keep``: connections may serve again. They are known by the address alone, so not for those who share a line
        and do not trust each other: one name's certificate would do for another at the same address."""
        super().__init__(
            trust_env=False,
            limits=httpx.Limits(max_connections=100, max_keepalive_connections=20 if keep else 0),
        )
        self._inside = inside

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """One request, to the address that was judged; ``Host`` and TLS keep the name."""
        try:
            place = await asyncio.to_thread(look_up, str(request.url), self._inside)
        except (Refused, Unavailable) as wrong:
            raise httpx.ConnectError(str(wrong), request=request) from wrong
        called = httpx.Request(  # a copy: redirects and messages go on from the name, not from what was looked up
            request.method, place.url, headers=request.headers, stream=request.stream,
            extensions={**request.extensions, "sni_hostname": place.host},
        )  # fmt: skip
        return await super().handle_async_request(called)


def line_of(settings: AccountSettings) -> httpx.AsyncHTTPTransport | None:
    """How an account's calls leave; ``None``: as usual, because the operator chose where they go."""
    return Outside(settings.inside) if settings.outside else None
