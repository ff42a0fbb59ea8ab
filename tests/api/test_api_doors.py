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
    "drop_draft": "reply", "check": "reply", "send": "reply", "releases": "read_approvals",
    "release": "read_approvals", "withdraw": "reply", "reword": "reply", "approve": "approve",
    "send_back": "approve", "stops": "stop_outbound", "stop": "stop_outbound", "resume": "resume_outbound",
    "import_activities": "manage_accounts", "import_run": "manage_accounts", "directory": "read_case",
}  # fmt: skip
"""What each operation needs: written down a second time, so that a door that is left open shows."""
GIVEN: dict[str, Any] = {
    "assign": {"staff_id": None}, "snooze": {"until": "2027-01-01T00:00:00Z"}, "move": {"queue": "care"},
    "merge": {"into": "1"}, "split": {"post": "1"}, "note": {"text": "x"}, "save_draft": {"text": "x"},
    "check": {"kind": "public", "text": "x"}, "send": {"kind": "public", "text": "x"}, "reword": {"text": "x"},
    "approve": {"digest": "0" * 64}, "send_back": {"reason": "x"}, "import_activities": b"{}\n",
    "stop": {"scope": "channel", "target": "nowhere", "cause": "x"},
}  # fmt: skip


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
    return {
        "case_id": str(case), "thread_id": whole["thread_id"], "interaction_id": whole["seen_post"],
        "release_id": release, "change_id": note, "stop_id": stop, "kind": "public", "name": "waiting",
        "run_id": "1",
    }  # fmt: skip


def filled(path: str, known: dict[str, str]) -> str:
    return re.sub(r"{(\w+)}", lambda found: known[found[1]], path) + (
        "?q=parcel" if path.endswith("search") else ""
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
        if "{" not in path or "{name}" in path:
            continue
        came = cy(method, filled(path, known), GIVEN.get(name, {} if method != "GET" else None))
        nothing = came.status == 404 or (name == "list_drafts" and came.json == [])
        assert nothing, (method, path, came.status, came.body)
    for path in ("/api/interactions", "/api/threads", "/api/cases", "/api/releases"):
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
        elif name not in ("take", "approve", "send_back", "undo"):  # these also ask who one is
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
