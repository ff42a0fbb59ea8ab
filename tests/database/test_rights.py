"""What each role may do, tried in the database as that role."""

from typing import Any

import psycopg
import pytest
from psycopg import Connection

from townhall.database.connect import connect, for_brand, give_back, still_owns, take_ownership, transaction
from townhall.database.opening import Database
from townhall.database.rights import open_to_web, protect

pytestmark = pytest.mark.database


@pytest.fixture
def letters(owner: Connection[Any]) -> None:
    """Two brands' rows in a partitioned table, and a table that has no brand."""
    owner.execute("CREATE TABLE letter (id bigint, brand_id integer, body text) PARTITION BY RANGE (id)")
    owner.execute("CREATE TABLE letter_1 PARTITION OF letter FOR VALUES FROM (0) TO (1000)")
    owner.execute("CREATE TABLE house_rule (id bigint)")
    owner.execute(protect("letter", web="select,insert"))
    owner.execute(open_to_web("house_rule", "select"))
    owner.execute("INSERT INTO letter VALUES (1, 1, 'of one'), (2, 2, 'of two')")


def bodies(conn: Connection[Any]) -> list[str]:
    return [row[0] for row in conn.execute("SELECT body FROM letter ORDER BY id")]


def test_a_brand_sees_its_own_rows_only(letters: None, web: Connection[Any]) -> None:
    for brand, seen in ((1, ["of one"]), (2, ["of two"]), (3, [])):
        with transaction(web, brand=brand):
            assert bodies(web) == seen


def test_without_a_brand_nothing_is_seen_before_and_after_one_was_set(
    letters: None, web: Connection[Any]
) -> None:
    assert bodies(web) == []
    with transaction(web, brand=1):
        assert bodies(web) == ["of one"]
    assert bodies(web) == []


@pytest.mark.parametrize("brand", ["*", "1,2", "1 or true", "all"])
def test_no_value_means_every_brand(letters: None, web: Connection[Any], brand: str) -> None:
    with pytest.raises(psycopg.errors.InvalidTextRepresentation), web.transaction():
        web.execute("SELECT set_config('townhall.brand', %s, true)", (brand,))
        bodies(web)


def test_a_row_cannot_be_written_into_another_brand(letters: None, web: Connection[Any]) -> None:
    with transaction(web, brand=1):
        web.execute("INSERT INTO letter VALUES (3, 1, 'mine')")
    with pytest.raises(psycopg.errors.InsufficientPrivilege), transaction(web, brand=1):
        web.execute("INSERT INTO letter VALUES (4, 2, 'yours')")


@pytest.mark.parametrize(
    "statement",
    ["SELECT * FROM letter_1", "DELETE FROM letter", "UPDATE letter SET body = ''", "INSERT INTO house_rule VALUES (1)",
     "SET ROLE townhall_owner", "ALTER TABLE letter DISABLE ROW LEVEL SECURITY", "CREATE TABLE mine (id int)"],
)  # fmt: skip
def test_pages_may_not(letters: None, web: Connection[Any], statement: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        web.execute(statement)  # type: ignore[call-overload]


def test_a_worker_sees_every_brand_and_may_copy(letters: None, worker: Connection[Any]) -> None:
    with worker.transaction(), worker.cursor() as cursor:
        with cursor.copy("COPY letter FROM STDIN") as copy:
            copy.write_row((5, 2, "copied"))
        assert bodies(worker) == ["of one", "of two", "copied"]
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        worker.execute("DROP TABLE letter")


@pytest.mark.parametrize("table", ["letter; drop", "Letter", "", "a.b"])
def test_only_plain_names_become_sql(table: str) -> None:
    with pytest.raises(ValueError, match="plain name"):
        protect(table)
    with pytest.raises(ValueError, match="unknown verbs"):
        open_to_web("letter", "select,truncate")


def test_every_table_with_a_brand_is_protected(owner: Connection[Any]) -> None:
    """Whatever room it is from: a brand column without a policy would be a hole.

    ``membership`` says which brands a person may choose, so it is read before there is a brand.
    """
    holes = owner.execute(
        "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'brand_id'"
        " WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND NOT c.relrowsecurity"
        " AND has_table_privilege('townhall_web', c.oid, 'SELECT')"
    ).fetchall()
    assert [name for (name,) in holes if name != "membership"] == []


def test_no_partition_is_granted_to_pages(owner: Connection[Any]) -> None:
    granted = owner.execute(
        "SELECT relname FROM pg_class WHERE relispartition AND relkind IN ('r', 'p')"
        " AND has_any_column_privilege('townhall_web', oid, 'SELECT,INSERT,UPDATE')"
    ).fetchall()
    assert granted == []


def test_one_owner_at_a_time_and_a_growing_fence(database: Database) -> None:
    with connect(database.dsn("worker")) as a, connect(database.dsn("worker")) as b:
        first = take_ownership(a, 7, 1)
        assert first is not None and still_owns(a, first)
        assert take_ownership(b, 7, 1) is None and not still_owns(b, first)
        assert take_ownership(b, 7, 2) is not None
        give_back(a, first)
        assert not still_owns(a, first)
        second = take_ownership(b, 7, 1)
        assert second is not None and second.fence > first.fence


def test_ownership_ends_with_its_connection(database: Database) -> None:
    with connect(database.dsn("worker")) as a:
        assert take_ownership(a, 7, 1)
    with connect(database.dsn("worker")) as b:
        b.execute("SELECT pg_advisory_lock(7, 1)")  # waits for the server to see the end, no longer


def test_roles_carry_their_limits(open_as: Any) -> None:
    for role, idle in (("owner", "0"), ("worker", "5s"), ("web", "5s")):
        shown = open_as(role).execute("SHOW idle_in_transaction_session_timeout").fetchone()
        assert shown == (idle,)


def test_a_brand_is_forgotten_at_the_end_of_its_transaction(web: Connection[Any]) -> None:
    with web.transaction():
        for_brand(web, 9)
        assert web.execute("SELECT current_setting('townhall.brand', true)").fetchone() == ("9",)
    assert web.execute("SELECT nullif(current_setting('townhall.brand', true), '')").fetchone() == (None,)
