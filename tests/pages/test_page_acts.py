"""What administrators do by pages: connect, renew, let go; try again; words, hosts, targets. Without a browser."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from desk_person import Person
from stage_house import ANN, BAD, BO, CY, Stage

from townhall.database.connect import connect
from townhall.flow import photo_book
from townhall.flow.photos import LABEL
from townhall.kernel.clock import system_clock
from townhall.vault import open_keys, seal

pytestmark = [pytest.mark.browser, pytest.mark.database]
"""They need the staged town, which the tests in a browser share; what the API's tests leave would be in its way."""


def test_a_channel_is_connected_renewed_and_let_go(
    desk: Callable[[str], Person], rows: Callable[..., list[Any]]
) -> None:
    ann = desk(ANN)
    given = {"address": "https://social.example", "handle": "new@social.example", "token": "open sesame"}
    made = ann.sends("/channels/connect/?kind=mastodon", **given)
    assert (
        made.status_code == 200 and "The network is being asked." in made.text and "sesame" not in made.text
    )
    ((account, sealed),) = rows("SELECT id, secret_body FROM account WHERE handle = 'new@social.example'")
    assert made.url.path == f"/channels/{account}/" and b"sesame" not in bytes(sealed)
    part = ann.client.get(f"/channels/{account}/", headers={"HX-Request": "true"}).text
    assert part.startswith("<ol") and 'hx-trigger="every 2s"' in part
    rows(
        "UPDATE account_health SET state = 'no_token', message = 'the network answered 401: expired' WHERE account_id = %s RETURNING 1",
        account,
    )
    lost = ann.client.get(f"/channels/{account}/").text
    assert "The network answered 401: expired" in lost and "Give it new access below" in lost
    assert lost.count('href="https://social.example/settings/applications"') == 2, (
        "the check that failed first, and new access"
    )
    again = ann.sends("/channels/connect/?kind=mastodon", **given)
    assert again.status_code == 422 and "is connected already" in again.text and "sesame" not in again.text
    assert 'href="https://social.example/settings/applications"' in again.text
    assert (
        "New access is in place" in ann.sends(f"/channels/{account}/act/", do="renew", token="another").text
    )
    assert rows("SELECT state FROM account_health WHERE account_id = %s", account) == [("new",)]
    assert "not read and sends" in ann.sends(f"/channels/{account}/act/", do="not_read").text
    assert ann.sends(f"/channels/{account}/act/", do="let_go", typed="somebody else").status_code == 422
    assert (
        "Disconnected" in ann.sends(f"/channels/{account}/act/", do="let_go", typed="new@social.example").text
    )
    assert rows("SELECT connected, reading, sending FROM account WHERE id = %s", account) == [(False,) * 3]
    rows("DELETE FROM account WHERE id = %s RETURNING 1", account)


def test_a_wrong_form_says_what_is_wrong_and_forgets_secrets(desk: Callable[[str], Person]) -> None:
    ann = desk(ANN)
    answer = ann.sends("/channels/connect/?kind=mastodon", handle="care", token="open sesame", address="")
    assert answer.status_code == 422 and "Server: This field is required" in answer.text
    assert "sesame" not in answer.text
    inside = ann.sends(
        "/channels/connect/?kind=mastodon", handle="care", token="t", address="https://127.0.0.1"
    )
    assert inside.status_code == 422 and "open internet" in inside.text and 'role="alert"' in inside.text
    scheme = ann.sends(
        "/channels/connect/?kind=mastodon", handle="care", token="t", address="javascript:alert(1)"
    )
    assert scheme.status_code == 422 and 'href="javascript' not in scheme.text
    assert "https://developer.x.com/" in ann.client.get("/channels/connect/?kind=x").text


def test_a_webhook_shows_its_secret_once(
    desk: Callable[[str], Person], rows: Callable[..., list[Any]]
) -> None:
    made = desk(ANN).sends("/channels/connect/?kind=webhook", handle="our-shop")
    assert len(re.findall(r"whsec_[A-Za-z0-9+/]{43}=", made.text)) == 1 and "/hooks/" in made.text
    assert "whsec_" not in desk(ANN).client.get(made.url.path).text.replace("whsec_…", "")
    rows("DELETE FROM account WHERE handle = 'our-shop' RETURNING 1")


def test_what_is_set_aside_is_tried_again_and_left_out(desk: Callable[[str], Person]) -> None:
    ann = desk(ANN)
    page = ann.client.get("/channels/aside/").text
    numbers = re.findall(r'name="again" value="(\d+)"', page)
    assert len(numbers) == len(BAD) and "3 wait" in page
    assert "1 cannot be read yet" in ann.sends("/channels/aside/act/", again=numbers[0]).text
    assert "tried again 1 time" in ann.client.get("/channels/aside/").text
    (reason, *_) = re.findall(r'\?reason=([^"&]+)', page)
    narrow = ann.client.get(f"/channels/aside/?reason={reason}")
    assert narrow.status_code == 200 and "Try all of it again" in narrow.text
    assert ann.sends("/channels/aside/act/", leave_out="999999").status_code == 404
    assert ann.client.get("/channels/aside/?before=x").status_code == 422


