"""One embedded server for the session, migrated once; each test that asks gets a copy of its own.

``TOWNHALL_PG_BIN`` chooses another PostgreSQL. Writing is not made durable here (``fsync=off``), except where a test
is about that and opens a home of its own with ``fresh_home``.
"""

import itertools
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from psycopg import Connection

from townhall.database import Database
from townhall.database.connect import connect
from townhall.run.django_ready import ready_django
from townhall.run.migrate import opened
from townhall.run.settings import Settings, load_settings

QUICK = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "shared_buffers": "128MB"}
MEMORY, ROOM = "/dev/shm", 4 << 30
"""Where the machine keeps files in memory, and the bytes that must be free there."""

_numbers = itertools.count(1)


def make_home(place: str | None = None) -> Path:
    """An empty home in a folder of its own that the database's user can pass through, also when we are root."""
    folder = Path(tempfile.mkdtemp(prefix="townhall-test-", dir=place))
    folder.chmod(0o711)
    return folder / "home"


def in_memory() -> str | None:
    """The machine's folder in memory, if it has room: a copy of the database is a thousand small files."""
    try:
        return MEMORY if shutil.disk_usage(MEMORY).free > ROOM else None
    except OSError:
        return None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever asks for the server is marked ``database``, so that ``make check`` can leave it out."""
    for item in items:
        if {"server", "fresh_home"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.database)


@pytest.fixture
def fresh_home() -> Iterator[Path]:
    """A home that nobody has used; gone after the test. Stop what you start on it."""
    home = make_home()
    yield home
    shutil.rmtree(home.parent, ignore_errors=True)


@pytest.fixture(scope="session")
def house_settings() -> Iterator[Settings]:
    """Settings of the session's home; the database of that name is the template of all copies."""
    home = make_home(in_memory())
    yield load_settings(home)
    shutil.rmtree(home.parent, ignore_errors=True)


@pytest.fixture(scope="session")
def server(house_settings: Settings) -> Iterator[Database]:
    """The session's server with a migrated database. Do not write into it: use ``database``."""
    with opened(house_settings, QUICK) as database:
        yield database


@pytest.fixture
def copied_settings(house_settings: Settings, server: Database) -> Iterator[Settings]:
    """Settings whose database is this test's own migrated copy."""
    with _copy(house_settings, server) as settings:
        yield settings


@pytest.fixture
def database(copied_settings: Settings) -> Database:
    """This test's own migrated, empty database; ``database.dsn("web")`` and so on."""
    return Database(copied_settings)


@pytest.fixture(scope="module")
def module_database(house_settings: Settings, server: Database) -> Iterator[Database]:
    """One migrated database for all tests of a module."""
    with _copy(house_settings, server) as settings:
        yield Database(settings)


@pytest.fixture
def open_as(database: Database) -> Iterator[Callable[..., Connection[Any]]]:
    """``open_as("web")``: a connection to this test's database in a role, closed after the test."""
    opened_here: list[Connection[Any]] = []

    def open_one(role: Any) -> Connection[Any]:
        opened_here.append(connect(database.dsn(role)))
        return opened_here[-1]

    yield open_one
    for conn in opened_here:
        conn.close()


@pytest.fixture
def owner(open_as: Callable[..., Connection[Any]]) -> Connection[Any]:
    """This test's database as its owner (autocommit)."""
    return open_as("owner")


@pytest.fixture
def worker(open_as: Callable[..., Connection[Any]]) -> Connection[Any]:
    """This test's database as ``townhall_worker`` (autocommit)."""
    return open_as("worker")


@pytest.fixture
def web(open_as: Callable[..., Connection[Any]]) -> Connection[Any]:
    """This test's database as ``townhall_web`` (autocommit); it sees nothing until a brand is set."""
    return open_as("web")


@pytest.fixture(scope="session")
def pages_settings(house_settings: Settings, server: Database) -> Iterator[Settings]:
    """Django in this process as ``townhall_web``, on one database for the whole session (Django binds once)."""
    with _copy(house_settings, server, "townhall_pages") as settings:
        ready_django(settings)
        yield settings


class _copy:
    """A copy of the session's database while inside."""

    def __init__(self, settings: Settings, server: Database, name: str = "") -> None:
        self._server = server
        self._settings = replace(settings, database_name=name or f"townhall_{next(_numbers)}")

    def __enter__(self) -> Settings:
        self._server.copy_as(self._settings.database_name)
        return self._settings

    def __exit__(self, *error: object) -> None:
        self._server.drop_copy(self._settings.database_name)
