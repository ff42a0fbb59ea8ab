"""A relative time gives the whole moment to mouse, keyboard, finger and screen reader, wherever it stands."""

import re
from collections.abc import Callable
from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.database]
WHOLE = re.compile(r"^\w{3} \d{1,2} \w{3} \d{4}, \d\d:\d\d \w+$")
SHORT = re.compile(
    r"ago$|^just now$|^\d\d:\d\d$|^\w{3} \d\d:\d\d$|^\d{1,2} \w{3}( \d{4})?$|^\w{3} \d{1,2} \w{3} \d{4}$"
)
PAGES = (
    "/inbox/?assignee=all",
    "/search/?q=signal",
    "/channels/",
    "/channels/aside/",
    "/routing/",
    "/policy/",
    "/start/posts/",
)


def seen(page: Any, place: int = 0) -> str:
    """What is painted of a time, which the clipped part is not."""
    return str(
        page.locator("main time[tabindex]")
        .nth(place)
        .evaluate(
            "(n) => [...n.children].filter((c) => c.getBoundingClientRect().width > 1 && getComputedStyle(c).display !== 'none')"
            ".map((c) => c.textContent).join('|')"
        )
    )


@pytest.mark.parametrize("path", PAGES)
def test_every_short_time_has_its_whole(visit: Callable[..., Any], path: str) -> None:
    page = visit(path)
    times = page.eval_on_selector_all(
        "time[datetime]",
        "(found) => found.map((n) => [n.querySelector('.short')?.textContent ?? '', n.querySelector('.whole')?.textContent ?? n.textContent,"
        " n.title, n.tabIndex, !!n.parentElement.closest('a, button, summary'), n.querySelector('.short')?.ariaHidden])",
    )
    assert times
    for short, whole, title, stop, inside, hidden in times:
        assert WHOLE.match(whole), whole
        if short:
            assert SHORT.search(short) and title == whole and hidden == "true"
            assert stop == (-1 if inside else 0), (short, "a stop within a stop, or none at all")


def test_the_keyboard_and_a_finger_reach_it(visit: Callable[..., Any], chromium: Any) -> None:
    page = visit("/search/?q=signal")
    assert SHORT.search(seen(page))
    page.locator("main time[tabindex]").first.focus()
    assert WHOLE.match(seen(page))
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.tagName") == "TIME":
            break
    assert page.evaluate("getComputedStyle(document.activeElement).outlineWidth") == "2px"
    state = page.context.storage_state()
    touch = chromium.new_context(viewport={"width": 360, "height": 740}, has_touch=True, storage_state=state)
    phone = touch.new_page()
    phone.goto(page.url)
    phone.locator("main time[tabindex]").first.tap()
    assert WHOLE.match(seen(phone)), "a tap is enough"
    assert phone.evaluate("document.documentElement.scrollWidth") <= 360
    touch.close()


def test_within_a_row_it_shows_when_the_row_has_the_focus(visit: Callable[..., Any]) -> None:
    page = visit("/inbox/?assignee=all")
    row = page.locator("#rows .row:has(time)").first
    row.scroll_into_view_if_needed()
    height, clock = row.evaluate("(n) => [n.offsetHeight, n.querySelector('.clock').offsetWidth]")
    page.keyboard.press("j")
    while not page.evaluate("!!document.activeElement.querySelector?.('time')"):
        page.keyboard.press("j")
    whole = page.evaluate("document.activeElement.querySelector('.whole').getBoundingClientRect().width")
    assert (
        whole > 100 and page.evaluate("document.activeElement.querySelector('.clock').offsetWidth") == clock
    )
    assert page.evaluate("document.activeElement.offsetHeight") == height


def test_a_screen_reader_hears_the_whole_moment(visit: Callable[..., Any]) -> None:
    page = visit("/search/?q=signal")
    heard = page.locator("article.post").first.aria_snapshot()
    whole = page.locator("article.post .meta time").first.get_attribute("title")
    assert whole in heard and not re.search(r"min ago|\bago\b", heard)
