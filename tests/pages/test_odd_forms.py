"""What no page of ours sends is refused in words, never a failure: a NUL, a number beyond any column, digits that are none."""

from collections.abc import Callable

import pytest
from desk_person import Person
from stage_house import ANN

pytestmark = [pytest.mark.browser, pytest.mark.database]
HUGE, ENDLESS = "9" * 30, "9" * 5_000


@pytest.mark.parametrize(
    ("path", "given"),
    [
        ("/channels/aside/act/", {"again": HUGE}),
        ("/channels/aside/act/", {"again": "²"}),
        ("/people/tokens/", {"name": "a\0b", "roles": "agent"}),
        ("/inbox/many/", {"case": "1", "to": ENDLESS}),
        ("/case/1/assign/", {"version": ENDLESS}),
        ("/case/1/send/", {"kind": "public", "text": "x", "seen_post": HUGE}),
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
    ],
)
def test_an_address_that_no_page_links_is_refused(desk: Callable[[str], Person], path: str) -> None:
    assert desk(ANN).client.get(path).status_code in (404, 422)
