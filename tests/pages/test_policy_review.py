"""A policy changed on the pages: drafted, checked, asked about, reviewed by somebody else, back-tested, put in force, and back."""

import re
import threading
from collections.abc import Callable
from typing import Any

import pytest
from desk_person import Person
from stage_house import ANN, BO, CY, PASSWORD, Stage

from townhall.database.connect import connect, transaction
from townhall.flow import backtesting
from townhall.flow.opening import starter
from townhall.kernel.clock import system_clock
from townhall.vault import open_keys

pytestmark = [pytest.mark.database, pytest.mark.browser]
QUIET = """id: quiet
version: 2
defaults: {effect: no_answer, priority: low, queue: general, reason: Nothing asks for an answer.}
rules:
  - id: outage
    owner: network operations
    reason: Outages are told to customers before they spread.
    when: post.intent == 'outage'
    effect: answer
    priority: urgent
    queue: outages
    targets: {first_response: 30m}
    examples:
      match: [{post.intent: outage}]
      no_match: [{post.text: Lovely weather}]
"""


@pytest.fixture
def lee(staged: Stage, desk: Callable[[str], Person]) -> Person:
    """A second person with Ann's rights, so that there is somebody to review."""
    hire_reviewer(staged)
    return desk("lee@example.org")


def hire_reviewer(staged: Stage) -> None:
    """Lee, a compliance officer, unless there already."""
    at_work = threading.Thread(target=_hire, args=(staged.brand,))  # a browser's loop may live in this one
    at_work.start()
    at_work.join()


def _hire(brand: int) -> None:
    from allauth.account.models import EmailAddress
    from django.db import connection

    from townhall.people.models import Membership, Staff

    if not Staff.objects.filter(email="lee@example.org").exists():
        one = Staff.objects.create_user("lee@example.org", "Lee Okoro", PASSWORD)
        EmailAddress.objects.create(user=one, email=one.email, primary=True, verified=True)
        Membership.objects.create(staff=one, brand_id=brand, roles=["compliance"])
    connection.close()


def run_backtests(staged: Stage, patience: float = 60.0) -> int:
    """What the clock role does, until nothing waits; gives the steps."""
    steps = 0
    with connect(staged.database.dsn("worker")) as conn:
        while True:
            with transaction(conn):
                if not backtesting.step(conn, open_keys(staged.settings.home).kek, system_clock(), patience):
                    return steps
            steps += 1


def drafted(ann: Person, text: str) -> int:
    page = ann.sends("/policy/begin/")
    number = int(page.url.path.split("/")[2])
    assert page.url.path == f"/policy/{number}/edit/"
    seen = re.search(r'data-seen="([0-9a-f]{64})"', page.text)
    assert seen
    kept = ann.sends(f"/policy/{number}/keep/", text=text, seen=seen[1])
    assert kept.status_code == 200 and len(kept.json()["digest"]) == 64
    stale = ann.sends(f"/policy/{number}/keep/", text="other", seen=seen[1])
    assert stale.status_code == 409 and "after you opened it" in stale.json()["error"]
    return number


def test_from_draft_to_force_and_back(staged: Stage, desk: Callable[[str], Person], lee: Person) -> None:
    ann, bo = desk(ANN), desk(BO)
    number = drafted(ann, QUIET)
    page = ann.client.get(f"/policy/{number}/").text
    assert "Ask for review" in page and "taken out" in page and "Approve version" not in page
    asked = ann.sends(f"/policy/{number}/act/", do="ask", note="Only outages for now")
    assert "Somebody else reviews it now" in asked.text and "Only outages for now" in asked.text
    assert "You wrote this text" in asked.text
    digest = re.search(r'name="digest" value="([0-9a-f]{64})"', lee.client.get(f"/policy/{number}/").text)
    assert digest
    assert ann.sends(f"/policy/{number}/act/", do="approve", digest=digest[1]).status_code == 403
    assert bo.sends(f"/policy/{number}/act/", do="approve", digest=digest[1]).status_code == 403
    assert lee.sends(f"/policy/{number}/act/", do="return", reason=" ").status_code == 422
    assert lee.sends(f"/policy/{number}/act/", do="approve", digest="0" * 64).status_code == 409
    assert (
        f"Put version {number} in force now"
        in lee.sends(f"/policy/{number}/act/", do="approve", digest=digest[1]).text
    )
    later = lee.sends(f"/policy/{number}/act/", do="activate", at="2026-12-24T08:00")
    assert later.status_code in (200, 422)
    if later.status_code == 200:
        assert "Cancel this time" in later.text
        assert "It stays reviewed" in lee.sends(f"/policy/{number}/act/", do="call_off").text
    assert lee.sends(f"/policy/{number}/act/", do="activate", at="soon").status_code == 422
    assert "within two seconds" in lee.sends(f"/policy/{number}/act/", do="activate").text
    now = bo.client.get("/policy/").text
    assert f"Version {number}" in now and 'id="rule-outage"' in now and 'id="rule-danger"' not in now
    back = lee.sends("/policy/1/act/", do="roll_back", reason="Too quiet")
    assert "in force again" in back.text and "Too quiet" in back.text
    assert 'id="rule-danger"' in bo.client.get("/policy/").text


