"""What no page of ours sends is refused in words, never a failure: a NUL, a number beyond any column, digits that are none."""

from collections.abc import Callable

import pytest
from desk_person import Person
from stage_house import ANN

pytestmark = [pytest.mark.browser, pytest.mark.database]
HUGE = "9" * 30


@pytest.mark.parametrize(
    ("path", "given"),
    [
        ("/channels/aside/act/", {"again": HUGE}),
        ("/channels/aside/act/", {"again": "²"}),
        ("/people/tokens/", {"name": "a\0b", "roles": "agent"}),
        ("/channels/aside/act/", {"again_all": "a\0b"}),
    ],
)
def test_a_form_that_no_page_sends_is_refused(
    desk: Callable[[str], Person], path: str, given: dict[str, str]
) -> None:
    assert desk(ANN).sends(path, **given).status_code in (404, 422)


@pytest.mark.parametrize(
    "path", ["/policy/try/?post=²", "/policy/versions/?after=²", "/unsure/?after=²", f"/channels/{HUGE}/"]
)
def test_an_address_that_no_page_links_is_refused(desk: Callable[[str], Person], path: str) -> None:
    assert desk(ANN).client.get(path).status_code in (404, 422)
