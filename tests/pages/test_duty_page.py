"""How people are told, by pages: ways of one's own, the order of duty, and what a page says while it is open."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from desk_person import Person
from patience import until
from stage_house import ANN, BO, CY, Stage

from townhall.care.notices import Telling, tell
from townhall.database.connect import connect, transaction
from townhall.kernel.clock import system_clock

pytestmark = [pytest.mark.browser, pytest.mark.database]


@pytest.fixture
def nobody_on_duty(rows: Callable[..., list[Any]]) -> Iterator[None]:
    yield
    rows("WITH gone AS (DELETE FROM notice_duty RETURNING 1) SELECT count(*) FROM gone")


def seats(rows: Callable[..., list[Any]]) -> dict[str, int]:
    return {name.split()[0]: number for name, number in rows("SELECT name, id FROM staff")}


def test_the_order_of_duty_is_set_moved_and_kept_with_who_did(
    desk: Callable[[str], Person], rows: Callable[..., list[Any]], nobody_on_duty: None
) -> None:
    ann, who = desk(ANN), seats(rows)
    first, second = who["Ann"], who["Bo"]
    assert "Nobody is on call" in ann.client.get("/duty/").text
    assert "Ann Ferrer is told first" in ann.sends("/duty/", seen="", do=f"on {first}").text
    ann.sends("/duty/", seen=f"{first}", do=f"on {second}")
    page = ann.sends("/duty/", seen=f"{first},{second}", do=f"up {second}").text
    assert "Bo Lindqvist is told first" in page
    assert rows("SELECT staff_id FROM notice_duty ORDER BY rank") == [(second,), (first,)]
    stale = ann.sends("/duty/", seen=f"{first},{second}", do=f"off {first}")
    assert stale.status_code == 409 and "look again" in stale.text
    assert "Ann Ferrer" in ann.sends("/duty/", seen=f"{second},{first}", do=f"off {second}").text
    assert rows("SELECT staff_id FROM notice_duty") == [(first,)]
    for wrong in ("on x", f"on {first}", f"up {second}", "off", f"on {who['Cy']}"):
        assert ann.sends("/duty/", seen=f"{first}", do=wrong).status_code == 422, wrong


def test_who_may_set_the_order(
    desk: Callable[[str], Person], rows: Callable[..., list[Any]], nobody_on_duty: None
) -> None:
    staff = seats(rows)["Bo"]
    assert desk(BO).sends("/duty/", seen="", do=f"on {staff}").status_code == 403
    assert "Put on call" not in desk(BO).client.get("/duty/").text
    assert "Bo Lindqvist" not in desk(CY).client.get("/duty/").text
    assert rows("SELECT count(*) FROM notice_duty") == [(0,)]


def test_ways_are_ones_own_and_a_webhooks_secret_is_shown_once(
    desk: Callable[[str], Person], rows: Callable[..., list[Any]]
) -> None:
    bo = desk(BO)
    made = bo.sends("/notices/", way="email", address="bo@example.org", urgent_only="on").text
    assert "You are told at bo@example.org from now on." in made and "urgent only" in made
    hook = bo.sends("/notices/", way="webhook", address="https://hooks.example.org/bo").text
    assert len(re.findall(r"whsec_[A-Za-z0-9+/]{43}=", hook)) == 1
    assert "whsec_" not in bo.client.get("/notices/").text
    assert bo.sends("/notices/", way="webhook", address="https://127.0.0.1/x").status_code == 422
    assert bo.sends("/notices/", way="email", address="nowhere").status_code == 422
    assert "bo@example.org" not in desk(ANN).client.get("/notices/").text
    ((way,), *_) = rows("SELECT id FROM notice_way WHERE address = 'bo@example.org'")
    assert desk(ANN).sends(f"/notices/ways/{way}/stop/").status_code == 404
    assert "You are told there no more." in bo.sends(f"/notices/ways/{way}/stop/").text
    assert rows("SELECT count(*) FROM notice_way WHERE stopped_at IS NULL") == [(1,)]
    rows("WITH gone AS (DELETE FROM notice_way RETURNING 1) SELECT count(*) FROM gone")


def test_an_urgent_notice_appears_on_the_open_page_and_stays(
    visit: Callable[..., Any], staged: Stage, rows: Callable[..., list[Any]]
) -> None:
    page, staff = visit("/inbox/?assignee=all"), seats(rows)["Ann"]
    told = Telling(
        staged.brand, staff, "missed", "queue/care", "Promises missed in care", "/inbox/?queue=care", True, 3
    )
    quiet = Telling(staged.brand, staff, "woken", "case/1", "A case you put aside is back", "/case/1/", False)
    with connect(staged.database.dsn("worker")) as conn, transaction(conn):
        tell(conn, told, system_clock())
        tell(conn, quiet, system_clock())
    until(page, "document.querySelector('#toasts [data-notice]')")
    assert page.locator("#toasts [data-notice] a").inner_text() == "Promises missed in care (3)"
    assert page.locator("#toasts [data-notice]").count() == 1, "what is not urgent only counts"
    assert page.locator("[data-bell] .count").inner_text() == "2"
    page.get_by_role("button", name="Seen: Promises missed in care").click()
    until(page, "document.querySelector('[data-bell] .count').textContent === '1'")
    assert page.locator("#toasts [data-notice]").count() == 0
    page.reload()
    page.wait_for_timeout(300)
    assert page.locator("#toasts [data-notice]").count() == 0, "said once, not on every page"
    rows("UPDATE notice SET acknowledged_at = now() WHERE acknowledged_at IS NULL RETURNING 1")
