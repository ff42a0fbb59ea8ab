"""Replaying what was judged: the same policy changes nothing, another says what it would, and a tampered verdict is found."""

from collections.abc import Iterator

import psycopg
import pytest
from msgspec.structs import replace

from tests.flow.parish import KEYS, START, Parish, post
from townhall.database import Database
from townhall.database.connect import connect, for_brand, transaction
from townhall.flow import cases
from townhall.flow.backtest import backtest, explained, rederive
from townhall.flow.opening import starter
from townhall.flow.people_did import Did
from townhall.flow.replay import Window, replay
from townhall.flow.trying import context_of
from townhall.kernel.clock import DAY, MINUTE, system_clock
from townhall.kernel.errors import Forbidden, NotFound
from townhall.people import tiers
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
        "answered": {"more": 0, "fewer": 0}, "held": {"more": 0, "fewer": 0}, "escalated": {"more": 0, "fewer": 2},
        "routed": 0, "targets": 2, "approvals": 0,
    }  # fmt: skip
    assert (found["sla_minutes_gained"], found["sla_minutes_lost"]) == (180, 0)
    assert (
        back["sla_minutes_gained"],
        back["sla_minutes_lost"],
        back["would_change"]["escalated"]["more"],
    ) == (
        0,
        180,
        2,
    )
    assert none["changed"] == {} and none["interactions"] == 2


def people_did(parish: Parish, database: Database) -> dict[str, Did]:
    """What was done about each post from outside, by its text."""
    with connect(database.dsn("worker")) as conn, transaction(conn):
        return {
            post.context.text: post.did
            for chunk in replay(conn, KEYS.kek, window(parish))
            for post in chunk.posts
        }


def test_one_answer_answers_all_that_the_customer_wrote_before_it(
    parish: Parish, module_database: Database
) -> None:
    parish.take(
        post(20, 20, text="is it down?", root=2), post(21, 21, text="hello?", root=2), post(22, 21, "otto", "me too?", root=2),
        post(23, 22, text="anybody?", root=2), post(24, 23, "acme", "We are on it.", parent=23, root=2, own=True),
        post(25, 24, text="and now?", root=2), post(26, 25, "acme", "Fixed.", parent=24, root=2, own=True),
        post(27, 26, text="still down!", root=2),
    )  # fmt: skip
    done = {text: one.answered for text, one in people_did(parish, module_database).items()}
    assert done == {
        "why is there no signal?": True, "lovely day": False, "is it down?": True, "hello?": True, "anybody?": True,
        "me too?": True, "and now?": True, "still down!": False,
    }  # fmt: skip
    with connect(module_database.dsn("worker")) as conn, transaction(conn):
        found = backtest(conn, KEYS.kek, parse_policy(QUIET), window(parish))["people"]["after"]
    assert (found["silent_but_answered"], found["silent_and_not_answered"]) == (6, 2)


def test_an_answer_to_somebody_else_answers_nobody_else(parish: Parish, module_database: Database) -> None:
    parish.take(
        post(30, 20, text="is it down?", root=3), post(31, 21, "otto", "me too?", root=3),
        post(32, 22, "acme", "Otto, it is.", parent=31, root=3, own=True),
    )  # fmt: skip
    done = people_did(parish, module_database)
    assert not done["is it down?"].answered and done["me too?"].answered


def test_queues_and_priorities_count_as_people_left_them(parish: Parish, module_database: Database) -> None:
    parish.take(post(40, 20, "uma", "where is my parcel?"), post(41, 21, "vic", "where is my parcel, too?"))
    case, other = (
        int(str(row[0])) for row in parish.rows("SELECT id FROM cases ORDER BY id DESC LIMIT 2")[::-1]
    )
    brand = int(str(parish.rows("SELECT id FROM brand ORDER BY id LIMIT 1")[0][0]))
    ann = Asker(staff_id=1, name="Ann", brand_id=brand, brand_slug="acme", roles=frozenset({"agent"}))
    program = replace(ann, staff_id=0, name="robot")
    with connect(module_database.dsn("web")) as conn, transaction(conn):
        for_brand(conn, brand)
        cases.move(conn, ann, case, "first", system_clock())
        cases.move(conn, ann, case, "parcels", system_clock())
        cases.undo(conn, ann, cases.prioritise(conn, ann, case, 0, system_clock()).change, system_clock())
        cases.move(conn, program, other, "robots", system_clock())
        cases.prioritise(conn, ann, other, 3, system_clock())
        cases.close(conn, ann, other, system_clock())
    parish.now = system_clock()
    parish.take(post(42, 22, "vic", "where is it now?", parent=41))
    done = people_did(parish, module_database)
    assert (done["where is my parcel?"].queue, done["where is my parcel?"].priority) == ("parcels", -1)
    assert (done["where is my parcel, too?"].queue, done["where is my parcel, too?"].priority) == ("", 3)
    assert done["where is it now?"].priority == -1, "a later case is another case"


def test_a_tier_that_was_never_looked_up_counts_as_it_stood(
    parish: Parish, module_database: Database
) -> None:
    whole = b"id: l\nversion: 1\nrules:\n  - {id: all, owner: o, reason: r, when: 'true', effect: answer, targets: {first_response: 2h%s}}\n"
    old, new = (parse_policy(whole % by) for by in (b"", b", by: [{tier: gold, first_response: 1m}]"))
    with connect(module_database.dsn("worker")) as conn:
        with transaction(conn):
            brand, author = conn.execute(
                "SELECT brand_id, author_id FROM interaction WHERE text LIKE 'why%'"
            ).fetchone() or (0, 0)
            tiers.set_tier(conn, brand, author, "gold", 0, "staff/1", START)
            tiers.set_tier(conn, brand, author, "", 0, "staff/1", START + MINUTE)
        with transaction(conn):
            found = backtest(conn, KEYS.kek, new, window(parish), against=old)
    assert found["changed"] == {"first_response": 1, "targets": 1} and found["sla_minutes_lost"] == 119


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
