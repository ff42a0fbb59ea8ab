"""Cases, drafts, replies, approvals and stops through the API, each judged by what the database then holds."""

import json
from typing import Any

import pytest

from townhall.kernel.clock import DAY, HOUR, system_clock, to_iso

PHONE = "Please call our colleague at +44 20 7946 0991 today."


def test_the_inbox_and_a_case(office: Any) -> None:
    case = office.case("A very particular question")
    ann = office.asks("ann")
    listed = ann.get("/api/cases?text=particular").json
    assert [one["case_id"] for one in listed["items"]] == [str(case)] and listed["next"] is None
    whole = ann.get(f"/api/cases/{case}").json
    assert whole["case"]["version"] == 1 and whole["promises"][0]["metric"] == "first_response"
    thread = ann.get(f"/api/threads/{whole['thread_id']}").json
    assert [post["text"] for post in thread["posts"]] == ["A very particular question"]
    post = ann.get(f"/api/interactions/{whole['seen_post']}").json
    assert post["revisions"] == [] and post["thread_id"] == whole["thread_id"]


def test_acts_and_their_undo(office: Any) -> None:
    case, ann, bo = office.case(), office.asks("ann"), office.asks("bo")
    done = bo.post(f"/api/cases/{case}/take", {"version": 1}).json
    assert done["version"] == 2
    moved = ann.post(f"/api/cases/{case}/assign", {"staff_id": str(office.ann.staff_id), "version": 1})
    assert moved.status == 409 and moved.json["type"] == "urn:townhall:problem:case-moved"
    assert moved.json["news"] == {
        "version": 2,
        "posts": [],
        "acts": [{"act": "take", "actor": f"staff/{office.bo.staff_id}"}],
    }
    assert ann.post(f"/api/cases/{case}/take").status == 409
    assert ann.post(f"/api/cases/{case}/take", {"force": True}).status == 200
    undone = ann.post(f"/api/changes/{done['change']}/undo")
    assert undone.status == 409
    assert ann.post(f"/api/cases/{case}/assign", {"staff_id": None}).status == 200
    assert ann.post(f"/api/cases/{case}/assign", {"staff_id": "999999"}).status == 404
    assert ann.post(f"/api/cases/{case}/notes", {"text": "Called the depot."}).status == 200
    closed = ann.post(f"/api/cases/{case}/close").json
    assert office.one("SELECT state FROM cases WHERE id = %s", case) == "closed"
    assert ann.post(f"/api/changes/{closed['change']}/undo").status == 200
    assert office.one("SELECT state FROM cases WHERE id = %s", case) == "open"
    assert ann.post(f"/api/cases/{case}/snooze", {"until": to_iso(system_clock() + DAY)}).status == 200
    assert ann.post(f"/api/cases/{case}/reopen").status == 200
    assert ann.post(f"/api/cases/{case}/move", {"queue": "nowhere"}).status == 404
    assert ann.post(f"/api/cases/{case}/snooze", {"until": to_iso(system_clock() - HOUR)}).status == 422
    other = office.case()
    assert ann.post(f"/api/cases/{case}/merge", {"into": str(other)}).status in (200, 422)
    whole = ann.get(f"/api/cases/{case}").json
    assert [note["text"] for note in whole["notes"]] == ["Called the depot."] and whole["history"]


def test_a_program_holds_nothing_and_approves_nothing(office: Any) -> None:
    case, robot = office.case(), office.asks("robot")
    assert robot.post(f"/api/cases/{case}/take").status == 403
    assert robot.post(f"/api/cases/{case}/notes", {"text": "Seen by a program."}).status == 200
    came = robot.post(f"/api/cases/{case}/replies", {"kind": "public", "text": "It arrives tomorrow."})
    assert came.status == 201 and came.json["outcome"] == "released"
    assert office.one("SELECT author FROM release WHERE id = %s", int(came.json["release_id"])).startswith(
        "token-"
    )
    lead = office.asks(office.token(office.town, frozenset({"lead"})))
    held = robot.post(f"/api/cases/{office.case()}/replies", {"kind": "public", "text": PHONE}).json
    shown = lead.get(f"/api/releases/{held['release_id']}").json
    refused = lead.post(f"/api/releases/{held['release_id']}/approve", {"digest": shown["digest"]})
    assert refused.status == 403 and "person" in refused.json["detail"]


