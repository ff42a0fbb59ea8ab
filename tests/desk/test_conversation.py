"""A conversation as its page sees it."""

from collections.abc import Callable
from typing import Any

import pytest
from psycopg import Connection
from town import NOW, Town, moment

from townhall.care import presence
from townhall.desk.conversation import conversation
from townhall.flow import cases as verbs
from townhall.kernel.clock import HOUR, MINUTE, SECOND
from townhall.kernel.errors import NotFound, Refused

pytestmark = pytest.mark.database


@pytest.fixture
def town(owner: Connection[Any], web: Connection[Any]) -> Town:
    made = Town(owner)
    made.see(web)
    return made


def test_the_thread_stands_as_it_does_on_the_network(
    town: Town, owner: Connection[Any], web: Connection[Any]
) -> None:
    thread, cleo, dora, us = (
        town.thread(),
        town.person("cleo"),
        town.person("dora"),
        town.person("care_brook", own=True),
    )
    first = town.post(
        thread, cleo, "no signal", NOW - HOUR, media=[{"url": "https://example.org/a.png", "alt": "bars"}]
    )
    reply = town.post(thread, us, "where are you?", NOW - 50 * MINUTE, direction="out", parent=first)
    gone = town.post(thread, dora, "me too", NOW - 40 * MINUTE, parent=first)
    last = town.post(thread, cleo, "in Leeds", NOW - 30 * MINUTE, parent=reply)
    owner.execute("UPDATE interaction SET edited_at = %s WHERE id = %s", [moment(NOW), last])
    owner.execute("UPDATE interaction SET deleted_at = %s WHERE id = %s", [moment(NOW), gone])
    owner.execute(
        "INSERT INTO revision (brand_id, interaction_id, replaced_at, text) VALUES (%s, %s, %s, 'in Leds')",
        [town.brand, last, moment(NOW)],
    )
    case = town.case(thread, cleo, first, due=NOW + HOUR)
    got = conversation(web, town.brand, case, 7, NOW)
    assert [post.id for post in got.posts] == [first, reply, gone, last]
    assert [post.matter for post in got.posts] == [True, False, False, False]
    assert got.posts[0].photos[0].alt == "bars" and got.posts[1].author.own
    assert (got.posts[1].parent_id, got.posts[1].parent_author) == (first, "cleo")
    assert got.posts[2].deleted_at == NOW
    assert [edit.text for edit in got.posts[3].edits] == ["in Leds"]
    assert (got.authors, got.seen_post, got.earlier) == (3, last, "")
    assert got.clock.state == "running" and got.promises[0].metric == "first_response"
    assert got.composer.reply_to_handle == "cleo" and got.composer.length_limit > 0
    assert not got.composer.observe_only and got.composer.refusals == ()


