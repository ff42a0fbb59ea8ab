"""Clients of the accounts that speak: made at first use, made anew when an account's settings change."""

from collections.abc import Callable
from typing import Any, Protocol

from msgspec.structs import replace
from psycopg import Connection

from townhall.channels import CHANNELS
from townhall.channels.port import ChannelClient
from townhall.intake.credentials import account_settings, stamp
from townhall.kernel.clock import Clock


class Clients(Protocol):
    """Where the delivery loop finds the client of an account."""

    def of(self, conn: Connection[Any], account_id: int) -> ChannelClient:
        """The client to speak with. Raises ``NotFound``, ``Refused`` or ``Broken`` when there can be none."""
        ...

    async def close(self) -> None:
        """Lets every connection go."""
        ...


class AccountClients:
    """The real ones, from the accounts' own settings. ``inside`` are hosts that the operator named, see ``channels.reach``."""

    def __init__(self, kek: bytes, clock: Clock, inside: frozenset[str] = frozenset()) -> None:
        self._kek, self._clock, self._inside = kek, clock, inside
        self._open: dict[int, tuple[tuple[Any, ...], ChannelClient]] = {}
        self._old: list[ChannelClient] = []

    def of(self, conn: Connection[Any], account_id: int) -> ChannelClient:
        """See ``Clients``."""
        now = stamp(conn, account_id)
        held = self._open.get(account_id)
        if held and held[0] == now:
            return held[1]
        settings = replace(account_settings(conn, self._kek, account_id), inside=self._inside)
        make: Callable[..., ChannelClient] = CHANNELS[settings.account.kind].make_client
        if held:
            self._old.append(held[1])
        self._open[account_id] = (now, make(settings, self._clock))
        return self._open[account_id][1]

    async def close(self) -> None:
        """See ``Clients``."""
        for client in [*self._old, *(client for _, client in self._open.values())]:
            await client.close()
        self._open.clear()
        self._old.clear()
