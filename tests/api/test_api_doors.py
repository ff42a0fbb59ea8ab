"""The doors: every address as Ann (owns), Bo (helps), Cy (of another brand), a program, and a stranger."""

import asyncio
import re
import threading
from typing import Any

import pytest

from townhall.kernel.clock import SECOND, system_clock
from townhall.people.logic import ACTS, ROLES
from townhall.web.api.pace import Pace, TooFast

OPEN_TO_ALL = {"whoami"}
ACT = {
    "status": "read_live", "metrics": "read_live", "metrics_csv": "read_live", "metric": "read_live",
    "metric_rows": "read_live", "metric_rows_csv": "read_live", "interactions": "read_record|read_case",
    "interaction": "read_record|read_case", "threads": "read_record|read_case", "thread": "read_record|read_case",
    "search": "read_case", "cases": "read_case", "case": "read_case", "take": "assign", "assign": "assign",
    "snooze": "assign", "move": "assign", "close": "assign", "reopen": "assign", "merge": "assign",
    "split": "assign", "note": "note", "undo": "note|assign", "list_drafts": "note|reply", "save_draft": "reply",
    "drop_draft": "reply", "check": "reply", "send": "reply", "move_private": "reply", "releases": "read_approvals",
    "release": "read_approvals", "withdraw": "reply", "reword": "reply", "approve": "approve",
    "send_back": "approve", "stops": "stop_outbound", "stop": "stop_outbound", "resume": "resume_outbound",
    "policy_versions": "read_policy", "policy_version": "read_policy", "active_policy": "read_policy",
    "waiting_policies": "read_policy", "check_document": "read_policy", "policy_difference": "read_policy",
    "draft_policy": "write_policy", "rewrite_policy": "write_policy", "ask_policy_review": "write_policy",
    "approve_policy": "review_policy", "return_policy": "review_policy", "discard_policy": "write_policy",
    "activate_policy": "activate_policy", "call_off_policy": "activate_policy", "roll_back_policy": "activate_policy",
    "import_activities": "manage_accounts", "import_run": "manage_accounts", "directory": "read_case",
    "breakdown_list": "read_live", "breakdown": "read_live", "breakdown_csv": "read_live", "breakdown_rows": "read_live",
    "breakdown_rows_csv": "read_live", "live_page": "read_live", "views": "read_live", "send_view": "read_live",
    "view": "read_live", "delete_view": "read_live",
    "missed": "read_live", "wait": "assign", "prioritise": "assign",
    "routing": "read_routing", "presence": "reply", "queue": "read_routing", "set_queue": "manage_routing",
    "deeds": "read_approvals", "want_deed": "moderate", "take_back_deed": "moderate", "resolve_deed": "moderate",
    "approve_deed": "approve", "refuse_deed": "approve",
    "explain": "read_routing", "override": "override_routing",
    "understood": "read_case", "give_label": "label", "take_label_back": "label", "least_sure": "label",
    "own_models": "read_models", "train_model": "teach_models", "model_training": "read_models", "activate_model": "teach_models", "roll_back_model": "teach_models",
}  # fmt: skip
"""What each operation needs: written down a second time, so that a door that is left open shows."""
GIVEN: dict[str, Any] = {
    "prioritise": {"priority": "high"}, "want_deed": {"kind": "hide", "reason": "x"}, "resolve_deed": {"verdict": "drop"},
    "approve_deed": {"digest": "0" * 64}, "refuse_deed": {"reason": "x"},
    "assign": {"staff_id": None}, "snooze": {"until": "2027-01-01T00:00:00Z"}, "move": {"queue": "care"},
    "merge": {"into": "1"}, "split": {"post": "1"}, "note": {"text": "x"}, "save_draft": {"text": "x"},
    "move_private": {}, "check": {"kind": "public", "text": "x"}, "send": {"kind": "public", "text": "x"}, "reword": {"text": "x"},
    "approve": {"digest": "0" * 64}, "send_back": {"reason": "x"}, "import_activities": b"{}\n",
    "stop": {"scope": "channel", "target": "nowhere", "cause": "x"}, "draft_policy": {"source": "id: x"},
    "check_document": {"source": "id: x"}, "rewrite_policy": {"source": "id: x", "seen": "0" * 64},
    "ask_policy_review": {}, "approve_policy": {"digest": "0" * 64}, "return_policy": {"reason": "x"},
    "activate_policy": {}, "roll_back_policy": {"reason": "x"}, "presence": {"here": True},
    "give_label": {"head": "spam", "value": "no"}, "activate_model": {}, "roll_back_model": {"number": 1, "reason": "x"},
    "set_queue": {"title": "Parcels"}, "override": {"staff_id": None, "reason": "x"},
    "send_view": {},
}  # fmt: skip

