"""Accounts by the page: an administrator connects one, gives it new secrets, pauses it, or lets it go. Each is a fact.

What is connected here may call the open internet only (``channels.reach``), since not the operator chose the address.
All of it is done as a worker: pages can neither read nor write what is sealed.
"""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct
from psycopg import Connection

from townhall import journal
from townhall.channels.reach import may_call
from townhall.channels.webhook.signature import key_of
from townhall.flow.connecting import check_given, hook_of
from townhall.intake import credentials, health, store
from townhall.intake.store import Account
from townhall.kernel.clock import Instant
from townhall.kernel.errors import Conflict, NotFound, Refused
from townhall.kernel.fact import Fact
from townhall.people.doors import Asker, require
from townhall.vault import Keys, new_shared_secret

_SENT = ("token", "app_token")
"""Secrets that go out with every call; a shared secret only signs and never leaves."""
LONGEST = 4_096
"""Characters of a secret, an address or a name."""


class Given(Struct, frozen=True, kw_only=True):
    """What somebody filled in. ``secrets`` as in ``credentials.SECRETS``; ``search`` is a query to listen to besides
    mentions ("" for none); ``inside`` are hosts of one's own network that the operator named."""

    channel: str
    handle: str
    secrets: Mapping[str, str]
    address: str = ""
    native_id: str = ""
    search: str = ""
    inside: frozenset[str] = frozenset()


class Joined(Struct, frozen=True):
    """The account, and where its network delivers, below our address ("" where it does not). ``secret`` is one that
    was made here and is shown once ("" when it was given)."""

    account_id: int
    hook: str
    secret: str = ""


def join(conn: Connection[Any], keys: Keys, asker: Asker, given: Given, now: Instant) -> Joined:
    """Connects an account of the asker's brand. Raises ``Refused`` without what it needs, ``Conflict`` when it is
    connected already."""
    require(asker, "manage_accounts")
    secrets, made = _with_secret(given)
    _check(given, secrets)
    account = store.ensure_account(conn, asker.brand_id, given.channel, given.handle.strip())
    if credentials.has_secrets(conn, account):
        raise Conflict(f"{given.handle} is connected already. Open it to give it new access.")
    _put(conn, keys, account, given, secrets, now)
    _say(conn, asker, "connected", account, now, {"channel": given.channel})
    return Joined(account, hook_of(account, given.channel, secrets), made)


def renew(
    conn: Connection[Any], keys: Keys, asker: Asker, account_id: int, given: Given, now: Instant
) -> Joined:
    """New access for an account that lost it: its history, cursor and gaps stay, and what was missed is read.

    Secrets that are left empty stay as they were, but at a new address: what one server was trusted with is never sent
    to another, or whoever may set an address could read the token there. Raises ``NotFound``, ``Refused``.
    """
    require(asker, "manage_accounts")
    account = _own(conn, asker, account_id)
    old = credentials.account_settings(conn, keys.kek, account_id)
    address = given.address.strip() or old.base_url
    moved = address.rstrip("/") != old.base_url.rstrip("/")
    kept = {name: value for name in credentials.SECRETS if (value := getattr(old, name))}
    fresh = {name: value.strip() for name, value in given.secrets.items() if value.strip()}
    if moved and (unknown := [name for name in _SENT if name in kept and name not in fresh]):
        raise Refused(
            f"The address is another one, and is not given the old {unknown[0].replace('_', ' ')}. Fill in one that was"
            " made for it."
        )
    secrets = kept | fresh
    _check(_as_given(given, account, address), secrets)
    _put(conn, keys, account_id, _as_given(given, account, address), secrets, now)
    _say(conn, asker, "renewed", account_id, now, {"channel": account.channel})
    return Joined(account_id, hook_of(account_id, account.channel, secrets))


def switch(
    conn: Connection[Any], asker: Asker, account_id: int, now: Instant, *, reading: bool, sending: bool
) -> None:
    """Pauses reading or sending, each apart, or lets them go on. Raises ``NotFound``."""
    require(asker, "manage_accounts")
    _own(conn, asker, account_id)
    was_read = credentials.switch(conn, account_id, reading=reading, sending=sending)
    if reading and not was_read:
        health.begin_anew(conn, account_id, now)
    if was_read and not reading:
        health.note_paused(conn, account_id, now, f"paused by {asker.name}")
    _say(conn, asker, "switched", account_id, now, {"reading": reading, "sending": sending})


def let_go(conn: Connection[Any], asker: Asker, account_id: int, now: Instant) -> None:
    """Disconnects: the secrets are destroyed, nothing is read or sent, and everything that came stays."""
    require(asker, "manage_accounts")
    _own(conn, asker, account_id)
    credentials.forget_secrets(conn, account_id)
    credentials.switch(conn, account_id, reading=False, sending=False)
    health.note_paused(conn, account_id, now, f"disconnected by {asker.name}")
    _say(conn, asker, "disconnected", account_id, now, {})


def _own(conn: Connection[Any], asker: Asker, account_id: int) -> Account:
    found = store.account(conn, account_id)
    if found.brand_id != asker.brand_id:
        raise NotFound("There is no such account at this brand.")
    return found


def _with_secret(given: Given) -> tuple[dict[str, str], str]:
    """The secrets that were filled in; a webhook without one gets one that we make."""
    secrets = {name: value.strip() for name, value in given.secrets.items() if value.strip()}
    if given.channel != "webhook" or "secret" in secrets:
        return secrets, ""
    made = new_shared_secret()
    return secrets | {"secret": made}, made


def _as_given(given: Given, account: Account, address: str) -> Given:
    return Given(
        channel=account.channel, handle=account.handle, secrets=given.secrets, address=address,
        native_id=given.native_id or account.native_id, search=given.search, inside=given.inside,
    )  # fmt: skip


def _check(given: Given, secrets: Mapping[str, str]) -> None:
    check_given(given.channel, secrets, given.address.strip())
    if not given.handle.strip():
        raise Refused("Name the account, as its network does.")
    if max(map(len, (given.handle, given.address, given.search, *secrets.values()))) > LONGEST:
        raise Refused(f"Nothing here is longer than {LONGEST:,} characters.")
    if not all(value.isascii() and value.isprintable() for value in secrets.values()):
        raise Refused("A token or secret holds letters that none can hold. Copy it again.")
    if given.channel == "webhook":
        key_of(secrets["secret"].split()[0])
    if given.address.strip():
        may_call(given.address.strip(), given.inside)


def _put(
    conn: Connection[Any], keys: Keys, account_id: int, given: Given, secrets: Mapping[str, str], now: Instant
) -> None:
    credentials.put_address(conn, account_id, given.address.strip(), given.native_id.strip())
    credentials.put_secrets(conn, keys.kek, account_id, secrets)
    credentials.put_settings(conn, account_id, search=given.search.strip(), outside=True)
    credentials.switch(conn, account_id, reading=True, sending=True)
    health.begin_anew(conn, account_id, now)


def _say(
    conn: Connection[Any], asker: Asker, what: str, account_id: int, now: Instant, data: dict[str, Any]
) -> None:
    fact = Fact(
        type=f"townhall.account.{what}", subject=f"account/{account_id}", time=now, brand=asker.brand_id,
        actor=asker.actor, data=data,
    )  # fmt: skip
    journal.append(conn, [fact])
