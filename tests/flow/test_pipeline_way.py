"""Posts on the whole way: stored once, folded right, promised and answered, whatever the order they come in."""

from collections.abc import Iterator
from itertools import permutations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.flow.parish import KEYS, MINUTE, START, Parish, act, post
from townhall.database import Database
from townhall.database.connect import connect
from townhall.flow import facts
from townhall.flow.familiar import Familiar

_TABLES = (
    "interaction", "revision", "thread", "thread_join", "cases", "commitment", "identity", "post_ledger", "pending_act",
    "delivery_block", "delivery_pending", "rollup_volume", "rollup_promise", "rollup_answer", "fact_block",
    "fact_pending", "content_block", "reject",
)  # fmt: skip


@pytest.fixture
def parish(module_database: Database) -> Iterator[Parish]:
    with connect(module_database.dsn("owner")) as owner:
        owner.execute(f"TRUNCATE {', '.join(_TABLES)}")
    with connect(module_database.dsn("worker")) as connection:
        yield Parish(module_database, connection)


def promises(parish: Parish) -> list[tuple[object, ...]]:
    return parish.rows(
        "SELECT metric, started_at, due_at, satisfied_at, cancelled_at IS NOT NULL FROM commitment"
        " ORDER BY started_at, metric"
    )


def counted(parish: Parish) -> dict[str, list[tuple[object, ...]]]:
    return {
        "promises": parish.rows(
            "SELECT due_minute, brand_id, metric, sum(made), sum(met), sum(late) FROM rollup_promise"
            " GROUP BY 1, 2, 3 HAVING sum(made) <> 0 ORDER BY 1, 3"
        ),
        "volume": parish.rows(
            "SELECT minute, sum(received), sum(inbound), sum(outbound), sum(questions), sum(to_answer)"
            " FROM rollup_volume GROUP BY 1 ORDER BY 1"
        ),
    }


TALK = [
    post(1, 0, root=1),
    post(2, 5, root=1, parent=1, text="is anybody there?"),
    post(3, 30, "acme", "Sorry, we are looking into it.", root=1, parent=1, own=True),
    post(4, 42, root=1, parent=3, text="when will it be back?"),
    post(5, 60, "acme", "By noon.", root=1, parent=4, own=True),
]


def test_a_conversation_is_promised_and_answered(parish: Parish) -> None:
    assert parish.take(*TALK) == 5
    found = promises(parish)
    assert [(row[0], row[3] is not None) for row in found] == [
        ("first_response", True),
        ("next_response", True),
    ]
    ((state, posts, due),) = parish.rows("SELECT state, posts, due_at FROM cases")
    assert (state, posts, due) == ("waiting", 3, None)


@pytest.mark.parametrize("order", list(permutations(range(5)))[::17])
def test_order_of_arrival_changes_nothing(parish: Parish, order: tuple[int, ...]) -> None:
    parish.take(*TALK)
    expected, figures = promises(parish), counted(parish)
    with connect(parish.worker._database.dsn("owner")) as owner:
        owner.execute(f"TRUNCATE {', '.join(_TABLES)}")
    parish.worker._familiar = Familiar()
    parish.take(*(TALK[place] for place in order))
    assert promises(parish) == expected
    assert counted(parish) == figures


def test_threads_are_what_their_posts_say_in_whatever_order_these_came(parish: Parish) -> None:
    """New threads and known ones are written by two statements; both must come to what one query over the posts says."""
    parish.take(
        TALK[3], TALK[4], TALK[0], TALK[2], TALK[1], post(9, 7, "bo", root=2), post(8, 3, "bo", root=2)
    )
    counted = parish.rows(
        "SELECT thread_id, count(*), min(published_at), max(published_at),"
        " max(published_at) FILTER (WHERE direction = 'in'), max(published_at) FILTER (WHERE direction = 'out')"
        " FROM interaction GROUP BY 1 ORDER BY 1"
    )
    stored = parish.rows(
        "SELECT id, posts, first_at, last_at, last_in_at, last_out_at FROM thread ORDER BY id"
    )
    assert stored == counted and len(stored) == 2


def test_a_batch_equals_one_by_one(parish: Parish) -> None:
    parish.offer(TALK)
    assert parish.work() == 5
    assert len(promises(parish)) == 2


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(range(5)), min_size=1, max_size=12))
def test_repeats_are_stored_once(parish: Parish, places: list[int]) -> None:
    before = parish.rows("SELECT count(*) FROM interaction")[0][0]
    known = {row[0] for row in parish.rows("SELECT native_id FROM interaction")}
    parish.take(*(TALK[place] for place in places))
    after = parish.rows("SELECT count(*), count(DISTINCT native_id) FROM interaction")[0]
    fresh = {f"https://n.example/s/{place + 1}" for place in places} - known
    assert after == (before + len(fresh), before + len(fresh))


def test_edits_deletions_and_likes_fold_into_their_post_once(parish: Parish) -> None:
    acts = [act("Update", 1, 2, text="why is there no signal in Leeds?"), act("Like", 1, 3, "bo"), act("Like", 1, 3, "bo"),
            act("Like", 1, 4, "cy"), act("Announce", 1, 5, "cy")]  # fmt: skip
    parish.take(TALK[0], *acts, *acts)
    ((text, likes, reposts, edited),) = parish.rows(
        "SELECT text, likes, reposts, edited_at IS NOT NULL FROM interaction"
    )
    assert (text, likes, reposts, edited) == ("why is there no signal in Leeds?", 2, 1, True)
    assert parish.rows("SELECT text FROM revision") == [("why is there no signal?",)]


