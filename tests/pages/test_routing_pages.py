"""Being here by a button, over with signing out; settings and a lead's decision through the pages."""

import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from stage_house import ANN, BO, CY, Stage

from townhall.database.connect import connect
from townhall.desk.routing import QueueLine
from townhall.routing.logic import Queue
from townhall.web.pages.routing import by_danger

pytestmark = [pytest.mark.database, pytest.mark.browser]


def asked(stage: Stage, sql: str, *params: Any) -> list[Any]:
    with connect(stage.database.dsn("worker")) as conn:
        return conn.execute(sql, params).fetchall()


def post(client: httpx.Client, path: str, **data: str) -> httpx.Response:
    token = re.search(r'"X-CSRFToken":"([^"]+)"', client.get("/routing/").text)
    assert token
    return client.post(path, data={**data, "csrfmiddlewaretoken": token[1]})


def test_a_person_is_here_and_leaves_by_signing_out(
    person: Callable[[str], httpx.Client], staged: Stage
) -> None:
    bo = person(BO)
    assert post(bo, "/routing/here/", where="here").status_code == 302
    seat = "SELECT p.present, cardinality(p.queues) > 1 FROM presence p JOIN staff s ON s.id = p.staff_id WHERE s.email = %s AND p.brand_id = %s"
    assert asked(staged, seat, BO, staged.brand) == [(True, True)]
    assert "I leave" in bo.get("/routing/").text
    assert post(bo, "/accounts/logout/").status_code == 302
    assert asked(staged, seat, BO, staged.brand) == [(False, True)]


def test_a_lead_sets_a_queue_a_person_and_the_rules_and_is_told_what_is_wrong(
    person: Callable[[str], httpx.Client],
    staged: Stage,
) -> None:
    ann = person(ANN)
    times = {
        name: "0" for name in ("stick_for", "overflow_after", "relax_after", "silence_after", "usual_work")
    }
    queue = {"title": "Loyalty", "needs": "retention 9", "language": "must", **times}
    wrong = post(ann, "/routing/queue/loyalty/", **queue)
    assert wrong.status_code == 422 and "retention 9" in wrong.text and "Nothing was changed" in wrong.text
    queue |= {"needs": "retention 3", "silence_after": "45"}
    assert post(ann, "/routing/queue/loyalty/", **queue).status_code == 302
    kept = "SELECT language, silence_after / 60000000, needs -> 0 ->> 'skill' FROM queue WHERE slug = 'loyalty' AND brand_id = %s"
    assert asked(staged, kept, staged.brand) == [("must", 45, "retention")]
    profile = {"capacity": "9", "skills": "fibre 2", "languages": "en 5", "shift": "mon-fri 9 to 5"}
    (one,) = asked(staged, "SELECT id FROM staff WHERE email = %s", BO)
    bad = post(ann, f"/routing/person/{one[0]}/", **profile)
    assert bad.status_code == 422 and "mon-fri 09:00-17:00" in bad.text
    assert (
        post(ann, f"/routing/person/{one[0]}/", **profile | {"shift": "mon-fri 09:00-17:00"}).status_code
        == 302
    )
    rules = {
        "order": "save", "weights": "private 3, public 1", "tiers": "gold 30", "influence_from": "0", "reach_from": "0",
        "influence_head_start": "0", "absent_after": "15",
    }  # fmt: skip
    assert post(ann, "/routing/rules/", **rules | {"tiers": "gold lots"}).status_code == 422
    assert post(ann, "/routing/rules/", **rules).status_code == 302
    assert 'value="gold 30"' in ann.get("/routing/rules/").text


def test_a_lead_decides_with_a_reason_and_nobody_else_does(
    person: Callable[[str], httpx.Client],
    staged: Stage,
) -> None:
    ann, (case, version) = person(ANN), asked(
        staged, "SELECT id, version FROM cases WHERE brand_id = %s AND state = 'open' AND assignee_id IS NULL ORDER BY id LIMIT 1",
        staged.brand,
    )[0]  # fmt: skip
    (one,) = asked(staged, "SELECT id FROM staff WHERE email = %s", ANN)
    path, given = f"/routing/case/{case}/", {"staff": str(one[0]), "version": str(version)}
    assert post(ann, path, **given, reason=" ").status_code == 422
    assert post(person(CY), path, **given, reason="Mine").status_code in (403, 404)
    assert person(CY).get(path).status_code == 404
    assert post(ann, path, **given, reason="I was there.").status_code == 302
    page = ann.get(path).text
    assert "I was there." in page and "decided" in page
    assert asked(staged, "SELECT assignee_id FROM cases WHERE id = %s", case) == [(one[0],)]


def test_queues_stand_by_what_is_missed_then_by_the_next_deadline() -> None:
    def queue(slug: str, missed: int, due: int) -> QueueLine:
        return QueueLine(Queue(slug, slug), waiting=1, oldest=1, next_due=due, missed=missed, here=0, room=0)

    lines = [queue("a", 0, 90), queue("b", 0, 0), queue("c", 2, 99), queue("d", 0, 50), queue("e", 1, 70)]
    assert [one.queue.slug for one in by_danger(lines)] == ["e", "c", "d", "a", "b"]
