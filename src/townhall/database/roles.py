"""The three roles and the database itself: made in the embedded server, checked (and made if allowed) outside."""

from typing import Any

import psycopg
from psycopg import Connection, sql

from townhall.database.address import Role, limits, role_name
from townhall.kernel.errors import DatabaseUnavailable

_OWNER_EXTRAS = ("pg_monitor", "pg_checkpoint")

_ATTRIBUTES: dict[Role, str] = {
    "owner": "LOGIN NOSUPERUSER CREATEDB NOCREATEROLE NOBYPASSRLS",
    "worker": "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE BYPASSRLS",
    "web": "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS",
}


def make_embedded(admin: Connection[Any], database: str) -> None:
    """Roles and database of a fresh embedded cluster; idempotent. ``admin`` is a superuser in autocommit."""
    present = {row[0] for row in admin.execute("SELECT rolname FROM pg_roles")}
    for role in _ATTRIBUTES:
        if role_name(role) not in present:
            _make_role(admin, role)
    for extra in _OWNER_EXTRAS:
        admin.execute(f"GRANT {extra} TO townhall_owner")
    make_database(admin, database)


def make_database(admin: Connection[Any], database: str, template: str = "template0") -> None:
    """A database of the owner's that only the three roles can enter; left alone if it exists."""
    if admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", (database,)).fetchone():
        return
    name = sql.Identifier(database)
    admin.execute(
        sql.SQL("CREATE DATABASE {} OWNER townhall_owner TEMPLATE {} STRATEGY file_copy").format(
            name, sql.Identifier(template)
        )
    )
    admin.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(name))
    admin.execute(
        sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {} TO townhall_worker, townhall_web").format(name)
    )


def require_outside(owner: Connection[Any]) -> None:
    """Roles of an outside server: makes what is missing if the owner may, then checks the privileges needed.

    Raises ``DatabaseUnavailable`` with the SQL that its administrator has to run.
    """
    if owner.info.server_version < 150000:
        raise DatabaseUnavailable(
            f"the server is PostgreSQL {owner.info.server_version // 10000}; 15 or newer is needed",
            permanent=True,
        )
    wrong = _wrong_outside(owner)
    if wrong:
        _try_to_make(owner, wrong)


def _make_role(admin: Connection[Any], role: Role) -> None:
    name = role_name(role)
    admin.execute(f"CREATE ROLE {name} {_ATTRIBUTES[role]}")
    for setting, value in limits(role).items():
        admin.execute(f"ALTER ROLE {name} SET {setting} = '{value}'")


_CHECK = """
SELECT to_regrole('townhall_worker') IS NOT NULL, to_regrole('townhall_web') IS NOT NULL,
       coalesce((SELECT rolbypassrls OR rolsuper FROM pg_roles WHERE rolname = 'townhall_worker'), false),
       coalesce((SELECT NOT rolbypassrls AND NOT rolsuper FROM pg_roles WHERE rolname = 'townhall_web'), false),
       has_database_privilege(current_database(), 'CREATE'),
       has_schema_privilege('public', 'CREATE')
"""
_MEMBER = "SELECT pg_has_role(%s, 'MEMBER')"


def _wrong_outside(owner: Connection[Any]) -> list[str]:
    """SQL statements that an administrator has to run; empty when all is well."""
    worker, web, bypass, held, create, schema = owner.execute(_CHECK).fetchone() or (False,) * 6
    me, here = _quoted(owner, owner.info.user), _quoted(owner, owner.info.dbname)
    wrong = []
    if not worker:
        wrong.append("CREATE ROLE townhall_worker LOGIN BYPASSRLS")
    elif not bypass:
        wrong.append("ALTER ROLE townhall_worker BYPASSRLS")
    if not web:
        wrong.append("CREATE ROLE townhall_web LOGIN")
    elif not held:
        wrong.append("ALTER ROLE townhall_web NOSUPERUSER NOBYPASSRLS")
    wrong += [
        f"GRANT {role} TO {me}" for role in ("townhall_worker", "townhall_web") if not _member(owner, role)
    ]
    if not (create and schema):
        wrong.append(f"GRANT CREATE ON DATABASE {here} TO {me}; GRANT CREATE ON SCHEMA public TO {me}")
    return wrong


def _member(owner: Connection[Any], role: str) -> bool:
    if not owner.execute("SELECT to_regrole(%s)", (role,)).fetchone()[0]:  # type: ignore[index]
        return False
    return bool(owner.execute(_MEMBER, (role,)).fetchone()[0])  # type: ignore[index]


def _try_to_make(owner: Connection[Any], wrong: list[str]) -> None:
    try:
        with owner.transaction():
            for statement in wrong:
                owner.execute(statement)
    except psycopg.errors.Error as error:
        raise DatabaseUnavailable(
            "the database given lacks privileges; let its administrator run: " + "; ".join(wrong) + ";",
            permanent=True,
        ) from error


def _quoted(conn: Connection[Any], name: str) -> str:
    return sql.Identifier(name).as_string(conn)
