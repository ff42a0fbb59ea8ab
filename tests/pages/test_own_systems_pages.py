"""A brand's own system beside a conversation: set on its page, asked after the conversation is there, shown as what it is."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from desk_person import Person, free_case
from stage_house import ANN, BO, CY, Stage
from test_points import POINTS, violations

from tests.beside.stand_in import Reply, StandIn, hang, saying
from townhall.beside import ask as asking
from townhall.channels.webhook.signature import verify
from townhall.database.connect import connect
from townhall.kernel.clock import system_clock

pytestmark = [pytest.mark.browser, pytest.mark.database]

PLACE = "/settings/own-systems/"
SAYS: dict[str, Any] = {
    "known": True, "state": "Gold <b>",
    "sections": [
        {"title": "Contract", "rows": [
            {"kind": "text", "label": "Plan", "value": "<script>alert(1)</script> Fern M, 40 GB"},
            {"kind": "money", "label": "Owed", "value": "1234.50", "currency": "GBP"},
            {"kind": "moment", "label": "Since", "value": "2024-02-29T12:00:00Z"},
        ]},
        {"title": "Last orders", "rows": [
            {"kind": "link", "label": "FM-204715", "value": "https://orders.fernhill.example/FM-204715", "text": "Router"},
            {"kind": "number", "label": "Pieces", "value": 2},
            {"kind": "text", "label": "A label as long as one that nobody would ever want to read", "value": "x" * 300},
        ]},
    ],
}  # fmt: skip


@pytest.fixture
def system(
    desk: Callable[[str], Person], monkeypatch: pytest.MonkeyPatch, staged: Stage
) -> Iterator[Callable[[Reply], StandIn]]:
    """``system(reply)``: a system of the brand's own, set by Ann on the page; let go again at the end."""
    monkeypatch.setenv("TOWNHALL_INSIDE_HOSTS", "127.0.0.1")
    with ExitStack() as open_here:

        def begin(reply: Reply) -> StandIn:
            made = open_here.enter_context(StandIn(reply))
            answer = desk(ANN).sends(PLACE, do="put", name="Orders", address=made.url + "/townhall")
            assert answer.status_code == 200, answer.text
            made.secret = re.search(r"whsec_[\w+/=]+", answer.text)[0]
            return made

        yield begin
        desk(ANN).sends(PLACE, do="let_go")


def panel(desk: Callable[[str], Person], who: str, case: int, query: str = "") -> str:
    answer = desk(who).client.get(f"/case/{case}/own-system/{query}", headers={"HX-Request": "true"})
    assert answer.status_code == 200
    return answer.text


def test_before_it_is_set_up_administrators_alone_read_of_it(
    desk: Callable[[str], Person], rows: Callable[..., list[Any]]
) -> None:
    case = free_case(rows, 0)
    assert "Set a system up" in desk(ANN).sees(f"/case/{case}/").text
    assert "own-system" not in desk(BO).sees(f"/case/{case}/").text.split("<aside")[1]
    assert [desk(who).sees(f"/case/{case}/own-system/").status_code for who in (ANN, BO, CY)] == [404] * 3
    assert desk(BO).sends(PLACE, do="put", name="O", address="https://x.example/").status_code == 403


def test_the_conversation_asks_once_it_is_there_and_all_is_shown_as_text(
    system: Callable[[Reply], StandIn], desk: Callable[[str], Person], rows: Callable[..., list[Any]]
) -> None:
    case, made = free_case(rows, 0), system(saying(200, SAYS))
    page = desk(BO).sees(f"/case/{case}/").text
    assert f'hx-get="/case/{case}/own-system/" hx-trigger="load"' in page and made.asked == []
    part = panel(desk, BO, case)
    for said in (
        "&lt;script&gt;alert(1)&lt;/script&gt; Fern M, 40 GB", "Gold &lt;b&gt;", "1,234.50 GBP", "Thu 29 Feb 2024",
        'href="https://orders.fernhill.example/FM-204715" target="_blank" rel="noreferrer noopener">Router', "<bdi>2</bdi>",
    ):  # fmt: skip
        assert said in part
    assert "<script" not in part
    asked = made.asked[0]
    verify(asked.headers, asked.body, [made.secret], system_clock())
    said = json.loads(asked.body)
    ((network, handle, native),) = rows(
        "SELECT p.network, p.handle, p.native_id FROM cases c JOIN identity p ON p.id = c.customer_id WHERE c.id = %s",
        case,
    )
    assert said["data"] == {
        "brand": "demo", "case": case,
        "identities": [{"network": network, "handle": handle, "native_id": native, "verified": True}],
    }  # fmt: skip
    assert set(said) == {"type", "timestamp", "data"} and (asked.method, asked.path) == ("POST", "/townhall")
    assert panel(desk, ANN, case) and len(made.asked) == 1, "shown again within a minute"
    assert panel(desk, BO, case, "?again=1") and len(made.asked) == 2
    assert "<html" in desk(BO).sees(f"/case/{case}/own-system/").text, "a page of its own without scripts"
    assert desk(CY).sees(f"/case/{case}/own-system/").status_code == 404


