"""Replaying what was judged: the same policy changes nothing, another says what it would, and a tampered verdict is found."""

from collections.abc import Iterator

import psycopg
import pytest

from tests.flow.parish import KEYS, Parish, post
from townhall.database import Database
from townhall.database.connect import connect, transaction
from townhall.flow.backtest import backtest, explained, rederive
from townhall.flow.opening import starter
from townhall.flow.replay import Window
from townhall.kernel.clock import DAY, system_clock
from townhall.kernel.errors import NotFound
from townhall.policy.logic import parse_policy

QUIET = b"id: quiet\nversion: 2\nrules: []\n"


@pytest.fixture
def parish(module_database: Database) -> Iterator[Parish]:
    with connect(module_database.dsn("owner")) as owner:
        owner.execute("TRUNCATE interaction, thread, cases, commitment, identity, post_ledger, delivery_block, delivery_pending,"
                      " fact_block, fact_pending, content_block")  # fmt: skip
    with connect(module_database.dsn("worker")) as connection:
        made = Parish(module_database, connection)
        made.take(
            post(1, 0),
            post(2, 5, text="lovely day"),
            post(3, 9, "acme", "We look into it.", parent=1, own=True),
        )
        yield made


def window(parish: Parish) -> Window:
    return Window(
        parish.rows("SELECT id FROM brand ORDER BY id LIMIT 1")[0][0],
        2 * DAY + 1_735_689_600_000_000,
        system_clock() + DAY,
    )  # type: ignore[arg-type]


def test_the_policy_in_force_changes_nothing_and_is_derived_again(
    parish: Parish, module_database: Database
) -> None:
    with connect(module_database.dsn("worker")) as conn:
        with transaction(conn):
            found = backtest(conn, KEYS.kek, parse_policy(starter()), window(parish))
        with transaction(conn):
            proof = rederive(conn, KEYS.kek, window(parish))
    assert found["interactions"] == 2 and found["changed"] == {} and found["interactions_per_s"] > 0
    assert proof == {"ok": True, "checked": 2, "different": 0, "first": None}
    assert sum(found["people"]["before"].values()) == 2


def test_a_silent_policy_would_leave_the_question_unanswered(
    parish: Parish, module_database: Database
) -> None:
    before = parish.rows("SELECT count(*) FROM fact_block")
    with connect(module_database.dsn("worker")) as conn, transaction(conn):
        found = backtest(conn, KEYS.kek, parse_policy(QUIET), window(parish))
    assert found["changed"]["answered"] >= 1
    assert found["people"]["after"]["silent_but_answered"] == 1, (
        "somebody answered what it would have passed over"
    )
    assert any("no signal" in row["text"] for row in found["examples"]["answered"])
    assert parish.rows("SELECT count(*) FROM fact_block") == before


def test_a_tampered_verdict_is_found(parish: Parish, module_database: Database) -> None:
    with connect(module_database.dsn("owner")) as owner:
        owner.execute("UPDATE interaction SET effect = 'hide' WHERE text LIKE 'why%'")
    with connect(module_database.dsn("worker")) as conn, transaction(conn):
        proof = rederive(conn, KEYS.kek, window(parish))
    assert (proof["ok"], proof["different"]) == (False, 1) and proof["first"]["stored"][0] == "hide"


def test_a_verdict_is_explained_and_ours_has_none(parish: Parish, module_database: Database) -> None:
    asked = parish.rows("SELECT id FROM interaction WHERE text LIKE 'why%'")[0][0]
    ours = parish.rows("SELECT id FROM interaction WHERE direction = 'out'")[0][0]
    with connect(module_database.dsn("worker")) as conn, transaction(conn):
        found = explained(conn, KEYS.kek, int(str(asked)))
        with pytest.raises(NotFound, match="no judged interaction"):
            explained(conn, KEYS.kek, int(str(ours)))
    assert (
        found["verdict"]["rule"] and any(rule["matched"] for rule in found["rules"]) and found["would_change"]
    )


def test_a_replay_cannot_write(parish: Parish, module_database: Database) -> None:
    with (
        connect(module_database.dsn("worker")) as conn,
        pytest.raises(psycopg.errors.ReadOnlySqlTransaction),
        transaction(conn),
    ):
        rederive(conn, KEYS.kek, window(parish))
        conn.execute("UPDATE interaction SET effect = 'hide'")