ASK_WHO = (
    "take", "approve_deed", "refuse_deed", "approve", "send_back", "undo", "ask_policy_review", "approve_policy", "return_policy", "presence",
    "delete_view",
    "give_label", "take_label_back",
)  # fmt: skip
"""Operations that also ask who one is: a role alone is not enough."""


def operations() -> list[tuple[str, str, str]]:
    """(operation, method, path) of the document, read as a stranger does."""
    from townhall.web.api.site import document

    paths = document()["paths"]
    return [
        (one["operationId"], verb.upper(), path) for path, each in paths.items() for verb, one in each.items()
    ]


def things(office: Any) -> dict[str, str]:
    """One of everything of the brand under test."""
    case = office.case()
    whole = office.asks("ann").get(f"/api/cases/{case}").json
    bo = office.asks("bo")
    text = "Please call our colleague at +44 20 7946 0991 today."
    release = bo.post(f"/api/cases/{case}/replies", {"kind": "public", "text": text}).json["release_id"]
    note = bo.post(f"/api/cases/{case}/notes", {"text": "Mind the gap."}).json["change"]
    stop = bo.post("/api/stops", {"scope": "channel", "target": f"c{case}", "cause": "A drill."}).json[
        "stop_id"
    ]
    slug = f"parcels-{case}"
    office.owner.execute(
        "INSERT INTO queue (brand_id, slug, title) VALUES (%s, %s, 'Parcels')", [office.town.brand, slug]
    )
    drafted = office.asks("ann").post("/api/policy/versions", {"source": "id: mine"}).json["number"]
    view = bo.post("/api/views", {"note": "Look at this."}).json["id"]
    said = office.asks("bo").post(
        f"/api/interactions/{whole['seen_post']}/labels", {"head": "spam", "value": "yes"}
    )
    label = said.json["labels"][-1]["id"]
    return {
        "view_id": view, "table": "queues", "number": str(drafted), "case_id": str(case), "thread_id": whole["thread_id"], "interaction_id": whole["seen_post"],
        "release_id": release, "change_id": note, "stop_id": stop, "kind": "public", "name": "waiting",
        "run_id": "1", "slug": slug, "deed_id": str(deed(office, int(whole["seen_post"]))),
        "label_id": label, "head": "spam",
    }  # fmt: skip


def deed(office: Any, post: int) -> int:
    """A post that waits to be hidden once somebody approves it."""
    row = office.owner.execute(
        "INSERT INTO deed (brand_id, account_id, channel, thread_id, post_id, kind, post, author, reason, wanted_by, made_at,"
        " steps, approvers, digest, salt, decision, state, not_before, go_by, changed_at)"
        " SELECT brand_id, account_id, 'x', thread_id, id, 'hide', native_id, '', 'rude', 'system/policy', now(),"
        " '[[\"lead\"]]', '{lead}', sha256('x'), decode(repeat('00', 16), 'hex'), 'd' || id, 'held', now(), now(), now()"
        " FROM interaction WHERE id = %s RETURNING id",
        [post],
    ).fetchone()
    return int(row[0])


def filled(path: str, known: dict[str, str]) -> str:
    return re.sub(r"{(\w+)}", lambda found: known[found[1]], path) + (
        "?q=parcel"
        if path.endswith("search")
        else "?before=1&after=1"
        if path.endswith("difference")
        else "?of=care"
        if "/rows" in path and "breakdowns" in path
        else ""
    )


def test_every_operation_is_written_down(office: Any) -> None:
    assert {name for name, _, _ in operations()} == set(ACT) | OPEN_TO_ALL


def test_a_stranger_gets_nothing(office: Any) -> None:
    known = things(office)
    for name, method, path in operations():
        for token in ("", "th_" + "x" * 43):
            came = office.asks(token)(method, filled(path, known), GIVEN.get(name))
            assert came.status == 401 and came.headers["WWW-Authenticate"].startswith("Bearer"), path
            assert came.headers["Content-Type"] == "application/problem+json", path


