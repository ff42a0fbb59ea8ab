"""One number everywhere: on the card, on its own page, in the API and in files; and its rows likewise."""

import csv
import io
import re
from collections.abc import Callable

import httpx
import pytest
from desk_person import Person
from stage_house import ANN, CY, Stage

from townhall.analytics.metrics import METRICS
from townhall.database.connect import connect, for_brand, transaction
from townhall.kernel.clock import HOUR, system_clock
from townhall.people import store

pytestmark = [pytest.mark.browser, pytest.mark.database]
CARD = re.compile(
    r'href="/figures/(?!sen[dt])(\w+)/(?:\?period=\w)?"(?: data-key="\d" data-name="[^"]+")?>([^<]+?)(?: %)?<'
)

WORDED = {"will_be_missed"}
"""Stands on the page as a phrase beside the promises, not as a card."""


@pytest.fixture(scope="module")
def program(staged: Stage) -> httpx.Client:
    with connect(staged.database.dsn("worker")) as conn, transaction(conn):
        for_brand(conn, staged.brand)
        _, secret = store.make_token(
            conn, staged.brand, "wall", frozenset({"analyst"}), expires_at=system_clock() + HOUR, made_by=1
        )
    return httpx.Client(base_url=staged.url, headers={"authorization": f"Bearer {secret}"})


def lines(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


def test_card_page_api_and_file_say_one_number(desk: Callable[[str], Person], program: httpx.Client) -> None:
    ann = desk(ANN)
    cards: dict[str, str] = {}
    for period in ("", "h", "d", "w"):
        page = ann.client.get(f"/figures/?period={period}").text
        cards |= {name: words.strip() for name, words in CARD.findall(page)}
    table = lines(program.get("/api/metrics.csv").text)
    of_file = {row[0]: dict(zip(table[0], row, strict=True)) for row in table[1:]}
    assert set(of_file) == set(METRICS) and set(cards) == set(METRICS) - WORDED, "every figure is on the page"
    for name in METRICS:
        api, page = program.get(f"/api/metrics/{name}").json(), ann.client.get(f"/figures/{name}/").text
        state = re.search(r'<span class="state figures">([^<]*)</span>', page)
        assert state and state[1].startswith(f"{api['words']} "), name
        if api["unit"] != "min":  # a length of time may pass a minute between two readings
            assert name in WORDED or cards[name] == api["words"]
            assert api["words"] == of_file[name]["words"], name
            assert of_file[name]["value"] == ("" if api["value"] is None else repr(api["value"])), name


@pytest.mark.parametrize("name", METRICS)
def test_rows_agree_too(desk: Callable[[str], Person], program: httpx.Client, name: str) -> None:
    ann = desk(ANN)
    of_page = lines(ann.client.get(f"/figures/{name}/rows.csv").text)
    of_api = lines(program.get(f"/api/metrics/{name}/rows.csv").text)
    shown = (
        ann.client.get(f"/figures/{name}/")
        .text.split("<caption>Rows behind it</caption>")[1]
        .split("</table>")[0]
    )
    assert of_page[0] == of_api[0] and len(of_page) == len(of_api)
    assert shown.split("<tbody>")[1].count("<tr>") == max(len(of_page) - 1, 1)
    ages = {n for n, column in enumerate(of_page[0]) if "age" in column or "minute" in column}
    for mine, theirs in zip(of_page[1:], of_api[1:], strict=True):
        assert [v for n, v in enumerate(mine) if n not in ages] == [
            v for n, v in enumerate(theirs) if n not in ages
        ]


def test_rows_are_behind_the_door(desk: Callable[[str], Person]) -> None:
    assert desk(ANN).client.get("/figures/nothing/rows.csv").status_code == 404
    assert len(lines(desk(CY).client.get("/figures/waiting/rows.csv").text)) == 1, (
        "another brand has no rows of this"
    )
