"""On the pages of settings ``/`` finds a setting by its name, among those that the person may open."""

from collections.abc import Callable
from typing import Any

import pytest
from desk_person import Person
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from stage_house import ANN, BO, CY

from townhall.web.pages.settings_index import Setting, matching

pytestmark = [pytest.mark.browser, pytest.mark.database]

word = some.sampled_from(["theme", "them", "keys", "duty"])
words = some.lists(word, max_size=3).map(" ".join)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(some.lists(some.builds(Setting, words, words, some.just("/")), max_size=8), words)
def test_found_is_exactly_what_holds_every_word_and_names_come_first(
    known: list[Setting], query: str
) -> None:
    found, asked = matching(known, query), query.split()
    in_name = [all(one in each.name for one in asked) for each in found]
    assert in_name == sorted(in_name, reverse=True)
    fit = [each for each in known if all(one in each.name or one in each.also for one in asked)]
    assert sorted(map(id, found)) == sorted(map(id, fit))


def test_slash_leads_to_a_setting_by_keyboard_alone(visit: Callable[..., Any]) -> None:
    page = visit("/duty/")
    page.keyboard.press("/")
    page.keyboard.type("theme")
    page.keyboard.press("Enter")
    page.wait_for_url("**/settings/#id_theme")
    assert page.evaluate("document.activeElement.id") == "id_theme"
    page.goto(page.url.split("/settings")[0] + "/channels/")
    page.keyboard.press("/")
    page.keyboard.type("connect")
    page.keyboard.press("Enter")
    page.wait_for_url("**/settings/find/**")
    assert page.get_by_role("link", name="Connect Mastodon").is_visible()
    page.goto(page.url.split("/settings")[0] + "/inbox/")
    page.keyboard.press("/")
    page.keyboard.type("theme")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/?q=theme")


def test_only_what_one_may_open_is_found_and_every_address_opens(desk: Callable[[str], Person]) -> None:
    def names(who: str) -> dict[str, str]:
        page = desk(who).client.get("/settings/find/").text.partition('<ul class="places">')[2]
        part = page.partition("</main>")[0].rpartition("</ul>")[0]
        found = (one.split('"', 1) for one in part.split('href="')[1:])
        return {rest.split(">")[1].split("<")[0]: url for url, rest in found}

    ann, bo, cy = names(ANN), names(BO), names(CY)
    assert {"Roles", "Connect X", "Rules for all queues", "Queue Complaints"} <= set(ann)
    assert not {"Roles", "Connect X", "Rules for all queues", "Queue Complaints"} & set(bo)
    assert any(name.startswith("Mastodon ") for name in bo) and not any(
        name.startswith("Mastodon ") for name in cy
    )
    for who, found in ((ANN, ann), (BO, bo)):
        for name, url in found.items():
            assert desk(who).client.get(url.split("#")[0]).status_code == 200, name
    for url in ann.values():
        path, _, place = url.partition("#")
        assert not place or f'id="{place}"' in desk(ANN).client.get(path).text, url


def test_what_nothing_is_called_offers_both_ways_on(desk: Callable[[str], Person]) -> None:
    page = desk(BO).client.get("/settings/find/?q=no+such+thing+%3Cb%3E").text
    assert "No setting is called “no such thing &lt;b&gt;”" in page and 'href="/search/?q=no%20such' in page
