"""SQL of what an account needs to speak on its network: address, tokens (sealed), and settings of its own."""

from collections.abc import Mapping
from typing import Any

import msgspec
from psycopg import Connection

from townhall.channels.port import AccountRef, AccountSettings
from townhall.kernel.errors import NotFound
from townhall.vault import Sealed, open_sealed, seal

SECRETS = ("token", "app_token", "secret")
"""What is sealed. Everything else of ``AccountSettings`` may stand in ``account.settings``."""
_LABEL = b"account"
_PLAIN = ("search", "timeout_s", "poll_s", "reads_messages", "outside")


def account_settings(connection: Connection[Any], kek: bytes, account_id: int) -> AccountSettings:
    """What a client of the account is made from; ``account.kind`` names its channel. Raises ``NotFound``, ``Broken``."""
    row = connection.execute(
        "SELECT handle, native_id, channel, base_url, settings, secret_key, secret_body, reading FROM account"
        " WHERE id = %s",
        [account_id],
    ).fetchone()
    if row is None:
        raise NotFound(f"there is no account {account_id}")
    handle, native_id, channel, base_url, plain, key, body, reading = row
    secrets: dict[str, str] = {}
    if body:
        secrets = msgspec.json.decode(open_sealed(kek, Sealed(bytes(key), bytes(body)), _LABEL))
    known: dict[str, Any] = {name: plain[name] for name in _PLAIN if name in (plain or {})}
    known |= {name: secrets[name] for name in SECRETS if name in secrets}
    account = AccountRef(account_id, handle, native_id, channel)
    return AccountSettings(account=account, base_url=base_url, reading=reading, **known)


def put_secrets(connection: Connection[Any], kek: bytes, account_id: int, secrets: Mapping[str, str]) -> None:
    """Seals the account's secrets (see ``SECRETS``) in place of those it had. Raises ``ValueError`` on another name."""
    if wrong := sorted(set(secrets) - set(SECRETS)):
        raise ValueError(f"not a secret of an account: {', '.join(wrong)}")
    sealed = seal(kek, msgspec.json.encode(dict(secrets)), _LABEL)
    connection.execute(
        "UPDATE account SET secret_key = %s, secret_body = %s WHERE id = %s",
        [sealed.key, sealed.body, account_id],
    )


def stamp(connection: Connection[Any], account_id: int) -> tuple[Any, ...]:
    """What changes when the account's address, secrets or settings do: compare to know when to make a new client."""
    row = connection.execute(
        "SELECT channel, base_url, handle, native_id, md5(settings::text), md5(secret_body) FROM account WHERE id = %s",
        [account_id],
    ).fetchone()
    return tuple(row) if row else ()


def put_address(connection: Connection[Any], account_id: int, base_url: str, native_id: str = "") -> None:
    """Where the account's server is, and the network's own id of the account."""
    connection.execute(
        "UPDATE account SET base_url = %s, native_id = %s WHERE id = %s", [base_url, native_id, account_id]
    )


def put_settings(connection: Connection[Any], account_id: int, **plain: Any) -> None:
    """Settings that are no secret, added to those the account has. Raises ``ValueError`` on an unknown name."""
    if wrong := sorted(set(plain) - set(_PLAIN)):
        raise ValueError(f"not a setting of an account: {', '.join(wrong)}")
    connection.execute(
        "UPDATE account SET settings = settings || %s::jsonb WHERE id = %s",
        [msgspec.json.encode(plain).decode(), account_id],
    )


def switch(connection: Connection[Any], account_id: int, *, reading: bool, sending: bool) -> bool:
    """Whether the account is read, and whether replies leave by it. Gives whether it was read before."""
    row = connection.execute(
        "UPDATE account a SET reading = %s, sending = %s FROM account old WHERE a.id = %s AND old.id = a.id"
        " RETURNING old.reading",
        [reading, sending, account_id],
    ).fetchone()
    return bool(row and row[0])


def forget_secrets(connection: Connection[Any], account_id: int) -> None:
    """Destroys the account's secrets: until it is connected again it can neither be read nor spoken for."""
    connection.execute("UPDATE account SET secret_key = NULL, secret_body = NULL WHERE id = %s", [account_id])


def has_secrets(connection: Connection[Any], account_id: int) -> bool:
    """Whether the account is connected."""
    row = connection.execute(
        "SELECT secret_body IS NOT NULL FROM account WHERE id = %s", [account_id]
    ).fetchone()
    return bool(row and row[0])
