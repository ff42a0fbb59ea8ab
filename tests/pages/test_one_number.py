"""One number everywhere: on the card, on its own page, in the API and in files; and its rows likewise."""

import csv
import io
import re
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import httpx
import pytest
from desk_person import Person
from stage_house import ANN, CY, Stage

from townhall.analytics.metrics import METRICS
from townhall.database.connect import connect, for_brand, transaction
from townhall.desk.behind_words import About
from townhall.desk.figures import FILE_ROWS, ROWS, Behind
from townhall.kernel.clock import HOUR, from_iso, system_clock
from townhall.people import store
from townhall.web.pages.columns import Look, in_columns

pytestmark = [pytest.mark.browser, pytest.mark.database]
CARD = re.compile(
    r'href="/figures/(?!sen[dt])(\w+)/(?:\?period=\w)?"(?: data-key="\d" data-name="[^"]+")?>([^<]+?)(?: %)?<'
)

NOW = from_iso("2026-03-03T14:05:00+00:00")
WORDED = {"will_be_missed"}
"""Stands on the page as a phrase beside the promises, not as a card."""
LENGTHS = {name for name, metric in METRICS.items() if metric.unit == "min"}
"""Lengths of time: nothing is counted."""


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


Everywhere = tuple[dict[str, str], dict[str, dict[str, str]], dict[str, tuple[dict[str, Any], str]]]


def at_one_moment(read: Callable[[], tuple[Any, Any]]) -> Any:
    """What was read while nothing moved: ``read`` gives what it saw first and last besides, and is asked again if they differ."""
    for _ in range(10):
        still, found = read()
        if still:
            return found
    raise AssertionError("the figures never stood still")


def test_card_page_api_and_file_say_one_number(desk: Callable[[str], Person], program: httpx.Client) -> None:
    ann = desk(ANN)

    def read() -> tuple[bool, Everywhere]:
        before = program.get("/api/metrics.csv").text
        cards: dict[str, str] = {}
        for period in ("", "h", "d", "w"):
            page = ann.client.get(f"/figures/?period={period}").text
            cards |= {name: words.strip() for name, words in CARD.findall(page)}
        table = lines(before)
        of_file = {row[0]: dict(zip(table[0], row, strict=True)) for row in table[1:]}
        each = {
            name: (program.get(f"/api/metrics/{name}").json(), ann.client.get(f"/figures/{name}/").text)
            for name in METRICS
        }
        return timeless(before) == timeless(program.get("/api/metrics.csv").text), (cards, of_file, each)

    cards, of_file, each = at_one_moment(read)
    assert set(of_file) == set(METRICS) and set(cards) == set(METRICS) - WORDED, "every figure is on the page"
    for name, (api, page) in each.items():
        state = re.search(r'<span class="state figures">([^<]*)</span>', page)
        assert state and state[1].startswith(f"{api['words']} "), name
        assert name in WORDED or cards[name] == api["words"], name
        assert api["words"] == of_file[name]["words"], name
        assert of_file[name]["value"] == ("" if api["value"] is None else repr(api["value"])), name


def timeless(table: str) -> list[list[str]]:
    """A file of figures without the moment of each, which is its last column."""
    return [row[:-1] for row in lines(table)]


@pytest.mark.parametrize("name", sorted(set(METRICS) - WORDED - LENGTHS))
def test_the_rows_are_as_many_as_the_figure_counts(
    desk: Callable[[str], Person], program: httpx.Client, name: str
) -> None:
    ann = desk(ANN)

    def read() -> tuple[bool, Any]:
        before = timeless(program.get("/api/metrics.csv").text)
        found = (
            program.get(f"/api/metrics/{name}").json(), program.get(f"/api/metrics/{name}/rows").json(),
            program.get(f"/api/metrics/{name}/rows.csv"), ann.client.get(f"/figures/{name}/rows.csv"),
            ann.client.get(f"/figures/{name}/").text,
        )  # fmt: skip
        return before == timeless(program.get("/api/metrics.csv").text), found

    figure, rows, of_api, of_page, page = at_one_moment(read)
    counted = figure["denominator"] if figure["unit"] == "%" else figure["value"]
    assert rows["total"] == int(counted or 0)
    assert len(rows["rows"]) == min(rows["total"], ROWS)
    cut = f"the first {ROWS} of {rows['total']:,}" if rows["total"] > ROWS else ""
    assert (cut in page) and bool(cut) == ('id="cut"' in page)
    for file in (of_api, of_page):
        assert len(lines(file.text)) - 1 == min(rows["total"], FILE_ROWS), (
            "the file goes on where the page ends"
        )
        assert file.headers["x-total-rows"] == str(rows["total"])
        assert ("first-" in file.headers["content-disposition"]) == (rows["total"] > FILE_ROWS)


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
    assert shown.split("<tbody>")[1].count("<tr>") == max(min(len(of_page) - 1, ROWS), 1)
    ages = {n for n, column in enumerate(of_page[0]) if "age" in column or "minute" in column}
    for mine, theirs in zip(of_page[1:], of_api[1:], strict=True):
        assert [v for n, v in enumerate(mine) if n not in ages] == [
            v for n, v in enumerate(theirs) if n not in ages
        ]


