"""An outside server: what its owner lacks is said as SQL, and with it everything works through one address."""

from collections.abc import Iterator

import psycopg
import pytest
from msgspec.structs import replace

from townhall.database import Database, open_database
from townhall.database.connect import connect, transaction
from townhall.kernel.errors import DatabaseUnavailable
from townhall.run.settings import Settings

pytestmark = pytest.mark.database

_MEMBERSHIP = "townhall_worker, townhall_web"


@pytest.fixture
def outside(database: Database, copied_settings: Settings) -> Settings:
    """The session's server as if it were somebody else's: known by the owner's address alone."""
    return replace(copied_settings, database_url=database.dsn("owner"))


@pytest.fixture
def granted(server: Database) -> Iterator[None]:
    with psycopg.connect(server.admin_dsn(), autocommit=True) as admin:
        admin.execute(f"GRANT {_MEMBERSHIP} TO townhall_owner")
        yield
        admin.execute(f"REVOKE {_MEMBERSHIP} FROM townhall_owner")


def test_what_is_missing_is_said_as_sql(outside: Settings) -> None:
    with pytest.raises(DatabaseUnavailable) as caught:
        open_database(outside)
    assert caught.value.permanent
    for statement in ("GRANT townhall_worker TO", "GRANT townhall_web TO"):
        assert statement in str(caught.value)


def test_one_address_serves_all_roles(outside: Settings, granted: None) -> None:
    with open_database(outside) as database:
        assert not database.is_embedded
        for role in ("worker", "web"):
            with connect(database.dsn(role)) as conn:  # type: ignore[arg-type]
                assert conn.execute("SELECT current_user").fetchone() == (f"townhall_{role}",)
                assert conn.execute("SHOW idle_in_transaction_session_timeout").fetchone() == ("5s",)
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    conn.execute("CREATE TABLE mine (id integer)")


def test_pages_see_one_brand_there_too(outside: Settings, granted: None) -> None:
    with open_database(outside) as database:
        with connect(database.dsn("owner")) as owner:
            owner.execute("INSERT INTO brand (slug, name) VALUES ('one', 'One'), ('two', 'Two')")
        with connect(database.dsn("web")) as web, transaction(web, brand=1):
            assert web.execute("SELECT slug FROM brand").fetchall() == [("one",)]


def test_own_addresses_of_roles_are_used(outside: Settings, database: Database) -> None:
    given = replace(outside, database_web_url=database.dsn("web"), database_worker_url=database.dsn("worker"))
    opened = Database(given)
    assert opened.dsn("web") == database.dsn("web") and opened.dsn("worker") == database.dsn("worker")


def test_a_server_that_does_not_answer(outside: Settings) -> None:
    with pytest.raises(DatabaseUnavailable, match="TOWNHALL_DATABASE_URL does not answer"):
        open_database(replace(outside, database_url="postgresql://nobody@127.0.0.1:1/none"))
