"""``open_database``: the one door. A lease on the embedded server, or an outside server checked once."""

import time
from pathlib import Path
from types import TracebackType
from typing import Protocol

import psycopg
from psycopg import sql

from townhall.database.address import Role, acting_as, embedded_url, with_database
from townhall.database.embedded import ADMIN, Embedded
from townhall.database.lease import Lease, only_one
from townhall.database.place import Place
from townhall.database.roles import make_database, make_embedded, require_outside
from townhall.kernel.errors import DatabaseUnavailable

_PATIENCE = 60.0


class DatabaseSettings(Protocol):
    """What the database needs to know. URLs are "" for the embedded server; ``pg_bin`` "" searches."""

    @property
    def home(self) -> Path: ...
    @property
    def database_url(self) -> str: ...
    @property
    def database_worker_url(self) -> str: ...
    @property
    def database_web_url(self) -> str: ...
    @property
    def database_name(self) -> str: ...
    @property
    def pg_bin(self) -> str: ...


def address(settings: DatabaseSettings, role: Role) -> str:
    """Where ``role`` reaches the database, without starting or asking anything."""
    if not settings.database_url:
        return embedded_url(Place(settings.home).socket_folder(), settings.database_name, role)
    own = {"worker": settings.database_worker_url, "web": settings.database_web_url}.get(role, "")
    if role == "owner":
        return settings.database_url
    return own or acting_as(settings.database_url, role)


class Database:
    """The database in use. Close it (or leave its ``with``) to give the lease back; the last one stops the server."""

    def __init__(self, settings: DatabaseSettings, extra: dict[str, str] | None = None) -> None:
        self._settings = settings
        self._name = settings.database_name
        self._place = Place(settings.home)
        self._embedded = None if settings.database_url else Embedded(self._place, settings.pg_bin, extra)
        self._lease = Lease(self._place.lease_lock)

    @property
    def is_embedded(self) -> bool:
        """Whether the server is ours to start and stop."""
        return self._embedded is not None

    def dsn(self, role: Role) -> str:
        """The libpq address of the database for ``role``."""
        return address(self._settings, role)

    def admin_dsn(self, database: str = "postgres") -> str:
        """The embedded server's superuser, for making databases and for backups. Raises when it is not embedded."""
        if self._embedded is None:
            raise DatabaseUnavailable("only the embedded server has an administrator of ours", permanent=True)
        url = with_database(embedded_url(self._place.socket_folder(), self._name, "owner"), database)
        return psycopg.conninfo.make_conninfo(url, user=ADMIN)

    def open(self) -> None:
        """Takes the lease and makes sure that the server runs and has its roles. Raises ``DatabaseUnavailable``."""
        if self._embedded is None:
            _check_outside(self._settings.database_url)
            return
        self._place.prepare()
        with only_one(self._place.start_lock):
            self._lease.take()
            try:
                self._start(self._embedded)
            except BaseException:
                self._lease.drop()
                raise

    def ensure_running(self) -> None:
        """Starts the server again if it died while we hold a lease; cheap when it lives."""
        if self._embedded is None or self._embedded.is_running():
            return
        with only_one(self._place.start_lock):
            self._start(self._embedded)

    def close(self) -> None:
        """Gives the lease back, and stops the server if nobody else has one."""
        if self._embedded is None:
            return
        with only_one(self._place.start_lock):
            if self._lease.held and self._lease.is_last():
                self._embedded.stop()
            self._lease.drop()

    def copy_as(self, name: str) -> None:
        """A new database ``name`` copied from this one (nobody may be connected to this one). Embedded only."""
        with psycopg.connect(self.admin_dsn(), autocommit=True) as admin:
            make_database(admin, name, template=self._name)

    def drop_copy(self, name: str) -> None:
        """Removes a database made by ``copy_as``, with whoever is connected to it."""
        with psycopg.connect(self.admin_dsn(), autocommit=True) as admin:
            admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def __enter__(self) -> "Database":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _start(self, embedded: Embedded) -> None:
        """Starts and asks, again if need be: a server that is just being killed still looks alive for a moment."""
        limit = time.monotonic() + _PATIENCE
        while True:
            embedded.start()
            failure = self._ask()
            if failure is None:
                return
            if time.monotonic() > limit:
                raise DatabaseUnavailable(f"the embedded database does not answer: {failure}") from failure
            time.sleep(0.05)

    def _ask(self) -> psycopg.OperationalError | None:
        """None when the owner gets in (roles and database are made if they were missing), else what went wrong."""
        try:
            psycopg.connect(self.dsn("owner"), connect_timeout=10).close()
        except psycopg.OperationalError:
            return self._make()
        return None

    def _make(self) -> psycopg.OperationalError | None:
        try:
            with psycopg.connect(self.admin_dsn(), autocommit=True, connect_timeout=10) as admin:
                make_embedded(admin, self._name)
        except psycopg.OperationalError as error:
            return error
        return None


def open_database(settings: DatabaseSettings, extra: dict[str, str] | None = None) -> Database:
    """Opens the database of a home; use it in ``with``. ``extra`` are server settings for tests and benchmarks.

    Raises ``DatabaseUnavailable`` or ``BadSetting``, each saying what to do.
    """
    database = Database(settings, extra)
    database.open()
    return database


def stop_server(home: Path) -> None:
    """Stops the home's embedded server, whoever uses it. Does nothing when none runs."""
    place = Place(home)
    if not place.folder.is_dir():
        return
    with only_one(place.start_lock):
        Embedded(place, "").stop()


def server_runs(home: Path) -> bool:
    """Whether the home's embedded server runs now."""
    return Embedded(Place(home), "").is_running()


def _check_outside(url: str) -> None:
    try:
        with psycopg.connect(url, connect_timeout=10) as owner:
            require_outside(owner)
    except psycopg.OperationalError as error:
        raise DatabaseUnavailable(
            f"the database in TOWNHALL_DATABASE_URL does not answer: {error}"
        ) from error
