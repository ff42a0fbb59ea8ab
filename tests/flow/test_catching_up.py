"""In a burst what came in goes first: the index waits, is not forgotten, and everybody is told how far behind it is."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg import Connection

from tests.flow.parish import Parish, post
from townhall.database import Database
from townhall.database.connect import connect, for_brand, transaction
from townhall.desk.brand_status import brand_status
from townhall.desk.live import live
from townhall.desk.status import house_status
from townhall.desk.views import Lag
from townhall.enrich import search_terms
from townhall.flow import search_follower
from townhall.flow.opening import open_brand
from townhall.web.pages.live import late

pytestmark = pytest.mark.database


@pytest.fixture
def parish(database: Database) -> Iterator[Parish]:
    with connect(database.dsn("worker")) as connection:
        yield Parish(database, connection)


def flood(parish: Parish, posts: int) -> None:
    """So many posts wait for the pipeline, from some shard that nobody works on."""
    parish.connection.execute(
        "INSERT INTO delivery_pending (block_id, account_id, brand_id, shard, items, received_at, key, body)"
        " VALUES (-1, %s, %s, 99, %s, clock_timestamp() - interval '9 s', '', '')",
        [parish.account.id, parish.brand.id, posts],
    )


def indexed(conn: Connection[Any]) -> dict[int, set[int]]:
    """Post → the terms it is found by, from the index."""
    found: dict[int, set[int]] = {}
    for ids, terms in conn.execute("SELECT ids, terms FROM search_block"):
        for id in ids:
            assert id not in found, "indexed twice"
            found[id] = set(terms)
    return found


def recomputed(conn: Connection[Any]) -> dict[int, set[int]]:
    return {id: set(search_terms(text)) for id, text in conn.execute("SELECT id, text FROM interaction")}


@pytest.mark.parametrize(
    ("waiting", "age", "waits"),
    [(20_001, 0, True), (20_000, 0, False), (20_001, 61, False), (20_001, 58, True), (0, 61, False)],
)
def test_the_index_waits_for_a_long_queue_but_not_for_ever(
    parish: Parish, owner: Connection[Any], waiting: int, age: int, waits: bool
) -> None:
    parish.take(post(1, 0))
    owner.execute("UPDATE search_pending SET left_at = clock_timestamp() - make_interval(secs => %s)", [age])
    flood(parish, waiting)
    assert search_follower.must_wait(parish.connection) is waits
    assert search_follower._pass(parish.connection) == (0 if waits else 2)
    assert len(indexed(parish.connection)) == (0 if waits else 1)


def test_killed_in_a_pass_it_leaves_nothing_out_and_takes_nothing_twice(
    parish: Parish, database: Database
) -> None:
    parish.take(*(post(n, n, text=f"router {n} is broken, order {n * 977}") for n in range(1, 30)))
    with pytest.raises(psycopg.OperationalError), connect(database.dsn("worker")) as line, transaction(line):
        assert search_follower.catch_up(line, 7) > 0
        parish.connection.execute("SELECT pg_terminate_backend(%s)", [line.info.backend_pid])
        line.execute("SELECT 1")
    assert indexed(parish.connection) == {}
    while search_follower._pass(parish.connection):
        pass
    assert indexed(parish.connection) == recomputed(parish.connection)
    assert parish.rows("SELECT count(*) FROM search_pending") == [(0,)]


def test_how_far_behind_it_is_stands_in_status_and_on_the_live_page(
    parish: Parish, database: Database, owner: Connection[Any]
) -> None:
    with transaction(parish.connection):
        other = open_brand(parish.connection, "other", parish.now).brand
    parish.take(post(1, 0), post(2, 0))
    owner.execute("UPDATE search_pending SET left_at = clock_timestamp() - interval '40 s'")
    flood(parish, 25_000)
    queues = house_status(parish.connection).queues
    assert queues["search"].waiting == 2 and 40 <= queues["search"].oldest_seconds < 400
    assert queues["pipeline"].waiting == 25_000
    with connect(database.dsn("web")) as web:
        for brand, count in ((parish.brand.id, 2), (other.id, 0)):
            with transaction(web):
                for_brand(web, brand)
                found = brand_status(web, brand).queues["search"]
                assert found.waiting == count and found.oldest_seconds and found.oldest_seconds >= 40
                lag = live(web, brand, parish.now).lag
                assert lag.waiting == 25_000 and lag.judging_seconds >= 9 and lag.search_seconds >= 40
        with pytest.raises(psycopg.errors.InsufficientPrivilege), transaction(web):
            web.execute("SELECT terms FROM search_pending")


def test_the_page_says_so_in_words_and_is_silent_otherwise() -> None:
    assert late(Lag()) == "" and late(Lag(9_000, 1.2, 4.9)) == ""
    assert late(Lag(9_000, 12.0, 1.0)).startswith(
        "Catching up: 9,000 posts wait to be judged, the oldest for 12"
    )
    assert "search is" in late(Lag(0, 0.0, 75.0)) and "kept" in late(Lag(0, 0.0, 75.0))