def test_acts_that_come_first_wait_for_their_post(parish: Parish) -> None:
    parish.take(act("Update", 1, 2, text="edited?"), act("Like", 1, 3, "bo"), act("Delete", 1, 9), TALK[0])
    ((text, likes, deleted),) = parish.rows("SELECT text, likes, deleted_at IS NOT NULL FROM interaction")
    assert (text, likes, deleted) == ("edited?", 1, True)
    assert parish.rows("SELECT count(*) FROM pending_act") == [(0,)]


def test_an_older_edit_that_comes_late_does_not_win(parish: Parish) -> None:
    parish.take(TALK[0], act("Update", 1, 9, text="newest?"), act("Update", 1, 4, text="older?"))
    assert parish.rows("SELECT text FROM interaction") == [("newest?",)]
    assert {row[0] for row in parish.rows("SELECT text FROM revision")} == {
        "why is there no signal?",
        "older?",
    }


def test_a_question_taken_back_is_not_promised_any_more(parish: Parish) -> None:
    parish.take(TALK[0], act("Delete", 1, 9))
    ((cancelled,),) = parish.rows("SELECT cancelled_at IS NOT NULL FROM commitment")
    assert cancelled
    assert parish.rows("SELECT due_at FROM cases") == [(None,)]


def test_replies_before_their_parents_become_one_thread(parish: Parish) -> None:
    parish.take(post(3, 9, "bo", parent=2), post(2, 5, "ana", parent=1), post(1, 0))
    threads = dict(parish.rows("SELECT id, joined_into FROM thread"))
    roots = {threads[id] or id for id in threads}
    assert len([id for id in threads if threads[id] is None]) == 1, threads
    assert len(roots) <= 2


def test_a_future_time_is_clamped_to_when_it_came(parish: Parish) -> None:
    parish.take(post(1, 100_000))
    ((published,),) = parish.rows("SELECT extract(epoch FROM published_at) * 1000000 FROM interaction")
    assert int(published) == parish.now


def test_cards_and_secrets_are_nowhere_in_what_is_stored(parish: Parish) -> None:
    parish.take(post(1, 0, text="my card is 4111 1111 1111 1111, why was it charged?"))
    ((text,),) = parish.rows("SELECT text FROM interaction")
    assert "4111" not in text and "removed" in text


def test_what_cannot_be_read_is_kept_with_its_reason(parish: Parish) -> None:
    result = parish.offer([TALK[0], b"not json", b'{"type":"Create"}'])
    assert (result.taken, len(result.rejects)) == (1, 2)
    reasons = parish.rows("SELECT reason, body IS NOT NULL FROM reject ORDER BY id")
    assert all(reason and kept for reason, kept in reasons) and len(reasons) == 2


def test_every_post_has_its_facts_and_no_text_in_them(parish: Parish) -> None:
    from townhall.journal.logic.block import unsqueeze

    parish.take(*TALK)
    stored = b"".join(unsqueeze(row[0]) for row in parish.rows("SELECT body FROM fact_block ORDER BY id"))
    assert stored.count(facts.RECEIVED.encode()) == 5
    assert stored.count(facts.JUDGED.encode()) == 3
    assert b"signal" not in stored and b"noon" not in stored


def test_two_workers_that_meet_store_a_post_once(parish: Parish, module_database: Database) -> None:
    """The same post read through two conversations lands in two shards: the ledger decides."""
    parish.take(post(7, 0, root=1))
    parish.take(post(7, 0, root=2))
    assert parish.rows("SELECT count(*) FROM interaction") == [(1,)]


def test_late_posts_are_due_by_their_own_time(parish: Parish) -> None:
    parish.now = START + 5000 * MINUTE
    parish.take(post(1, 0, root=1))
    ((started,),) = parish.rows("SELECT extract(epoch FROM started_at) * 1000000 FROM commitment")
    assert int(started) == START


def test_one_that_cannot_be_stored_is_set_aside_and_holds_up_nobody(parish: Parish) -> None:
    """Written past the door on purpose: no channel lets a NUL through, but a bug could."""
    from msgspec.structs import replace

    from townhall.database.connect import transaction
    from townhall.flow.receive import _delivery, _read
    from townhall.intake import store

    good, _ = _read(parish.account, "activitystreams", [TALK[0], post(8, 1, "bo", root=8), TALK[1]])
    poisoned = [
        (raw, [replace(a, text="\0") if place == 1 else a for a in acts])
        for place, (raw, acts) in enumerate(good)
    ]
    with transaction(parish.connection):
        delivery = _delivery(KEYS, 1, poisoned)
        store.append_blocks(
            parish.connection, parish.account, "activitystreams", parish.now, None, [delivery]
        )
    assert parish.worker.step_safely(parish.connection) is not None
    assert parish.rows("SELECT count(*) FROM interaction") == [(2,)]
    ((reason,),) = parish.rows("SELECT reason FROM reject")
    assert reason.startswith("it cannot be stored")
    assert parish.rows("SELECT count(*) FROM delivery_pending") == [(0,)]


def test_facts_written_by_hand_are_those_of_the_encoder(parish: Parish) -> None:
    from townhall.journal.follow import follow
    from townhall.journal.sequence import number, read_head
    from townhall.kernel.fact import decode, encode

    parish.take(*TALK)
    with parish.connection.transaction():
        number(parish.connection, read_head(parish.connection), 100)
        blobs = [blob for block in follow(parish.connection, "parity") for blob in block.blobs]
    assert len(blobs) >= 8
    assert [encode(decode(blob)) for blob in blobs] == blobs
