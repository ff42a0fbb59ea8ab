"""The approval queue: what the approver reads beside the text, and that no rhythm of keys approves what the guard marked."""

from collections.abc import Callable
from typing import Any

import pytest
from desk_person import Person
from stage_house import ANN, BO

pytestmark = [pytest.mark.browser, pytest.mark.database]


def test_why_somebody_held_a_finding_for_no_problem_is_read_by_who_approves(
    held: list[int], desk: Callable[[str], Person], rows: Callable[..., list[Any]]
) -> None:
    ((release, case, text, kind, start, end),) = rows(
        "SELECT id, case_id, text, findings->0->>'kind', (findings->0->>'start')::int, (findings->0->>'end')::int"
        " FROM release WHERE id = %s",
        held[0],
    )
    before = desk(ANN).client.get("/approvals/").text
    waved = before.count("not a problem, because")
    assert "Said at the case" not in before.split(f'id="held-{release}"')[1].split("</li>")[0]
    given = {"finding": kind, "words": text[start:end], "because": "our <i>own</i> number"}
    assert desk(BO).sends(f"/case/{case}/wave/", **given).status_code == 200
    try:
        shown = desk(ANN).client.get("/approvals/").text
        item = shown.split(f'id="held-{release}"')[1].split('<li class="held-item"')[0]
        assert "not a problem, because: our &lt;i&gt;own&lt;/i&gt; number" in item
        assert shown.count("not a problem, because") == waved + 1, "at this item alone"
        assert "data-approve data-hold" in item, "it lifts nothing"
    finally:
        rows("DELETE FROM dismissal WHERE case_id = %s RETURNING 1", case)


def test_red_findings_are_approved_by_holding_the_key_alone(
    visit: Callable[..., Any], held: list[int]
) -> None:
    page, sent = visit("/approvals/"), []

    def caught(route: Any) -> None:
        sent.append(route.request.post_data)
        route.fulfill(body="decided")

    page.route("**/approvals/*/**", caught)
    item = page.locator(f"#held-{held[0]}:has([data-hold])")
    item.focus()
    for _ in range(4):
        page.keyboard.press("y")
        page.wait_for_timeout(150)
    assert sent == [], "four taps are no decision"
    for _ in range(12):
        page.keyboard.down("y")
        page.wait_for_timeout(60)
    page.keyboard.up("y")
    page.wait_for_timeout(300)
    assert len(sent) == 1 and "decision=approve" in sent[0]


def test_ones_own_reply_is_shown_in_grey_with_why_and_an_empty_reason_offers_the_others(
    visit: Callable[..., Any],
    held: list[int],
    desk: Callable[[str], Person],
    rows: Callable[..., list[Any]],
) -> None:
    release, other = held
    ((author, ann),) = rows(
        "SELECT r.author_id, s.id FROM release r, staff s WHERE r.id = %s AND s.email = %s", release, ANN
    )
    rows("UPDATE release SET author_id = %s WHERE id = %s RETURNING 1", ann, release)
    try:
        item = visit("/approvals/").locator(f"#held-{release}")
        colours = "(e) => [...e.querySelectorAll('blockquote')].map((q) => getComputedStyle(q).color)"
        assert "You wrote this, so somebody else decides." in item.inner_text()
        assert item.locator("[data-approve]").count() == 0
        others = visit("/approvals/").locator(f"#held-{other}").evaluate(colours)
        assert item.evaluate(colours) and not set(item.evaluate(colours)) & set(others)
    finally:
        rows("UPDATE release SET author_id = %s WHERE id = %s RETURNING 1", author, release)
    page = desk(ANN).client.get("/approvals/?reason=no+such+reason").text
    assert (
        "Nothing is held for that reason" in page
        and "Show every reason" in page
        and "Nothing is held</h2>" not in page
    )
