"""Every page as each of them: Ann owns, Bo helps, Cy must see nothing of it, and a stranger must sign in."""

import re
from collections.abc import Callable

import httpx
import pytest
from stage_house import ANN, BO, CY, Stage

from townhall.database.connect import connect
from townhall.kernel.clock import system_clock
from townhall.people import store

pytestmark = [pytest.mark.browser, pytest.mark.database]
"""They need the staged town, which the tests in a browser share; what the API's tests leave would be in its way."""

GIVEN = {
    "/people/": (200, 403, 403),
    "/people/tokens/": (405, 405, 405),
    "/channels/connect/?kind=mastodon": (200, 403, 403),
    "/proved/": (302, 302, 302),
    "/channels/import/": (200, 403, 403),
    "/channels/import/1/stop/": (405, 405, 405),
    "/channels/import/999999/rejects.ndjson": (404, 403, 403),
    "/channels/aside/": (200, 403, 403),
    "/channels/aside/act/": (405, 405, 405),
    "/articles/write/": (200, 403, 403),
    "/articles/import/": (200, 403, 403),
    "/articles/undo/1/": (405, 405, 405),
    "/articles/1/": (200, 200, 404),
    "/articles/99999999999999999999/": (404, 404, 404),
    "/articles/1/retire/": (405, 405, 405),
    "/case/1/articles/": (404, 404, 404),
    "/channels/1/": (200, 200, 404),
    "/channels/1/act/": (405, 405, 405),
    "/case/1/own-system/": (404, 404, 404),
    "/case/1/around/": (404, 404, 404),
    "/case/1/translate/": (405, 405, 405),
    "/case/1/pictures/": (405, 405, 405),
    "/picture/99999/": (404, 404, 404),
    "/post/1/translate/": (405, 405, 405),
    "/settings/own-systems/": (200, 403, 403),
    "/settings/translation/": (200, 403, 403),
    "/settings/retention/": (200, 200, 200),
    "/case/1/deleted/1/": (405, 405, 405),
    "/case/1/deleted/undo/1/": (405, 405, 405),
    "/terms/hosts/": (405, 405, 405),
    "/figures/by/nothing/": (404, 404, 404),
    "/figures/by/channels/rows/?of=none": (404, 404, 404),
    "/figures/sent/nowhere/": (404, 404, 404),
    "/figures/sent/nowhere/delete/": (405, 405, 405),
    "/routing/": (200, 200, 200),
    "/routing/here/": (405, 405, 405),
    "/routing/rules/": (200, 403, 403),
    "/routing/queue/complaints/": (200, 403, 403),
    "/routing/person/1/": (200, 403, 403),
    "/policy/try/": (200, 200, 404),
    "/policy/starters/": (200, 200, 200),
    "/policy/rule/outage/": (200, 200, 404),
    "/incident/99999/": (404, 404, 404),
    "/incident/1/act/close/": (405, 405, 405),
    "/incident/1/undo/1/": (405, 405, 405),
    "/incident/1/statement/": (405, 405, 405),
    "/incident/99999/statement/progress/": (200, 200, 200),
    "/incident/1/statement/1/stop/": (405, 405, 405),
    "/approvals/statement/1/": (405, 405, 405),
    "/incidents/alike/": (405, 405, 405),
    "/inbox/incident/": (405, 405, 405),
}
SAME = ("/inbox/", "/approvals/", "/figures/", "/figures/held/", "/figures/?period=w", "/figures/by/causes/",
        "/figures/by/queues/rows/?of=care", "/figures/send/", "/figures/sent/", "/stop/", "/channels/", "/settings/", "/start/", "/start/posts/", "/notices/",
        "/terms/", "/targets/", "/policy/", "/duty/", "/answers/", "/articles/", "/articles/?q=signal", "/articles/?state=retired", "/settings/keys/", "/settings/find/", "/settings/find/?q=nothing+at+all",
        "/models/", "/unsure/", "/incidents/", "/incidents/?state=closed",
        "/search/?q=signal", "/style/", "/accounts/2fa/", "/nowhere/")  # fmt: skip


def statuses(person: Callable[[str], httpx.Client], path: str) -> tuple[int, ...]:
    return tuple(person(who).get(path).status_code for who in (ANN, BO, CY))


@pytest.mark.parametrize("path", SAME)
def test_pages_that_all_roles_may_open(person: Callable[[str], httpx.Client], path: str) -> None:
    assert statuses(person, path) == ((404,) * 3 if path == "/nowhere/" else (200,) * 3)


