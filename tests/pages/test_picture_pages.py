"""Pictures in the composer: chosen, pasted or dropped, told in words, kept, sent, seen by those who may."""

import base64
import re
from collections.abc import Callable
from typing import Any

import pytest
from desk_person import TOKEN, Person, free_case
from stage_house import ANN, BO, CY
from test_states import LOOKS, judge

from tests.outbound.hand_of_pictures import file_of

pytestmark = [pytest.mark.browser, pytest.mark.database]

WORDS = "Press the small button for ten seconds."


def chosen(colour: str = "teal", name: str = "box.png") -> dict[str, Any]:
    return {"name": name, "mimeType": "image/png", "buffer": file_of(colour, size=(320, 200))}


def write(visit: Callable[..., Any], case: int, who: str = BO, **look: Any) -> Any:
    """The composer of a case with something written in it."""
    page = visit(f"/case/{case}/", who=who, **look)
    keep(page, page.locator("#box"), WORDS)
    return page


def keep(page: Any, field: Any, words: str) -> None:
    """Types, and waits until the server has it."""
    with page.expect_response(lambda answer: answer.url.endswith("/draft/")):
        field.fill(words)


def kept(rows: Callable[..., list[Any]], case: int) -> list[str]:
    """What the pictures of the draft show, as it is kept."""
    found = rows("SELECT pictures FROM draft WHERE case_id = %s AND kind = 'public'", case)
    return [one["alt"] for one in found[0][0]] if found else []


@pytest.fixture
def case(rows: Callable[..., list[Any]]) -> Any:
    """A case of nobody's, left as it was found: without a draft."""
    found = free_case(rows, 0)
    yield found
    rows("DELETE FROM draft WHERE case_id = %s RETURNING 1", found)


def test_a_picture_is_told_in_words_sent_and_seen(
    visit: Callable[..., Any], rows: Callable[..., list[Any]], desk: Callable[[str], Person], case: int
) -> None:
    page = write(visit, case)
    page.locator("#files").set_input_files([chosen(), chosen("navy", "two.png")])
    page.wait_for_selector("#pictures li:nth-child(2)")
    keep(page, page.get_by_label("Picture 1 shows"), "The small button beside the plug")
    page.get_by_role("button", name="Send and stay").click()
    page.wait_for_selector("#pictures [aria-invalid=true]")
    assert "Say what picture 2 shows, for those who cannot see it." in page.locator("#findings").inner_text()
    assert page.evaluate("document.activeElement.name").startswith("alt-"), (
        "the cursor is where the words are missing"
    )
    assert page.locator("#box").input_value() == WORDS
    page.reload()
    assert page.get_by_label("Picture 1 shows").input_value() == "The small button beside the plug"
    page.get_by_role("button", name="Remove picture 2").click()
    page.wait_for_selector("#pictures li:nth-child(2)", state="detached")
    assert rows("SELECT count(*) FROM picture WHERE case_id = %s", case) == [(1,)]
    page.get_by_role("button", name="Send and stay").click()
    page.wait_for_selector(".receipt .photos img")
    ((release, picture),) = rows("SELECT id, pictures->0->>'id' FROM release WHERE case_id = %s", case)
    assert page.locator(".receipt img").get_attribute("alt") == "The small button beside the plug"
    for who, status in ((BO, 200), (ANN, 200), (CY, 404)):
        answer = desk(who).sees(f"/picture/{picture}/")
        assert answer.status_code == status
        if status == 200:
            assert answer.headers["content-type"] == "image/png" and answer.content.startswith(b"\x89PNG")
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
            assert answer.headers["cache-control"] == "private, max-age=3600"
    desk(BO).sends(f"/release/{release}/withdraw/")
    page.reload()
    assert page.get_by_label("Picture 1 shows").input_value() == "The small button beside the plug"


def test_pasting_and_dropping(visit: Callable[..., Any], rows: Callable[..., list[Any]], case: int) -> None:
    page = write(visit, case)
    give = """([kind, where, data]) => {
        const bytes = Uint8Array.from(atob(data), (one) => one.charCodeAt(0)), carried = new DataTransfer();
        carried.items.add(new File([bytes], "pasted.png", { type: "image/png" }));
        const more = kind === "paste" ? new ClipboardEvent("paste", { clipboardData: carried, bubbles: true, cancelable: true })
            : new DragEvent(kind, { dataTransfer: carried, bubbles: true, cancelable: true });
        return !document.querySelector(where).dispatchEvent(more);
    }"""
    red, blue = (base64.b64encode(file_of(colour)).decode() for colour in ("red", "blue"))
    assert page.evaluate(give, ["paste", "#box", red]), "taken, and nothing else is pasted"
    page.wait_for_selector("#pictures li:nth-child(1)")
    assert page.evaluate(give, ["drop", "#box", blue])
    page.wait_for_selector("#pictures li:nth-child(2)")
    assert page.evaluate(give, ["drop", "h1, h2, body", red]), "the page stays"
    page.wait_for_selector("#toasts .toast")
    assert kept(rows, case) == ["", ""] and page.url.endswith(f"/case/{case}/")


