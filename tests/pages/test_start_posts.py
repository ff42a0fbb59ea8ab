"""The first value of a set-up: one's newest posts with what was understood and decided, and nobody else's."""

import html
import re
from collections.abc import Callable
from typing import Any

import pytest
from desk_person import Person
from stage_house import ANN, BO, CY, Stage

from townhall.web.pages.policy_words import decided

pytestmark = [pytest.mark.browser, pytest.mark.database]


def test_the_newest_posts_stand_with_what_was_decided(
    desk: Callable[[str], Person], rows: Callable[..., list[Any]], staged: Stage
) -> None:
    page = desk(BO).client.get("/start/posts/").text
    stored = rows(
        "SELECT id, effect, rule FROM (SELECT * FROM interaction WHERE brand_id = %s AND direction = 'in' ORDER BY id DESC LIMIT 200) i"
        " ORDER BY published_at DESC, id DESC",
        staged.brand,
    )
    lines = page.split("<tbody>")[1].split("<tr>")[1:]
    assert len(lines) == len(stored) > 50
    for (post, effect, rule), line in zip(stored, lines, strict=True):
        shown = html.unescape(line)
        assert (
            f'href="/policy/why/{post}/"' in shown
            and f'data-head="Decided"><span>{decided(effect)}<' in shown
        )
        assert f">{f'Rule {rule}'.replace('-', ' ') if rule else 'No rule matches'}<span" in shown
        assert f'href="/post/{post}/read/"' in shown and "Not right?" in shown
        assert (" priority</span>" in shown) == (effect not in ("no_answer", "hide", "report"))
    silent = sum(effect in ("no_answer", "hide", "report") for _, effect, _ in stored)
    counted = re.search(r"Newest (\d+), by time: </span>(\d+) to act on, (\d+) left unanswered", page)
    assert counted and [int(one) for one in counted.groups()] == [len(stored), len(stored) - silent, silent]


def test_a_feeling_that_is_a_guess_is_called_unsure(
    desk: Callable[[str], Person], rows: Callable[..., list[Any]], staged: Stage
) -> None:
    post, certainty = rows(
        "SELECT id, certainty FROM interaction WHERE brand_id = %s AND direction = 'in' AND sentiment < 0 AND certainty >= 0.5"
        " AND deleted_at IS NULL ORDER BY id DESC LIMIT 1", staged.brand,
    )[0]  # fmt: skip

    def line() -> str:
        page = desk(BO).client.get("/start/posts/").text
        return next(one for one in page.split("<tr>") if f"/policy/why/{post}/" in one)

    assert ">Unhappy" in line() and "Of unsure feeling" not in line()
    rows("UPDATE interaction SET certainty = 0.49 WHERE id = %s RETURNING 1", post)
    assert "Of unsure feeling" in line() and ">Unhappy" not in line()
    rows("UPDATE interaction SET certainty = %s WHERE id = %s RETURNING 1", certainty, post)


def test_deleted_words_are_not_shown_and_a_new_brand_is_led_on(
    desk: Callable[[str], Person], rows: Callable[..., list[Any]], staged: Stage
) -> None:
    ((post, text),) = rows(
        "SELECT id, text FROM interaction WHERE brand_id = %s AND direction = 'in' AND text <> '' ORDER BY id DESC LIMIT 1",
        staged.brand,
    )
    rows(
        "UPDATE interaction SET deleted_at = now(), text = 'once only words' WHERE id = %s RETURNING 1", post
    )
    page = desk(ANN).client.get("/start/posts/").text
    rows("UPDATE interaction SET deleted_at = NULL, text = %s WHERE id = %s RETURNING 1", text, post)
    assert "Deleted by its author" in page and "once only words" not in page
    empty = desk(CY).client.get("/start/posts/").text
    assert "Nothing has come in yet" in empty and "/policy/why/" not in empty