def test_joined_threads_are_one_and_long_ones_are_paged(
    town: Town, owner: Connection[Any], web: Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("townhall.desk.conversation.POSTS", 3)
    root, joined, cleo = town.thread(), town.thread(), town.person("cleo")
    posts = [town.post(root if n % 2 else joined, cleo, str(n), NOW + n) for n in range(7)]
    owner.execute("UPDATE thread SET joined_into = %s WHERE id = %s", [root, joined])
    case = town.case(joined, cleo, posts[0])
    seen, before = [], ""
    while True:
        got = conversation(web, town.brand, case, 7, NOW, before=before)
        seen = [post.id for post in got.posts] + seen
        before = got.earlier
        if not before:
            break
    assert seen == posts


def test_a_post_that_is_answered_and_never_came_is_said_to_be_missing(
    town: Town, owner: Connection[Any], web: Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("townhall.desk.conversation.POSTS", 3)
    root, joined, cleo = town.thread(), town.thread(), town.person("cleo")
    owner.execute("UPDATE thread SET joined_into = %s WHERE id = %s", [root, joined])
    earlier = town.post(joined, cleo, "no signal", NOW - HOUR)
    town.post(root, cleo, "still none", NOW - 50 * MINUTE)
    stranger = town.post(root, cleo, "@brook does", NOW - 40 * MINUTE, parent=4_711)
    town.post(root, cleo, "none here", NOW - 30 * MINUTE, parent=earlier)
    last = town.post(root, cleo, "at all", NOW - 20 * MINUTE)
    got = conversation(web, town.brand, town.case(root, cleo, last), 7, NOW)
    assert [(post.id == stranger, post.parent_missing) for post in got.posts] == [
        (True, True), (False, False), (False, False),
    ]  # fmt: skip


def test_the_person_is_their_identities_and_other_threads(
    town: Town, owner: Connection[Any], web: Connection[Any]
) -> None:
    cleo, alias, friend = town.person("cleo"), town.person("cleo_x"), town.person("friend")
    for a, b, undone in ((cleo, alias, None), (cleo, friend, moment(NOW))):
        owner.execute(
            "INSERT INTO identity_link (brand_id, a, b, evidence, made_by, undone_at) VALUES (%s, %s, %s, 'said so', 'staff/1', %s)",
            [town.brand, min(a, b), max(a, b), undone],
        )
    here, there = town.thread(), town.thread()
    post = town.post(here, cleo, "hello")
    old = town.post(there, alias, "earlier", NOW - HOUR)
    town.post(town.thread(), friend, "not hers")
    other = town.case(there, alias, old, state="closed", due=None)
    got = conversation(web, town.brand, town.case(here, cleo, post), 7, NOW)
    assert [(i.handle, i.evidence) for i in got.person.identities] == [("cleo", ""), ("cleo_x", "said so")]
    assert [(o.case_id, o.thread_id, o.snippet) for o in got.others] == [(other, there, "earlier")]
    assert got.person.posts == 2


def test_notes_history_and_colleagues(town: Town, web: Connection[Any]) -> None:
    ann, bo = town.staff("Ann Able"), town.staff("Bo Best")
    case = town.asks("cleo", "hello")
    verbs.take(web, ann, case, NOW)
    note = verbs.note(web, ann, case, "rang her", NOW)
    presence.look(web, town.brand, case, bo.staff_id, bo.name, NOW, typing=True)
    got = conversation(web, town.brand, case, ann.staff_id, NOW + SECOND)
    assert got.holder and got.holder.name == "Ann Able"
    assert [n.text for n in got.notes] == ["rang her"]
    assert [(h.act, h.actor, h.before, h.after, h.undoable) for h in got.history] == [
        ("note", "Ann Able", "", "", True), ("take", "Ann Able", "nobody", "Ann Able", True),
    ]  # fmt: skip
    assert [(v.initials, v.typing) for v in got.viewers] == [("BB", True)]
    assert presence.colleague_typing(web, case, ann.staff_id, NOW + SECOND) == "Bo Best"
    verbs.undo(web, ann, note.change, NOW + SECOND)
    later = conversation(web, town.brand, case, ann.staff_id, NOW + HOUR)
    assert later.notes == () and later.viewers == ()
    assert [(h.act, h.undoable) for h in later.history] == [("undo", False), ("note", False), ("take", True)]


def test_an_observing_brand_says_why_nothing_goes_out(owner: Connection[Any], web: Connection[Any]) -> None:
    town = Town(owner, "quiet", state="observe")
    town.see(web)
    owner.execute(
        "INSERT INTO outbound_stop (brand_id, scope, cause, stopped_by, stopped_at)"
        " VALUES (%s, 'brand', 'drill', 'Ann', now())",
        [town.brand],
    )
    composer = conversation(web, town.brand, town.asks("cleo", "hello"), 7, NOW).composer
    assert composer.observe_only and composer.stopped and len(composer.refusals) == 2


def test_missing_and_made_up_things(town: Town, owner: Connection[Any], web: Connection[Any]) -> None:
    case = town.asks("cleo", "hello")
    with pytest.raises(NotFound):
        conversation(web, town.brand, 12345, 7, NOW)
    with pytest.raises(Refused):
        conversation(web, town.brand, case, 7, NOW, before="x.y")
    other = Town(owner, "oak")
    other.see(web)
    with pytest.raises(NotFound):
        conversation(web, town.brand, case, 7, NOW)


def test_the_number_of_queries_does_not_grow(
    town: Town, web: Connection[Any], count: Callable[..., int]
) -> None:
    case = town.asks("cleo", "hello")
    one = count(lambda: conversation(web, town.brand, case, 7, NOW))
    row = town.conn.execute("SELECT thread_id, customer_id FROM cases WHERE id = %s", [case]).fetchone()
    assert row
    for n in range(20):
        town.post(row[0], row[1], str(n), NOW + n)
    assert count(lambda: conversation(web, town.brand, case, 7, NOW)) == one <= 17
