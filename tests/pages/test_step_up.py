"""Before what is very sensitive an old proof is asked for again, by passkey in a real browser; the act then goes on."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

import pytest
from desk_person import Person, sign_in
from stage_house import ANN, BO, PASSWORD, Stage

from townhall.database.connect import connect

pytestmark = [pytest.mark.browser, pytest.mark.database]
HOUR = 3600


@pytest.fixture(autouse=True)
def as_before(staged: Stage, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fifteen minutes, as an installation has it; nobody keeps a passkey."""
    monkeypatch.setenv("TOWNHALL_STEP_UP_MINUTES", "15")
    yield
    from django.core.cache import cache

    with connect(staged.database.dsn("worker")) as conn:
        conn.execute("DELETE FROM mfa_authenticator")
    cache.clear()


def grow_old(session: str) -> None:
    """The session's proofs were given an hour ago. Apart, since a browser's loop may live in this thread."""
    apart = Thread(target=_grow_old, args=(session,))
    apart.start()
    apart.join()


def _grow_old(session: str) -> None:
    from importlib import import_module

    from django.conf import settings
    from django.db import connection

    store = import_module(settings.SESSION_ENGINE).SessionStore(session)
    store["account_authentication_methods"] = [
        {**one, "at": one["at"] - HOUR} for one in store["account_authentication_methods"]
    ]
    store.save()
    connection.close()


def grown_old(person: Person) -> Person:
    grow_old(next(c.value for c in person.client.cookies.jar if c.name == "townhall"))
    return person


def confirmed(person: Person, page: Any) -> Any:
    """Gives the password where it is asked for, and lets the act that waited go on."""
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
    assert token and "Confirm that it is you" in page.text and "Nothing was changed yet" in page.text
    given = {"csrfmiddlewaretoken": token[1], "password": PASSWORD, "next": "/proved/"}
    on = person.client.post("/accounts/reauthenticate/", data=given)
    assert "What you were about to do goes on now" in on.text
    fields = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', on.text))
    action = re.search(r'action="([^"]+)" data-go-on', on.text)
    assert action
    return person.client.post(action[1].replace("&amp;", "&"), data=fields)


@contextmanager
def stopped(person: Person, rows: Callable[..., list[Any]]) -> Iterator[int]:
    person.sends("/stop/act/", what="brand:", reason="A try")
    yield rows("SELECT max(id) FROM outbound_stop WHERE resumed_at IS NULL")[0][0]
    rows("UPDATE outbound_stop SET resumed_at = now() WHERE resumed_at IS NULL RETURNING 1")


def digest_of(person: Person, release: int) -> str:
    page = person.client.get("/approvals/").text
    part = page.split(f'id="held-{release}"')[1]
    return part.split('name="digest" value="')[1].split('"')[0]


def test_an_old_proof_is_asked_for_again_before_noticed_words_are_approved(
    staged: Stage, rows: Callable[..., list[Any]], held: list[int]
) -> None:
    ann, release = Person(staged.url, ANN), held[0]
    digest = digest_of(ann, release)
    asked = grown_old(ann).sends(f"/approvals/{release}/", decision="approve", digest=digest)
    assert rows("SELECT state FROM release WHERE id = %s", release) == [("held",)]
    assert "Approved" in confirmed(ann, asked).text
    assert rows("SELECT state FROM release WHERE id = %s", release) != [("held",)]
    second = ann.sends(f"/approvals/{held[1]}/", decision="approve", digest=digest_of(ann, held[1]))
    assert "Approved" in second.text, "the proof is fresh now"


def test_a_fresh_sign_in_and_what_is_not_sensitive_are_not_asked(
    staged: Stage, rows: Callable[..., list[Any]], held: list[int]
) -> None:
    ann = Person(staged.url, ANN)
    done = ann.sends(f"/approvals/{held[0]}/", decision="approve", digest=digest_of(ann, held[0]))
    assert "Approved" in done.text
    back = grown_old(ann).sends(f"/approvals/{held[1]}/", decision="return", reason="Say it in fewer words.")
    assert "Returned to its author" in back.text
    with stopped(ann, rows) as stop:
        assert stop, "stopping is never held up"