def test_draft_check_hold_approve(office: Any) -> None:
    case, ann, bo = office.case(), office.asks("ann"), office.asks("bo")
    draft = bo("PUT", f"/api/cases/{case}/drafts/public", {"text": "It arr"}).json
    assert draft["version"] == 1
    late = bo("PUT", f"/api/cases/{case}/drafts/public", {"text": "phone", "known_version": 7})
    assert late.status == 409
    assert [one["text"] for one in bo.get(f"/api/cases/{case}/drafts").json] == ["It arr"]
    assert ann.get(f"/api/cases/{case}/drafts").json == []
    verdict = bo.post(f"/api/cases/{case}/check", {"kind": "public", "text": PHONE}).json
    assert verdict["verdict"] == "hold" and verdict["findings"][0]["kind"] == "phone" and verdict["approvers"]
    held = bo.post(f"/api/cases/{case}/replies", {"kind": "public", "text": PHONE})
    assert held.status == 202 and held.json["outcome"] == "held"
    number = held.json["release_id"]
    assert number in [one["id"] for one in ann.get("/api/releases?state=held").json["items"]]
    shown = ann.get(f"/api/releases/{number}").json
    assert shown["state"] == "held" and shown["text"] == PHONE and shown["author"] == "Bo"
    assert bo.post(f"/api/releases/{number}/approve", {"digest": shown["digest"]}).status == 403
    assert ann.post(f"/api/releases/{number}/approve", {"digest": "0" * 64}).status == 409
    released = ann.post(f"/api/releases/{number}/approve", {"digest": shown["digest"]})
    assert released.status == 200 and released.json["outcome"] == "released"
    assert ann.get(f"/api/releases/{number}").json["delivery"] == "waiting"
    assert bo.post(f"/api/releases/{number}/withdraw").json["text"] == PHONE
    assert bo("DELETE", f"/api/cases/{case}/drafts/public").status == 204
    assert bo("DELETE", f"/api/cases/{case}/drafts/public").status == 404


def test_a_reply_with_pictures_is_seen_and_not_approved_by_program(office: Any) -> None:
    case, ann, bo = office.case(), office.asks("ann"), office.asks("bo")
    number = bo.post(f"/api/cases/{case}/replies", {"kind": "public", "text": PHONE}).json["release_id"]
    one = {
        "id": 1,
        "digest": "a" * 64,
        "alt": "A box",
        "media_type": "image/png",
        "width": 4,
        "height": 3,
        "size": 9,
    }
    office.one("UPDATE release SET pictures = %s WHERE id = %s RETURNING 1", json.dumps([one]), number)
    shown = ann.get(f"/api/releases/{number}").json
    assert shown["pictures"] == [{name: value for name, value in one.items() if name != "id"}]
    refused = ann.post(f"/api/releases/{number}/approve", {"digest": shown["digest"]})
    assert refused.status == 422 and "Approve it on the page" in refused.json["detail"]


def test_return_and_reword(office: Any) -> None:
    case, ann, bo = office.case(), office.asks("ann"), office.asks("bo")
    number = bo.post(f"/api/cases/{case}/replies", {"kind": "public", "text": PHONE}).json["release_id"]
    reworded = bo("PATCH", f"/api/releases/{number}", {"text": PHONE + " Thank you.", "version": 1})
    assert reworded.status == 202
    returned = ann.post(f"/api/releases/{number}/return", {"reason": "No numbers in public, please."})
    assert returned.status == 200 and returned.json["state"] == "returned"
    assert bo.get(f"/api/cases/{case}/drafts").json[0]["remark"] == "No numbers in public, please."


def test_a_no_keeps_the_text(office: Any) -> None:
    case, ann, bo = office.case(), office.asks("ann"), office.asks("bo")
    stopped = bo.post(
        f"/api/cases/{case}/replies", {"kind": "public", "text": "Tomorrow.", "seen_version": 9}
    )
    assert stopped.status == 409 and stopped.json["type"] == "urn:townhall:problem:changed"
    assert stopped.json["changed"]["version"] == 1
    assert bo.get(f"/api/cases/{case}/drafts").json[0]["text"] == "Tomorrow."
    stop = ann.post(
        "/api/stops", {"scope": "account", "target": str(office.town.account), "cause": "A drill."}
    )
    assert stop.status == 201
    assert (
        ann.post(
            "/api/stops", {"scope": "account", "target": str(office.town.account), "cause": "A drill."}
        ).status
        == 409
    )
    standing = {one["id"]: one["cause"] for one in ann.get("/api/stops").json}
    assert standing[stop.json["stop_id"]] == "A drill."
    silenced = bo.post(f"/api/cases/{case}/replies", {"kind": "public", "text": "Tomorrow!", "force": True})
    assert silenced.status == 409 and silenced.json["type"] == "urn:townhall:problem:silenced"
    assert bo.get(f"/api/cases/{case}/drafts").json[0]["text"] == "Tomorrow!"
    assert bo.post(f"/api/stops/{stop.json['stop_id']}/resume").status == 403
    assert ann.post(f"/api/stops/{stop.json['stop_id']}/resume").json == {"resumed": True}
    assert ann.post(f"/api/stops/{stop.json['stop_id']}/resume").status == 404


