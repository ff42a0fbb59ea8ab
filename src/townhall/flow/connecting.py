"""Connect an account: where its network is, and the secrets that speak for it, sealed; with its fact."""

from collections.abc import Collection, Mapping
from typing import Any

from msgspec import Struct
from psycopg import Connection

from townhall import journal
from townhall.channels import CHANNELS
from townhall.flow.opening import open_account, open_brand
from townhall.intake import credentials, health
from townhall.kernel.clock import Instant
from townhall.kernel.errors import Refused
from townhall.kernel.fact import Fact
from townhall.vault import Keys

NEEDED = {"mastodon": "token", "x": "token", "webhook": "secret"}
"""Channel → the secret without which nothing can be heard."""


class Connected(Struct, frozen=True):
    """``hook`` is where the network delivers, below our address ("" where it does not)."""

    account_id: int
    brand: str
    channel: str
    handle: str
    hook: str


def connect_account(
    conn: Connection[Any], keys: Keys, brand: str, channel: str, handle: str, secrets: Mapping[str, str], now: Instant, *,
    address: str = "", native_id: str = "",
) -> Connected:  # fmt: skip
    """Connects, or connects anew with other secrets. Brand and account are made when they are missing.

    Raises ``Refused`` for a channel that needs no connecting, or without what it needs.
    """
    check_given(channel, secrets, address)
    at = open_brand(conn, brand, now, actor="operator").brand
    account = open_account(conn, at, channel, handle)
    credentials.put_address(conn, account.id, address, native_id or account.native_id)
    credentials.put_secrets(conn, keys.kek, account.id, secrets)
    credentials.put_settings(conn, account.id, outside=False)
    credentials.switch(conn, account.id, reading=True, sending=True)
    health.begin_anew(conn, account.id, now)
    fact = Fact(
        type="townhall.account.connected", subject=f"account/{account.id}", time=now, brand=at.id, actor="operator",
        data={"channel": channel},
    )  # fmt: skip
    journal.append(conn, [fact])
    return Connected(account.id, at.slug, channel, handle, hook_of(account.id, channel, secrets))


def hook_of(account_id: int, channel: str, secrets: Collection[str]) -> str:
    """Where the network delivers, below our address; "" where it does not."""
    takes = channel == "webhook" or (channel == "x" and "secret" in secrets)
    return f"/hooks/{account_id}" if takes else ""


def check_given(channel: str, secrets: Mapping[str, str], address: str) -> None:
    """Raises ``Refused`` for a channel that needs no connecting, or without what it needs."""
    if channel not in CHANNELS or channel not in NEEDED:
        raise Refused(f"{channel} is no channel to connect; choose one of {', '.join(NEEDED)}")
    if wrong := sorted(set(secrets) - set(credentials.SECRETS)):
        raise Refused(
            f"not a secret of an account: {', '.join(wrong)}; known are {', '.join(credentials.SECRETS)}"
        )
    if not secrets.get(NEEDED[channel]):
        raise Refused(f"{channel} needs a {NEEDED[channel]}: {'; '.join(CHANNELS[channel].card.needs)}")
    if channel != "webhook" and not address.startswith(("https://", "http://")):
        raise Refused(f"{channel} needs the address of its server, such as https://social.example")