def test_releasing_a_stop_and_leaving_observe_only_ask(staged: Stage, rows: Callable[..., list[Any]]) -> None:
    ann = Person(staged.url, ANN)
    with stopped(ann, rows) as stop:
        asked = grown_old(ann).sends("/stop/act/", resume=str(stop))
        assert rows("SELECT resumed_at IS NULL FROM outbound_stop WHERE id = %s", stop) == [(True,)]
        confirmed(ann, asked)
        assert rows("SELECT resumed_at IS NULL FROM outbound_stop WHERE id = %s", stop) == [(False,)]
    ((slug, state),) = rows("SELECT slug, state FROM brand WHERE id = %s", staged.brand)
    rows("UPDATE brand SET state = 'observe' WHERE id = %s RETURNING 1", staged.brand)
    try:
        asked = grown_old(ann).sends("/channels/observe/", to="live", typed=slug)
        assert "Confirm that it is you" in asked.text
        assert rows("SELECT state FROM brand WHERE id = %s", staged.brand) == [("observe",)]
        confirmed(ann, asked)
        assert rows("SELECT state FROM brand WHERE id = %s", staged.brand) == [("live",)]
    finally:
        rows("UPDATE brand SET state = %s WHERE id = %s RETURNING 1", state, staged.brand)


@pytest.mark.parametrize("do", ["activate", "roll_back"])
def test_putting_a_policy_in_force_or_back_asks(staged: Stage, do: str) -> None:
    ann = Person(staged.url, ANN)
    assert "Confirm that it is you" not in ann.sends("/policy/1/act/", do=do).text
    assert "Confirm that it is you" in grown_old(ann).sends("/policy/1/act/", do=do).text


def test_who_may_not_is_refused_at_once_and_zero_minutes_never_ask(
    staged: Stage, rows: Callable[..., list[Any]], held: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    bo = grown_old(Person(staged.url, BO))
    refused = bo.sends("/channels/observe/", to="live", typed="x")
    assert refused.status_code == 403 and "Confirm" not in refused.text
    ann = Person(staged.url, ANN)
    digest = digest_of(ann, held[0])
    monkeypatch.setenv("TOWNHALL_STEP_UP_MINUTES", "0")
    assert (
        "Approved" in grown_old(ann).sends(f"/approvals/{held[0]}/", decision="approve", digest=digest).text
    )


def test_an_act_waits_ten_minutes_and_once(
    staged: Stage, held: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = Person(staged.url, ANN)
    grown_old(ann).sends(f"/approvals/{held[0]}/", decision="approve", digest=digest_of(ann, held[0]))
    monkeypatch.setattr("townhall.web.pages.proof.KEPT", -1)
    assert "waited too long" in ann.client.get("/proved/").text
    assert "waited too long" in ann.client.get("/proved/").text


def test_a_passkey_is_one_touch_and_the_approval_goes_on_by_itself(
    chromium: Any, staged: Stage, rows: Callable[..., list[Any]], held: list[int]
) -> None:
    context = chromium.new_context(viewport={"width": 360, "height": 740})
    context.set_default_timeout(8000)
    page = context.new_page()
    line = context.new_cdp_session(page)
    line.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    made = line.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    sign_in(page, staged.url, ANN)
    page.goto(f"{staged.url}/accounts/2fa/webauthn/add/")
    if page.locator("[name=password]").count():
        page.fill("[name=password]", PASSWORD)
        page.click("button:has-text('Confirm')")
    page.fill("[name=name]", "My phone")
    page.click("#mfa_webauthn_add")
    page.wait_for_url(lambda found: "/webauthn/add" not in found)
    context.clear_cookies()
    page.goto(f"{staged.url}/accounts/login/")
    page.click("#passkey_login")
    page.wait_for_url(lambda found: "/accounts/" not in found)

    grow_old(next(c["value"] for c in context.cookies() if c["name"] == "townhall"))
    page.goto(f"{staged.url}/approvals/")
    page.locator(f"#held-{held[0]} [data-approve]").click()
    page.wait_for_url("**/accounts/2fa/webauthn/reauthenticate/**")
    assert page.locator("a:has-text('Use your password')").count() == 1
    before = line.send("WebAuthn.getCredentials", {"authenticatorId": made["authenticatorId"]})[
        "credentials"
    ][0]
    page.click("#mfa_webauthn_reauthenticate")
    page.wait_for_url("**/approvals/")
    assert "Approved. It leaves" in page.inner_text("body")
    after = line.send("WebAuthn.getCredentials", {"authenticatorId": made["authenticatorId"]})["credentials"][
        0
    ]
    assert after["signCount"] > before["signCount"]
    assert rows("SELECT state FROM release WHERE id = %s", held[0]) != [("held",)]
    context.close()