def test_one_answer_for_one_key(office: Any) -> None:
    case, bo = office.case(), office.asks("bo")
    path, said = f"/api/cases/{case}/notes", {"text": "Once."}
    first = bo.post(path, said, **{"Idempotency-Key": "note-1"})
    again = bo.post(path, said, **{"Idempotency-Key": "note-1"})
    assert (first.status, first.body) == (again.status, again.body) and again.headers[
        "Idempotent-Replayed"
    ] == "true"
    assert office.one("SELECT count(*) FROM note WHERE case_id = %s", case) == 1
    assert bo.post(path, {"text": "Twice."}, **{"Idempotency-Key": "note-1"}).status == 409
    assert office.asks("ann").post(path, said, **{"Idempotency-Key": "note-1"}).status == 200
    assert office.one("SELECT count(*) FROM note WHERE case_id = %s", case) == 2
    refused = bo.post(
        f"/api/cases/{case}/snooze", {"until": "2020-01-01T00:00:00Z"}, **{"Idempotency-Key": "s"}
    )
    assert refused.status == 422 and bo.post(path, said, **{"Idempotency-Key": "s"}).status == 200
    office.owner.execute("UPDATE program_answer SET asked_at = asked_at - interval '25 hours'")
    assert bo.post(path, said, **{"Idempotency-Key": "note-1"}).status == 200
    assert office.one("SELECT count(*) FROM note WHERE case_id = %s", case) == 4
    assert bo.post(path, said, **{"Idempotency-Key": "x" * 300}).status == 422


def test_a_kept_no_is_given_again(office: Any) -> None:
    case, bo = office.case(), office.asks("bo")
    said = {"kind": "public", "text": "Soon.", "seen_version": 9}
    came = [bo.post(f"/api/cases/{case}/replies", said, **{"Idempotency-Key": "soon"}) for _ in range(2)]
    assert [one.status for one in came] == [409, 409] and came[0].body == came[1].body
    assert office.one("SELECT version FROM draft WHERE case_id = %s", case) == 1


@pytest.mark.parametrize("path", ["/api/metrics/promises_today", "/api/metrics/posts_hour"])
def test_figures_agree_everywhere(office: Any, path: str) -> None:
    wall = office.asks("wall")
    shown = wall.get(path).json
    lines = [line.split(",") for line in wall.get("/api/metrics.csv").body.decode().splitlines()]
    row = next(dict(zip(lines[0], line, strict=False)) for line in lines[1:] if line[0] == shown["name"])
    assert row["value"] == ("" if shown["value"] is None else repr(shown["value"]))
    assert row["words"] == shown["words"]
    rows = wall.get(path + "/rows").json
    text = wall.get(path + "/rows.csv").body.decode().splitlines()
    assert text[0].split(",") == rows["columns"] and len(text) == len(rows["rows"]) + 1


def test_import(office: Any) -> None:
    ann = office.asks("ann")
    note = {"type": "Note", "id": "https://example.org/n/1", "content": "Hello", "published": "2026-01-05T12:00:00Z",
            "attributedTo": "https://example.org/u/1"}  # fmt: skip
    act = {"@context": "https://www.w3.org/ns/activitystreams", "type": "Create", "id": "https://example.org/a/1",
           "actor": {"type": "Person", "id": "https://example.org/u/1", "preferredUsername": "dana"},
           "published": "2026-01-05T12:00:00Z", "object": note}  # fmt: skip
    came = ann("POST", "/api/imports", json.dumps(act).encode() + b"\n\nnonsense\n")
    assert came.status == 202, came.body
    assert (came.json["read"], came.json["taken"]) == (2, 1) and came.json["rejects"][0]["line"] == 2
    run = ann.get(f"/api/imports/{came.json['run_id']}").json
    assert run["read"] == 2 and run["waiting"] == 1 and run["rejected"] == 1
    assert office.asks("cy").get(f"/api/imports/{came.json['run_id']}").status == 404
    assert ann("POST", "/api/imports", b"\n").status == 422
    assert ann("POST", "/api/imports?account=2147483647", b"{}\n").status == 404
    assert ann("POST", f"/api/imports?account={office.other.account}", b"{}\n").status == 404
    assert ann("POST", "/api/imports", b"{}", media="text/plain").status == 415