def test_words_and_hosts_are_added_and_ended(
    desk: Callable[[str], Person], rows: Callable[..., list[Any]]
) -> None:
    ann, given = (
        desk(ANN),
        {"kind": "forbidden", "words": "for free", "severity": "block", "reason": "Nothing is."},
    )
    assert "“for free” is forbidden from now on." in ann.sends("/terms/", **given).text.replace("&quot;", '"')
    assert ann.sends("/terms/", **given).status_code == 409
    assert ann.sends("/terms/", **{**given, "words": " "}).status_code == 422
    ((made,),) = rows("SELECT id FROM outbound_term WHERE words = 'for free'")
    assert "no longer held" in ann.sends(f"/terms/{made}/end/").text
    assert (
        "Links to shop.fernhill.example"
        in ann.sends("/terms/hosts/", host="https://shop.fernhill.example/x").text
    )
    assert ann.sends("/terms/hosts/", host="co.uk").status_code == 422
    assert "stranger" in ann.sends("/terms/hosts/", drop="shop.fernhill.example").text
    assert desk(BO).sends("/terms/", **given).status_code == 403
    assert "Add words" not in desk(BO).client.get("/terms/").text


def test_a_target_is_set_shown_everywhere_and_given_back(desk: Callable[[str], Person]) -> None:
    ann = desk(ANN)
    assert (
        "the target is 42 min from now on"
        in ann.sends("/targets/", metric="first_response", target="42", do="set").text
    )
    assert "target 42 min" in ann.client.get("/figures/").text
    assert "target 42 min" in ann.client.get("/figures/first_response/").text
    assert "counts again" in ann.sends("/targets/", metric="first_response", do="give_back").text
    assert "target 1 h" in ann.client.get("/figures/first_response/").text
    assert ann.sends("/targets/", metric="first_response", target="soon").status_code == 422
    assert ann.sends("/targets/", metric="posts_hour", target="1").status_code == 404
    assert desk(BO).sends("/targets/", metric="waiting", target="1", do="set").status_code == 403


def test_photos_come_from_us_alone(
    desk: Callable[[str], Person], rows: Callable[..., list[Any]], staged: Stage
) -> None:
    """A demo photo is a file of ours; a stranger's is wanted, then kept, or refused with the reason."""
    ann, url = desk(ANN), "https://media.example/a.png"
    ((post_id, place),) = rows(
        "SELECT id, media -> 0 ->> 'url' FROM interaction WHERE media IS NOT NULL AND deleted_at IS NULL ORDER BY id LIMIT 1"
    )
    address, keys = f"/photo/{post_id}/0/", open_keys(staged.settings.home)
    assert place.startswith(staged.url)
    assert ann.client.get(address).url.path.startswith("/static/demo/")
    assert (
        desk(CY).client.get(address).status_code,
        ann.client.get(f"/photo/{post_id}/9/").status_code,
    ) == (404, 404)
    rows(
        "UPDATE interaction SET media = jsonb_set(media, '{0,url}', to_jsonb(%s::text)) WHERE id = %s RETURNING 1",
        url,
        post_id,
    )
    asked = ann.client.get(address)
    assert (asked.status_code, asked.headers["X-Photo"], asked.headers["Cache-Control"]) == (
        204,
        "wanted",
        "no-store",
    )
    with connect(staged.database.dsn("worker")) as conn:
        (one,) = photo_book.due(conn, system_clock())
        assert (one.post_id, one.url) == (post_id, url)
        photo_book.keep(conn, one, "image/png", seal(keys.kek, b"picture", LABEL))
        shown = ann.client.get(address)
        photo_book.put_off(conn, one, "it is no picture", system_clock(), final=True)
    assert (shown.content, shown.headers["content-type"]) == (b"picture", "image/png")
    assert shown.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert shown.headers["x-content-type-options"] == "nosniff"
    rows("UPDATE photo SET body = NULL, key = NULL RETURNING 1")
    refused = ann.client.get(address)
    assert (refused.status_code, refused.headers["X-Photo"], refused.headers["X-Photo-Why"]) == (
        204,
        "refused",
        "it is no picture",
    )
    rows(
        "UPDATE interaction SET media = jsonb_set(media, '{0,url}', to_jsonb(%s::text)) WHERE id = %s RETURNING 1",
        place,
        post_id,
    )


def test_a_reason_against_a_finding_is_shown_to_the_author_kept_and_counted(
    desk: Callable[[str], Person], rows: Callable[..., list[Any]]
) -> None:
    bo, text = desk(BO), "Call +44 20 7946 0991, please."
    ((case, post),) = rows(
        "SELECT k.id, i.id FROM cases k JOIN interaction i ON i.thread_id = k.thread_id AND i.direction = 'in'"
        " WHERE k.state = 'open' ORDER BY k.id DESC LIMIT 1"
    )
    draft = {"text": text, "kind": "public", "reply_to": str(post), "channel": "mastodon"}
    assert "Not a problem…" in bo.sends(f"/case/{case}/draft/", **draft).text
    given = {"finding": "phone", "words": "+44 20 7946 0991"}
    assert bo.sends(f"/case/{case}/wave/", **given, because=" ").status_code == 422
    assert bo.sends(f"/case/{case}/wave/", **given, because="our <b>own</b> line").status_code == 200
    again = bo.sends(f"/case/{case}/draft/", **draft).text
    assert "because: our &lt;b&gt;own&lt;/b&gt; line" in again and "Would be held" in again
    assert desk(CY).sends(f"/case/{case}/wave/", **given, because="mine").status_code in (403, 404)
    assert rows("SELECT kind, because FROM dismissal") == [("phone", "our <b>own</b> line")]
    counted = desk(ANN).client.get("/terms/").text.split('id="waved"')[1].split("</section>")[0]
    assert "Phone" in counted and ">1<" in counted
    bo.sends(f"/case/{case}/draft/", **{**draft, "text": ""})
