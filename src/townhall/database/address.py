"""Where a role reaches the database: libpq URLs, built and taken apart."""

from typing import Literal
from urllib.parse import quote

from psycopg.conninfo import conninfo_to_dict, make_conninfo

Role = Literal["owner", "worker", "web"]
ROLES: tuple[Role, ...] = ("owner", "worker", "web")

_LIMITS: dict[Role, dict[str, str]] = {
    "owner": {},
    "worker": {"idle_in_transaction_session_timeout": "5s", "lock_timeout": "5s"},
    "web": {
        "idle_in_transaction_session_timeout": "5s",
        "lock_timeout": "5s",
        "statement_timeout": "30s",
    },
}


def role_name(role: Role) -> str:
    """The database's name of the role."""
    return f"townhall_{role}"


def limits(role: Role) -> dict[str, str]:
    """The session limits of a role: stuck people must not stall workers, nor the other way round."""
    return dict(_LIMITS[role])


def embedded_url(socket_folder: str, database: str, role: Role) -> str:
    """The URL of a role on a server that listens on a socket in ``socket_folder`` only."""
    user, host = role_name(role), quote(socket_folder, safe="")
    options = quote(_options(limits(role)), safe="")
    tail = f"&options={options}" if options else ""
    return f"postgresql://{user}@/{quote(database, safe='')}?host={host}{tail}"


def acting_as(owner_url: str, role: Role) -> str:
    """An outside server's owner URL, switched to ``role`` at connection (limits of a role count at sign-in only)."""
    given = conninfo_to_dict(owner_url)
    settings = {"role": role_name(role), **limits(role)}
    options = f"{given.get('options') or ''} {_options(settings)}".strip()
    return make_conninfo(owner_url, options=options)


def with_database(url: str, database: str) -> str:
    """The same address, another database of that server."""
    return make_conninfo(url, dbname=database)


def _options(settings: dict[str, str]) -> str:
    return " ".join(f"-c {name}={value}" for name, value in settings.items())
