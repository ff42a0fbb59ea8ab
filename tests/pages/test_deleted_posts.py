"""A customer deleted their post: nobody at the desk is shown it where the firm withholds it, on no page and by no program."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from desk_person import Person
from msgspec import Struct
from stage_house import ANN, BO, CY, Stage, feed, look_round
from test_states import judge

from townhall.database.connect import connect
from townhall.kernel.clock import MINUTE, Instant, system_clock, to_iso
from townhall.people import store
from townhall.people.logic import ROLES
from townhall.run.demo.town import PUBLIC, Said

pytestmark = [pytest.mark.browser, pytest.mark.database]

BEFORE, AFTER, PICTURE = "oldvellichor", "newquagmire", "altgloaming"
MARKS = (BEFORE, AFTER, PICTURE)
CHOICES = "/settings/retention/"
WITHHELD = "Withheld: on Mastodon we follow the author."
FREE = {
    "secret": "x", "slug": "complaints", "name": "channels", "metric": "waiting", "act": "close", "head": "sentiment",
    "view_id": "nowhere", "rule_id": "outage", "place": "0", "number": "1",
}  # fmt: skip
"""What stands in an address for a thing that is none of the post."""


class Taken(Struct):
    """A post that its author edited and then deleted, and its case."""

    case: int
    post: int
    thread: int
    person: int


@pytest.fixture(scope="module")
def taken(staged: Stage) -> Iterator[Taken]:
    """Posted with a picture, seen, found, edited, gathered, deleted: through the door and the pipeline."""
    now = system_clock()
    actor = {
        "id": f"https://fern.example/users/wren{now}",
        "type": "Person",
        "name": "Wren Deleter",
        "preferredUsername": "wren_deleter",
    }
    note = {
        "id": f"{now}", "type": "Note", "attributedTo": actor["id"], "published": to_iso(now - 9 * MINUTE), "to": [PUBLIC],
        "content": f"Where is my parcel? The shop says {BEFORE}.",
        "attachment": [{"type": "Image", "mediaType": "image/png", "url": f"https://fern.example/{PICTURE}.png", "name": PICTURE}],
    }  # fmt: skip

    def happens(verb: str, at: Instant, thing: dict[str, Any]) -> None:
        act = {"type": verb, "id": f"{now}/{verb}", "published": to_iso(at), "actor": actor, "object": thing}
        feed(staged.settings, staged.database, staged.accounts, [Said(at, 0, act)])
        with connect(staged.database.dsn("worker")) as conn:
            look_round(conn, staged.brand)

    happens("Create", now - 9 * MINUTE, note)
    edited = f"Where is my parcel? The shop says {AFTER}, see http://192.0.2.7/{AFTER}/login"
    happens("Update", now - 5 * MINUTE, {**note, "content": edited, "updated": to_iso(now - 5 * MINUTE)})
    happens("Delete", now - MINUTE, {"id": note["id"], "type": "Tombstone", "deleted": to_iso(now - MINUTE)})
    with connect(staged.database.dsn("worker")) as conn:
        row = conn.execute(
            "SELECT c.id, i.id, i.thread_id, i.author_id FROM interaction i JOIN cases c ON c.customer_id = i.author_id"
            " WHERE i.native_id = %s",
            [note["id"]],
        ).fetchone()
    assert row
    yield Taken(*row)
    with connect(staged.database.dsn("worker")) as conn:
        conn.execute(
            "UPDATE cases SET state = 'closed', closed_at = now(), due_at = NULL WHERE id = %s", [row[0]]
        )


@pytest.fixture(autouse=True)
def as_it_was(rows: Callable[..., list[Any]]) -> Iterator[None]:
    """Whatever was chosen is chosen no more."""
    yield
    for table in ("retention_rule", "retention_exemption"):
        rows(f"DELETE FROM {table} RETURNING id")


@pytest.fixture(scope="module")
def program(staged: Stage) -> dict[str, str]:
    """The headers of a program that may do everything."""
    with connect(staged.database.dsn("owner")) as conn:
        secret = store.make_token(
            conn, staged.brand, "attacker", frozenset(ROLES), expires_at=None, made_by=None
        )[1]
    return {"Authorization": f"Bearer {secret}"}


def filled(route: str, known: dict[str, str]) -> str:
    """An address with ids in it; 1 for what is none of these."""
    return "/" + re.sub(r"[<{](?:\w+:)?(\w+)[>}]", lambda found: known.get(found[1], "1"), route.lstrip("/"))


def pages(taken: Taken) -> list[str]:
    """Every page, about that post and case where it is about one."""
    from django.urls import URLPattern

    from townhall.web.urls import urlpatterns

    known = {
        **FREE,
        "case_id": str(taken.case),
        "post_id": str(taken.post),
        "interaction_id": str(taken.post),
    }
    found = [filled(str(one.pattern), known) for one in urlpatterns if isinstance(one, URLPattern)]
    more = [
        "/inbox/?assignee=all", "/inbox/?assignee=all&state=closed", "/search/?q=Wren", f"/policy/try/?post={taken.post}",
        "/incidents/?state=closed", f"/case/{taken.case}/?kind=note", "/policy/rule/abuse/", "/figures/by/feelings/rows/?of=negative",
        "/figures/by/channels/rows/?of=1", "/figures/by/queues/rows/?of=deliveries", "/figures/posts_day/", "/figures/posts_day/rows.csv",
    ]  # fmt: skip
    return [*found, *more]


def operations(taken: Taken) -> list[str]:
    """Every reading of the API, about that post, thread and case where it is about one."""
    from townhall.web.api.site import document

    known = {
        **FREE,
        "case_id": str(taken.case),
        "interaction_id": str(taken.post),
        "thread_id": str(taken.thread),
        "table": "queues",
    }
    return [filled(path, known) for path, each in document()["paths"].items() if "get" in each]


def leaks(text: str) -> list[str]:
    return [mark for mark in MARKS if mark in text]


def gather(desk: Callable[[str], Person], taken: Taken, rows: Callable[..., list[Any]]) -> str:
    """The address of an incident that the case stands under."""
    desk(ANN).sends("/inbox/incident/", case=str(taken.case), title="Parcels that hang")
    ((number,),) = rows("SELECT incident FROM cases WHERE id = %s", taken.case)
    return f"/incident/{number}/"


def test_no_page_shows_what_is_withheld(
    desk: Callable[[str], Person], taken: Taken, rows: Callable[..., list[Any]]
) -> None:
    incident = gather(desk, taken, rows)
    ((stored,),) = rows("SELECT text FROM interaction WHERE id = %s", taken.post)
    ((snippet,),) = rows("SELECT snippet FROM cases WHERE id = %s", taken.case)
    assert AFTER in stored and BEFORE in snippet, "it is kept, and would show"
    for path in [*pages(taken), incident]:
        answer = desk(ANN).sees(path)
        assert answer.status_code < 500, path
        assert leaks(answer.text) == [], path
    for path, name in (("/search/?q=", "/case/{}/"), ("/inbox/?assignee=all&text=", "row-{}")):
        for mark in MARKS:
            assert name.format(taken.case) not in desk(ANN).sees(path + mark).text, (path, mark)
    rows("UPDATE cases SET incident = NULL WHERE id = %s RETURNING id", taken.case)
    case = f"/case/{taken.case}/"
    fields = {
        "kind": "public",
        "text": "It is on its way.",
        "seen_post": str(taken.post),
        "seen_at": "1",
        "reply_to": str(taken.post),
    }
    stopped = desk(BO).sends(f"{case}send/", **fields)
    assert "deleted" in stopped.text and leaks(stopped.text) == []
    for path, given in (("/policy/try/", {"post": str(taken.post)}), (f"/post/{taken.post}/translate/", {})):
        assert leaks(desk(ANN).sends(path, **given).text) == [], path
    assert desk(ANN).sees(f"/photo/{taken.post}/0/").status_code == 404


def test_no_program_is_told_what_is_withheld(
    desk: Callable[[str], Person], taken: Taken, program: dict[str, str]
) -> None:
    client = desk(BO).client
    read = [path for path in operations(taken) if "search" not in path]
    assert {
        f"/api/threads/{taken.thread}",
        f"/api/interactions/{taken.post}",
        f"/api/cases/{taken.case}",
    } <= set(read)
    for path in [
        *read,
        f"/api/interactions?thread={taken.thread}",
        f"/api/interactions?author={taken.person}",
        "/api/threads?limit=200",
    ]:
        answer = client.get(path, headers=program)
        assert answer.status_code < 500, path
        assert leaks(answer.text) == [], path
    for mark in MARKS:
        assert client.get(f"/api/search?q={mark}", headers=program).json()["items"] == []
    given = {
        "kind": "public",
        "text": "It is on its way.",
        "seen_post": str(taken.post),
        "seen_at": "2025-01-01T00:00:00Z",
    }
    stopped = client.post(f"/api/cases/{taken.case}/replies", headers=program, json=given)
    assert stopped.status_code < 500 and leaks(stopped.text) == []
    (post,) = client.get(f"/api/threads/{taken.thread}", headers=program).json()["posts"]
    assert (post["text"], post["edits"], post["photos"]) == ("", [], []) and post["deleted_at"]


def test_the_conversation_says_what_happened_and_who_may_do_what(
    desk: Callable[[str], Person], taken: Taken
) -> None:
    for who, offered in ((BO, False), (ANN, True)):
        page = desk(who).sees(f"/case/{taken.case}/").text
        assert "Deleted by its author" in page and WITHHELD in page
        assert ("Show it for this case" in page) is offered
        assert ("Compliance may show it" in page) is not offered
    refused = desk(BO).sends(
        f"/case/{taken.case}/deleted/{taken.post}/", choice="keep", reason="I want to know"
    )
    assert refused.status_code == 403
    assert (
        desk(BO).sends(CHOICES, channel="mastodon", choice="keep", basis="I want to", seen="0").status_code
        == 403
    )
    assert desk(BO).sees(CHOICES).status_code == 200
    assert 'name="basis"' not in desk(BO).sees(CHOICES).text


def test_the_firms_choice_holds_at_once_for_what_was_deleted_before(
    desk: Callable[[str], Person], taken: Taken, program: dict[str, str], rows: Callable[..., list[Any]]
) -> None:
    case, thread = f"/case/{taken.case}/", f"/api/threads/{taken.thread}"
    bare = desk(ANN).sends(CHOICES, channel="mastodon", choice="keep", basis=" ", seen="0")
    assert bare.status_code == 422 and "Say why" in bare.text and leaks(desk(BO).sees(case).text) == []
    done = desk(ANN).sends(
        CHOICES, channel="mastodon", choice="keep", basis="the records law asks for four years.", seen="0"
    )
    assert "Mastodon: deleted posts are shown on" in done.text
    shown = desk(BO).sees(case).text
    assert "Kept because the records law asks for four years." in shown
    assert AFTER in shown and BEFORE in shown and PICTURE not in shown, "pictures go with the post"
    (post,) = desk(BO).client.get(thread, headers=program).json()["posts"]
    assert AFTER in post["text"] and BEFORE in post["edits"][0]["text"] and post["photos"] == []
    for path in (
        "/inbox/?assignee=all",
        f"/routing/case/{taken.case}/",
        f"/policy/why/{taken.post}/",
        "/start/posts/",
    ):
        assert leaks(desk(ANN).sees(path).text) == [], "lists and explanations never do"
    late = desk(ANN).sends(CHOICES, channel="mastodon", choice="withhold", basis="", seen="0")
    assert late.status_code == 422 and "Somebody chose for this channel" in late.text
    ((seen,),) = rows("SELECT max(id) FROM retention_rule")
    desk(ANN).sends(CHOICES, channel="mastodon", choice="withhold", basis="", seen=str(seen))
    assert leaks(desk(BO).sees(case).text) == [] and WITHHELD in desk(BO).sees(case).text
    history = desk(BO).sees(CHOICES).text.split('id="made"')[1]
    assert history.index("withheld") < history.index("the records law") and history.count("Ann Ferrer") == 2


def test_an_exception_for_one_post_is_said_to_all_and_undone(
    desk: Callable[[str], Person], taken: Taken, rows: Callable[..., list[Any]]
) -> None:
    case, place = f"/case/{taken.case}/", f"/case/{taken.case}/deleted/{taken.post}/"
    assert "Say why" in desk(ANN).sends(place, choice="keep", reason="").text
    assert "already" in desk(ANN).sends(place, choice="withhold", reason="Once more").text
    assert (
        "Shown to those" in desk(ANN).sends(place, choice="keep", reason="the ombudsman asks about it").text
    )
    page = desk(BO).sees(case).text
    assert "Shown by Ann Ferrer: the ombudsman asks about it." in page and AFTER in page and BEFORE in page
    assert "Take back" not in page.split("the ombudsman asks")[1].split("</article>")[0]
    assert "Take that back first" in desk(ANN).sends(place, choice="withhold", reason="Twice").text
    for path in ("/inbox/?assignee=all", f"/search/?q={AFTER}"):
        assert f"shop says {AFTER}" not in desk(ANN).sees(path).text
    ((exemption,),) = rows("SELECT id FROM retention_exemption WHERE undone_at IS NULL")
    undo = f"/case/{taken.case}/deleted/undo/{exemption}/"
    assert desk(BO).sends(undo).status_code == 403
    assert "Taken back" in desk(ANN).sends(undo).text
    assert leaks(desk(BO).sees(case).text) == []
    assert desk(ANN).sends(undo).status_code == 404


def test_another_brand_sees_nothing_of_it_and_its_choice_touches_nothing(
    desk: Callable[[str], Person], taken: Taken, staged: Stage, rows: Callable[..., list[Any]]
) -> None:
    rows(
        "INSERT INTO retention_rule (brand_id, channel, choice, basis, replaces, staff_id, made_by, made_at)"
        " VALUES (%s, 'mastodon', 'keep', 'the law of the brook', 0, 1, 'Somebody', now()) RETURNING id",
        staged.empty_brand,
    )
    assert leaks(desk(BO).sees(f"/case/{taken.case}/").text) == []
    assert "the law of the brook" not in desk(ANN).sees(CHOICES).text
    assert "the law of the brook" in desk(CY).sees(CHOICES).text
    assert desk(CY).sees(f"/case/{taken.case}/").status_code == 404
    assert (
        desk(CY).sends(f"/case/{taken.case}/deleted/{taken.post}/", choice="keep", reason="x").status_code
        == 403
    )
    rows(
        "UPDATE membership SET roles = '{agent,compliance}' WHERE brand_id = %s AND roles = '{agent}' RETURNING id",
        staged.empty_brand,
    )
    try:
        refused = desk(CY).sends(f"/case/{taken.case}/deleted/{taken.post}/", choice="keep", reason="x")
        assert refused.status_code == 404 and leaks(refused.text) == []
    finally:
        rows("UPDATE membership SET roles = '{agent}' WHERE roles = '{agent,compliance}' RETURNING id")


def test_what_is_no_post_no_channel_and_no_choice_changes_nothing(
    desk: Callable[[str], Person], taken: Taken
) -> None:
    assert desk(BO).sends(f"/case/{taken.case}/deleted/undo/1/").status_code == 403
    assert (
        desk(ANN).sends(f"/case/{taken.case}/deleted/99999999/", choice="keep", reason="x").status_code == 404
    )
    assert desk(ANN).sends(CHOICES, channel="pigeon", choice="keep", basis="x").status_code == 422
    assert desk(ANN).sends(CHOICES, channel="x", choice="burn", basis="x").status_code == 422
    assert desk(ANN).sends(CHOICES, channel="x", choice="keep", basis="x" * 301).status_code == 422


@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (360, "dark")])
def test_how_it_looks(
    visit: Callable[..., Any], desk: Callable[[str], Person], taken: Taken, width: int, theme: str
) -> None:
    page = visit(f"/case/{taken.case}/", width=width, theme=theme)
    page.locator(f"#post-{taken.post} .doing summary").click()
    judge(page, width, "withheld")
    desk(ANN).sends(
        f"/case/{taken.case}/deleted/{taken.post}/", choice="keep", reason="the ombudsman asks about it"
    )
    page.reload()
    judge(page, width, "shown")
    page.goto(page.url.split("/case/")[0] + CHOICES)
    page.locator("#id_channel").select_option("mastodon")
    page.locator("#id_choice").select_option("keep")
    page.locator("#choose button").click()
    page.wait_for_selector("[role=alert]")
    judge(page, width, "refused")
    page.locator("#id_basis").fill("the records law asks us to keep complaints for four years")
    page.locator("#choose button").click()
    page.wait_for_selector("#made td")
    page.reload()
    judge(page, width, "chosen")
