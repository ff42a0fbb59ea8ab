"""Incidents on the pages: many gathered by keys from the inbox, one from a conversation, what rises by one press; undone."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from desk_person import Person, free_case, free_cases
from patience import until
from stage_house import ANN, BO, CY, Stage

from townhall.database.connect import connect, transaction
from townhall.flow import stating
from townhall.kernel.clock import system_clock

pytestmark = [pytest.mark.browser, pytest.mark.database]


@pytest.fixture(autouse=True)
def tidied(rows: Callable[..., list[Any]]) -> Iterator[None]:
    """No case is gathered before and after: other files gather some, and count on lists as they were."""
    for wait in (True, False):
        rows("UPDATE cases SET incident = NULL WHERE incident IS NOT NULL RETURNING 1")
        rows("UPDATE incident SET closed_at = now() WHERE closed_at IS NULL RETURNING 1")
        if wait:
            yield


def newest(rows: Callable[..., list[Any]]) -> int:
    return int(rows("SELECT max(number) FROM incident")[0][0])


def gathered(rows: Callable[..., list[Any]], number: int) -> list[str]:
    return [str(id) for (id,) in rows("SELECT id FROM cases WHERE incident = %s ORDER BY id", number)]


def test_by_keys_alone_from_the_inbox_and_back(
    visit: Callable[..., Any], rows: Callable[..., list[Any]]
) -> None:
    page = visit("/inbox/?assignee=all")
    chosen = [page.locator("#rows .row").nth(n).get_attribute("data-case") for n in range(3)]
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("X")
    page.keyboard.press("i")
    until(page, "document.activeElement.id === 'many-title'")
    page.keyboard.type("No signal in the north")
    page.keyboard.press("Enter")
    until(page, "document.querySelector('[data-passing]')")
    number = newest(rows)
    assert gathered(rows, number) == sorted(chosen, key=int)
    assert f"INC {number}" in page.locator(f"#row-{chosen[0]}").inner_text()
    page.locator("[data-passing] button").click()
    until(page, "location.pathname === '/inbox/'")
    assert gathered(rows, number) == []


def test_from_a_conversation_linked_and_taken_out(
    visit: Callable[..., Any], rows: Callable[..., list[Any]]
) -> None:
    page = visit("/inbox/?assignee=all")
    case = page.locator("#rows .row").nth(1).get_attribute("data-case")
    page.goto(page.url.split("/inbox")[0] + f"/case/{case}/?assignee=all")
    page.keyboard.press("i")
    until(page, "document.activeElement.id === 'incident-title'")
    page.keyboard.type("Late parcels")
    page.keyboard.press("Enter")
    until(page, "document.querySelector('.conversation .head a.chip')")
    number = newest(rows)
    assert gathered(rows, number) == [case]
    page.locator(".conversation .head a.chip").click()
    page.wait_for_url(f"**/incident/{number}/")
    page.locator(f"input[value='{case}']").check()
    page.get_by_text("Take the selected out").click()
    until(page, "document.querySelector('[data-passing]')")
    assert gathered(rows, number) == []


def test_what_rises_becomes_an_incident_by_one_press(
    desk: Callable[[str], Person], rows: Callable[..., list[Any]], staged: Stage
) -> None:
    topic, many = rows(
        "SELECT t, count(*) FROM cases c JOIN interaction i ON i.id = c.latest_post, unnest(i.topics) t"
        " WHERE c.brand_id = %s AND c.state IN ('open', 'waiting', 'snoozed') AND c.incident IS NULL"
        " GROUP BY t ORDER BY count(*) DESC, t LIMIT 1",
        staged.brand,
    )[0]
    assert many >= 10, "the town has a topic that many write of"
    kept = rows("SELECT id FROM attention WHERE ended_at IS NULL AND kind IN ('topic', 'surge')")
    rows("UPDATE attention SET ended_at = now() WHERE id = ANY(%s) RETURNING 1", [id for (id,) in kept])
    made = rows(
        "INSERT INTO attention (brand_id, kind, subject, sentence) VALUES (%s, 'topic', %s, %s) RETURNING id",
        staged.brand, topic, f"“{topic} again”: 4 times the usual.",
    )[0][0]  # fmt: skip
    bo = desk(BO)
    offered = re.search(r'class="alike".*?<b class="figures">(\d+)</b>', bo.sees("/inbox/").text, re.S)
    assert offered
    assert "alike" not in desk(CY).sees("/inbox/").text
    page = bo.sends("/incidents/alike/", surge=f"topic/{topic}")
    number = newest(rows)
    assert page.url.path == f"/incident/{number}/" and f"{topic[1:]} again" in page.text
    assert len(gathered(rows, number)) == int(offered[1])
    while 'class="alike"' in bo.sees("/inbox/").text:  # of a storm a part at a time, the newest first
        before = len(gathered(rows, number))
        bo.sends("/incidents/alike/", surge=f"topic/{topic}")
        assert newest(rows) == number and len(gathered(rows, number)) > before
    assert f'href="/incident/{number}/"' in desk(ANN).sees("/figures/").text
    rows("UPDATE attention SET ended_at = now() WHERE id = %s RETURNING 1", made)
    rows("UPDATE attention SET ended_at = NULL WHERE id = ANY(%s) RETURNING 1", [id for (id,) in kept])


def test_bo_gathers_leads_lead_and_cy_finds_nothing(
    desk: Callable[[str], Person], rows: Callable[..., list[Any]]
) -> None:
    ann, bo, cy = desk(ANN), desk(BO), desk(CY)
    case = str(free_case(rows, 0))
    assert bo.sends("/inbox/incident/", case=case, title="").status_code == 422
    bo.sends("/inbox/incident/", case=case, title="Power cut <b>")
    number = newest(rows)
    assert "Power cut &lt;b&gt;" in bo.sees(f"/incident/{number}/").text
    for act in ("close", "rename", "give", "update"):
        assert bo.sends(f"/incident/{number}/act/{act}/", to="0", at="0", title="x").status_code == 403
        path = f"/incident/{number}/act/{act}/"
        assert cy.sends(path, to="0", at="0", title="x").status_code in (403, 404), act
    assert cy.sees(f"/incident/{number}/").status_code == 404
    assert "Power cut" not in cy.sees("/incidents/").text
    assert cy.sends(f"/incident/{number}/act/unlink/", case=case).status_code == 404
    assert cy.sends(f"/case/{case}/incident/unlink/", incident=str(number)).status_code == 404
    assert gathered(rows, number) == [case]
    assert bo.sends(f"/case/{case}/incident/unlink/", incident=str(number)).status_code == 200
    assert gathered(rows, number) == []
    assert ann.sends(f"/incident/{number}/act/close/").status_code == 200
    assert "Power cut" in ann.sees("/incidents/?state=closed").text
    assert bo.sends(f"/incident/{number}/act/nothing/").status_code == 422
    assert bo.sends("/inbox/incident/", case=case, incident="9" * 30).status_code == 422


def test_the_inbox_is_filtered_by_number_in_every_spelling(desk: Callable[[str], Person]) -> None:
    bo = desk(BO)
    for spelling in ("4", "INC 4", "inc4", "004"):
        assert (
            "Incident: 4" in bo.client.get("/inbox/", params={"incident": spelling, "assignee": "all"}).text
        )
    assert bo.client.get("/inbox/", params={"incident": "four"}).status_code == 422


def test_a_statement_from_writing_to_stopping(
    desk: Callable[[str], Person], rows: Callable[..., list[Any]], staged: Stage
) -> None:
    """Bo writes, Ann approves in the queue, what goes is stopped; a refused text stays in its box; Cy does nothing."""
    ann, bo, cy = desk(ANN), desk(BO), desk(CY)
    cases = [str(free_case(rows, place)) for place in range(4)]
    token = re.search(r'"X-CSRFToken":"([^"]+)"', bo.sees("/settings/").text)
    assert token
    bo.client.post(
        "/inbox/incident/", data={"csrfmiddlewaretoken": token[1], "case": cases, "title": "Late parcels"}
    )
    number = newest(rows)
    path = f"/incident/{number}/statement/"
    refused = bo.sends(path, text="Hello {customer}, <b>soon</b>.", scope="now", hours="4")
    assert refused.status_code == 422 and "Hello {customer}, &lt;b&gt;soon&lt;/b&gt;." in refused.text
    assert "no slot {customer}" in refused.text
    drafted = bo.sends(path, text="Hello {name}, your parcels come on Monday.", scope="now", hours="4").text
    assert "your parcels come on Monday" in drafted and "Ask for approval of" in drafted
    ((statement, version),) = rows("SELECT id, version FROM statement WHERE incident = %s", number)
    for act in ("ask", "withdraw", "stop", "go-on", "end"):
        assert cy.sends(f"{path}{statement}/{act}/", version=str(version)).status_code in (403, 404), act
    assert cy.sends(f"/approvals/statement/{statement}/", decision="approve").status_code == 403
    bo.sends(f"{path}{statement}/ask/", version=str(version))
    shown = ann.sees("/approvals/").text
    digest = re.search(rf'/approvals/statement/{statement}/.*?name="digest" value="([0-9a-f]+)"', shown, re.S)
    assert digest and "your parcels come on Monday" in shown
    assert (
        bo.sends(f"/approvals/statement/{statement}/", decision="approve", digest=digest[1]).status_code
        == 403
    )
    wrong = ann.sends(f"/approvals/statement/{statement}/", decision="approve", digest="00" * 32)
    assert wrong.status_code == 409
    assert (
        ann.sends(f"/approvals/statement/{statement}/", decision="approve", digest=digest[1]).status_code
        == 200
    )
    with connect(staged.database.dsn("worker")) as conn, transaction(conn):
        gone = stating.step(conn, system_clock()).let_go
    assert gone >= 1
    assert f"<b>{gone}</b> on the way" in bo.sees(f"{path}progress/").text
    assert bo.sends(f"{path}{statement}/stop/").status_code == 200
    assert rows(
        "SELECT count(*) FROM statement_reply r JOIN delivery d ON d.release_id = r.release_id WHERE d.state = 'waiting'"
    ) == [(0,)]
    ended = bo.sends(f"{path}{statement}/end/").text
    assert "nothing more goes by it" in ended


def test_the_approvals_ask_a_fixed_number_of_questions_whatever_is_held(
    desk: Callable[[str], Person], rows: Callable[..., list[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    import psycopg

    ann, bo, free, waits = desk(ANN), desk(BO), free_cases(rows), []
    real, sent = psycopg.Cursor.execute, []

    def spy(self: Any, query: Any, *more: Any, **words: Any) -> Any:
        sent.append(query)
        return real(self, query, *more, **words)

    token = re.search(r'"X-CSRFToken":"([^"]+)"', bo.sees("/settings/").text)
    assert token

    def hold(place: int) -> None:
        cases = [str(case) for case in free[place::4][:40]]
        fields = {"csrfmiddlewaretoken": token[1], "case": cases, "title": f"Late parcels {place}"}
        bo.client.post("/inbox/incident/", data=fields)
        path = f"/incident/{newest(rows)}/statement/"
        bo.sends(path, text=f"Hello {{name}}, parcel {place} comes on Monday.", scope="now", hours="4")
        ((statement, version),) = rows("SELECT id, version FROM statement WHERE incident = %s", newest(rows))
        bo.sends(f"{path}{statement}/ask/", version=str(version))
        waits.append(f"{path}{statement}/withdraw/")

    def asked() -> tuple[int, int]:
        sent.clear()
        with monkeypatch.context() as patch:
            patch.setattr(psycopg.Cursor, "execute", spy)
            page = ann.client.get("/approvals/").text
        shown = page.split('id="statements"')[1] if 'id="statements"' in page else ""
        return len(sent), len(set(re.findall(r"parcel \d comes on Monday", shown)))

    none, _ = asked()
    hold(0)
    one = asked()
    for place in range(1, 4):
        hold(place)
    four = asked()
    for path in waits:
        bo.sends(path)
    assert one[1] == 1 and four[1] == 4, "each shows its words and whom they reach"
    assert four[0] == one[0] == none + 10 <= 40


def test_all_places_fit_the_widths_of_laptops(visit: Callable[..., Any]) -> None:
    page = visit("/inbox/?assignee=all")
    for width in (900, 1240, 1280, 1320, 1366, 1440):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, width
