"""Starter policies are shown on the brand's own posts, with what each would really do; another brand's stay out of it."""

import html
import re
from collections.abc import Callable
from typing import Any

import pytest
from desk_person import Person
from msgspec.structs import replace
from stage_house import ANN, BO, CY, Stage

from townhall.database.connect import connect
from townhall.desk import policy_use
from townhall.flow import replay
from townhall.people.doors import Asker
from townhall.policy import library
from townhall.policy.logic import judge, parse_policy
from townhall.vault import open_keys
from townhall.web.pages.policy_words import decided

READER = Asker(staff_id=1, name="Ann", brand_id=0, brand_slug="", roles=frozenset({"agent"}))
pytestmark = [pytest.mark.database, pytest.mark.browser]


def ann(staged: Stage) -> Asker:
    return replace(READER, brand_id=staged.brand)


def section(page: str, name: str) -> str:
    return page.split(f'id="starter-{name}"')[1].split("</section>")[0]


def test_each_starter_says_what_it_would_make_of_five_of_ones_own_posts(
    desk: Callable[[str], Person], staged: Stage
) -> None:
    page = desk(BO).client.get("/policy/starters/").text
    kek = open_keys(staged.settings.home).kek
    with connect(staged.database.dsn("worker")) as conn:
        posts = policy_use.examples(conn, ann(staged))
        judged = [replay.one(conn, kek, one.id)[1] for one in posts]
    assert len(posts) == 5 and len({one.rule for one in posts}) >= 3, "five, of several rules"
    body = html.unescape(page.split('class="table cards roomy compared"')[1].split("</table>")[0])
    cells = [
        re.findall(
            r'data-head="(\w+)"><span>(?:<b>)?(.*?)(?:</b>)?<br>.*?(?:rule ([\w -]+?)(?: ·|</span>)|no rule matches)',
            row,
            re.S,
        )
        for row in body.split("<tr>")[2:]
    ]
    assert len(cells) == 5 and all(f"“{one.text[:60]}" in body for one in posts)
    for pack in library.packs():
        verdicts = judge(parse_policy(library.source(pack.name)), [one.context for one in judged])
        found = [next(cell for cell in row if cell[0].lower() == pack.name) for row in cells]
        assert [(act, rule) for _, act, rule in found] == [
            (decided(v.effect), v.rule.replace("-", " ")) for v in verdicts
        ], pack.name
    bold = {cell for row in body.split("<tr>")[2:] for cell in re.findall(r"<b>(.*?)</b>", row)}
    assert bold, "what differs is marked"
    assert "Start a draft from Bank" not in page, "Bo may read it"
    assert "Start a draft from Bank" in desk(ANN).client.get("/policy/starters/").text


def test_the_starter_in_force_is_marked_and_deleted_posts_are_no_examples(
    desk: Callable[[str], Person], rows: Callable[..., list[Any]], staged: Stage
) -> None:
    with connect(staged.database.dsn("worker")) as conn:
        first = policy_use.examples(conn, ann(staged))[0]
    rows("UPDATE interaction SET deleted_at = now() WHERE id = %s RETURNING 1", first.id)
    try:
        page = desk(ANN).client.get("/policy/starters/").text
        with connect(staged.database.dsn("worker")) as conn:
            assert first.id not in [one.id for one in policy_use.examples(conn, ann(staged))]
    finally:
        rows("UPDATE interaction SET deleted_at = NULL WHERE id = %s RETURNING 1", first.id)
    marked = [one.name for one in library.packs() if "in force" in section(page, one.name)]
    ((active,),) = rows(
        "SELECT source FROM policy_version WHERE brand_id = %s AND state = 'active'", staged.brand
    )
    assert marked == [one.name for one in library.packs() if library.source(one.name) == active]


def test_without_posts_the_page_says_so_and_another_brands_posts_stay_out(
    desk: Callable[[str], Person],
) -> None:
    for path in ("/policy/starters/", "/policy/"):
        page = desk(CY).client.get(path).text
        assert "Nothing that can be shown has come in yet" in page and "“" not in page
        assert "Start a draft" not in page


def test_set_up_leads_to_the_starters(desk: Callable[[str], Person]) -> None:
    assert 'href="/policy/starters/"' in desk(ANN).client.get("/start/").text