def test_returned_with_a_reason_and_thrown_away(desk: Callable[[str], Person], lee: Person) -> None:
    ann = desk(ANN)
    number = drafted(ann, QUIET)
    ann.sends(f"/policy/{number}/act/", do="ask")
    given = lee.sends(f"/policy/{number}/act/", do="return", reason="Deliveries are missing")
    assert (
        "Given back" in given.text and "Deliveries are missing" in ann.client.get(f"/policy/{number}/").text
    )
    assert "thrown away" in ann.sends(f"/policy/{number}/act/", do="discard").text
    assert ann.client.get(f"/policy/{number}/edit/").url.path == f"/policy/{number}/"


def test_a_text_that_cannot_be_read_is_kept_and_says_where(desk: Callable[[str], Person]) -> None:
    ann = desk(ANN)
    number = drafted(ann, QUIET.replace("post.intent ==", "post.intend =="))
    page = ann.client.get(f"/policy/{number}/").text
    assert "cannot be read as a policy yet" in page and "line 8" in page and "Ask for review" not in page
    assert ann.sends(f"/policy/{number}/act/", do="ask").status_code == 422
    ann.sends(f"/policy/{number}/act/", do="discard")


def test_the_check_says_line_column_and_the_example_that_breaks_it(desk: Callable[[str], Person]) -> None:
    ann = desk(ANN)
    wrong = ann.sends(
        "/policy/check/", text=QUIET.replace("{post.intent: outage}", "{post.text: Hello}")
    ).text
    assert (
        re.search(r"Line 14, column \d+.*should match and does not", wrong, re.S) and 'data-at="14"' in wrong
    )
    deep = ann.sends("/policy/check/", text=starter(), deep="1").text
    assert " rules can be read" in deep and "claim the same post" in deep and "No rule covers" in deep
    dead = QUIET.replace(
        "post.intent == 'outage'",
        "post.intent == 'outage' && post.intent == 'praise'",
    )
    assert (
        "can match no post" in ann.sends("/policy/check/", text=dead.split("    examples:")[0], deep="1").text
    )
    idle = starter().replace("first_response:", "community_answer: 4h, first_response:", 1)
    noted = ann.sends("/policy/check/", text=idle, deep="1").text
    assert re.search(r"community_answer of .*there is none yet", noted) and "there is none yet" not in deep
    assert ann.sends("/policy/check/", text="x" * 300_001).status_code == 422
    assert desk(BO).sends("/policy/check/", text=QUIET).status_code == 403


def test_a_backtest_runs_beside_is_called_off_and_goes_on_from_where_it_was(
    staged: Stage, desk: Callable[[str], Person], lee: Person
) -> None:
    ann = desk(ANN)
    run_backtests(staged)
    number = drafted(ann, QUIET)
    page = ann.sends(f"/policy/{number}/backtest/", low="2020-01-01", high="2019-01-01")
    assert page.status_code == 422
    days = re.findall(
        r'name="(?:low|high)" type="date" value="([^"]+)"', ann.client.get(f"/policy/{number}/backtest/").text
    )
    begun = ann.sends(f"/policy/{number}/backtest/", low=days[0], high=days[1])
    assert "waits its turn" in begun.text and 'hx-trigger="every 2s"' in begun.text
    with connect(staged.database.dsn("worker")) as conn, transaction(conn):
        assert backtesting.step(conn, open_keys(staged.settings.home).kek, system_clock(), patience=0.0)
    part = ann.client.get(f"/policy/{number}/backtest/", headers={"HX-Request": "true"}).text
    assert "at work" in part and "would be judged otherwise" in part
    assert "Call it off" in part
    run_backtests(staged)
    done = ann.client.get(f"/policy/{number}/backtest/").text
    found = re.search(r"([\d,]+) of ([\d,]+) posts would be judged otherwise", done)
    assert found and "done" in done and "Against what people did" in done and "/policy/why/" in done
    with connect(staged.database.dsn("worker")) as conn:
        row = conn.execute(
            "SELECT count(*), count(*) FILTER (WHERE rule NOT IN ('outage', '') AND effect <> 'no_answer')"
            " FROM interaction WHERE direction = 'in' AND brand_id = %s", [staged.brand],
        ).fetchone()  # fmt: skip
        stored = conn.execute("SELECT result::text FROM policy_backtest ORDER BY id DESC LIMIT 1").fetchone()
    assert row and int(found[2].replace(",", "")) == row[0] and int(found[1].replace(",", "")) >= row[1]
    assert stored and '"text": ""' in stored[0] and "fernhill" not in stored[0].lower()
    ann.sends(f"/policy/{number}/backtest/", low=days[0], high=days[1])
    assert "Called off" in ann.sends(f"/policy/{number}/backtest/", do="stop").text
    assert ann.sends(f"/policy/{number}/backtest/", do="stop").status_code == 409
    with connect(staged.database.dsn("worker")) as conn:
        kept = conn.execute(
            "SELECT sum(length(source) + length(against_source)) FROM policy_backtest"
        ).fetchone()
    assert kept == (0,), "texts of what has ended are let go"
    ann.sends(f"/policy/{number}/act/", do="discard")