def test_words_typed_while_a_picture_comes_stay(visit: Callable[..., Any], case: int) -> None:
    page = write(visit, case)
    page.locator("#files").set_input_files(chosen())
    page.wait_for_selector("#pictures li")
    first = page.get_by_label("Picture 1 shows")
    page.route("**/pictures/", lambda route: (first.type("typed meanwhile"), route.continue_()))
    page.locator("#files").set_input_files(chosen("navy"))
    page.wait_for_selector("#pictures li:nth-child(2)")
    assert first.input_value() == "typed meanwhile" and page.locator("#box").input_value() == WORDS


@pytest.mark.parametrize(
    ("buffer", "said"),
    [
        (b"<svg onload='alert(1)'/>", "This file is no picture that can be sent."),
        (file_of("red")[:60], "This picture is broken"),
    ],
    ids=["svg", "broken"],
)  # fmt: skip
def test_what_cannot_be_sent_is_said_and_the_text_stays(
    visit: Callable[..., Any], rows: Callable[..., list[Any]], case: int, buffer: bytes, said: str
) -> None:
    page = write(visit, case)
    page.locator("#files").set_input_files({"name": "a.png", "mimeType": "image/png", "buffer": buffer})
    page.wait_for_selector("#pictures [role=alert]")
    assert said in page.locator("#pictures [role=alert]").inner_text()
    assert page.locator("#box").input_value() == WORDS and kept(rows, case) == []
    assert rows("SELECT text FROM draft WHERE case_id = %s", case) == [(WORDS,)]


def test_a_file_that_is_too_large_is_not_even_sent(visit: Callable[..., Any], case: int) -> None:
    page = write(visit, case)
    page.route("**/pictures/", lambda route: route.abort())
    page.evaluate("""() => {
        const chosen = new DataTransfer(), input = document.getElementById("files");
        chosen.items.add(new File([new Uint8Array(17 << 20)], "huge.png", { type: "image/png" }));
        input.files = chosen.files;
        input.dispatchEvent(new Event("change", { bubbles: true }));
    }""")
    said = page.locator("#pictures [role=alert]").inner_text()
    assert said == "huge.png has 17 MB; a picture has at most 16 MB."


def form_of(person: Person, case: int) -> dict[str, str]:
    page = person.client.get(f"/case/{case}/").text
    token = TOKEN.search(page)
    assert token
    given = {
        name: page.split(f'name="{name}" value="')[1].split('"')[0]
        for name in ("reply_to", "seen_post", "seen_version")
    }
    return given | {"csrfmiddlewaretoken": token[1], "kind": "public", "text": WORDS}


def test_without_a_script_and_by_those_who_may_not(
    desk: Callable[[str], Person], rows: Callable[..., list[Any]], case: int
) -> None:
    bo, files = desk(BO), [("files", ("a.jpg", file_of("red", "JPEG"), "image/jpeg"))]
    page = bo.client.post(f"/case/{case}/pictures/", data=form_of(bo, case), files=files).text
    assert "Picture 1 shows" in page and WORDS in page and kept(rows, case) == [""]
    refused = bo.client.post(
        f"/case/{case}/pictures/", data=form_of(bo, case), files=[("files", ("a.png", b"MZ", "image/png"))]
    ).text
    assert "Not added: This file is no picture" in refused and WORDS in refused
    ((picture,),) = rows("SELECT pictures->0->>'id' FROM draft WHERE case_id = %s", case)
    ann, cy = desk(ANN), desk(CY)
    assert ann.sees(f"/picture/{picture}/").status_code == 404, "a draft's picture is its author's alone"
    token = {"csrfmiddlewaretoken": form_of(ann, case)["csrfmiddlewaretoken"], "kind": "public"}
    assert (
        'name="picture"'
        not in ann.client.post(f"/case/{case}/pictures/", data=token | {"remove": picture}).text
    )
    assert kept(rows, case) == [""]
    stranger = TOKEN.search(cy.client.get("/settings/").text)
    assert stranger
    sent = {"csrfmiddlewaretoken": stranger[1], "kind": "public", "text": "x"}
    assert cy.client.post(f"/case/{case}/pictures/", data=sent, files=files).status_code == 404
    assert bo.client.post(f"/case/{case}/pictures/", data={"kind": "public"}, files=files).status_code == 403
    gone = bo.client.post(
        f"/case/{case}/pictures/", data=form_of(bo, case) | {"picture": picture, "remove": picture}
    ).text
    assert 'name="picture"' not in gone and kept(rows, case) == []
    assert rows("SELECT count(*) FROM picture WHERE case_id = %s", case) == [(0,)]


