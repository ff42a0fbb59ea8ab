"""What finds nothing offers its parts to be left out, each with what there would be then."""

from collections.abc import Callable
from typing import Any

import pytest
from desk_person import Person
from stage_house import ANN, Stage

pytestmark = [pytest.mark.browser, pytest.mark.database]


def test_a_search_that_finds_nothing_is_one_press_from_one_that_does(visit: Callable[..., Any]) -> None:
    page = visit("/search/?q=signal+parrotfish")
    assert "Nothing found for “signal parrotfish”" in page.inner_text("main")
    button = page.get_by_role("link", name="Without “parrotfish”")
    told = button.inner_text()
    button.click()
    assert page.locator("article.post").count() == min(
        int(told.split("”")[1].split("post")[0].strip().rstrip("+")), 25
    )
    page.goto(page.url.split("?")[0] + "?q=parrotfish")
    assert "Fewer words find nothing either" in page.inner_text("main")


def test_a_filter_that_shows_nothing_says_what_each_part_hides(
    desk: Callable[[str], Person], rows: Callable[..., list[Any]], staged: Stage, visit: Callable[..., Any]
) -> None:
    ((queue,),) = rows(
        "SELECT queue FROM cases WHERE brand_id = %s AND state = 'open' GROUP BY 1 ORDER BY count(*) DESC LIMIT 1",
        staged.brand,
    )
    page = visit(f"/inbox/?assignee=all&queue={queue}&text=parrotfish")
    words = page.locator(".looser a", has_text="Words: parrotfish")
    shown = int(words.locator(".count").inner_text().split()[0].replace(",", ""))
    assert (
        shown > 0
        and page.locator(".looser a", has_text=f"Queue: {queue}").locator(".count").inner_text() == "0 cases"
    )
    words.click()
    page.wait_for_url(lambda url: "parrotfish" not in url)
    assert page.locator("#rows .row").count() == min(shown, 50)
    assert desk(ANN).client.get("/inbox/?state=closed&text=parrotfish").text.count('class="looser"') == 1


def test_offers_cost_a_bounded_number_of_questions(
    desk: Callable[[str], Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    import psycopg

    sent: list[Any] = []
    real = psycopg.Cursor.execute

    def spy(self: Any, query: Any, *more: Any, **words: Any) -> Any:
        sent.append(query)
        return real(self, query, *more, **words)

    def asked(path: str) -> int:
        with monkeypatch.context() as patch:
            patch.setattr(psycopg.Cursor, "execute", spy)
            sent.clear()
            assert desk(ANN).client.get(path).status_code == 200
        return len(sent)

    full = asked("/inbox/")
    every = "text=a&queue=b&channel=c&reason=d&language=e&state=closed&assignee=mine"
    assert asked(f"/inbox/?{every}") <= full + 7
    assert asked("/search/?q=" + "+".join(f"parrot{n}" for n in range(40))) <= full + 50