@pytest.mark.parametrize("path", GIVEN)
def test_pages_that_need_a_role(person: Callable[[str], httpx.Client], path: str) -> None:
    assert statuses(person, path) == GIVEN[path]


def test_a_case_of_another_brand_does_not_exist(person: Callable[[str], httpx.Client], staged: Stage) -> None:
    with connect(staged.database.dsn("worker")) as conn:
        row = conn.execute(
            "SELECT id, snippet FROM cases WHERE brand_id = %s LIMIT 1", [staged.brand]
        ).fetchone()
    assert row
    assert statuses(person, f"/case/{row[0]}/") == (200, 200, 404)
    assert "Fernhill" not in person(CY).get("/inbox/").text
    token = re.search(r'"X-CSRFToken":"([^"]+)"', person(CY).get("/inbox/").text)
    assert token
    for path in ("act/take/", "note/", "draft/", "send/", "presence/", "wave/", "own-words/", "translate/"):
        answer = person(CY).post(
            f"/case/{row[0]}/{path}",
            data={
                "text": "hello",
                "kind": "public",
                "finding": "phone",
                "because": "ours",
                "csrfmiddlewaretoken": token[1],
            },
        )
        assert answer.status_code in (403, 404), path
    with connect(staged.database.dsn("worker")) as conn:
        seen = conn.execute("SELECT count(*) FROM draft WHERE case_id = %s", [row[0]]).fetchone()
    assert seen == (0,)


@pytest.mark.parametrize(
    "path", ["/", "/inbox/", "/case/1/", "/figures/", "/people/", "/stop/", "/policy/", "/policy/why/1/"]
)
def test_a_stranger_is_asked_to_sign_in(staged: Stage, path: str) -> None:
    answer = httpx.get(staged.url + path)
    assert answer.status_code == 302
    assert answer.headers["location"].startswith("/accounts/login/")


def test_nobody_makes_an_account_by_themselves(staged: Stage) -> None:
    page = httpx.get(f"{staged.url}/accounts/signup/")
    assert "<form" not in page.text.split("<main")[1]


@pytest.mark.parametrize("path", SAME)
def test_strict_policy_and_no_inline_code(person: Callable[[str], httpx.Client], path: str) -> None:
    answer = person(ANN).get(path)
    policy = answer.headers["content-security-policy"]
    assert (
        "https:" not in policy
        and "unsafe" not in policy
        and "default-src 'none'" in policy
        and "script-src 'self';" in policy + ";"
    )
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", answer.text)
    for tag in re.findall(r"<script[^>]*>", answer.text):
        assert "src=" in tag or "application/json" in tag, tag


def test_live_figures_are_for_members_only(person: Callable[[str], httpx.Client], staged: Stage) -> None:
    assert httpx.get(f"{staged.url}/live/demo/").status_code == 401
    assert person(CY).get("/live/demo/").status_code == 404
    with person(BO).stream("GET", "/live/demo/") as answer:
        assert answer.status_code == 200
        first = next(answer.iter_lines())
    assert first == "event: figures"


def test_the_session_cookie_is_kept_from_scripts(
    staged: Stage, person: Callable[[str], httpx.Client]
) -> None:
    page = httpx.get(f"{staged.url}/accounts/login/")
    assert "samesite=strict" in page.headers["set-cookie"].lower()
    cookie = next(c for c in person(ANN).cookies.jar if c.name == "townhall")
    assert cookie.has_nonstandard_attr("HttpOnly")


def test_the_first_link_makes_an_operator_once(staged: Stage) -> None:
    with connect(staged.database.dsn("owner")) as conn:
        secret = store.first_link(conn, system_clock())
    assert secret
    client = httpx.Client(base_url=staged.url, headers={"referer": staged.url})
    page = client.get(f"/first/{secret}/")
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
    assert page.status_code == 200 and token
    given = {
        "csrfmiddlewaretoken": token[1],
        "name": "Ola First",
        "email": "ola@example.org",
        "password": "short",
    }
    assert "too short" in client.post(f"/first/{secret}/", data=given).text
    made = client.post(f"/first/{secret}/", data={**given, "password": "a long and quiet brook"})
    assert (made.status_code, made.headers["location"]) == (302, "/start/")
    assert client.get("/people/").status_code == 200, "an operator has a seat with every role"
    assert httpx.get(f"{staged.url}/first/{secret}/").status_code == 404
