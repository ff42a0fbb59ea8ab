"""What a field is described by stands on its page, with errors and without; and each role is linked where it may go."""

import re
from collections.abc import Callable, Iterator
from html import unescape
from typing import Any

import pytest
from desk_person import Person
from stage_house import ANN, BO, Stage

from townhall.people.logic import ROLES

pytestmark = [pytest.mark.browser, pytest.mark.database]
LONG = "x" * 3000
FORMS: dict[str, dict[str, str]] = {
    "/settings/": {"zone": "Nowhere/Else", "theme": "loud"},
    "/people/": {"email": "nobody"},
    "/notices/": {"address": LONG},
    "/channels/connect/?kind=mastodon": {"handle": ""},
    "/channels/connect/?kind=webhook": {"handle": ""},
    "/channels/import/": {"account": ""},
    "/start/brand/": {"slug": "Not A Slug"},
    "/terms/": {"text": ""},
    "/answers/": {"name": ""},
    "/articles/write/": {"title": ""},
    "/articles/import/": {},
    "/settings/retention/": {"treatment": "loud"},
    "/settings/own-systems/": {"address": ""},
    "/settings/translation/": {"address": ""},
    "/routing/rules/": {"weights": "?"},
    "/figures/send/": {"to": "99999"},
    "/accounts/login/": {"login": ""},
    "/accounts/reauthenticate/": {"password": "wrong"},
}
"""Page → what it refuses."""


def undescribed(page: str) -> list[str]:
    """The ids that fields of a page are described by and that the page has not."""
    ids = set(re.findall(r'\sid="([^"]+)"', page))
    named = " ".join(re.findall(r'aria-describedby="([^"]+)"', page)).split()
    return [one for one in named if one not in ids]


@pytest.fixture
def operating(rows: Callable[..., list[Any]]) -> Iterator[None]:
    """Ann may make brands meanwhile."""
    put = "UPDATE staff SET operator = %s WHERE email = %s RETURNING 1"
    rows(put, True, ANN)
    yield
    rows(put, False, ANN)


@pytest.mark.parametrize("path", FORMS)
def test_what_describes_a_field_stands_on_its_page(
    desk: Callable[[str], Person], operating: None, path: str
) -> None:
    ann = desk(ANN)
    asked = ann.client.get(path)
    refused = ann.sends(path, **FORMS[path])
    assert (asked.status_code, undescribed(asked.text)) == (200, [])
    assert (refused.status_code in (200, 422), undescribed(refused.text)) == (True, [])


def test_a_fields_fault_and_hint_are_read_with_it(desk: Callable[[str], Person]) -> None:
    page = desk(ANN).sends("/settings/", zone="Nowhere/Else").text
    named = re.search(r'<input[^>]*name="zone"[^>]*aria-describedby="([^"]+)"', page)
    assert named and named[1].split() == ["id_zone_helptext", "id_zone_error"]
    assert re.search(r'id="id_zone_error">That is no time zone', page)


@pytest.mark.parametrize("role", ROLES)
def test_each_role_may_open_every_setting_it_is_shown(
    desk: Callable[[str], Person], rows: Callable[..., list[Any]], staged: Stage, role: str
) -> None:
    bo, put = (
        desk(BO),
        (
            "UPDATE membership SET roles = %s WHERE brand_id = %s"
            " AND staff_id = (SELECT id FROM staff WHERE email = %s) RETURNING 1"
        ),
    )
    rows(put, [role], staged.brand, BO)
    try:
        shown = bo.client.get("/settings/").text + bo.client.get("/settings/find/").text
        links = {unescape(one).partition("#")[0] for one in re.findall(r'<a [^>]*href="(/[^"]*)"', shown)}
        closed = {path: status for path in links if (status := bo.client.get(path).status_code) != 200}
    finally:
        rows(put, ["agent"], staged.brand, BO)
    assert len(links) > 8 and closed == {}
