"""Articles from the act that keeps them to the suggestion beside a conversation, as ``townhall_web``."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from psycopg import Connection
from psycopg.errors import InsufficientPrivilege
from town import NOW, Town, moment

from townhall.care import articles as store
from townhall.care.logic.entry import Entry
from townhall.desk import articles as desk
from townhall.flow import article_uses
from townhall.flow import articles as acts
from townhall.kernel.clock import DAY, MINUTE, SECOND
from townhall.kernel.errors import Conflict, Forbidden, NotFound, Refused
from townhall.people.doors import Asker

pytestmark = pytest.mark.database
SITE = "https://help.brook.example"
PAGES = [
    (
        "Roaming abroad",
        "/roaming",
        "Switch data roaming on before you travel, and restart the phone after landing.",
    ),
    ("Refunds for lost cards", "/refunds", "A lost card is blocked at once; refunds take five working days."),
    ("Router lights", "/lights", "Orange and blinking means that the router looks for the line."),
    ("Change your plan", "/plan", "Every plan can be changed once a month in the app."),
]


def as_file(pages: list[tuple[str, str, str]] = PAGES, **more: str) -> bytes:
    return b"\n".join(
        json.dumps({"title": title, "url": SITE + path, "text": text, "language": "en", **more}).encode()
        for title, path, text in pages
    )


@pytest.fixture
def town(owner: Connection[Any], web: Connection[Any]) -> Town:
    made = Town(owner)
    made.see(web)
    return made


@pytest.fixture
def lead(town: Town) -> Asker:
    return town.staff("Lea Lead", "lead")


def titles(web: Connection[Any], town: Town, text: str, **more: str) -> list[str]:
    return [
        one.title for one in desk.answering(web, town.brand, text, **{"language": "en", **more}).suggested
    ]


def test_the_article_that_answers_is_suggested_and_says_why(
    town: Town, lead: Asker, web: Connection[Any]
) -> None:
    acts.take_in(web, lead, as_file(), NOW)
    case = town.asks("cleo", "My router blinks orange, what do the lights mean?")
    found = desk.for_case(web, town.brand, case)
    assert found and [one.title for one in found.suggested] == ["Router lights"]
    assert set(found.suggested[0].why.shares) >= {"router", "lights", "orange"}
    assert found.suggested[0].url == SITE + "/lights"


def test_nothing_is_suggested_where_nothing_answers(town: Town, lead: Asker, web: Connection[Any]) -> None:
    acts.take_in(web, lead, as_file(), NOW)
    found = desk.for_case(web, town.brand, town.asks("cleo", "Who won the match last night?"))
    assert found and (found.suggested, found.any, found.asked) == ((), True, True)
    none = desk.for_case(web, town.brand, town.asks("dora", "🙂"))
    assert none and (none.suggested, none.asked) == ((), False)
    assert desk.for_case(web, town.brand, 1) is None


def test_stems_are_those_of_the_articles_own_language(town: Town, lead: Asker, web: Connection[Any]) -> None:
    acts.take_in(web, lead, as_file(), NOW)
    german = [("Rechnungen verstehen", "/rechnung", "Rechnungen nennen jede Gebühr mit ihrem Tag.")]
    acts.take_in(web, lead, as_file(german, language="de"), NOW)
    assert titles(web, town, "Ich verstehe meine Rechnung und die Gebühren nicht", language="de") == [
        "Rechnungen verstehen"
    ]
    assert titles(web, town, "Ich verstehe meine Rechnung und die Gebühren nicht", language="en") == []
    assert titles(web, town, "Rechnung verstehen Gebühr", language="und") == ["Rechnungen verstehen"]
    assert titles(web, town, "changing my plans") == ["Change your plan"]


def test_a_short_message_is_read_with_what_its_author_wrote_before(
    town: Town, lead: Asker, web: Connection[Any]
) -> None:
    acts.take_in(web, lead, as_file(), NOW)
    cleo, dora, thread = town.person("cleo"), town.person("dora"), town.thread()
    town.post(thread, dora, "Roaming abroad data travel", NOW - 5 * MINUTE)
    town.post(thread, cleo, "my router blinks orange", NOW - 4 * MINUTE)
    last = town.post(thread, cleo, "Any news?", NOW - MINUTE)
    found = desk.for_case(web, town.brand, town.case(thread, cleo, last))
    assert found and [one.title for one in found.suggested] == ["Router lights"]


def test_the_same_file_again_changes_nothing(
    town: Town, lead: Asker, web: Connection[Any], owner: Connection[Any]
) -> None:
    first = acts.take_in(web, lead, as_file(), NOW)
    assert (first.added, first.changed, first.same, first.retired, first.rejects) == (4, 0, 0, 0, ())
    before = (
        owner.execute("SELECT * FROM article ORDER BY id").fetchall(),
        owner.execute("SELECT count(*) FROM article_change").fetchone(),
    )
    again = acts.take_in(web, lead, as_file(), NOW + DAY)
    assert (again.added, again.changed, again.same, again.change) == (0, 0, 4, 0)
    assert before == (
        owner.execute("SELECT * FROM article ORDER BY id").fetchall(),
        owner.execute("SELECT count(*) FROM article_change").fetchone(),
    )
    changed = acts.take_in(
        web, lead, as_file([("Router lights", "/lights", "Violet means updates."), *PAGES[:2]]), NOW + DAY
    )
    assert (changed.added, changed.changed, changed.same) == (0, 1, 2)
    assert titles(web, town, "violet router") == ["Router lights"]
    assert acts.undo(web, lead, changed.change, NOW + DAY).done == 1
    assert titles(web, town, "violet") == [] and titles(web, town, "router blinking orange") == [
        "Router lights"
    ]


def test_what_somebody_retired_stays_retired_through_a_file(
    town: Town, lead: Asker, web: Connection[Any]
) -> None:
    acts.take_in(web, lead, as_file(), NOW)
    one = store.of_keys(web, town.brand, ["help.brook.example/plan"])["help.brook.example/plan"]
    acts.retire(web, lead, one.id, NOW)
    for pages in (PAGES, [("Plan change", "/plan", "New words for plans.")]):
        found = acts.take_in(web, lead, as_file(pages), NOW + 1)
        assert (found.added, found.changed, found.retired) == (0, 0, 1)
    assert titles(web, town, "change my plan") == []


def test_two_addresses_of_one_place_are_one_article(town: Town, lead: Asker, web: Connection[Any]) -> None:
    pages = [("One", "/a", "first"), ("Two", "/a/?utm_source=mail", "second"), ("Three", "/a#part", "third")]
    found = acts.take_in(web, lead, as_file(pages), NOW)
    assert found.added == 1 and [one.line for one in found.rejects] == [2, 3]
    with pytest.raises(Conflict):
        acts.write(web, lead, Entry("Four", SITE + "/a/", ""), NOW)


def test_each_act_is_undone_exactly_and_recorded(
    town: Town, lead: Asker, web: Connection[Any], owner: Connection[Any]
) -> None:
    kept = acts.write(web, lead, Entry("Lost parcels", SITE + "/parcel", "Ask your neighbour.", "en"), NOW)
    assert titles(web, town, "lost parcels and neighbours") == ["Lost parcels"]
    edit = acts.write(
        web, lead, Entry("Found parcels", SITE + "/found", "Keep it.", "en"), NOW + 1, instead=kept.article
    )
    gone = acts.retire(web, lead, kept.article, NOW + 2)
    assert titles(web, town, "found parcels keep") == []
    assert acts.retire(web, lead, kept.article, NOW + 3).change == 0
    assert acts.undo(web, lead, edit.change, NOW + 3).done == 1
    assert acts.undo(web, lead, gone.change, NOW + 4).done == 1
    assert titles(web, town, "lost parcels and neighbours") == ["Lost parcels"]
    with pytest.raises(Conflict, match="undone already"):
        acts.undo(web, lead, gone.change, NOW + 5)
    stands = store.get(web, town.brand, kept.article)
    assert stands and (stands.title, stands.url, stands.text) == (
        "Lost parcels",
        SITE + "/parcel",
        "Ask your neighbour.",
    )
    second = acts.write(web, lead, Entry("Ours", SITE + "/parcel?x", "", "en"), NOW + 6)
    assert acts.undo(web, lead, second.change, NOW + 7).done == 1
    acts.write(web, lead, Entry("Ours again", SITE + "/parcel?x", "", "en"), NOW + 8)
    count = owner.execute("SELECT count(*) FROM article WHERE retired_at IS NULL").fetchone()
    acted = owner.execute("SELECT act FROM article_change ORDER BY id").fetchall()
    assert count == (2,) and [act for (act,) in acted] == ["added", "changed", "retired", "added", "restored"]


def test_what_was_changed_since_is_left(town: Town, lead: Asker, web: Connection[Any]) -> None:
    taken = acts.take_in(web, lead, as_file(), NOW)
    one = store.of_keys(web, town.brand, ["help.brook.example/plan"])["help.brook.example/plan"]
    acts.write(web, lead, Entry("Plans", one.url, "New words.", "en"), NOW + 1, instead=one.id)
    found = acts.undo(web, lead, taken.change, NOW + 2)
    assert (found.done, found.left) == (3, 1)
    assert store.in_use(web, town.brand) == 1


def test_who_may_write_and_who_sees_nothing(
    town: Town, lead: Asker, web: Connection[Any], owner: Connection[Any]
) -> None:
    kept = acts.write(web, lead, Entry("Plans", SITE + "/plan", "Change your plan.", "en"), NOW)
    bo = town.staff("Bo Agent", "agent")
    for act in (
        lambda: acts.write(web, bo, Entry("X", SITE + "/x", ""), NOW), lambda: acts.retire(web, bo, kept.article, NOW),
        lambda: acts.take_in(web, bo, as_file(), NOW), lambda: acts.undo(web, bo, kept.change, NOW),
    ):  # fmt: skip
        with pytest.raises(Forbidden):
            act()
    other = Town(owner, "creek")
    cy = other.staff("Cy Lead", "lead")
    other.see(web)
    for act in (
        lambda: acts.retire(web, cy, kept.article, NOW),
        lambda: acts.undo(web, cy, kept.change, NOW),
    ):
        with pytest.raises(NotFound):
            act()
    for table in ("article", "article_change", "article_term", "article_use"):
        assert web.execute(f"SELECT count(*) FROM {table} WHERE brand_id = %s", [town.brand]).fetchone() == (
            0,
        )
    assert desk.answering(web, town.brand, "change my plan", "en").suggested == ()
    assert desk.listed(web, town.brand, "", "").lines == ()
    with pytest.raises(InsufficientPrivilege):
        web.execute("SELECT * FROM article_round")
    with pytest.raises(InsufficientPrivilege):
        web.execute(
            "INSERT INTO article_use (brand_id, article_id, release_id, post_id, intent, used_at) VALUES (1, 1, 1, 1, '', now())"
        )


def test_a_brand_has_so_many_articles_and_no_more(
    town: Town, lead: Asker, web: Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acts, "MOST", 3)
    found = acts.take_in(web, lead, as_file(), NOW)
    assert found.added == 3 and [one.line for one in found.rejects] == [4]
    with pytest.raises(Refused):
        acts.write(web, lead, Entry("X", SITE + "/x", ""), NOW)
    first = store.of_keys(web, town.brand, ["help.brook.example/roaming"])["help.brook.example/roaming"]
    gone = acts.retire(web, lead, first.id, NOW)
    acts.write(web, lead, Entry("X", SITE + "/x", ""), NOW)
    with pytest.raises(Refused):
        acts.undo(web, lead, gone.change, NOW)


def test_the_list_is_paged_by_title_and_narrowed(
    town: Town, lead: Asker, web: Connection[Any], count: Callable[[Callable[[], Any]], int]
) -> None:
    pages = [(f"Page {n % 7} of {n}", f"/p{n}", f"text {n}") for n in range(120)]
    pages += [(f"İade {n}", f"/i{n}", "") for n in range(50)] + [("Iletişim", "/l", "")]
    acts.take_in(web, lead, as_file(pages), NOW)
    seen, cursor = [], ""
    while True:
        found = desk.listed(web, town.brand, "", cursor)
        seen += [one.title for one in found.lines]
        if not (cursor := found.cursor):
            break
    assert seen == sorted((title for title, _, _ in pages), key=lambda title: title.replace("İ", "I").lower())
    assert [one.title for one in desk.listed(web, town.brand, "TEXT 117", "").lines] == ["Page 5 of 117"]
    assert desk.listed(web, town.brand, "%", "").lines == ()
    assert count(lambda: desk.listed(web, town.brand, "page", "")) == 2
    for odd in ("x", "1", "one.two", "9" * 30 + ".a"):
        with pytest.raises(Refused):
            desk.listed(web, town.brand, "", odd)


def test_a_suggestion_is_a_fixed_number_of_queries(
    town: Town, lead: Asker, web: Connection[Any], count: Callable[[Callable[[], Any]], int]
) -> None:
    case = town.asks("cleo", "My router blinks orange, what do the lights mean?")
    assert count(lambda: desk.for_case(web, town.brand, case)) <= 5
    acts.take_in(
        web,
        lead,
        as_file([*PAGES, *((f"Router {n}", f"/r{n}", "router lights orange") for n in range(300))]),
        NOW,
    )
    assert count(lambda: desk.for_case(web, town.brand, case)) <= 5


def sent(town: Town, text: str, post: int, at: int) -> int:
    """A reply that left."""
    release = town._id(
        "INSERT INTO release (brand_id, case_id, thread_id, account_id, channel, kind, visibility, recipient, reply_to, in_reply_to,"
        " conversation, text, digest, salt, author_id, author, made_at, findings, seen_post, state) VALUES (%s, 1, 1, %s, 'mastodon',"
        " 'public', 'public', '', %s, '', '', %s, sha256(%s::text::bytea), substr(sha256('s'), 1, 16), 1, 'Bo', %s, '[]', 0, 'released') RETURNING id",
        [town.brand, town.account, post, text, str(town.fresh()), moment(at)],
    )
    town._id(
        "INSERT INTO delivery (brand_id, release_id, account_id, channel, thread_id, decision, idempotency_key, digest, state, not_before,"
        " go_by, sent_at, changed_at) VALUES (%s, %s, %s, 'mastodon', 1, %s, %s, sha256(%s::text::bytea), 'sent', %s, %s, %s, %s) RETURNING id",
        [town.brand, release, town.account, f"d{release}", f"k{release}", f"{release}", *[moment(at)] * 4],
    )
    return release


def asking(town: Town, handle: str, text: str) -> int:
    return town.post(town.thread(), town.person(handle), text, NOW - MINUTE)


def test_what_left_is_counted_once_and_orders_what_is_alike(
    town: Town, lead: Asker, web: Connection[Any], worker: Connection[Any]
) -> None:
    alike = [("Plan change A", "/a", "change plan"), ("Plan change B", "/b", "change plan"), *PAGES]
    acts.take_in(web, lead, as_file(alike), NOW)
    assert titles(web, town, "change plan", intent="help")[:2] == ["Plan change A", "Plan change B"]
    for n in range(4):
        sent(
            town,
            f"Please see {SITE}/b/?utm_medium=x. Thank you",
            asking(town, f"c{n}", "how do I change it"),
            NOW + n,
        )
    sent(town, "Please see https://other.example/b", asking(town, "d", "x"), NOW)
    assert article_uses.count(worker, NOW + MINUTE) == 4
    assert article_uses.count(worker, NOW + 2 * MINUTE) == 0
    found = desk.answering(web, town.brand, "change plan", "en", "help").suggested
    assert [(one.title, one.why.used) for one in found[:2]] == [("Plan change B", 4), ("Plan change A", 0)]
    assert desk.answering(web, town.brand, "change plan", "en", "unsure").suggested[0].why.used == 0


def test_a_look_that_did_not_see_all_goes_on_where_it_ended(
    town: Town, lead: Asker, web: Connection[Any], worker: Connection[Any]
) -> None:
    acts.take_in(web, lead, as_file(), NOW)
    for n in range(5):
        sent(town, f"Please see {SITE}/plan", asking(town, f"f{n}", "how"), NOW + n * SECOND)
    assert sum(article_uses.count(worker, NOW + MINUTE, 2) for _ in range(4)) == 5


def test_words_of_customers_count_once_three_of_them_used_them(
    town: Town, lead: Asker, web: Connection[Any], worker: Connection[Any], owner: Connection[Any]
) -> None:
    acts.take_in(web, lead, as_file(), NOW)
    cleo = town.person("cleo")
    for _ in range(3):
        sent(town, f"{SITE}/refunds", town.post(town.thread(), cleo, "nicked wallet Rumpelstiltskin"), NOW)
    article_uses.count(worker, NOW + MINUTE)
    assert titles(web, town, "wallet nicked") == [], "one customer's own words teach nothing"
    for n in range(2):
        sent(town, f"{SITE}/refunds", asking(town, f"e{n}", "somebody nicked my wallet"), NOW + 2 * MINUTE)
    article_uses.count(worker, NOW + 3 * MINUTE)
    assert titles(web, town, "wallet nicked") == ["Refunds for lost cards"]
    assert owner.execute("SELECT count(*) FROM article_term WHERE term LIKE 'rumpel%'").fetchone() == (0,)
    one = store.of_keys(web, town.brand, ["help.brook.example/refunds"])["help.brook.example/refunds"]
    acts.write(web, lead, Entry("Refunds", one.url, "Five days.", "en"), NOW + 4, instead=one.id)
    assert titles(web, town, "wallet nicked") == ["Refunds"], "what was learnt outlives new words"
    owner.execute("UPDATE interaction SET deleted_at = now() WHERE author_id = %s", [cleo])
    acts.write(web, lead, Entry("Refunds", one.url, "Six days.", "en"), NOW + 5, instead=one.id)
    assert titles(web, town, "wallet nicked") == [], "what customers took back is forgotten"
