"""Replaying what was judged: the same policy changes nothing, another says what it would, and a tampered verdict is found."""

from collections.abc import Iterator

import psycopg
import pytest
from msgspec.structs import replace

from tests.flow.parish import KEYS, Parish, post
from townhall.database import Database
from townhall.database.connect import connect, transaction
from townhall.flow.backtest import backtest, explained, rederive
from townhall.flow.opening import starter
from townhall.flow.replay import Window
from townhall.flow.trying import context_of
from townhall.kernel.clock import DAY, system_clock
from townhall.kernel.errors import Forbidden, NotFound
from townhall.people.doors import Asker
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


def counted(parish: Parish) -> dict[str, int]:
    """Rows of every table of the house."""
    own = "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition AND relnamespace = 'public'::regnamespace"
    names = [str(row[0]) for row in parish.rows(own + " AND has_table_privilege(oid, 'select')")]
    assert {"interaction", "fact_block", "policy_version", "cases", "commitment"} <= set(names)
    return {name: int(parish.rows(f"SELECT count(*) FROM {name}")[0][0]) for name in names}


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
    before = counted(parish)
    with connect(module_database.dsn("worker")) as conn, transaction(conn):
        found = backtest(conn, KEYS.kek, parse_policy(QUIET), window(parish))
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            conn.execute("UPDATE policy_version SET note = 'x'")
    assert found["changed"]["answered"] >= 1
    assert found["people"]["after"]["silent_but_answered"] == 1, (
        "somebody answered what it would have passed over"
    )
    assert any("no signal" in row["text"] for row in found["examples"]["answered"])
    assert found["would_change"]["answered"] == {"more": 0, "fewer": found["changed"]["answered"]}
    assert found["rules"][0]["to"] == "" and found["would_change"]["targets"] >= 1
    assert counted(parish) == before


def test_two_policies_are_held_against_each_other(parish: Parish, module_database: Database) -> None:
    """What was decided then does not matter: only what both say of the same posts."""
    loud = parse_policy(b"id: l\nversion: 1\nrules:\n  - {id: all, owner: o, reason: r, when: 'true', effect: escalate,"
                        b" targets: {first_response: 30m}}\n")  # fmt: skip
    slow = parse_policy(b"id: l\nversion: 1\nrules:\n  - {id: all, owner: o, reason: r, when: 'true', effect: answer,"
                        b" targets: {first_response: 2h}}\n")  # fmt: skip
    with connect(module_database.dsn("worker")) as conn:
        with transaction(conn):
            found = backtest(conn, KEYS.kek, slow, window(parish), against=loud)
        with transaction(conn):
            back = backtest(conn, KEYS.kek, loud, window(parish), against=slow)
        with transaction(conn):
            none = backtest(conn, KEYS.kek, loud, window(parish), against=loud)
    assert found["would_change"] == {
        "answered": {"more": 0, "fewer": 0}, "held": {"more": 0, "fewer": 2}, "routed": 0, "targets": 2,
    }  # fmt: skip
    assert (found["sla_minutes_gained"], found["sla_minutes_lost"]) == (180, 0)
    assert (back["sla_minutes_gained"], back["sla_minutes_lost"], back["would_change"]["held"]["more"]) == (
        0,
        180,
        2,
    )
    assert none["changed"] == {} and none["interactions"] == 2


def test_what_was_erased_is_counted_and_passed_over(parish: Parish, module_database: Database) -> None:
    with connect(module_database.dsn("owner")) as owner:
        owner.execute("DELETE FROM content_block")
    with connect(module_database.dsn("worker")) as conn, transaction(conn):
        found = backtest(conn, KEYS.kek, parse_policy(QUIET), window(parish))
    assert (found["interactions"], found["erased"]) == (0, 2)


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


def test_what_a_post_was_judged_on_is_for_its_own_brand(parish: Parish, module_database: Database) -> None:
    asked = int(str(parish.rows("SELECT id FROM interaction WHERE text LIKE 'why%'")[0][0]))
    brand = int(str(parish.rows("SELECT id FROM brand ORDER BY id LIMIT 1")[0][0]))
    ann = Asker(staff_id=1, name="Ann", brand_id=brand, brand_slug="parish", roles=frozenset({"agent"}))
    with connect(module_database.dsn("worker")) as conn, transaction(conn):
        assert context_of(conn, KEYS.kek, ann, asked)[0].text.startswith("why")
        with pytest.raises(NotFound):
            context_of(conn, KEYS.kek, replace(ann, brand_id=brand + 1), asked)
        with pytest.raises(Forbidden):
            context_of(conn, KEYS.kek, replace(ann, roles=frozenset({"analyst"})), asked)
