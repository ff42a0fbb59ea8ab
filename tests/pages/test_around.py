"""The rest of a thread, asked of the network when somebody opens it: shown, not kept, and never in anybody's way."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from desk_person import Person, free_case
from stage_house import BO, CY
from test_points import POINTS, violations

from tests.beside.stand_in import Reply, StandIn, cut, hang, http, saying

pytestmark = [pytest.mark.browser, pytest.mark.database]
PART = {"HX-Request": "true"}


def status(id: str, text: str, **more: Any) -> dict[str, Any]:
    return {
        "id": id, "created_at": "2026-01-02T03:04:05.000Z", "visibility": "public", "content": f"<p>{text}</p>", "language": "en",
        "account": {"id": "7", "acct": "nell@fern.example", "display_name": "Nell <b>"}, "url": "https://fern.example/@nell/1",
    } | more  # fmt: skip


@pytest.fixture
def asks(rows: Callable[..., list[Any]], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """``with asks(case, reply) as network``: the account of the case is at a network that answers so."""
    monkeypatch.setenv("TOWNHALL_INSIDE_HOSTS", "127.0.0.1")

    @contextmanager
    def at(case: int, reply: Reply) -> Iterator[StandIn]:
        account, before = rows(
            "SELECT a.id, a.base_url FROM account a JOIN cases c ON c.account_id = a.id WHERE c.id = %s", case
        )[0]
        with StandIn(reply) as network:
            rows("UPDATE account SET base_url = %s WHERE id = %s RETURNING 1", network.url, account)
            try:
                yield network
            finally:
                rows("UPDATE account SET base_url = %s WHERE id = %s RETURNING 1", before, account)

    return at


def test_what_is_not_here_is_shown_and_not_kept(
    desk: Callable[[str], Person], rows: Callable[..., list[Any]], asks: Callable[..., Any]
) -> None:
    case = free_case(rows, 0)
    ((native, stored),) = rows(
        "SELECT i.native_id, (SELECT count(*) FROM interaction) FROM cases c JOIN interaction i ON i.id = c.latest_post WHERE c.id = %s",
        case,
    )
    told = {
        "ancestors": [status("900", "Is it the mast? My card is 4111 1111 1111 1111.")],
        "descendants": [
            status(native, "Already here."), status("901", "In private.", visibility="direct"), {"id": 7},
            status("902", "Same in Ashdale.", created_at="2026-01-02T04:00:00.000Z"),
        ],
    }  # fmt: skip
    with asks(case, saying(200, told)) as network:
        page = desk(BO).client.get(f"/case/{case}/around/", headers=PART).text
        assert [(one.method, one.path.startswith("/api/v1/statuses/")) for one in network.asked] == [
            ("GET", True)
        ]
        assert "Nell &lt;b&gt;" in page and "4111" not in page and "Is it the mast?" in page
        assert page.index("Is it the mast?") < page.index("Same in Ashdale.")
        assert "Already here." not in page and "In private." not in page
        assert "Is it the mast?" in desk(BO).client.get(f"/case/{case}/around/").text, (
            "a page without scripts"
        )
        assert len(network.asked) == 1, "within a minute nobody is asked twice"
        assert desk(BO).client.get(f"/case/{case}/around/?again=1", headers=PART).status_code == 200
        assert len(network.asked) == 2
        assert desk(CY).client.get(f"/case/{case}/around/").status_code == 404
    assert rows("SELECT count(*) FROM interaction") == [(stored,)]


def test_what_comes_meanwhile_is_not_shown_twice(
    desk: Callable[[str], Person], rows: Callable[..., list[Any]], asks: Callable[..., Any]
) -> None:
    case = free_case(rows, 4)
    (post, native), *_ = rows(
        "SELECT i.id, i.native_id FROM cases c JOIN interaction i ON i.id = c.latest_post WHERE c.id = %s",
        case,
    )
    with asks(case, saying(200, {"ancestors": [], "descendants": [status("930", "Same in Ashdale.")]})):
        assert "Same in Ashdale." in desk(BO).client.get(f"/case/{case}/around/", headers=PART).text
        rows("UPDATE interaction SET native_id = '930' WHERE id = %s RETURNING 1", post)
        try:
            page = desk(BO).client.get(f"/case/{case}/around/", headers=PART).text
        finally:
            rows("UPDATE interaction SET native_id = %s WHERE id = %s RETURNING 1", native, post)
    assert "Same in Ashdale." not in page and "Nobody else: all of the thread is here." in page


@pytest.mark.parametrize(
    ("reading", "secret", "words"),
    [(False, None, "Reading this channel is paused"), (True, b"\0", "Townhall failed at this page")],
)
def test_a_paused_account_is_not_asked_and_a_broken_secret_is_told(
    desk: Callable[[str], Person], rows: Callable[..., list[Any]], asks: Callable[..., Any], reading: bool, secret: bytes | None,
    words: str,
) -> None:  # fmt: skip
    case = free_case(rows, 5)
    put = "UPDATE account SET reading = %s, secret_key = %s, secret_body = %s WHERE id = %s RETURNING 1"
    ((account, *kept),) = rows(
        "SELECT a.id, reading, secret_key, secret_body FROM account a JOIN cases c ON c.account_id = a.id WHERE c.id = %s",
        case,
    )
    with asks(case, saying(200, {"ancestors": [], "descendants": []})) as network:
        rows(put, reading, *([secret] * 2 if secret else kept[1:]), account)
        try:
            answer = desk(BO).client.get(f"/case/{case}/around/")
        finally:
            rows(put, *kept, account)
    assert network.asked == [] and "<h1" in answer.text, "a page of ours, not a bare failure"
    assert words in answer.text


@pytest.mark.parametrize(
    "reply",
    [saying(503, {"error": "over capacity"}), saying(200, [1]), cut, hang],
    ids=["503", "shape", "cut", "hang"],
)
def test_a_network_that_does_not_answer_is_said(
    desk: Callable[[str], Person], rows: Callable[..., list[Any]], asks: Callable[..., Any], reply: Reply
) -> None:
    case = free_case(rows, 1)
    with asks(case, reply):
        page = desk(BO).client.get(f"/case/{case}/around/", headers=PART)
    assert page.status_code == 200 and "The network did not answer" in page.text and "Ask again" in page.text


def test_a_conversation_in_private_and_a_network_that_does_not_tell(
    desk: Callable[[str], Person], rows: Callable[..., list[Any]]
) -> None:
    case = free_case(rows, 2)
    ((post,),) = rows("SELECT latest_post FROM cases WHERE id = %s", case)
    rows("UPDATE interaction SET visibility = 'direct' WHERE id = %s RETURNING 1", post)
    try:
        assert desk(BO).client.get(f"/case/{case}/around/").status_code == 404
    finally:
        rows("UPDATE interaction SET visibility = 'public' WHERE id = %s RETURNING 1", post)
    rows(
        "UPDATE account SET channel = 'x' WHERE id = (SELECT account_id FROM cases WHERE id = %s) RETURNING 1",
        case,
    )
    try:
        assert desk(BO).client.get(f"/case/{case}/around/").status_code == 404
        assert "What others said" not in desk(BO).sees(f"/case/{case}/").text
    finally:
        rows(
            "UPDATE account SET channel = 'mastodon' WHERE id = (SELECT account_id FROM cases WHERE id = %s) RETURNING 1",
            case,
        )


@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (360, "dark")])
def test_it_opens_by_itself_and_looks_as_the_rest(
    visit: Callable[..., Any],
    rows: Callable[..., list[Any]],
    asks: Callable[..., Any],
    width: int,
    theme: str,
) -> None:
    case = free_case(rows, 3)
    told = {"ancestors": [status("910", "Is it the mast?")], "descendants": []}
    with asks(case, lambda asked, over: http(200, told)):
        page = visit(f"/case/{case}/?assignee=all", who=BO, width=width, theme=theme)
        page.get_by_text("What others said in this thread").click()
        page.wait_for_selector("text=Is it the mast?")
        assert page.evaluate(f"({POINTS})({str(width < 400).lower()})") == {}
        assert violations(page) == []
