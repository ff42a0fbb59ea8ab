"""Routing through the API: presence, settings, reasons, a lead's decision; and doors."""

from typing import Any

import pytest


@pytest.fixture(scope="module")
def queued(office: Any) -> Any:
    office.owner.execute(
        "INSERT INTO queue (brand_id, slug, title) VALUES (%s, 'care', 'Care'), (%s, 'bills', 'Bills') ON CONFLICT DO NOTHING",
        [office.town.brand, office.town.brand],
    )
    return office


def test_being_here_and_what_a_queue_goes_by(queued: Any) -> None:
    ann, bo = queued.asks("ann"), queued.asks("bo")
    assert bo("PUT", "/api/routing/presence", {"here": True}).json == {"here": True}
    assert queued.asks("robot")("PUT", "/api/routing/presence", {"here": True}).status == 403
    wanted = {
        "title": "Care",
        "needs": "complaint: retention 3, billing",
        "overflow_to": ["bills"],
        "stick_for": 5,
    }
    given = ann("PUT", "/api/routing/queues/care", wanted)
    assert given.status == 200 and given.json["needs"] == "billing 1, complaint: retention 3"
    assert bo.get("/api/routing/queues/care").json == given.json
    assert (given.json["stick_for"], given.json["hands_out"], given.json["relax_after"]) == (5, False, 0)
    for wrong in (
        {**wanted, "needs": "billing 9"},
        {**wanted, "overflow_to": ["gone"]},
        {**wanted, "overflow_to": ["care"]},
    ):
        assert ann("PUT", "/api/routing/queues/care", wrong).status == 422
    assert bo("PUT", "/api/routing/queues/care", wanted).status == 403
    now = bo.get("/api/routing").json
    (mine,) = [one for one in now["people"] if one["staff_id"] == str(queued.bo.staff_id)]
    assert mine["where"] == "here" and {"bills", "care"} <= set(mine["queues"])
    assert {one["slug"] for one in now["queues"]} >= {"bills", "care"}
    bo("PUT", "/api/routing/presence", {"here": False})
    (mine,) = [
        one for one in bo.get("/api/routing").json["people"] if one["staff_id"] == str(queued.bo.staff_id)
    ]
    assert mine["where"] == "away"


def test_why_a_case_is_with_whom_and_a_lead_s_decision(queued: Any) -> None:
    case, ann, bo = queued.case(), queued.asks("ann"), queued.asks("bo")
    before = ann.get(f"/api/cases/{case}/routing").json
    assert before["planned"] and before["holder_id"] is None and before["past"] == []
    assert (
        ann.post(f"/api/cases/{case}/override", {"staff_id": str(queued.bo.staff_id), "reason": " "}).status
        == 422
    )
    to_bo = {"staff_id": str(queued.bo.staff_id), "reason": "Bo knows them.", "version": 1}
    assert bo.post(f"/api/cases/{case}/override", to_bo).status == 403
    assert ann.post(f"/api/cases/{case}/override", to_bo).status == 200
    assert ann.post(f"/api/cases/{case}/override", to_bo).status == 409
    after = bo.get(f"/api/cases/{case}/routing").json
    assert after["words"] == "a lead decided so: Bo knows them." and after["holder_id"] == str(
        queued.bo.staff_id
    )
    assert [(one["kind"], one["reason"], one["by"]) for one in after["past"]] == [
        ("override", "Bo knows them.", "Ann")
    ]
    back = {"staff_id": None, "reason": "Bo is ill."}
    assert ann.post(f"/api/cases/{case}/override", back).status == 200
    assert queued.one("SELECT assignee_id FROM cases WHERE id = %s", case) is None


def test_another_brand_s_routing_does_not_exist(queued: Any) -> None:
    case, cy = queued.case(), queued.asks("cy")
    assert cy.get(f"/api/cases/{case}/routing").status == 404
    assert cy.post(f"/api/cases/{case}/override", {"staff_id": None, "reason": "mine"}).status == 404
    assert cy.get("/api/routing/queues/care").status == 404
    assert cy("PUT", "/api/routing/queues/care", {"title": "Mine"}).status == 404
    seen = cy.get("/api/routing").json
    assert all(one["name"] == "Cy" for one in seen["people"]) and seen["queues"] == []
    assert queued.asks("wall").get("/api/routing").status == 403
