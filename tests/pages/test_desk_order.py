"""What one keeps in order at the desk: stored answers, saved filters, many cases at once, own keys, and whom one asks."""

from collections.abc import Callable
from typing import Any

import pytest
from desk_person import Person
from patience import until
from stage_house import ANN, BO, CY, Stage

pytestmark = [pytest.mark.browser, pytest.mark.database]


def test_an_answer_is_stored_changed_offered_and_retired(
    desk: Callable[[str], Person], rows: Callable[..., list[Any]], staged: Stage
) -> None:
    ann, before = desk(ANN), rows("SELECT count(*) FROM macro WHERE retired_at IS NULL")
    assert (
        "is offered from now on" in ann.sends("/answers/", name="Bill", text="Hello {name}, see /bill").text
    )
    ((made,),) = rows("SELECT id FROM macro WHERE name = 'Bill' AND retired_at IS NULL")
    assert 'value="Bill"' in ann.client.get(f"/answers/?edit={made}").text
    ann.sends(f"/answers/?edit={made}", name="Bills", text="Dear {name}", language="en")
    found = rows(
        "SELECT id, text, language FROM macro WHERE name IN ('Bill', 'Bills') AND retired_at IS NULL"
    )
    assert [row[1:] for row in found] == [("Dear {name}", "en")], "renamed, not doubled"
    ((case,),) = rows(
        "SELECT id FROM cases c WHERE state = 'open' AND brand_id = %s AND language IN ('', 'en')"
        " AND NOT EXISTS (SELECT FROM release WHERE case_id = c.id) ORDER BY id LIMIT 1",
        staged.brand,
    )
    assert "Dear {name}" in ann.client.get(f"/case/{case}/").text
    assert desk(BO).sends("/answers/", name="x", text="y").status_code == 403
    assert (
        "Dear {name}" in desk(BO).client.get("/answers/").text
        and "Write one" not in desk(BO).client.get("/answers/").text
    )
    assert "Dear {name}" not in desk(CY).client.get("/answers/").text
    assert desk(CY).sends(f"/answers/{found[0][0]}/retire/").status_code == 403
    assert "offered no more" in ann.sends(f"/answers/{found[0][0]}/retire/").text
    assert ann.sends(f"/answers/{found[0][0]}/retire/").status_code == 404
    assert ann.sends("/answers/", name="", text="y").status_code == 422
    assert rows("SELECT count(*) FROM macro WHERE retired_at IS NULL") == before


def test_a_filter_is_kept_shared_and_forgotten_by_its_owner(
    desk: Callable[[str], Person], rows: Callable[..., list[Any]]
) -> None:
    ann, bo = desk(ANN), desk(BO)
    ann.sends("/inbox/filters/", keep="Ours", reason="complaint", assignee="all", shared="1")
    ann.sends("/inbox/filters/", keep="Mine alone", reason="question")
    seen = bo.client.get("/inbox/").text
    assert "/inbox/?assignee=all&amp;reason=complaint" in seen and "Mine alone" not in seen
    ((ours,),) = rows("SELECT id FROM saved_filter WHERE name = 'Ours'")
    assert bo.sends(f"/inbox/filters/{ours}/").status_code == 404
    assert "The filter is forgotten." in ann.sends(f"/inbox/filters/{ours}/?assignee=all").text
    assert rows("SELECT name FROM saved_filter") == [("Mine alone",)]
    rows("DELETE FROM saved_filter RETURNING 1")


