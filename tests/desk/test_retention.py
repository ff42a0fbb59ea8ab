"""What becomes of deleted posts: the decision, the choices and exceptions with their facts, and lists that show none of it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from psycopg import Connection
from town import NOW, Town, moment

from townhall.archive.logic import (
    CHOICES,
    LONGEST,
    Exemption,
    Gone,
    RetentionRule,
    fault,
    follows_author,
)
from townhall.channels import CHANNELS
from townhall.channels.cards import asks
from townhall.desk import retention as desk
from townhall.desk import threads
from townhall.desk.conversation import conversation
from townhall.desk.inbox import page as inbox
from townhall.desk.reply_place import newer
from townhall.desk.views import InboxFilter
from townhall.flow import retention as acts
from townhall.journal.follow import blobs
from townhall.kernel.clock import MINUTE
from townhall.kernel.errors import Conflict, Forbidden, NotFound, Refused
from townhall.kernel.fact import decode

CHOSEN = st.none() | st.sampled_from(CHOICES)


@given(CHOSEN, CHOSEN, st.booleans())
def test_an_exception_goes_before_the_firms_choice_and_that_before_what_is_usual(
    exception: Any, rule: Any, follows: bool
) -> None:
    gone = Gone(
        "x", follows, RetentionRule(1, "x", rule, "", "Ann", NOW) if rule else None,
        Exemption(1, exception, "so", "Ann", NOW) if exception else None,
    )  # fmt: skip
    table = {None: "withhold" if follows else "keep"}
    assert gone.choice == table.get(exception or rule, exception or rule)
    assert gone.shown is (gone.choice == "keep")


def test_cards_say_what_is_usual_and_an_unknown_class_is_followed() -> None:
    assert {kind: desk.choice_of(kind, None).choice for kind in CHANNELS} == {
        "activitystreams": "keep", "webhook": "keep", "mastodon": "withhold", "x": "withhold",
    }  # fmt: skip
    assert follows_author("something new") and desk.follows("pigeon")
    assert "24 hours" in asks(CHANNELS["x"].card) and asks(CHANNELS["webhook"].card).startswith("nothing")


@given(st.sampled_from([*CHOICES, "burn", ""]), st.text(max_size=LONGEST + 20), st.booleans())
def test_what_can_be_chosen(choice: str, why: str, must: bool) -> None:
    fits = choice in CHOICES and len(why) <= LONGEST and (not must or why.strip() != "")
    assert (fault(choice, why, must=must) == "") is fits


class Deleted:
    """A thread with a post that stands and one that is edited and deleted, and the case of its author."""

    def __init__(self, town: Town) -> None:
        conn, self.town = town.conn, town
        self.thread, self.cleo = town.thread(), town.person("cleo")
        media = [{"url": "https://p.example/1.png", "media_type": "image/png", "alt": "a torn box"}]
        self.post = town.post(
            self.thread, self.cleo, "later words", NOW - MINUTE, media=media, topics=("words",)
        )
        conn.execute(
            "INSERT INTO revision (brand_id, interaction_id, replaced_at, text) VALUES (%s, %s, now(), 'earlier words')",
            [town.brand, self.post],
        )
        conn.execute(
            "UPDATE interaction SET edited_at = %s, deleted_at = %s WHERE id = %s",
            [moment(NOW), moment(NOW), self.post],
        )
        self.case = town.case(self.thread, self.cleo, self.post, snippet="earlier words")


@pytest.fixture
def town(owner: Connection[Any], web: Connection[Any]) -> Town:
    made = Town(owner)
    made.see(web)
    return made


def facts(worker: Connection[Any]) -> list[Any]:
    blocks = [row[0] for row in worker.execute("SELECT block_id FROM fact_pending ORDER BY block_id")]
    return [decode(blob) for block in blocks for blob in blobs(worker, [block])[block]]


@pytest.mark.database
def test_choices_replace_each_other_one_at_a_time_and_are_recorded(
    town: Town, web: Connection[Any], worker: Connection[Any]
) -> None:
    ann, bo = town.staff("Ann", "compliance"), town.staff("Bo", "lead", "agent", "admin")
    with pytest.raises(Forbidden):
        acts.choose(web, bo, "x", "withhold", "", 0, NOW)
    for channel, choice, basis in (
        ("pigeon", "keep", "x"),
        ("x", "burn", "x"),
        ("x", "keep", " \n"),
        ("x", "keep", "y" * 301),
    ):
        with pytest.raises(Refused):
            acts.choose(web, ann, channel, choice, basis, 0, NOW)
    acts.choose(web, ann, "x", "keep", " the records \n law ", 0, NOW)
    (first,) = desk.made(web, town.brand)
    assert (first.choice, first.basis, first.made_by) == ("keep", "the records law", "Ann")
    for seen, wrong in ((0, Conflict), (first.id, Refused)):
        with pytest.raises(wrong):
            acts.choose(web, ann, "x", "keep", "the records law", seen, NOW)
    acts.choose(web, ann, "mastodon", "keep", "the same law", first.id, NOW)
    acts.choose(web, ann, "x", "withhold", "", desk.made(web, town.brand)[0].id, NOW)
    lines = {one.channel: one for one in desk.choices(web, town.brand)}
    assert [lines[kind].gone.choice for kind in ("x", "mastodon", "webhook")] == ["withhold", "keep", "keep"]
    assert (lines["mastodon"].accounts, lines["x"].accounts) == (1, 0) and next(iter(lines)) == "mastodon"
    assert desk.of_channel(web, town.brand, "mastodon").rule == desk.made(web, town.brand)[1]
    told = [(one.type, one.subject, one.data["choice"], one.data["before"]) for one in facts(worker)]
    assert told == [
        ("townhall.retention.chosen", "retention/x", "keep", "withhold"),
        ("townhall.retention.chosen", "retention/mastodon", "keep", "withhold"),
        ("townhall.retention.chosen", "retention/x", "withhold", "keep"),
    ]  # fmt: skip


@pytest.mark.database
def test_two_who_choose_at_once_do_not_both_think_they_did(
    town: Town, owner: Connection[Any], web: Connection[Any]
) -> None:
    """The second finds the place of its choice taken, whatever it read before."""
    from townhall.archive import retention as store

    made = store.choose(web, town.brand, "x", "keep", "a law", 1, "Ann", 0, NOW)
    assert made and store.choose(web, town.brand, "x", "withhold", "", 2, "Bo", 0, NOW) == 0


@pytest.mark.database
def test_an_exception_shows_one_post_and_is_taken_back(
    town: Town, web: Connection[Any], worker: Connection[Any]
) -> None:
    ann, gone = town.staff("Ann", "compliance"), Deleted(town)
    other = Deleted(town)

    def shown(one: Deleted) -> tuple[str, int]:
        (post,) = conversation(web, town.brand, one.case, 7, NOW).posts
        return post.text, len(post.edits)

    assert shown(gone) == ("", 0)
    with pytest.raises(Refused):
        acts.exempt(web, ann, gone.post, "withhold", "so", NOW)
    with pytest.raises(Refused):
        acts.exempt(web, ann, gone.post, "keep", "  ", NOW)
    standing = town.post(gone.thread, gone.cleo, "stands", NOW)
    with pytest.raises(NotFound):
        acts.exempt(web, ann, standing, "keep", "so", NOW)
    with pytest.raises(Forbidden):
        acts.exempt(web, town.staff("Li", "lead"), gone.post, "keep", "so", NOW)
    made = acts.exempt(web, ann, gone.post, "keep", "an ombudsman asks", NOW)
    town.conn.execute("UPDATE interaction SET thread_id = %s WHERE id = %s", [town.thread(), standing])
    assert shown(gone) == ("later words", 1) and shown(other) == ("", 0)
    with pytest.raises(Conflict):
        acts.exempt(web, ann, gone.post, "withhold", "so", NOW)
    acts.take_back(web, ann, made, NOW)
    assert shown(gone) == ("", 0)
    with pytest.raises(NotFound):
        acts.take_back(web, ann, made, NOW)
    acts.choose(web, ann, "mastodon", "keep", "a law", 0, NOW)
    assert shown(gone) == shown(other) == ("later words", 1), "at once, for what was deleted before"
    acts.exempt(web, ann, gone.post, "withhold", "she asked us to", NOW)
    assert shown(gone) == ("", 0) and shown(other) == ("later words", 1)
    told = facts(worker)
    assert [one.type.rsplit(".", 1)[1] for one in told] == ["shown", "taken_back", "chosen", "withheld"]
    assert not any("ombudsman" in str(one.data) for one in told), "a reason may speak of somebody"


@pytest.mark.database
def test_our_own_words_stay_and_pictures_go(town: Town, web: Connection[Any]) -> None:
    gone = Deleted(town)
    ours = town.post(gone.thread, town.person("us", own=True), "we said so", NOW, direction="out")
    town.conn.execute("UPDATE interaction SET deleted_at = %s WHERE id = %s", [moment(NOW), ours])
    theirs, own = conversation(web, town.brand, gone.case, 7, NOW).posts
    assert (theirs.text, theirs.edits, theirs.photos, theirs.topics) == ("", (), (), ())
    assert own.text == "we said so" and own.gone is None
    acts.choose(web, town.staff("Ann", "compliance"), "mastodon", "keep", "a law", 0, NOW)
    shown = threads.thread(web, town.brand, gone.thread, None, 10).posts[0]
    assert shown.text == "later words" and shown.edits and shown.photos == ()


@pytest.mark.database
@pytest.mark.parametrize("choice", CHOICES)
def test_lists_never_show_or_find_it_whatever_was_chosen(
    town: Town, web: Connection[Any], choice: str
) -> None:
    gone, ann = Deleted(town), town.staff("Ann", "compliance")
    acts.choose(web, ann, "mastodon", choice, "a law", 0, NOW)
    wanted = InboxFilter(assignee="all")
    (row,) = inbox(web, town.brand, wanted, "", NOW).rows
    assert row.snippet == "" and row.hits == ()
    assert inbox(web, town.brand, replace(wanted, text="earlier"), "", NOW).rows == ()
    assert [one.text for one in newer(web, gone.thread, gone.post, NOW - MINUTE)] == [""]
    town.conn.execute("UPDATE interaction SET deleted_at = NULL WHERE id = %s", [gone.post])
    (row,) = inbox(web, town.brand, replace(wanted, text="earlier"), "", NOW).rows
    assert row.snippet == "earlier words"


@pytest.mark.database
def test_two_more_queries_however_many_posts_were_deleted(
    town: Town, web: Connection[Any], count: Any
) -> None:
    gone = Deleted(town)
    town.conn.execute("UPDATE interaction SET deleted_at = NULL WHERE id = %s", [gone.post])
    none = count(lambda: conversation(web, town.brand, gone.case, 7, NOW))
    town.conn.execute("UPDATE interaction SET deleted_at = %s WHERE id = %s", [moment(NOW), gone.post])
    one = count(lambda: conversation(web, town.brand, gone.case, 7, NOW))
    for _ in range(9):
        post = town.post(gone.thread, gone.cleo, "more", NOW)
        town.conn.execute("UPDATE interaction SET deleted_at = %s WHERE id = %s", [moment(NOW), post])
    assert count(lambda: conversation(web, town.brand, gone.case, 7, NOW)) == one == none + 2 <= 19
    assert count(lambda: threads.thread(web, town.brand, gone.thread, None, 50)) == 5


@pytest.mark.database
def test_another_brands_rows_are_out_of_reach(
    town: Town, owner: Connection[Any], web: Connection[Any]
) -> None:
    gone, other = Deleted(town), Town(owner, "mill")
    acts.choose(web, town.staff("Ann", "compliance"), "mastodon", "keep", "a law", 0, NOW)
    other.see(web)
    assert desk.made(web, town.brand) == [] and desk.fates(web, other.brand, [gone.post]) == {}
    assert not any(one.gone.rule for one in desk.choices(web, other.brand))
    with pytest.raises(NotFound):
        acts.exempt(web, other.staff("Cy", "compliance"), gone.post, "keep", "so", NOW)