@pytest.mark.parametrize(
    "path", ["/figures/posts_day/", "/figures/waiting/", "/figures/by/feelings/rows/?of=negative"]
)
def test_rows_begin_with_what_was_said_and_lead_to_its_case(
    desk: Callable[[str], Person], rows: Callable[..., list[Any]], path: str
) -> None:
    page = desk(ANN).client.get(path)
    assert page.status_code == 200 and re.search(r"(?i)as of \d\d:\d\d:\d\d [A-Z]", page.text)
    assert '<th scope="col">What was said</th>' in page.text
    found = re.findall(r'<th scope="row" title="[^"]+"><a href="/case/(\d+)/">([^<]+)</a>', page.text)
    assert found and rows("SELECT 1 FROM cases WHERE id = %s", int(found[0][0]))
    table = page.text.split("<tbody>")[-1]
    assert not re.search(r">\d{17,}<", table), "numbers of eighteen digits are for files"


def test_words_are_kept_from_who_may_not_read_conversations_and_columns_of_nothing_are_left_out() -> None:
    behind = Behind(
        ("id", "case_id", "metric", "due_at", "satisfied_at", "cancelled_at", "cause"),
        ((1, 2, "first_response", NOW - 1, None, None, ""), (2, 3, "first_response", NOW + 1, None, None, "")), 2,
    )  # fmt: skip
    look = Look({}, "Europe/London", NOW)
    shown = in_columns(behind, look)
    assert not shown["worded"] and [one.head for one in shown["columns"]] == ["Promise", "Due, GMT"]
    assert [line.about for line in shown["rows"]] == [About("", "", 0)] * 2
    assert [[cell.missed for cell in line.cells] for line in shown["rows"]] == [[False, True], [False, False]]
    known = in_columns(behind, look, [About("No signal", "Ida", 2), None])
    assert known["worded"]
    assert [one.about for one in known["rows"]] == [About("No signal", "Ida", 2), About("", "", 0)]
    summer = Behind(("due_at",), ((from_iso("2026-07-03T14:05:00+00:00"),),), 1)
    assert in_columns(summer, look)["rows"][0].cells[0].text == "2026-07-03 15:05:00 BST"


def test_rows_are_behind_the_door(desk: Callable[[str], Person]) -> None:
    assert desk(ANN).client.get("/figures/nothing/rows.csv").status_code == 404
    assert len(lines(desk(CY).client.get("/figures/waiting/rows.csv").text)) == 1, (
        "another brand has no rows of this"
    )


@pytest.mark.parametrize("name", ["waiting", "posts_day"])
def test_rows_begin_with_what_people_call_things_and_fit_a_phone(
    visit: Callable[..., Any], name: str
) -> None:
    page = visit(f"/figures/{name}/", width=360)
    table = page.locator("table:has(caption:text('Rows behind it'))")
    heads = table.locator("thead th").all_inner_texts()
    first = table.locator("tbody tr").first.locator("td").all_inner_texts()
    assert heads[:2] == ["What was said", "Who"] and heads[2] in ("Promise", "Account")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    cells = (
        table.locator("tbody tr")
        .first.locator("th, td")
        .evaluate_all(
            "(found) => found.map((n) => n.getBoundingClientRect()).map(({top, bottom, right}) => [top, bottom, right])"
        )
    )
    assert all(before[1] <= after[0] + 1 and after[2] <= 361 for before, after in pairwise(cells)), (
        "one below the other"
    )
    assert not re.search(r"_|^-1$", " ".join([*heads, first[0]])), (heads, first)
    if name == "waiting":
        assert first[1] in ("First response", "Next response")
        table.locator("tbody a").first.click()
        page.wait_for_url("**/case/**")
    else:
        assert set(table.locator("tbody td:nth-child(4)").all_inner_texts()) <= {"A customer", "Us"}