def test_another_brand_does_not_exist(office: Any) -> None:
    known, cy = things(office), office.asks("cy")
    for name, method, path in operations():
        if "{" not in path or "{name}" in path or path.endswith("/{head}/train") or "{table}" in path:
            continue
        came = cy(method, filled(path, known), GIVEN.get(name, {} if method != "GET" else None))
        nothing = came.status == 404 or (name == "list_drafts" and came.json == [])
        assert nothing, (method, path, came.status, came.body)
    for path in ("/api/interactions", "/api/threads", "/api/cases", "/api/releases", "/api/deeds"):
        assert cy.get(path).json["items"] == [], path
    assert cy.get("/api/search?q=parcel").json["items"] == []
    assert cy.get("/api/status").json["cases"] == 0
    assert known["stop_id"] not in [one["id"] for one in cy.get("/api/stops").json]


@pytest.mark.parametrize("role", ROLES)
def test_a_role_opens_what_it_opens(office: Any, role: str) -> None:
    known = things(office)
    asks = office.asks(office.token(office.town, frozenset({role})))
    for name, method, path in operations():
        if name in OPEN_TO_ALL:
            continue
        may = any(role in ACTS[act] for act in ACT[name].split("|"))
        came = asks(method, filled(path, known), GIVEN.get(name, {} if method != "GET" else None))
        if not may:
            assert came.status == 403, (role, name, came.status, came.body)
        elif name not in ASK_WHO:
            assert came.status != 403, (role, name, came.body)


def test_a_token_that_speaks_for_somebody_may_at_most_what_they_may(office: Any) -> None:
    assert office.asks("bo").get("/api/whoami").json["roles"] == ["agent"]
    narrow = office.asks(office.token(office.town, frozenset({"analyst"}), office.ann))
    assert narrow.get("/api/whoami").json["roles"] == ["analyst"]
    assert narrow.get("/api/cases").status == 403
    elsewhere = office.asks(office.token(office.other, frozenset({"agent"}), office.bo))
    assert elsewhere.get("/api/whoami").status == 401


def test_ended_tokens_are_refused(office: Any) -> None:
    token = office.token(office.town, frozenset({"analyst"}))
    assert office.asks(token).get("/api/status").status == 200
    office.owner.execute(
        "UPDATE api_token SET expires_at = now() - interval '1 second' WHERE id = (SELECT max(id) FROM api_token)"
    )
    assert office.asks(token).get("/api/status").status == 401


def test_a_session_opens_nothing_here(office: Any) -> None:
    from django.contrib.auth import get_user_model
    from django.test import Client

    person = get_user_model().objects.get(pk=office.ann.staff_id)
    client = Client(SERVER_NAME="localhost")
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.get("/api/whoami").status_code == 401


def test_pages_of_a_list_join_up(office: Any) -> None:
    for _ in range(7):
        office.case("Paged")
    person, thread, now = office.town.person("neighbour"), office.town.thread(), system_clock()
    for _ in range(5):  # ids without a gap: a page that skips one shows
        office.town.post(thread, person, "Next to each other", now)
    ann = office.asks("ann")
    for path in ("/api/cases", "/api/interactions", "/api/threads"):
        whole = [one for one in ann.get(f"{path}?limit=200").json["items"]]
        seen, following = [], f"{path}?limit=3"
        while following:
            came = ann.get(following).json
            seen += came["items"]
            following = came["next"]
            assert len(came["items"]) <= 3
        key = "case_id" if path.endswith("cases") else "id"
        assert [one[key] for one in seen] == [one[key] for one in whole] and len(seen) >= 7
        assert ann.get(f"{path}?after=bm9uc2Vuc2U").status == 404
        assert ann.get(f"{path}?limit=201").status == 422


def test_filters_narrow(office: Any) -> None:
    case = office.case("Filtered")
    ann = office.asks("ann")
    thread = ann.get(f"/api/cases/{case}").json["thread_id"]
    assert [one["text"] for one in ann.get(f"/api/interactions?thread={thread}").json["items"]] == [
        "Filtered"
    ]
    assert ann.get(f"/api/interactions?thread={thread}&direction=out").json["items"] == []
    assert ann.get("/api/interactions?until=2025-06-01T00:00:00Z").json == {"items": [], "next": None}
    assert ann.get("/api/interactions?since=2100-06-01T00:00:00Z").json["items"] == []
    assert ann.get("/api/interactions?since=yesterday").status == 422


