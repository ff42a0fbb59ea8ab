"""Posts and drafts in another language: by the brand's own service, below the original, kept nowhere, sent by nobody."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from desk_person import Person, free_case
from msgspec import Struct
from stage_house import ANN, BO, CY, Stage
from test_points import POINTS, violations

from tests.beside.libre import KEY, answers, wishes
from tests.beside.stand_in import Reply, StandIn, cut, endless, saying
from townhall.beside import ask as asking

pytestmark = [pytest.mark.browser, pytest.mark.database]

PLACE = "/settings/translation/"
SAID = "Wo ist mein Paket? Meine Karte ist [card number]."


class German(Struct):
    """A case whose customer writes German: the post that matters, and the service that is set."""

    case: int
    post: int
    service: StandIn


@pytest.fixture
def german(
    desk: Callable[[str], Person],
    rows: Callable[..., list[Any]],
    staged: Stage,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Callable[..., German]]:
    """``german()``: sets the service by the page, and lets one customer write German; all is put back at the end."""
    monkeypatch.setenv("TOWNHALL_INSIDE_HOSTS", "127.0.0.1")
    written: list[tuple[int, int, str, str]] = []
    with ExitStack() as open_here:

        def begin(key: str = "", language: str = "de") -> German:
            service = open_here.enter_context(StandIn(answers(key)))
            done = desk(ANN).sends(
                PLACE, do="put", name="our service", address=service.url, secret=key, reads="en"
            )
            assert "It translates from now on, and knows 3 languages." in done.text
            case = free_case(rows, 1)
            ((post, text),) = rows(
                "SELECT i.id, i.text FROM cases c JOIN interaction i ON i.id = c.latest_post WHERE c.id = %s",
                case,
            )
            written.append((case, post, *rows("SELECT language FROM cases WHERE id = %s", case)[0], text))
            set_language(rows, case, post, language, SAID)
            return German(case, post, service)

        yield begin
        for case, post, language, text in written:
            set_language(rows, case, post, language, text)
        rows("UPDATE staff SET reads = '' WHERE reads <> '' RETURNING id")
        desk(ANN).sends(PLACE, do="let_go")


def set_language(rows: Callable[..., list[Any]], case: int, post: int, language: str, text: str) -> None:
    rows("UPDATE cases SET language = %s WHERE id = %s RETURNING id", language, case)
    rows("UPDATE interaction SET language = %s, text = %s WHERE id = %s RETURNING id", language, text, post)


def translated(desk: Callable[[str], Person], who: str, post: int) -> str:
    client = desk(who).client
    token = re.search(r'"X-CSRFToken":"([^"]+)"', client.get("/settings/").text)
    assert token
    answer = client.post(f"/post/{post}/translate/", headers={"X-CSRFToken": token[1], "HX-Request": "true"})
    assert answer.status_code == 200, answer.text
    return answer.text


def test_without_a_service_nothing_is_offered(
    desk: Callable[[str], Person], rows: Callable[..., list[Any]]
) -> None:
    case = free_case(rows, 1)
    page = desk(BO).sees(f"/case/{case}/").text
    assert "/translate/" not in page
    assert desk(BO).sends(f"/case/{case}/translate/", text="x").status_code == 404
    assert desk(BO).sees("/post/1/translate/").status_code == 405


def test_a_post_is_translated_below_the_original_and_kept_nowhere(
    german: Callable[..., German], desk: Callable[[str], Person], rows: Callable[..., list[Any]]
) -> None:
    at = german(KEY)
    page = desk(BO).sees(f"/case/{at.case}/").text
    assert f'action="/post/{at.post}/translate/"' in page and "my draft</span> to German" in page
    before = rows("SELECT count(*) FROM fact_block")
    part = translated(desk, BO, at.post)
    assert re.search(
        r"Translated from German by our service at .*, not by a person", re.sub(r"<[^>]+>", "", part)
    )
    assert f"[de&gt;en] {SAID}" in part and 'lang="en"' in part
    assert wishes(at.service) == [
        {"q": SAID, "source": "de", "target": "en", "format": "text", "api_key": KEY}
    ]
    assert rows("SELECT text FROM interaction WHERE id = %s", at.post) == [(SAID,)]
    assert rows("SELECT count(*) FROM fact_block") == before
    assert SAID in desk(BO).sends(f"/post/{at.post}/translate/").text, (
        "without scripts a page of its own, with the original"
    )


def test_the_readers_own_language_counts_and_one_that_is_read_is_offered_nothing(
    german: Callable[..., German], desk: Callable[[str], Person], rows: Callable[..., list[Any]]
) -> None:
    at = german()
    staff = "UPDATE staff SET reads = %s WHERE email = %s RETURNING id"
    rows(staff, "de", BO)
    page = desk(BO).sees(f"/case/{at.case}/").text
    assert f"/post/{at.post}/translate/" not in page and "my draft</span>" not in page
    assert desk(BO).sends(f"/post/{at.post}/translate/").status_code == 422
    set_language(rows, at.case, at.post, "en", SAID)
    page = desk(BO).sees(f"/case/{at.case}/").text
    assert f"/post/{at.post}/translate/" in page, "English is offered to who reads German"
    rows(staff, "", BO)
    assert f"/post/{at.post}/translate/" not in desk(BO).sees(f"/case/{at.case}/").text
    set_language(rows, at.case, at.post, "und", SAID)
    assert "Translated from German" in translated(desk, BO, at.post)
    assert wishes(at.service)[-1]["source"] == "auto"
    set_language(rows, at.case, at.post, "fr", SAID)
    assert f"/post/{at.post}/translate/" not in desk(BO).sees(f"/case/{at.case}/").text, "a pair nobody knows"


def test_other_brands_roles_and_what_is_gone(
    german: Callable[..., German], desk: Callable[[str], Person], rows: Callable[..., list[Any]]
) -> None:
    at = german()
    assert desk(CY).sends(f"/post/{at.post}/translate/").status_code == 404
    assert desk(CY).sends(f"/case/{at.case}/translate/", text="x").status_code == 404
    assert (
        desk(BO).sends(PLACE, do="put", name="x", address="https://x.example", reads="en").status_code == 403
    )
    rows("UPDATE interaction SET deleted_at = now() WHERE id = %s RETURNING id", at.post)
    try:
        assert f"/post/{at.post}/translate/" not in desk(BO).sees(f"/case/{at.case}/").text
        assert desk(BO).sends(f"/post/{at.post}/translate/").status_code == 422
    finally:
        rows("UPDATE interaction SET deleted_at = NULL WHERE id = %s RETURNING id", at.post)
    assert wishes(at.service) == []


FAULTS = [
    (
        saying(403, {"error": "Please contact the server operator"}),
        "Our service refused it",
        "it answered 403: Please contact",
    ),
    (saying(400, {"error": "de is not supported"}), "Our service refused it", "de is not supported"),
    (saying(429, {"error": "Slow down"}), "Our service refused it", "Slow down"),
    (saying(200, {"error": "odd"}), "Our service gave an answer that cannot be read", "translatedText"),
    (saying(200, b"<html>"), "Our service gave an answer that cannot be read", "malformed"),
    (endless, "Our service answered more than it may", "262,144 bytes"),
    (cut, "Our service broke off", ""),
]


@pytest.mark.parametrize(("reply", "said", "why"), FAULTS)
def test_each_fault_is_said_and_its_cause_to_administrators_alone(
    german: Callable[..., German], desk: Callable[[str], Person], reply: Reply, said: str, why: str
) -> None:
    at = german()
    at.service.reply = reply
    seen, told = translated(desk, BO, at.post), translated(desk, ANN, at.post)
    assert said in seen and said in told and "The post stands as it was written." in seen
    assert why in told and (not why or why not in seen)
    draft = desk(BO).sends(f"/case/{at.case}/translate/", text="It left today.").json()
    assert (
        draft["said"].startswith(said)
        and draft["said"].endswith("Your draft is unchanged.")
        and "text" not in draft
    )


def test_what_it_says_when_it_refuses_is_shown_and_not_kept(
    german: Callable[..., German], desk: Callable[[str], Person], rows: Callable[..., list[Any]]
) -> None:
    at = german()
    at.service.reply = saying(400, {"error": f"cannot read: {SAID}"})
    assert "Wo ist mein Paket" in translated(desk, ANN, at.post)
    desk(ANN).sends(PLACE, do="try")
    kept = rows("SELECT failed_why FROM own_system WHERE kind = 'translation'")
    assert kept == [("it answered 400",)]


def test_nobody_there_too_many_and_too_long(
    german: Callable[..., German],
    desk: Callable[[str], Person],
    rows: Callable[..., list[Any]],
    staged: Stage,
) -> None:
    at = german()
    with ExitStack() as turns:
        for _ in range(asking.MOST_OF_ONE):
            turns.enter_context(asking._turns.turn(f"translation/{staged.brand}"))
        assert "is asked by many at this moment" in translated(desk, BO, at.post)
    set_language(rows, at.case, at.post, "de", "x" * 10_001)
    assert "is given texts of 1 to 10,000 characters" in translated(desk, BO, at.post)
    assert wishes(at.service) == []
    set_language(rows, at.case, at.post, "de", SAID)
    at.service.__exit__()
    assert "Our service did not answer" in translated(desk, BO, at.post)


def test_a_draft_comes_back_to_be_read_and_is_not_sent(
    german: Callable[..., German], desk: Callable[[str], Person], rows: Callable[..., list[Any]]
) -> None:
    at = german()
    found = desk(BO).sends(f"/case/{at.case}/translate/", text="It left\r\ntoday.").json()
    assert found["text"] == "[en>de] It left\ntoday."
    assert re.fullmatch(
        r"Translated to German by our service at \d\d:\d\d, not by a person\. Read it before you send it\.",
        found["said"],
    )
    assert rows("SELECT count(*) FROM release WHERE case_id = %s", at.case) == [(0,)]
    assert "texts of 1 to" in desk(BO).sends(f"/case/{at.case}/translate/", text=" ").json()["said"]
    set_language(rows, at.case, at.post, "und", SAID)
    assert (
        "does not know the customer" in desk(BO).sends(f"/case/{at.case}/translate/", text="x").json()["said"]
    )


def test_the_page_says_what_is_wrong_and_tries_it(
    german: Callable[..., German], desk: Callable[[str], Person]
) -> None:
    at = german(KEY)
    checks = desk(ANN).sends(PLACE, do="try").text.split('id="checks"')[1].split("</ol>")[0]
    assert re.findall(r'aria-label="(\w+)"', checks) == ["done"] * 4 and "[de&gt;en] Guten Tag" in checks
    given = {"do": "put", "name": "our service", "reads": "en"}
    other = desk(ANN).sends(PLACE, **given, address=at.service.url + "/elsewhere")
    assert other.status_code == 422 and "not given the old key" in other.text
    lost = desk(ANN).sends(PLACE, **given, address=at.service.url + "/elsewhere", secret="another key")
    assert (
        lost.status_code == 422
        and "did not name its languages" in lost.text
        and "another key" not in lost.text
    )
    unread = desk(ANN).sends(PLACE, **given | {"reads": "fr"}, address=at.service.url)
    assert unread.status_code == 422 and "does not know the language" in unread.text
    assert KEY not in desk(ANN).sees(PLACE).text
    assert desk(ANN).sends(PLACE, do="dance").status_code == 422


@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (360, "dark")])
def test_by_key_and_by_button_in_a_browser(
    german: Callable[..., German], visit: Callable[..., Any], width: int, theme: str
) -> None:
    at = german()
    page = visit(f"/case/{at.case}/", width=width, theme=theme, who=BO)
    page.locator("h1").first.evaluate("(node) => node.focus()")
    page.keyboard.press("t")
    page.wait_for_selector(f"#translated-{at.post}.translated")
    assert page.evaluate(f"({POINTS})({json.dumps(width < 400)})") == {}
    assert violations(page) == []
    box = page.locator("#box")
    box.fill("It left today.")
    page.locator("[data-translate]").click()
    page.wait_for_selector("[data-translated]:has-text('Translated to German')")
    assert box.input_value() == "[en>de] It left today."
    box.press("Control+z")
    assert box.input_value() == "It left today."
    at.service.reply = saying(500, {"error": "out"})
    page.locator("[data-translate]").click()
    page.wait_for_selector("[data-translated]:has-text('Your draft is unchanged')")
    assert box.input_value() == "It left today."
    page.keyboard.press("Control+k")
    page.keyboard.type("translate what")
    page.wait_for_selector("#command li:has-text('Translate what')")
    page.keyboard.press("Escape")
    box.fill("")
    page.wait_for_selector("[data-draft-state]:has-text('Draft kept')")