def test_many_cases_are_selected_by_keyboard_and_handed_over(
    visit: Callable[..., Any], rows: Callable[..., list[Any]]
) -> None:
    page = visit("/inbox/?assignee=unassigned")
    page.keyboard.press("j")
    page.keyboard.press("x")
    tops = page.evaluate(
        "[...document.querySelectorAll('#rows .row')].map((r) => r.getBoundingClientRect().top)"
    )
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Shift+X")
    assert page.locator("[data-chosen]").inner_text() == "3 selected"
    assert tops == page.evaluate(
        "[...document.querySelectorAll('#rows .row')].map((r) => r.getBoundingClientRect().top)"
    )
    chosen = page.evaluate("[...document.querySelectorAll('#rows .row.selected')].map((r) => r.dataset.case)")
    ((bo,),) = rows("SELECT id FROM staff WHERE email = %s", BO)
    page.locator("#many-to").select_option(str(bo))
    page.get_by_role("button", name="Hand over").click()
    page.wait_for_url("**/inbox/?assignee=unassigned")
    assert "3 cases handed over." in page.locator("#toasts").inner_text()
    held = rows("SELECT assignee_id FROM cases WHERE id = ANY(%s::bigint[])", chosen)
    assert held == [(bo,)] * 3
    rows("UPDATE cases SET assignee_id = NULL WHERE id = ANY(%s::bigint[]) RETURNING 1", chosen)


def test_own_keys_work_and_the_usual_ones_are_free(
    visit: Callable[..., Any], rows: Callable[..., list[Any]]
) -> None:
    page = visit("/settings/keys/")
    page.get_by_label("Next row").fill(";")
    page.get_by_role("button", name="Save these keys").click()
    page.wait_for_selector(".said")
    page.goto(page.url.replace("/settings/keys/", "/inbox/?assignee=all"))
    page.keyboard.press("j")
    assert not page.evaluate("document.activeElement.matches('.row')"), "j was given away"
    page.keyboard.press(";")
    assert page.evaluate("document.activeElement.matches('.row')")
    page.goto(page.url.split("/inbox/")[0] + "/settings/keys/")
    page.get_by_label("Next row").fill("e")
    page.get_by_role("button", name="Save these keys").click()
    until(page, "document.activeElement.id === 'errors'")
    assert "cannot mean two things" in page.locator("#errors").inner_text()
    page.get_by_role("button", name="Back to the usual keys").click()
    until(page, "!document.documentElement.dataset.ownKeys")
    assert rows("SELECT own_keys FROM staff WHERE email = %s", ANN) == [({},)]


def test_an_approval_is_given_to_somebody_else_who_may(
    held: list[int], desk: Callable[[str], Person], rows: Callable[..., list[Any]]
) -> None:
    ann, release = desk(ANN), held[0]
    (lead,), (author,) = rows(
        "SELECT id FROM staff WHERE email LIKE '%%@demo.invalid' ORDER BY email <> 'mina@demo.invalid', id LIMIT 2"
    )
    rows("UPDATE release SET author_id = %s WHERE id = %s RETURNING 1", author, release)
    was = rows("SELECT roles FROM membership WHERE staff_id = %s", author)[0][0]
    rows(
        "UPDATE membership SET roles = ARRAY['compliance'] WHERE staff_id = ANY(%s) RETURNING 1",
        [lead, author],
    )
    ((bo,),) = rows("SELECT id FROM staff WHERE email = %s", BO)
    path = f"/approvals/{release}/?decision=delegate"
    assert ann.sends(path, to=str(bo)).status_code == 422, "an agent may not decide"
    assert ann.sends(path, to=str(author)).status_code == 422, "its author may not"
    assert "They are told now." in ann.sends(path, to=str(lead)).text
    told = rows(
        "SELECT urgent, url FROM notice WHERE staff_id = %s AND subject = %s", lead, f"release/{release}"
    )
    assert told == [(True, f"/approvals/#held-{release}")]
    assert " asked" in ann.client.get("/approvals/").text
    assert desk(BO).sends(path, to=str(lead)).status_code == 403
    assert rows("SELECT state FROM release WHERE id = %s", release) == [("held",)]
    rows("UPDATE notice SET acknowledged_at = now() WHERE acknowledged_at IS NULL RETURNING 1")
    rows("UPDATE membership SET roles = ARRAY['agent'] WHERE staff_id = %s RETURNING 1", lead)
    rows("UPDATE membership SET roles = %s WHERE staff_id = %s RETURNING 1", was, author)
