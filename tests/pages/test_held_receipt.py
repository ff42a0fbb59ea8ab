"""A held answer closes the composer into a receipt: why, who can release it, how long that usually takes, and a way back."""

from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from desk_person import free_case
from patience import until
from stage_house import ANN, BO, Stage

from townhall.database.connect import connect, transaction
from townhall.desk import conversation_sql as sql
from townhall.desk.conversation import USUAL
from townhall.kernel.clock import DAY, MINUTE, system_clock, to_datetime

pytestmark = [pytest.mark.browser, pytest.mark.database]


def test_a_held_answer_closes_the_composer_into_a_receipt(
    visit: Callable[..., Any], rows: Callable[..., list[Any]]
) -> None:
    case = free_case(rows, 4)
    page = visit(f"/case/{case}/?assignee=all", who=BO)
    page.locator("#box").fill("Ring +44 20 7946 0991, please.")
    page.get_by_role("button", name="Send and stay").click()
    page.wait_for_selector(".composer.closed .receipt")
    said = page.locator(".receipt").inner_text()
    able = [
        name
        for (name,) in rows(
            "SELECT s.name FROM hold h JOIN release r ON r.id = h.release_id JOIN membership m ON m.brand_id = r.brand_id"
            " AND m.roles && h.approvers JOIN staff s ON s.id = m.staff_id AND s.email <> %s AND s.is_active"
            " WHERE r.case_id = %s ORDER BY s.name LIMIT 5",
            BO,
            case,
        )
    ]
    assert "held" in said and "phone" in said.lower() and able
    assert f"{', '.join(able)} can release it" in said and "Bo Lindqvist can" not in said
    assert page.locator("#box").count() == 0, "the composer is closed"
    page.keyboard.press("n")
    page.wait_for_selector("#box")
    page.goto(page.url)
    page.keyboard.press("r")
    page.wait_for_selector("#box")
    page.goto(page.url.split("?")[0])
    page.get_by_role("button", name="Withdraw").click()
    until(page, "document.getElementById('box')?.value.startsWith('Ring ')")
    page.locator("#box").fill("")
    until(page, "document.querySelector('[data-draft-state]').textContent === 'Draft kept'")


def test_the_usual_wait_is_the_median_of_what_was_decided(staged: Stage, held: list[int]) -> None:
    """Of thirty days, approved or returned, of this brand; what ran out, or is of another, does not count."""
    now = system_clock()
    with connect(staged.database.dsn("worker")) as conn, transaction(conn):
        found = conn.execute("SELECT id, case_id FROM release WHERE id = %s", [held[0]]).fetchone()
        assert found
        release, case = found
        conn.execute("DELETE FROM hold WHERE ended_at IS NOT NULL")
        decided = (
            (7, 0, "approved"), (300, 0, "approved"), (9, 0, "returned"), (1, 0, "expired"), (1, 31, "approved"),
            (1, 0, "elsewhere"),
        )  # fmt: skip
        for place, (minutes, days, outcome) in enumerate(decided):
            copy(conn, release, -1 - place, now - days * DAY, minutes * MINUTE, outcome)
        ((*_, approvers, able, wait),) = [
            row[:14] for row in sql.releases(conn, case, 20, now - USUAL) if row[0] == release
        ]
        assert approvers and "Ann Ferrer" in able
        assert wait == 9 * MINUTE
        conn.execute("UPDATE staff SET is_active = false WHERE email = %s", [ANN])
        ((*_, able, _),) = [
            row[:14] for row in sql.releases(conn, case, 20, now - USUAL) if row[0] == release
        ]
        assert "Ann Ferrer" not in able
        raise psycopg.Rollback


def copy(conn: Any, held: int, id: int, ended: int, waited: int, outcome: str) -> None:
    """A decided hold like the one given, on a copy of its reply."""
    given = {
        "held": held,
        "id": id,
        "from": to_datetime(ended - waited),
        "to": to_datetime(ended),
        "outcome": outcome,
    }
    given |= {"brand": 1_000_000, "outcome": "approved"} if outcome == "elsewhere" else {"brand": None}
    conn.execute(
        "INSERT INTO release OVERRIDING SYSTEM VALUE SELECT (jsonb_populate_record(r, jsonb_build_object('id', %(id)s::bigint,"
        " 'state', 'released', 'case_id', 0))).* FROM release r WHERE id = %(held)s",
        given,
    )
    conn.execute(
        "INSERT INTO hold SELECT (jsonb_populate_record(h, jsonb_build_object('release_id', %(id)s::bigint, 'held_at', %(from)s::timestamptz,"
        " 'ended_at', %(to)s::timestamptz, 'outcome', %(outcome)s::text, 'brand_id', coalesce(%(brand)s::integer, h.brand_id)))).*"
        " FROM hold h WHERE release_id = %(held)s",
        given,
    )