def test_problems_and_headers(office: Any) -> None:
    ann = office.asks("ann")
    for method, path, given, status in (
        ("GET", "/api/nothing", None, 404), ("DELETE", "/api/whoami", None, 405),
        ("POST", "/api/stops", b"{", 400), ("POST", "/api/stops", {"scope": "moon", "cause": "x"}, 422),
        ("POST", "/api/stops", {"scope": "brand", "cause": "x", "more": 1}, 422), ("GET", "/api/cases/0", None, 422),
        ("POST", "/api/stops", b" " * 300_000, 413), ("GET", "/api/cases/1", None, 404),
        ("GET", "/api/search?q=%00", None, 422), ("GET", "/api/metrics/nonsense", None, 404),
    ):  # fmt: skip
        came = ann(method, path, given)
        assert came.status == status, (path, came.status, came.body)
        assert came.headers["Content-Type"] == "application/problem+json"
        assert came.json["status"] == status and came.json["detail"]
    faults = ann("POST", "/api/stops", {"scope": "moon", "cause": "x"}).json["errors"]
    assert faults[0]["in"] == "body" and "scope" in faults[0]["at"]
    assert ann.get("/api/whoami").headers["Cache-Control"] == "no-store"
    assert ann("POST", "/api/stops", {"scope": "brand", "cause": "x"}, media="text/plain").status == 415


def test_pace_is_kept_and_forgets() -> None:
    pace, now = Pace(rate=10, burst=3, tokens=5), 1_000 * SECOND
    for _ in range(3):
        pace.take(1, now)
    with pytest.raises(TooFast) as late:
        pace.take(1, now)
    assert late.value.retry_at == now + SECOND // 10
    pace.take(1, late.value.retry_at)
    for token in range(2, 20):
        pace.take(token, now)
    assert len(pace) == 5


def test_the_port_bounds_a_body() -> None:
    from townhall.web.api.app import MOST, app

    async def ask(headers: list[tuple[bytes, bytes]], parts: int) -> list[Any]:
        sent: list[Any] = []

        async def receive() -> Any:
            return {"type": "http.request", "body": b"x" * (1 << 20), "more_body": True}

        async def send(message: Any) -> None:
            sent.append(message)

        await app({"type": "http", "path": "/api/imports", "headers": headers}, receive, send)
        return sent

    for headers in ([(b"content-length", str(MOST + 1).encode())], []):
        assert asyncio.run(ask(headers, 9))[0]["status"] == 413


def test_the_whole_way_through_the_port(office: Any) -> None:
    from townhall.web.asgi import app

    case = office.case("Through the port")
    body = b'{"text": "By the port."}'
    headers = {"host": "localhost", "authorization": f"Bearer {office.tokens['bo']}", "content-type": "application/json",
               "content-length": str(len(body)), "cookie": "townhall=nonsense"}  # fmt: skip
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "scheme": "http",
        "path": f"/api/cases/{case}/notes", "raw_path": b"", "query_string": b"", "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 1), "server": ("localhost", 80),
    }  # fmt: skip
    parts, sent = [body[:7], body[7:]], []

    async def receive() -> Any:
        if not parts:
            await asyncio.sleep(3600)
        return {"type": "http.request", "body": parts.pop(0), "more_body": bool(parts)}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(app(scope, receive, send))
    assert sent[0]["status"] == 200, sent
    assert dict(sent[0]["headers"])[b"Cache-Control"] == b"no-store"
    assert office.one("SELECT text FROM note WHERE case_id = %s", case) == "By the port."


def test_two_at_once_with_one_key_are_done_once(office: Any) -> None:
    case, answers = office.case(), []

    def ask() -> None:
        came = office.asks("bo").post(
            f"/api/cases/{case}/notes", {"text": "Once."}, **{"Idempotency-Key": f"at-once-{case}"}
        )
        answers.append((came.status, came.body))

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 6 and len(set(answers)) == 1 and answers[0][0] == 200
    assert office.one("SELECT count(*) FROM note WHERE case_id = %s", case) == 1
