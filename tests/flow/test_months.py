"""Partitions of posts are made ahead by our own clock, a few at a time, and by nobody who sends."""

from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from psycopg import Connection

from tests.flow.parish import Parish, post
from townhall.database import Database
from townhall.flow import rows
from townhall.flow.watch import Watch
from townhall.kernel.clock import from_datetime
from townhall.kernel.ids import id_at

pytestmark = pytest.mark.database
WHERE = "SELECT tableoid::regclass::text FROM interaction WHERE id = %s"


def months(conn: Connection[Any]) -> list[str]:
    """Partitions but the catch-all, from the catalogue."""
    found = conn.execute(
        "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'interaction'::regclass"
    )
    return sorted(name for (name,) in found if name != "interaction_rest")


def expected() -> list[str]:
    """This month and three more, counted without the database."""
    now = datetime.now(UTC)
    ahead = [now.year * 12 + now.month - 1 + n for n in range(4)]
    return [f"interaction_{n // 12:04}_{n % 12 + 1:02}" for n in ahead]


def start_of(name: str) -> datetime:
    year, month = name.removeprefix("interaction_").split("_")
    return datetime(int(year), int(month), 1, tzinfo=UTC)


def put(owner: Connection[Any], id: int) -> None:
    """A post with that id, everything else of its kind empty."""
    names = owner.execute(
        "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = 'interaction'"
        " AND is_nullable = 'NO' AND column_default IS NULL AND column_name <> 'id'"
    ).fetchall()
    empty = {"ARRAY": "'{}'", "uuid": "gen_random_uuid()", "boolean": "false", "text": "''"}
    values = ["now()" if kind.startswith("timestamp") else empty.get(kind, "0") for _, kind in names]
    owner.execute(
        f"INSERT INTO interaction (id, {', '.join(n for n, _ in names)}) VALUES (%s, {', '.join(values)})",
        [id],
    )


def test_months_that_are_missing_are_made_once_and_hold_what_is_theirs(
    owner: Connection[Any], worker: Connection[Any]
) -> None:
    assert months(worker) == expected()
    for name in expected()[1:]:
        owner.execute(f"DROP TABLE {name}")
    assert rows.make_months(worker) == 3 and rows.make_months(worker) == 0
    assert months(worker) == expected()
    for before, name in zip(expected(), expected()[1:], strict=False):
        first = id_at(from_datetime(start_of(name)))
        put(owner, first)
        put(owner, first - 1)
        assert worker.execute(WHERE, [first]).fetchone() == (name,)
        assert worker.execute(WHERE, [first - 1]).fetchone() == (before,)
    put(owner, id_at(from_datetime(datetime(2040, 1, 1, tzinfo=UTC))))
    assert months(worker) == expected(), "a post of another time goes to the catch-all and makes nothing"


def test_a_month_whose_posts_stand_elsewhere_keeps_them_there(
    owner: Connection[Any], worker: Connection[Any]
) -> None:
    lost, *_, last = expected()[1:]
    owner.execute(f"DROP TABLE {lost}, {last}")
    post_id = id_at(from_datetime(start_of(lost))) + 7
    put(owner, post_id)
    assert rows.make_months(worker) == 1
    assert months(worker) == [name for name in expected() if name != lost]
    assert worker.execute(WHERE, [post_id]).fetchone() == ("interaction_rest",)


def test_a_new_month_has_the_indexes_and_no_other_rights_than_the_first(
    owner: Connection[Any], worker: Connection[Any], web: Connection[Any]
) -> None:
    first, *_, last = expected()
    owner.execute(f"DROP TABLE {last}")
    rows.make_months(worker)

    def shape(name: str) -> list[tuple[Any, ...]]:
        return owner.execute(
            "SELECT replace(pg_get_indexdef(indexrelid), %(name)s, ''), indisunique FROM pg_index"
            " WHERE indrelid = %(name)s::regclass UNION ALL SELECT pg_get_constraintdef(oid), false FROM pg_constraint"
            " WHERE conrelid = %(name)s::regclass ORDER BY 1",
            {"name": name},
        ).fetchall()

    assert len(shape(last)) >= 5 and shape(last) == shape(first)
    for forbidden in (f"SELECT * FROM {last}", "SELECT make_interaction_months()"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), web.transaction():
            web.execute(forbidden)


def test_the_watch_makes_them(owner: Connection[Any], worker: Connection[Any]) -> None:
    owner.execute(f"DROP TABLE {expected()[-1]}")
    Watch(worker).tick()
    assert months(worker) == expected()


def test_readers_in_the_way_are_left_alone(owner: Connection[Any], worker: Connection[Any]) -> None:
    owner.execute(f"DROP TABLE {expected()[-1]}")
    with owner.transaction():
        owner.execute("LOCK TABLE interaction IN SHARE MODE")
        Watch(worker).tick()
    assert months(worker) == expected()[:-1]


def test_a_sender_makes_no_partition(database: Database, worker: Connection[Any]) -> None:
    before, parish = months(worker), Parish(database, worker)
    parish.now = from_datetime(datetime.now(UTC))
    parish.take(post(1, -30_000_000 / 60), post(2, 40 * 365 * 24 * 60))
    found = worker.execute("SELECT DISTINCT tableoid::regclass::text FROM interaction").fetchall()
    assert found == [(expected()[0],)] and months(worker) == before
