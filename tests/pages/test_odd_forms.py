"""What no page of ours sends is refused in words, never a failure: a NUL, a number beyond any column, digits that are none."""

from collections.abc import Callable
from typing import Any

import pytest
from desk_person import Person, free_case
from stage_house import ANN

pytestmark = [pytest.mark.browser, pytest.mark.database]
HUGE, ENDLESS = "9" * 30, "9" * 5_000
LAST = str((1 << 63) - 1)
"""What a column keeps and no calendar knows, as a moment."""


@pytest.mark.parametrize(
    ("path", "given"),
    [
        ("/channels/aside/act/", {"again": HUGE}),
        ("/channels/aside/act/", {"again": "²"}),
        ("/people/tokens/", {"name": "a\0b", "roles": "agent"}),
        ("/inbox/many/", {"case": "1", "to": ENDLESS}),
        ("/duty/", {"do": f"on {ENDLESS}"}),
        ("/channels/aside/act/", {"again_all": "a\0b"}),
        ("/articles/write/", {"title": "a\0b", "url": "https://help.example.org/", "text": "x"}),
        (f"/articles/{HUGE}/retire/", {}),
        (f"/articles/undo/{HUGE}/", {}),
    ],
)
def test_a_form_that_no_page_sends_is_refused(
    desk: Callable[[str], Person], path: str, given: dict[str, str]
) -> None:
    assert desk(ANN).sends(path, **given).status_code in (404, 422)


@pytest.mark.parametrize(
    "path",
    [
        "/policy/try/?post=²",
        "/policy/versions/?after=²",
        "/unsure/?after=²",
        f"/channels/{HUGE}/",
        f"/articles/{HUGE}/",
        f"/articles/?after={HUGE}.a",
        f"/case/{HUGE}/articles/",
        f"/inbox/?assignee={HUGE}",
        f"/inbox/?cursor=r.{ENDLESS}.1",
        f"/inbox/?cursor=r.{LAST}.1",
        f"/inbox/?cursor=r.1.{ENDLESS}",
        f"/approvals/?cursor={ENDLESS}.1",
        f"/approvals/?cursor={LAST}.1",
        f"/incidents/?cursor={ENDLESS}",
    ],
)
def test_an_address_that_no_page_links_is_refused(desk: Callable[[str], Person], path: str) -> None:
    assert desk(ANN).client.get(path).status_code in (404, 422)


@pytest.mark.parametrize(
    ("act", "given"),
    [
        ("act/assign", {"to": ENDLESS}),
        ("act/assign", {"to": "1", "version": ENDLESS}),
        ("act/snooze", {"until": ENDLESS}),
        ("act/snooze", {"until": LAST}),
        ("act/merge", {"other": HUGE}),
        ("send", {"kind": "public", "text": "x", "seen_post": HUGE}),
        ("send", {"kind": "public", "text": "x", "reply_to": ENDLESS}),
    ],
)
def test_an_act_on_a_case_with_a_number_beyond_all_is_refused(
    desk: Callable[[str], Person], rows: Callable[..., list[Any]], act: str, given: dict[str, str]
) -> None:
    case = free_case(rows, 0)
    before = rows("SELECT version FROM cases WHERE id = %s", case)
    assert desk(ANN).sends(f"/case/{case}/{act}/", **given).status_code == 422
    assert rows("SELECT version FROM cases WHERE id = %s", case) == before


@pytest.mark.parametrize("before", [f"{ENDLESS}.1", f"1.{ENDLESS}", f"{LAST}.1", "²"])
def test_earlier_posts_of_no_place_are_refused(
    desk: Callable[[str], Person], rows: Callable[..., list[Any]], before: str
) -> None:
    assert desk(ANN).client.get(f"/case/{free_case(rows, 0)}/?before={before}").status_code == 422


def test_a_mark_of_no_list_counts_as_none(desk: Callable[[str], Person]) -> None:
    assert desk(ANN).client.get(f"/inbox/news/?mark={ENDLESS}").status_code == 200
