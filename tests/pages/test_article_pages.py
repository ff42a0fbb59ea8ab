"""Articles on the pages: written, imported, taken back; and beside a conversation, where a key puts one into the reply."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from desk_person import Person, free_case
from patience import until
from stage_house import ANN, BO, CY, Stage

pytestmark = [pytest.mark.browser, pytest.mark.database]
HELP = "https://help.fernhill.example"


@pytest.fixture
def said(rows: Callable[..., list[Any]]) -> Iterator[Callable[[str], int]]:
    """``said("words")``: a case of a public thread whose message that matters says just that, for the time of the test."""
    ((case, post),) = rows(
        "SELECT id, latest_post FROM cases WHERE id = %s", free_case(rows, 6)
    )  # fmt: skip
    before = rows("SELECT text, language FROM interaction WHERE id = %s", post)[0]

    def say(words: str, language: str = "en") -> int:
        rows(
            "UPDATE interaction SET text = %s, language = %s WHERE id = %s RETURNING id",
            words,
            language,
            post,
        )
        return int(case)

    yield say
    say(*before)
    rows("DELETE FROM draft WHERE case_id = %s RETURNING id", case)


def test_by_key_an_article_goes_into_the_reply(
    visit: Callable[..., Any], rows: Callable[..., list[Any]], said: Callable[..., int]
) -> None:
    case = said("My phone says emergency calls only, no signal in all of Harwick. Is there an outage?")
    page = visit(f"/case/{case}/?assignee=all")
    page.wait_for_selector("#articles [data-put-article]")
    assert "No signal" in page.inner_text("#articles") and "shares" in page.inner_text("#articles")
    page.fill("#box", "Hello.  We will write here.")
    page.evaluate("document.getElementById('box').setSelectionRange(7, 7)")
    page.locator("#person-name").focus()
    page.keyboard.press("k")
    until(page, "document.activeElement.matches('#articles li:first-child [data-put-article]')")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    text = page.input_value("#box")
    assert (
        text.startswith("Hello. No signal")
        and f"{HELP}/signal" in text
        and text.endswith("We will write here.")
    )
    assert page.evaluate("document.activeElement.id") == "box"
    for _ in range(100):  # the draft of before may be on its way still
        if (kept := rows("SELECT text FROM draft WHERE case_id = %s", case)) == [(text,)]:
            break
        page.wait_for_timeout(100)
    assert kept == [(text,)]
    assert rows("SELECT count(*) FROM release WHERE case_id = %s", case) == [(0,)]


def test_in_the_list_k_still_moves_and_the_menu_knows_the_articles(
    visit: Callable[..., Any], said: Callable[..., int]
) -> None:
    page = visit(f"/case/{said('The light on my router blinks orange. What does it mean?')}/?assignee=all")
    page.wait_for_selector("#articles [data-put-article]")
    page.locator("#rows .row").nth(2).focus()
    page.keyboard.press("k")
    until(page, "document.activeElement === document.querySelectorAll('#rows .row')[1]")
    page.keyboard.press("Control+k")
    page.keyboard.type("articles")
    until(
        page,
        "[...document.querySelectorAll('#command-list a span')].some((n) => n.textContent === 'Articles that answer it')",
    )
    assert "opens" not in page.inner_text("#articles")
    link = page.locator("#articles a[target=_blank]").first
    assert link.get_attribute("rel") == "noreferrer noopener" and link.get_attribute("href").startswith(HELP)


def test_where_nothing_answers_it_says_so(visit: Callable[..., Any], said: Callable[..., int]) -> None:
    page = visit(f"/case/{said('Comparing two bands tonight, who is better live?')}/?assignee=all")
    page.wait_for_selector("#articles p:has-text('No article seems to answer this')")
    page.locator("#person-name").focus()
    page.keyboard.press("k")
    until(page, "document.activeElement.matches('#articles a')")


def test_writing_retiring_and_undo(visit: Callable[..., Any], rows: Callable[..., list[Any]]) -> None:
    page = visit("/articles/write/")
    page.fill("[name=title]", "Return a kettle")
    page.fill("[name=url]", "http://help.fernhill.example/kettle")
    page.click("text=Add the article >> visible=true")
    assert "The address begins with https://." in page.inner_text("[role=alert]")
    page.fill("[name=url]", f"{HELP}/kettle")
    page.click("button:has-text('Add the article')")
    page.wait_for_url("**/articles/")
    assert "Return a kettle" in page.inner_text("#work")
    page.click(".article-list li:has-text('Return a kettle') button:has-text('Retire')")
    page.wait_for_selector("[data-passing]")
    assert page.locator(".article-list li:has-text('Return a kettle')").count() == 0
    page.click("[data-passing] button")
    page.wait_for_selector(".article-list li:has-text('Return a kettle')")
    page.click(".article-list a:has-text('Return a kettle')")
    page.fill("[name=text]", "Kettles come back within 30 days.")
    page.click("button:has-text('Keep the new words')")
    page.wait_for_selector("[data-passing]")
    acts = rows(
        "SELECT c.act, c.undone_at IS NOT NULL FROM article_change c JOIN article a ON a.id = c.article_id"
        " WHERE a.url = %s ORDER BY c.id", f"{HELP}/kettle",
    )  # fmt: skip
    assert acts == [("added", False), ("retired", True), ("changed", False)]


def test_an_import_says_what_came_of_it(visit: Callable[..., Any]) -> None:
    page = visit("/articles/import/")
    lines = [{"title": f"Tea {n}", "url": f"{HELP}/tea/{n}", "text": "Leaves and water."} for n in range(3)]
    raw = "\n".join(map(json.dumps, [*lines, {"title": "Bad", "url": "ftp://x"}])).encode()
    for said in (
        "3 added · 0 changed · 0 known as they are · 1 rejected",
        "0 added · 0 changed · 3 known as they are · 1 rejected",
    ):
        page.set_input_files("[name=file]", {"name": "a.jsonl", "mimeType": "text/plain", "buffer": raw})
        page.click("button:has-text('Import into')")
        page.wait_for_selector("#rejected")
        assert said in page.inner_text("#work")
        assert "4" in page.inner_text("#rejected") and "https://" in page.inner_text("#rejected")
    page.set_input_files("[name=file]", {"name": "a.csv", "mimeType": "text/plain", "buffer": b"a,b\n1,2\n"})
    page.click("button:has-text('Import into')")
    page.wait_for_selector("[role=alert]")
    assert "no column “title”" in page.inner_text("[role=alert]")


def test_bo_reads_and_cy_sees_nothing(desk: Callable[[str], Person], rows: Callable[..., list[Any]]) -> None:
    id, change = rows(
        "SELECT a.id, min(c.id) FROM article a JOIN article_change c ON c.article_id = a.id WHERE a.url = %s GROUP BY a.id",
        f"{HELP}/bill",
    )[0]  # fmt: skip
    case = free_case(rows, 0)
    assert desk(BO).sees(f"/articles/{id}/").status_code == 200
    assert "Keep the new words" not in desk(BO).sees(f"/articles/{id}/").text
    for path in ("/articles/write/", "/articles/import/"):
        assert desk(BO).sees(path).status_code == 403
    given = {"title": "Mine", "url": f"{HELP}/bill", "text": "", "language": ""}
    for path in (
        f"/articles/{id}/",
        "/articles/write/",
        f"/articles/{id}/retire/",
        f"/articles/undo/{change}/",
    ):
        assert desk(BO).sends(path, **given).status_code == 403, path
    for path in (f"/articles/{id}/", f"/case/{case}/articles/"):
        assert desk(CY).sees(path).status_code == 404, path
    assert "Why a bill" not in desk(CY).sees("/articles/").text
    assert "Why a bill" in desk(ANN).sees("/articles/?q=bill").text
    assert rows("SELECT title, retired_at FROM article WHERE id = %s", id)[0][1] is None


def test_pages_of_the_list_and_words_that_nothing_holds(desk: Callable[[str], Person], staged: Stage) -> None:
    page = desk(ANN).sees("/articles/?q=xyzzy").text
    assert "No article holds “xyzzy”" in page and "Without “xyzzy”" in page
    assert desk(ANN).sees("/articles/?after=odd").status_code == 422
    assert desk(ANN).sees("/articles/?state=retired").status_code == 200
    assert "No article yet" in desk(CY).sees("/articles/").text