def test_why_promises_were_missed_and_acts_that_move_clocks(office: Any) -> None:
    case, bo, wall = office.case(), office.asks("bo"), office.asks("wall")
    assert bo.post(f"/api/cases/{case}/wait", {}).status == 200
    assert bo.post(f"/api/cases/{case}/wait", {"over": True}).status == 200
    assert bo.post(f"/api/cases/{case}/priority", {"priority": "urgent"}).status == 200
    assert bo.post(f"/api/cases/{case}/priority", {"priority": "urgent"}).status == 422, "it has it already"
    kinds = [
        row[0]
        for row in office.owner.execute("SELECT kind FROM clock_event WHERE case_id = %s ORDER BY id", [case])
    ]
    assert kinds == ["pause", "resume", "priority"]
    office.owner.execute(
        "UPDATE commitment SET started_at = now() - interval '3 hours', due_at = now() - interval '1 hour' WHERE case_id = %s",
        [case],
    )
    told = wall.get("/api/missed?days=1").json
    assert told["missed"] >= 1
    assert round(sum(one["promises_percent"] for one in told["causes"]), 1) == 100.0
    assert round(sum(one["minutes_percent"] for one in told["causes"]), 1) == 100.0
    assert wall.get("/api/missed?days=0").status == 422


def test_a_post_is_reported_and_approved_by_program(office: Any) -> None:
    case, ann, bo, cy = office.case("Sells fakes"), office.asks("ann"), office.asks("bo"), office.asks("cy")
    post = ann.get(f"/api/cases/{case}").json["seen_post"]
    office.owner.execute("UPDATE brand SET state = 'live' WHERE id = %s", [office.town.brand])
    wish = {"kind": "report", "reason": "They sell fakes.", "comment": "Sells fakes.", "category": "spam"}
    made = bo.post(f"/api/interactions/{post}/deeds", wish)
    assert made.status == 201 and made.json["state"] == "waiting" and made.json["by"] == "Bo"
    assert bo.post(f"/api/interactions/{post}/deeds", wish).status == 409
    assert bo.post(f"/api/interactions/{post}/deeds", wish | {"kind": "hide"}).status == 422
    assert cy.post(f"/api/interactions/{post}/deeds", wish).status == 404
    deed = made.json["id"]
    assert deed in [one["id"] for one in ann.get("/api/deeds?state=waiting").json["items"]]
    assert bo.post(f"/api/deeds/{deed}/take-back").json["state"] == "undone"
    assert bo.post(f"/api/deeds/{deed}/take-back").status == 409
    again = bo.post(f"/api/interactions/{post}/deeds", wish).json
    office.owner.execute(
        "UPDATE deed SET state = 'held', steps = '[[\"lead\"]]', approvers = '{lead}' WHERE id = %s",
        [again["id"]],
    )
    assert ann.post(f"/api/deeds/{again['id']}/approve", {"digest": "0" * 64}).status == 409
    done = ann.post(f"/api/deeds/{again['id']}/approve", {"digest": again["digest"]}).json
    assert done["state"] == "waiting" and done["given"] == ["Ann"]
    office.owner.execute("UPDATE deed SET state = 'failed' WHERE id = %s", [again["id"]])
    assert bo.post(f"/api/deeds/{again['id']}/resolve", {"verdict": "drop"}).json["state"] == "undone"


def test_waiting_outside_and_priority_keep_their_reasons(office: Any) -> None:
    case, bo = office.case(), office.asks("bo")
    assert bo.post(f"/api/cases/{case}/wait", {"over": True}).status == 422, "it waits for nobody yet"
    assert bo.post(f"/api/cases/{case}/wait", {"reason": "The carrier looks."}).status == 200
    assert bo.get(f"/api/cases/{case}").json["case"]["waits_outside"]
    assert bo.post(f"/api/cases/{case}/wait", {"reason": "Again."}).status == 422, "it waits already"
    assert bo.post(f"/api/cases/{case}/wait", {"over": True}).status == 200
    assert bo.post(f"/api/cases/{case}/wait", {"over": True}).status == 422, "the last word counts"
    assert bo.post(f"/api/cases/{case}/priority", {"priority": "urgent", "reason": "A child."}).status == 200
    whole = bo.get(f"/api/cases/{case}").json
    assert not whole["case"]["waits_outside"] and whole["case"]["priority"] == 0
    assert [one["why"] for one in whole["history"]] == ["A child.", "", "The carrier looks."]
