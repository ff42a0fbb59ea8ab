"""What was set aside is shown with its reason, and comes in when it is tried again after the cause is gone."""

from collections.abc import Iterator

import pytest

from tests.flow.parish import KEYS, START, Parish, post
from townhall.database import Database
from townhall.database.connect import connect, transaction
from townhall.flow import aside as acts
from townhall.intake import aside as store
from townhall.intake import store as intake
from townhall.intake.aside import Aside
from townhall.kernel.activity import Activity
from townhall.kernel.errors import Forbidden, NotFound
from townhall.people.doors import Asker
from townhall.vault import seal

BAD = b'{"type": "Create", "object": 7}'


@pytest.fixture
def parish(database: Database) -> Iterator[Parish]:
    with connect(database.dsn("worker")) as connection:
        yield Parish(database, connection)


def asker(parish: Parish, *roles: str) -> Asker:
    return Asker(
        staff_id=3,
        name="Ann",
        brand_id=parish.brand.id,
        brand_slug="acme",
        roles=frozenset(roles or ("admin",)),
    )


def waiting(parish: Parish, **how: object) -> list[Aside]:
    return store.waiting(parish.connection, parish.brand.id, **how)  # type: ignore[arg-type]


def again(parish: Parish, *ids: int) -> acts.Tried:
    with transaction(parish.connection):
        return acts.try_again(parish.connection, KEYS, asker(parish), ids, START)


def mend(parish: Parish, one: Aside, item: bytes) -> None:
    """As if a newer version could read it."""
    sealed = seal(KEYS.kek, item, intake.LABEL)
    parish.connection.execute(
        "UPDATE reject SET key = %s, body = %s WHERE id = %s", [sealed.key, sealed.body, one.id]
    )


def test_an_unreadable_item_waits_with_its_reason_and_words(parish: Parish) -> None:
    parish.offer([post(1, 0), BAD])
    (one,) = waiting(parish)
    assert (one.kind, one.tried, one.line) == ("unread", 0, 0) and one.reason
    assert acts.content(KEYS, one) == BAD.decode()
    assert store.reasons(parish.connection, parish.brand.id) == [(one.reason, 1)]


def test_trying_again_keeps_what_still_fails_and_takes_what_is_mended(parish: Parish) -> None:
    parish.offer([BAD])
    (one,) = waiting(parish)
    assert again(parish, one.id) == acts.Tried(0, 1)
    assert [(left.id, left.tried) for left in waiting(parish)] == [(one.id, 1)]
    mend(parish, one, post(9, 0))
    assert again(parish, one.id) == acts.Tried(1, 0)
    assert (waiting(parish), parish.work()) == ([], 1)
    with pytest.raises(NotFound):
        again(parish, one.id)
    assert parish.rows("SELECT outcome, tried, settled_by FROM reject") == [("taken", 2, "Ann")]


def test_what_could_not_be_stored_goes_the_whole_way_again(parish: Parish) -> None:
    import msgspec

    act = Activity(verb="Create", object_id="https://n.example/s/77", author_id="https://n.example/u/ines",
                   author_handle="ines", published=START, happened=START, text="no signal?")  # fmt: skip
    kept = seal(KEYS.kek, msgspec.json.encode(act), intake.LABEL)
    with transaction(parish.connection):
        intake.reject(
            parish.connection, parish.account, None, [(None, "it cannot be stored", kept)], "unstored"
        )
    (one,) = waiting(parish)
    assert again(parish, one.id) == acts.Tried(1, 0)
    assert parish.work() == 1
    assert parish.rows("SELECT text FROM interaction") == [("no signal?",)]


def test_all_of_one_reason_at_once_and_nothing_of_another(parish: Parish) -> None:
    parish.offer([BAD, BAD, b"no json"])
    reasons = dict(store.reasons(parish.connection, parish.brand.id))
    assert sorted(reasons.values()) == [1, 2]
    wanted = next(reason for reason, hits in reasons.items() if hits == 2)
    for number, one in enumerate(waiting(parish, reason=wanted)):
        mend(parish, one, post(20 + number, 0))
    with transaction(parish.connection):
        assert acts.try_all(parish.connection, KEYS, asker(parish), wanted, START) == acts.Tried(2, 0)
    assert [one.reason for one in waiting(parish)] == [r for r in reasons if r != wanted]


def test_what_is_left_out_is_asked_about_no_more_and_stays_kept(parish: Parish) -> None:
    parish.offer([BAD])
    (one,) = waiting(parish)
    with pytest.raises(Forbidden), transaction(parish.connection):
        acts.leave_out(parish.connection, asker(parish, "agent"), one.id, START)
    with transaction(parish.connection):
        acts.leave_out(parish.connection, asker(parish), one.id, START)
    assert waiting(parish) == []
    assert parish.rows("SELECT outcome, body IS NOT NULL FROM reject") == [("left_out", True)]
    last = parish.rows("SELECT facts FROM fact_block ORDER BY id DESC LIMIT 1")
    assert last == [(1,)]


def test_another_brand_has_nothing_to_try(parish: Parish) -> None:
    parish.offer([BAD])
    (one,) = waiting(parish)
    stranger = Asker(
        staff_id=4, name="Cy", brand_id=parish.brand.id + 1, brand_slug="other", roles=frozenset({"admin"})
    )
    with pytest.raises(NotFound), transaction(parish.connection):
        acts.try_again(parish.connection, KEYS, stranger, [one.id], START)
    assert store.waiting(parish.connection, parish.brand.id + 1) == []


def test_pages_of_the_list_follow_each_other_without_loss(parish: Parish) -> None:
    parish.offer([BAD] * 7)
    seen: list[int] = []
    before = 0
    while found := waiting(parish, before=before, limit=3):
        seen += [one.id for one in found]
        before = seen[-1]
    assert seen == sorted(seen, reverse=True) and len(seen) == 7
