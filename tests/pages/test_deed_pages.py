"""Hiding, reporting, waiting and priority by the conversation's page: what a person does there, and what it then says."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from desk_person import Person
from stage_house import ANN, BO, CY, Stage

from townhall.database.connect import connect

pytestmark = [pytest.mark.browser, pytest.mark.database]
Rows = Callable[..., list[Any]]


@pytest.fixture
def place(staged: Stage, rows: Rows) -> Iterator[tuple[int, int]]:
    """An open case of an account that can tell somebody, and a customer's post in it."""
    [(case, post, account, held)] = rows(
        "SELECT c.id, i.id, a.id, a.base_url FROM cases c JOIN interaction i ON i.thread_id = c.thread_id AND i.direction = 'in'"
        " JOIN account a ON a.id = c.account_id WHERE c.brand_id = %s AND c.state = 'open' AND i.deleted_at IS NULL"
        " AND i.author_id = c.customer_id AND NOT EXISTS (SELECT FROM deed d WHERE d.post_id = i.id)"
        " ORDER BY c.id DESC LIMIT 1",
        staged.brand,
    )
    with connect(staged.database.dsn("owner")) as owner:
        channel = owner.execute("SELECT channel FROM account WHERE id = %s", [account]).fetchone()
        owner.execute(
            "UPDATE account SET channel = 'webhook', base_url = 'https://operator.example/told' WHERE id = %s",
            [account],
        )
        yield case, post
        owner.execute("DELETE FROM deed_approval WHERE brand_id = %s", [staged.brand])
        owner.execute("DELETE FROM deed WHERE brand_id = %s", [staged.brand])
        owner.execute(
            "UPDATE account SET channel = %s, base_url = %s WHERE id = %s",
            [channel[0] if channel else "", held, account],
        )


def test_a_reply_is_hidden_with_a_reason_and_taken_back(
    desk: Callable[[str], Person], rows: Rows, place: tuple[int, int]
) -> None:
    bo, (case, post) = desk(BO), place
    assert "Hide</button>" in bo.client.get(f"/case/{case}/").text
    no = bo.sends(f"/case/{case}/deed/", post=str(post), kind="hide", reason=" ")
    assert no.status_code == 422 and "Say why" in no.text
    done = bo.sends(f"/case/{case}/deed/", post=str(post), kind="hide", reason="It insults a neighbour.")
    assert (
        "taken back" in done.text and "It insults a neighbour." in done.text and "Bo Lindqvist" in done.text
    )
    [(number, state)] = rows("SELECT id, state FROM deed WHERE post_id = %s", post)
    assert state == "waiting"
    twice = bo.sends(f"/case/{case}/deed/", post=str(post), kind="hide", reason="Again.")
    assert twice.status_code == 409 and "already" in twice.text
    back = bo.sends(f"/deed/{number}/act/", act="take_back", case=str(case))
    assert "Taken back" in back.text and rows("SELECT state FROM deed WHERE post_id = %s", post) == [
        ("undone",)
    ]


def test_what_waits_stands_among_the_approvals(
    desk: Callable[[str], Person], rows: Rows, place: tuple[int, int], staged: Stage
) -> None:
    case, post = place
    desk(BO).sends(
        f"/case/{case}/deed/", post=str(post), kind="report", reason="It sells fakes.", category="spam"
    )
    rows(
        "UPDATE deed SET state = 'held', steps = '[[\"lead\"]]', approvers = '{lead}' WHERE post_id = %s RETURNING 1",
        post,
    )
    ann, bo, cy = desk(ANN), desk(BO), desk(CY)
    page = ann.client.get("/approvals/").text
    assert "Hiding and reporting that waits for somebody" in page and "It sells fakes." in page
    [(number, digest)] = rows("SELECT id, encode(digest, 'hex') FROM deed WHERE post_id = %s", post)
    assert bo.sends(f"/deed/{number}/act/", act="approve", digest=digest).status_code == 403
    assert cy.sends(f"/deed/{number}/act/", act="take_back").status_code == 404
    assert ann.sends(f"/deed/{number}/act/", act="approve", digest="00" * 32).status_code == 409
    assert "Approved" in ann.sends(f"/deed/{number}/act/", act="approve", digest=digest).text
    assert rows("SELECT state FROM deed WHERE id = %s", number) == [("waiting",)]


@pytest.mark.parametrize(
    ("state", "act", "then"),
    [("doubtful", "done", "done"), ("doubtful", "again", "waiting"), ("failed", "again", "waiting"), ("overdue", "drop", "undone")],
)  # fmt: skip
def test_a_person_decides_what_became_of_it(
    desk: Callable[[str], Person], rows: Rows, place: tuple[int, int], state: str, act: str, then: str
) -> None:
    case, post = place
    bo = desk(BO)
    bo.sends(f"/case/{case}/deed/", post=str(post), kind="hide", reason="x")
    [(number,)] = rows("UPDATE deed SET state = %s WHERE post_id = %s RETURNING id", state, post)
    assert f'value="{act}"' in bo.client.get(f"/case/{case}/").text
    bo.sends(f"/deed/{number}/act/", act=act, case=str(case))
    assert rows("SELECT state FROM deed WHERE id = %s", number) == [(then,)]


def test_a_case_waits_outside_and_rises_with_a_reason(
    desk: Callable[[str], Person], rows: Rows, place: tuple[int, int]
) -> None:
    ann, (case, _) = desk(ANN), place
    [(before,)] = rows("SELECT priority FROM cases WHERE id = %s", case)
    assert "Say why" in ann.sends(f"/case/{case}/act/wait/").text
    page = ann.sends(f"/case/{case}/act/wait/", why="The carrier looks for it.").text
    assert "waits for somebody outside" in page and "No longer waits outside" in page
    assert "The carrier looks for it." in page
    twice = ann.sends(f"/case/{case}/act/wait/", why="x")
    assert twice.status_code == 422 and "already" in twice.text
    assert "waits for nobody outside" in ann.sends(f"/case/{case}/act/wait_over/").text
    to = (before + 1) % 4
    assert "Say why" in ann.sends(f"/case/{case}/act/prioritise/", priority=str(to)).text
    changed = ann.sends(f"/case/{case}/act/prioritise/", priority=str(to), why="It is a child's medicine.")
    assert "It is a child&#x27;s medicine." in changed.text
    assert rows("SELECT priority FROM cases WHERE id = %s", case) == [(to,)]
    undo = re.search(rf"/case/{case}/undo/(\d+)/", changed.text)
    assert undo and "Undone" in ann.sends(f"/case/{case}/undo/{undo[1]}/").text
    assert rows("SELECT priority FROM cases WHERE id = %s", case) == [(before,)]
    kinds = [
        k for (k,) in rows("SELECT kind FROM clock_event WHERE case_id = %s AND NOT undone ORDER BY id", case)
    ]
    assert kinds[-2:] == ["pause", "resume"], "both are in the ledger of the case's clocks"