def test_two_rules_side_by_side(desk: Callable[[str], Person]) -> None:
    page = desk(BO).client.get("/policy/1/conflict/?a=danger&b=abuse").text
    assert "Danger and Abuse<span" in page and "Danger decides" in page
    assert desk(BO).client.get("/policy/1/conflict/?a=danger&b=nothing").status_code == 404


def test_versions_of_another_brand_do_not_exist(desk: Callable[[str], Person]) -> None:
    cy = desk(CY)
    assert "There is no version yet" in cy.client.get("/policy/versions/").text
    for path in ("/policy/1/", "/policy/1/backtest/", "/policy/1/conflict/?a=danger&b=abuse"):
        assert cy.client.get(path).status_code == 404, path
    assert cy.client.get("/policy/1/edit/").status_code == 403
    for path in ("/policy/begin/", "/policy/1/keep/", "/policy/check/"):
        assert cy.sends(path, text="x").status_code == 403, path
    assert cy.sends("/policy/1/act/", do="roll_back", reason="x").status_code in (403, 404)
    bo = desk(BO)
    assert bo.client.get("/policy/1/edit/").status_code == 403
    assert bo.sends("/policy/1/act/", do="discard").status_code == 403
    assert "Edit a draft" not in bo.client.get("/policy/").text


def test_a_brand_without_a_policy_begins_from_a_starter(staged: Stage, desk: Callable[[str], Person]) -> None:
    ann = desk(ANN)
    ann.sends("/settings/brand/", brand=str(staged.empty_brand))
    try:
        assert "Start a draft from Bank" in ann.client.get("/policy/").text
        made = ann.sends("/policy/begin/", starter="default")
        assert made.url.path == "/policy/1/edit/" and "A person or a home may be in danger" in made.text
        assert ann.sends("/policy/begin/", starter="../secret").status_code == 404
        assert "A draft waits" in ann.client.get("/policy/").text
        ann.sends("/policy/1/act/", do="discard")
    finally:
        ann.sends("/settings/brand/", brand=str(staged.brand))


def test_the_page_asks_a_fixed_number_of_questions(
    staged: Stage, desk: Callable[[str], Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With one more draft, and with many more posts and versions than before, the policy is read by as many queries."""
    import psycopg

    sent: list[Any] = []
    real = psycopg.Cursor.execute

    def spy(self: Any, query: Any, *more: Any, **words: Any) -> Any:
        sent.append(query)
        return real(self, query, *more, **words)

    bo, ann = desk(BO), desk(ANN)
    number = drafted(ann, QUIET)
    monkeypatch.setattr(psycopg.Cursor, "execute", spy)

    def asked() -> int:
        sent.clear()
        assert bo.client.get("/policy/").status_code == 200
        return len(sent)

    few = asked()
    monkeypatch.undo()
    for _ in range(3):
        drafted(ann, QUIET)
    monkeypatch.setattr(psycopg.Cursor, "execute", spy)
    assert asked() == few <= 26
    monkeypatch.undo()
    for one in range(number, number + 4):
        ann.sends(f"/policy/{one}/act/", do="discard")


@pytest.mark.parametrize("width", [1440, 360])
def test_a_changed_condition_is_read_across_the_page(
    desk: Callable[[str], Person], visit: Callable[..., Any], width: int
) -> None:
    """Before, after, and as written stand under each other, whatever their length."""
    ann = desk(ANN)
    was = "post.text.lowerAscii().matches("
    number = drafted(ann, starter().replace(was, f"post.text.matches('zz[a-z]{{9}}') || {was}", 1))
    page = visit(f"/policy/{number}/", width=width)
    boxes = [page.locator(f".reasons {one}").first.bounding_box() for one in ("del", "ins", "li details")]
    ends = [one["y"] + one["height"] - 4 for one in boxes]
    assert boxes[1]["y"] >= ends[0] and boxes[2]["y"] >= ends[1]
    assert page.locator(".reasons li summary").first.bounding_box()["height"] < 60
    assert boxes[1]["width"] > 0.4 * width
    ann.sends(f"/policy/{number}/act/", do="discard")
