"""Brings the database to this version of the program: Django's migrations of every room, as the owner, one at a time.

A fingerprint of the migrations' names in the database tells in one query that nothing is to be done, so that every
command may ask; only when it differs is Django started, in a process of its own (this one stays what it is).
"""

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psycopg
from psycopg import Connection

import townhall
from townhall.database import Database, open_database
from townhall.database.connect import connect
from townhall.kernel.errors import DatabaseUnavailable
from townhall.run.django_ready import django_environment
from townhall.run.settings import Settings

_SOURCE = Path(townhall.__file__).parent
_LOCK = 0x70776E68  # any constant of ours: one migration at a time in one database


@contextmanager
def opened(settings: Settings, extra: dict[str, str] | None = None) -> Iterator[Database]:
    """The database of a home, migrated, for the time of the ``with``."""
    with open_database(settings, extra) as database:
        migrate(settings, database)
        yield database


def migrate(settings: Settings, database: Database) -> bool:
    """Migrates if anything is missing; whether there was anything. Raises ``DatabaseUnavailable`` with the reason."""
    wanted = fingerprint()
    with connect(database.dsn("owner"), "townhall migrate") as owner:
        if _stored(owner) == wanted:
            return False
        owner.execute("SELECT pg_advisory_lock(%s)", (_LOCK,))
        if _stored(owner) == wanted:
            return False
        _run_django(settings)
        _store(owner, wanted)
    return True


def fingerprint() -> str:
    """Names of all migrations, ours and those of the packages that bring some, as one hash."""
    packages = [f"{name} {version(name)}" for name in ("django", "django-allauth")]
    ours = sorted(str(path.relative_to(_SOURCE)) for path in _SOURCE.glob("*/migrations/[0-9]*.py"))
    return hashlib.sha256("\n".join([*ours, *packages]).encode()).hexdigest()


def _stored(owner: Connection[Any]) -> str:
    try:
        row = owner.execute("SELECT fingerprint FROM townhall_schema").fetchone()
    except psycopg.errors.UndefinedTable:
        return ""
    return row[0] if row else ""


def _store(owner: Connection[Any], wanted: str) -> None:
    with owner.transaction():
        owner.execute(
            "CREATE TABLE IF NOT EXISTS townhall_schema (one boolean PRIMARY KEY DEFAULT true CHECK (one),"
            " fingerprint text NOT NULL)"
        )
        owner.execute("GRANT SELECT ON townhall_schema TO townhall_worker, townhall_web")
        owner.execute(
            "INSERT INTO townhall_schema (fingerprint) VALUES (%s)"
            " ON CONFLICT (one) DO UPDATE SET fingerprint = excluded.fingerprint",
            (wanted,),
        )


def _run_django(settings: Settings) -> None:
    environment = {**os.environ, **django_environment(settings, "owner")}
    done = subprocess.run(
        [sys.executable, "-m", "townhall.run.migrate"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise DatabaseUnavailable(
            f"the database could not be migrated: {done.stderr.strip()}", permanent=True
        )


def _migrate_here() -> None:
    """The process of its own: Django's ``migrate`` as owner, then grants on tables that packages bring."""
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0, interactive=False)
    _open_packages()


def _open_packages() -> None:
    """Sessions, sign-in and the like have no brand: pages write them, workers too."""
    from django.apps import apps
    from django.db import connection

    from townhall.database.rights import open_to_web

    models = [model for model in apps.get_models(include_auto_created=True) if not _is_ours(model)]
    with connection.cursor() as cursor:
        cursor.execute("GRANT SELECT ON django_migrations TO townhall_worker, townhall_web")
        for model in models:
            cursor.execute(open_to_web(model._meta.db_table, "select,insert,update,delete"))


def _is_ours(model: Any) -> bool:
    return bool(model.__module__.startswith("townhall."))


if __name__ == "__main__":
    _migrate_here()