def test_nothing_is_held_while_it_is_asked(
    system: Callable[[Reply], StandIn],
    desk: Callable[[str], Person],
    rows: Callable[..., list[Any]],
    staged: Stage,
) -> None:
    held: list[Any] = []

    def look(asked: Any, over: Any) -> bytes:
        with connect(staged.database.dsn("owner")) as conn:
            held.extend(
                conn.execute(
                    "SELECT query FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'"
                ).fetchall()
            )
        return saying(200, {"known": False})(asked, over)

    system(look)
    assert "Not known there." in panel(desk, BO, free_case(rows, 0)) and held == []


def test_when_it_does_not_answer_agents_read_when_and_administrators_why(
    system: Callable[[Reply], StandIn], desk: Callable[[str], Person], rows: Callable[..., list[Any]]
) -> None:
    case, made = free_case(rows, 0), system(saying(503, {"error": "the <warehouse> is shut"}))
    seen, told = panel(desk, BO, case), panel(desk, ANN, case)
    for part in (seen, told):
        assert "Orders did not answer at" in part and "Ask again" in part
    assert "warehouse" not in seen and "it answered 503: the &lt;warehouse&gt; is shut" in told
    assert "It did not answer" in desk(ANN).sees(PLACE).text
    made.reply = saying(200, {"known": "perhaps"})
    assert "`$.known`" in panel(desk, ANN, case) and "`$.known`" not in panel(desk, BO, case)
    made.reply = saying(200, {"known": False})
    assert "Not known there." in panel(desk, BO, case), "a failure is not remembered"
    assert "It did not answer" not in desk(ANN).sees(PLACE).text


def test_one_that_hangs_is_waited_for_as_long_as_was_said_and_when_many_ask_nobody_waits(
    system: Callable[[Reply], StandIn],
    desk: Callable[[str], Person],
    rows: Callable[..., list[Any]],
    staged: Stage,
) -> None:
    system(hang)
    began = system_clock()
    assert "it took longer than 1.5 seconds" in panel(desk, ANN, free_case(rows, 0))
    assert system_clock() - began < 10_000_000
    with ExitStack() as turns:
        for _ in range(asking.MOST_OF_ONE):
            turns.enter_context(asking._turns.turn(f"panel/{staged.brand}"))
        assert "Many ask Orders at this moment" in panel(desk, BO, free_case(rows, 0))


@pytest.mark.parametrize(
    ("reply", "states", "said"),
    [
        (saying(200, {"known": False}), ["done", "done", "done", "done"], "of 1.5 s"),
        (saying(401, {"error": "not signed"}), ["done", "failed", "not seen", "done"], "It answered 401: not signed"),
        (saying(200, {"known": 1}), ["done", "done", "failed", "done"], "`$.known`"),
        (saying(200, b" " * 70_000), ["done", "done", "failed", "done"], "more than 65,536 bytes"),
        (hang, ["done", "not seen", "not seen", "failed"], "longer than 1.5 seconds"),
    ],
)  # fmt: skip
def test_a_try_shows_the_four_checks(
    system: Callable[[Reply], StandIn],
    desk: Callable[[str], Person],
    reply: Reply,
    states: list[str],
    said: str,
) -> None:
    made = system(reply)
    page = desk(ANN).sends(PLACE, do="try").text
    checks = page.split('id="checks"')[1].split("</ol>")[0]
    assert re.findall(r'aria-label="(\w+(?: \w+)?)"', checks) == states and said.lower() in checks.lower()
    assert json.loads(made.asked[0].body)["data"]["identities"][0]["handle"] == "nobody@example.invalid"


def test_nobody_there_and_what_is_wrong_in_the_form(
    system: Callable[[Reply], StandIn], desk: Callable[[str], Person], rows: Callable[..., list[Any]]
) -> None:
    made = system(saying(200, {}))
    made.__exit__()
    assert (
        'aria-label="failed"'
        in desk(ANN).sends(PLACE, do="try").text.split('id="checks"')[1].split("</li>")[0]
    )
    wrong = desk(ANN).sends(PLACE, do="put", name="Orders", address="http://10.0.0.1/", secret="whsec_hidden")
    assert wrong.status_code == 422 and "whsec_hidden" not in wrong.text
    inside = desk(ANN).sends(PLACE, do="put", name="Orders", address="http://10.0.0.1/")
    assert "TOWNHALL_INSIDE_HOSTS" in inside.text and inside.status_code == 422
    assert desk(ANN).sends(PLACE, do="dance").status_code == 422
    kept = desk(ANN).sees(PLACE).text
    assert made.url in kept and made.secret not in kept
    assert "whsec_" in desk(ANN).sends(PLACE, do="renew_secret").text


@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (360, "dark")])
@pytest.mark.parametrize("state", ["known", "failed"])
def test_it_comes_by_itself_and_looks_as_the_rest(
    system: Callable[[Reply], StandIn],
    visit: Callable[..., Any],
    rows: Callable[..., list[Any]],
    width: int,
    theme: str,
    state: str,
) -> None:
    system(saying(200, SAYS) if state == "known" else saying(500, {}))
    page = visit(f"/case/{free_case(rows, 0)}/", width=width, theme=theme)
    page.wait_for_selector("#own-system >> text=Ask again")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(f"({POINTS})({json.dumps(width < 400)})") == {}
    assert violations(page) == []
    page.locator("#own-system >> text=Ask again").click()
    page.wait_for_selector(
        "#own-system >> text=As of" if state == "known" else "#own-system >> text=did not answer"
    )
