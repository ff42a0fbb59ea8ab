"""A brand without an active policy: its posts are kept and judged by nothing, and nobody else's wait behind them."""

from collections.abc import Iterator

import pytest

from tests.flow.parish import KEYS, START, Parish, post
from townhall.database import Database
from townhall.database.connect import connect
from townhall.flow.replay import one
from townhall.policy import store


@pytest.fixture
def parish(database: Database) -> Iterator[Parish]:
    with connect(database.dsn("worker")) as connection:
        yield Parish(database, connection)


@pytest.mark.database
def test_posts_of_a_brand_without_a_policy_are_kept_and_promise_nothing(parish: Parish) -> None:
    parish.connection.execute("UPDATE policy_version SET state = 'retired'")
    parish.house.refresh(parish.connection, START, must=True)
    parish.offer([post(1, 0)])
    assert parish.work() == 1
    assert parish.rows("SELECT effect, rule, policy_id FROM interaction") == [
        ("no_answer", "", store.NO_POLICY)
    ]
    assert parish.rows("SELECT count(*) FROM commitment") == [(0,)]
    ((interaction,),) = parish.rows("SELECT id FROM interaction")
    _, judged = one(parish.connection, KEYS.kek, interaction)
    assert judged.policy == store.NO_POLICY and store.source(parish.connection, judged.policy)