def test_a_send_without_a_script_leaves_no_chosen_picture_behind(
    desk: Callable[[str], Person], rows: Callable[..., list[Any]], case: int
) -> None:
    bo = desk(BO)
    named = {"files": "box.png", "then": "stay"}
    stopped = bo.client.post(f"/case/{case}/send/", data=form_of(bo, case) | named).text
    assert "Not sent: The pictures that were chosen are not added yet." in stopped and WORDS in stopped
    assert rows("SELECT count(*) FROM release WHERE case_id = %s AND state = 'released'", case) == [(0,)]
    assert kept(rows, case) == [] and rows("SELECT text FROM draft WHERE case_id = %s", case) == [(WORDS,)]


def test_too_large_a_body_is_refused_before_anything_keeps_it(
    desk: Callable[[str], Person], case: int
) -> None:
    bo = desk(BO)
    files = [("files", ("a.png", b"\x89PNG" + b"\0" * (21 << 20), "image/png"))]
    answer = bo.client.post(f"/case/{case}/pictures/", data=form_of(bo, case), files=files)
    assert answer.status_code == 413 and "A picture has at most 16 MB" in answer.text


def test_an_approver_sees_the_pictures_and_what_is_noticed_in_their_words(
    visit: Callable[..., Any], rows: Callable[..., list[Any]], desk: Callable[[str], Person], case: int
) -> None:
    bo, files = desk(BO), [("files", ("a.png", file_of("teal", size=(320, 200)), "image/png"))]
    bo.client.post(f"/case/{case}/pictures/", data=form_of(bo, case), files=files)
    ((picture,),) = rows("SELECT pictures->0->>'id' FROM draft WHERE case_id = %s", case)
    told = {"picture": picture, f"alt-{picture}": "A bill with the number +44 20 7946 0991 on it"}
    bo.client.post(f"/case/{case}/send/", data=form_of(bo, case) | told)
    ((release,),) = rows("SELECT id FROM release WHERE case_id = %s AND state = 'held'", case)
    page = visit(f"/approvals/#held-{release}", who=ANN)
    item = page.locator(f"#held-{release}")
    assert item.locator(".enclosed .hit").inner_text() == "+44 20 7946 0991"
    small = item.locator(".glimpse img").get_attribute("src") or ""
    assert desk(ANN).sees(small).status_code == 200
    item.locator(".glimpse").click()
    assert page.locator("dialog.viewer .alt").inner_text().startswith("It shows: A bill")
    page.locator("dialog.viewer").get_by_role("button", name="Close").click()
    ((digest,),) = rows("SELECT encode(digest, 'hex') FROM release WHERE id = %s", release)
    rows(
        "UPDATE release SET pictures = jsonb_set(pictures, '{0,alt}', '\"Another\"') WHERE id = %s RETURNING 1",
        release,
    )
    refused = desk(ANN).sends(f"/approvals/{release}/", decision="approve", digest=digest)
    assert refused.status_code == 409 and "not what was held" in refused.text
    assert rows("DELETE FROM hold WHERE release_id = %s RETURNING 1", release)
    assert rows("DELETE FROM release WHERE id = %s RETURNING 1", release)


def test_a_note_carries_none(visit: Callable[..., Any], case: int) -> None:
    page = visit(f"/case/{case}/?kind=note", who=BO)
    page.wait_for_selector("#box")
    assert page.locator("#files").count() == 0 and not re.search(
        "Add picture", page.locator("#composer").inner_text()
    )


@pytest.mark.parametrize(("width", "theme"), LOOKS)
def test_a_composer_with_pictures_by_all_points(
    visit: Callable[..., Any], desk: Callable[[str], Person], case: int, width: int, theme: str
) -> None:
    bo = desk(BO)
    files = [("files", (name, file_of(name, size=(320, 200)), "image/png")) for name in ("teal", "navy")]
    bo.client.post(f"/case/{case}/pictures/", data=form_of(bo, case), files=files)
    page = visit(f"/case/{case}/", who=BO, width=width, theme=theme)
    judge(page, width, "the composer at rest")
    page.locator("#box").focus()
    judge(page, width, "the composer in use")
