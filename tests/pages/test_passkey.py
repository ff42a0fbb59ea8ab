"""A passkey, made and used in a real browser with the browser's own virtual authenticator."""

from collections.abc import Iterator
from typing import Any

import pytest
from desk_person import sign_in
from stage_house import CY, PASSWORD, Stage

from townhall.database.connect import connect

pytestmark = [pytest.mark.browser, pytest.mark.database]


@pytest.fixture(autouse=True)
def as_before(staged: Stage) -> Iterator[None]:
    """Cy signs in by password alone again, and nobody is counted as trying too often."""
    yield
    from django.core.cache import cache

    with connect(staged.database.dsn("worker")) as conn:
        conn.execute("DELETE FROM mfa_authenticator")
    cache.clear()


def test_a_passkey_is_made_and_lets_in_without_a_password(chromium: Any, staged: Stage) -> None:
    at = staged.url.replace("127.0.0.1", "localhost")
    context = chromium.new_context()
    context.set_default_timeout(5000)
    page = context.new_page()
    line = context.new_cdp_session(page)
    line.send("WebAuthn.enable")
    made = line.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
                "isUserVerified": True, "automaticPresenceSimulation": True,
            }
        },
    )  # fmt: skip
    sign_in(page, at, CY)
    page.goto(f"{at}/accounts/2fa/webauthn/add/")
    page.fill("[name=password]", PASSWORD)
    page.click("button:has-text('Confirm')")
    page.fill("[name=name]", "My phone")
    assert page.is_checked("[name=passwordless]")
    page.click("#mfa_webauthn_add")
    page.wait_for_url(lambda found: "/webauthn/add" not in found)
    held = line.send("WebAuthn.getCredentials", {"authenticatorId": made["authenticatorId"]})["credentials"]
    assert len(held) == 1 and held[0]["rpId"] == "localhost"

    context.clear_cookies()
    page.goto(f"{at}/inbox/")
    assert "/accounts/login" in page.url
    page.click("#passkey_login")
    page.wait_for_url(lambda found: "/accounts/" not in found)
    counted = line.send("WebAuthn.getCredentials", {"authenticatorId": made["authenticatorId"]})[
        "credentials"
    ]
    assert counted[0]["signCount"] > held[0]["signCount"]

    context.clear_cookies()
    line.send("WebAuthn.clearCredentials", {"authenticatorId": made["authenticatorId"]})
    page.goto(f"{at}/accounts/login/")
    page.click("#passkey_login")
    page.wait_for_timeout(800)
    assert "/accounts/login" in page.url, "without the passkey nobody comes in"
    context.close()
