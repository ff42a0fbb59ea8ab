"""Saying what a post is, on the pages: beside it, in the list of the least sure, and the models that learn from it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from desk_person import Person
from stage_house import ANN, BO, CY, Stage

from townhall.database.connect import connect, transaction
from townhall.enrich import Understanding
from townhall.flow import asking, teaching
from townhall.kernel.clock import system_clock
from townhall.people.doors import Asker

pytestmark = [pytest.mark.browser, pytest.mark.database]
_LOVELY = ("the torch is sick", "this kettle slaps", "sick lamp, sick price", "these boots slap hard")
_AWFUL = ("the torch is naff", "this kettle is pants", "naff lamp, naff price", "these boots are pants")
ROWS = [
    (f"{text} {n}", "positive" if text in _LOVELY else "negative")
    for n in range(5)
    for text in _LOVELY + _AWFUL
]


@pytest.fixture(scope="module")
def asked(staged: Stage) -> Iterator[None]:
    """Questions to people, as the clock role finds them."""
    seeker = asking.Asker()
    with connect(staged.database.dsn("worker")) as conn, transaction(conn):
        while seeker.round(conn, system_clock()):
            pass
    yield


@pytest.fixture(scope="module")
def taught(staged: Stage) -> int:
    """Two candidates of the feeling. Gives its number."""
    with connect(staged.database.dsn("worker")) as conn:
        slug = conn.execute("SELECT slug FROM brand WHERE id = %s", [staged.brand]).fetchone()
        assert slug
        house = Asker(
            staff_id=0, name="command", brand_id=staged.brand, brand_slug=slug[0], roles=frozenset({"admin"})
        )
        held = teaching.lesson(conn, house, "sentiment", ROWS)
        done = teaching.learn(Understanding.load(), held)
        teaching.keep(conn, house, held, done, system_clock())
        return teaching.keep(conn, house, held, done, system_clock()).number


def opened_case(rows: Callable[..., list[Any]], brand: int) -> tuple[int, int]:
    """A case that waits, and its newest post."""
    return rows(
        "SELECT c.id, i.id FROM cases c JOIN interaction i ON i.id = c.latest_post WHERE c.brand_id = %s AND c.state = 'open'"
        " AND i.deleted_at IS NULL AND i.direction = 'in' ORDER BY c.id LIMIT 1", brand,
    )[0]  # fmt: skip


def test_a_post_is_corrected_beside_it_and_taken_back(
    visit: Callable[..., Any], staged: Stage, asked: None, rows: Callable[..., list[Any]]
) -> None:
    case, post = opened_case(rows, staged.brand)
    page = visit(f"/case/{case}/")
    page.locator(f"#post-{post} .understood-as summary").click()
    read = page.locator(f"#read-{post}")
    read.get_by_text("Wrong: it is", exact=False).first.wait_for()
    said = rows("SELECT count(*) FROM post_label WHERE interaction_id = %s AND ended_at IS NULL", post)[0][0]
    read.locator("li", has_text="Spam").get_by_role("button", name="Wrong: it is spam").click()
    page.locator(f"#labels-{post} .chip", has_text="spam, says you").wait_for()
    assert (
        rows("SELECT count(*) FROM post_label WHERE interaction_id = %s AND ended_at IS NULL", post)[0][0]
        == said + 1
    )
    page.reload()
    assert page.locator(f"#labels-{post} .chip", has_text="spam, says you").count() == 1
    page.locator(f"#post-{post} .understood-as summary").click()
    page.locator(f"#read-{post}").get_by_role("button", name="Take back").click()
    page.locator(f"#labels-{post} .chip", has_text="spam").wait_for(state="detached")
    assert (
        rows("SELECT count(*) FROM post_label WHERE interaction_id = %s AND ended_at IS NULL", post)[0][0]
        == said
    )


def test_a_reading_that_is_a_guess_is_called_unsure(
    visit: Callable[..., Any], staged: Stage, rows: Callable[..., list[Any]]
) -> None:
    case, post, sentiment, certainty = rows(
        "SELECT c.id, i.id, i.sentiment, i.certainty FROM cases c JOIN interaction i ON i.id = c.latest_post WHERE c.brand_id = %s"
        " AND i.deleted_at IS NULL AND i.direction = 'in' ORDER BY c.id DESC LIMIT 1", staged.brand,
    )[0]  # fmt: skip
    rows("UPDATE interaction SET certainty = 0.41, sentiment = -1 WHERE id = %s RETURNING 1", post)
    page = visit(f"/case/{case}/")
    summary = page.locator(f"#post-{post} .understood-as summary")
    assert "of unsure feeling" in summary.inner_text() and "unhappy" not in summary.inner_text()
    summary.click()
    feeling = page.locator(f"#read-{post} li", has_text="Feeling")
    feeling.wait_for()
    assert "unsure unhappy 41 %" in " ".join(feeling.inner_text().split())
    assert feeling.get_by_text("Wrong: it is", exact=False).count() == 0
    feeling.get_by_text("It is", exact=False).first.click()
    assert [one.strip() for one in feeling.locator(".sheet button").all_inner_texts()] == [
        "Unhappy",
        "Neutral",
        "Happy",
    ]
    rows(
        "UPDATE interaction SET certainty = %s, sentiment = %s WHERE id = %s RETURNING 1",
        certainty, sentiment, post,
    )  # fmt: skip


def test_the_list_is_answered_with_single_keys(
    visit: Callable[..., Any], staged: Stage, asked: None, rows: Callable[..., list[Any]]
) -> None:
    page = visit("/unsure/?head=question")
    first = page.locator("[data-asked]").first
    first.wait_for()
    assert page.evaluate("document.activeElement.id") == first.get_attribute("id")
    count, second = (
        page.locator("[data-asked]").count(),
        page.locator("[data-asked]").nth(1).get_attribute("id"),
    )
    post = int(first.get_attribute("id").split("-")[1])
    page.keyboard.press("y")
    page.get_by_text("You said: a question.").wait_for()
    assert page.locator("[data-asked]").count() == count - 1
    page.wait_for_function("(id) => document.activeElement.id === id", arg=second)
    assert rows(
        "SELECT value FROM post_label WHERE interaction_id = %s AND head = 'question' AND ended_at IS NULL",
        post,
    ) == [("yes",)]
    page.keyboard.press("s")
    page.get_by_text("Passed.").wait_for()
    page.get_by_role("button", name="Undo").click()
    page.get_by_text("Taken back.").wait_for()
    assert rows(
        "SELECT count(*) FROM post_label WHERE interaction_id = %s AND head = 'question' AND ended_at IS NULL",
        post,
    ) == [(0,)]


def test_a_question_stands_beside_the_post(
    visit: Callable[..., Any], staged: Stage, asked: None, rows: Callable[..., list[Any]]
) -> None:
    found = rows(
        "SELECT c.id, a.interaction_id FROM label_ask a JOIN interaction i ON i.id = a.interaction_id JOIN cases c"
        " ON c.latest_post = i.id WHERE a.brand_id = %s AND a.head <> 'intent'"
        " AND NOT EXISTS (SELECT FROM label_ask b WHERE b.interaction_id = a.interaction_id AND b.head = 'intent')"
        " AND NOT EXISTS (SELECT FROM post_label l WHERE l.interaction_id = a.interaction_id) ORDER BY a.turn LIMIT 1", staged.brand,
    )  # fmt: skip
    assert found
    case, post = found[0]
    page = visit(f"/case/{case}/", who=BO)
    question = page.locator(f"#asks-{post}")
    question.get_by_role("button").first.click()
    page.locator(f"#post-{post} .answered", has_text="You said").wait_for()
    assert rows("SELECT staff_name FROM post_label WHERE interaction_id = %s AND ended_at IS NULL", post) == [
        ("Bo Lindqvist",)
    ]


def test_a_model_is_put_to_use_and_taken_back(
    visit: Callable[..., Any], staged: Stage, taught: int, rows: Callable[..., list[Any]]
) -> None:
    page = visit("/models/sentiment/")
    page.get_by_role("button", name="to use").click()
    page.get_by_text("reads from now on").wait_for()
    assert rows("SELECT state FROM own_model WHERE brand_id = %s AND state = 'active'", staged.brand) == [
        ("active",)
    ]
    page.goto(staged.url + "/models/")
    assert page.get_by_text("own version").count() == 1
    page.goto(staged.url + "/models/sentiment/")
    page.get_by_text("Go back", exact=True).first.click()
    page.locator("#because").fill("It was a drill.")
    page.get_by_role("button", name="Go back").click()
    page.get_by_text("Townhall’s model reads again.").wait_for()
    told = page.locator("main").inner_text()
    assert "It was a drill." in told and "ack to Townhall’s model" in told and "hipped" not in told


def test_doors(
    desk: Callable[[str], Person], staged: Stage, asked: None, taught: int, rows: Callable[..., list[Any]]
) -> None:
    ann, bo, cy = desk(ANN), desk(BO), desk(CY)
    _, post = opened_case(rows, staged.brand)
    for path, statuses in (
        ("/models/", (200, 200, 200)), ("/models/sentiment/", (200, 200, 200)), ("/models/colour/", (404, 404, 404)),
        ("/unsure/", (200, 200, 200)), (f"/post/{post}/read/", (200, 200, 404)), ("/unsure/?after=1.question.x", (422, 422, 422)),
        ("/unsure/?head=colour", (422, 422, 422)), (f"/post/{post}/label/", (405, 405, 405)),
    ):  # fmt: skip
        assert tuple(one.client.get(path).status_code for one in (ann, bo, cy)) == statuses, path
    text = rows(
        "SELECT text FROM interaction WHERE id = (SELECT min(interaction_id) FROM label_ask WHERE brand_id = %s)",
        staged.brand,
    )[0][0]
    assert "data-asked" not in cy.client.get("/unsure/").text and text not in cy.client.get("/unsure/").text
    assert (
        "Version 1" in ann.client.get("/models/sentiment/").text
        and "Version 1" not in cy.client.get("/models/sentiment/").text
    )
    assert cy.sends(f"/post/{post}/label/", **{"answer": "spam:yes"}).status_code == 404
    for who in (bo, cy):
        assert who.sends("/models/sentiment/act/", **{"activate": "2", "reason": "x"}).status_code == 403
    assert ann.sends("/models/sentiment/act/", **{"activate": "9999"}).status_code == 404
    assert ann.sends(f"/post/{post}/label/", **{"answer": "spam:perhaps"}).status_code == 422
    assert rows("SELECT count(*) FROM post_label WHERE value = 'perhaps'") == [(0,)]
