"""Single sign-on by e-mail domain, against a provider of ours on loopback."""

import re
from collections.abc import Iterator
from html import unescape

import httpx
import pytest
from oidc_stand_in import Provider, provider
from stage_house import ANN, Stage

from townhall.database.connect import connect
from townhall.run.sso_settings import sso_provider

pytestmark = [pytest.mark.browser, pytest.mark.database]


@pytest.fixture
def sso(staged: Stage) -> Iterator[Provider]:
    from django.core.cache import cache
    from django.test import override_settings

    with provider() as running:
        env = {
            "TOWNHALL_SSO_ISSUER": running.url, "TOWNHALL_SSO_CLIENT_ID": "townhall",
            "TOWNHALL_SSO_CLIENT_SECRET": "hush", "TOWNHALL_SSO_DOMAINS": "example.org, Example.Net",
        }  # fmt: skip
        with override_settings(SOCIALACCOUNT_PROVIDERS=sso_provider(env)):
            yield running
    cache.clear()


@pytest.fixture
def browser(staged: Stage) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=staged.url, follow_redirects=True) as one:
        yield one


def begin(browser: httpx.Client, email: str) -> httpx.Response:
    page = browser.get("/accounts/login/").text
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token
    return browser.post(
        "/accounts/sso/",
        data={"email": email, "csrfmiddlewaretoken": token[1]},
        headers={"referer": str(browser.base_url)},
    )


def to_provider(answer: httpx.Response) -> str:
    found = re.search(r'class="button primary" href="([^"]+)"', answer.text)
    assert found, answer.text
    return unescape(found[1])


def test_staff_come_in_by_their_domains_provider(sso: Provider, browser: httpx.Client, staged: Stage) -> None:
    sso.email = ANN
    assert "Single sign-on" in browser.get("/accounts/login/").text
    answer = begin(browser, ANN)
    assert f'content="0; url={sso.url}/authorize?' in unescape(answer.text)
    inside = browser.get(to_provider(answer))
    assert sso.hints == [ANN] and inside.url.path == "/inbox/", inside.url
    with connect(staged.database.dsn("worker")) as conn:
        (kept,) = conn.execute("SELECT password FROM staff WHERE email = %s", [ANN]).fetchall()
    assert kept[0].startswith("scrypt$"), "the other ways stay open"


@pytest.mark.parametrize("who", ["stranger@example.org", "ann@elsewhere.example"])
def test_nobody_else_comes_in(sso: Provider, browser: httpx.Client, who: str) -> None:
    sso.email = who
    inside = browser.get(to_provider(begin(browser, ANN)))
    assert inside.url.path == "/accounts/login/" and "no seat here" in inside.text
    assert browser.get("/inbox/").url.path == "/accounts/login/"


def test_the_provider_vouches_for_its_own_domains_only(sso: Provider, browser: httpx.Client) -> None:
    from django.conf import settings
    from django.test import override_settings

    known = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]
    narrow = known | {"settings": known["settings"] | {"verified_email": ["example.net"]}}
    sso.email = ANN
    way = to_provider(begin(browser, ANN))
    with override_settings(SOCIALACCOUNT_PROVIDERS={"openid_connect": {"APPS": [narrow]}}):
        inside = browser.get(way)
    assert inside.url.path == "/accounts/login/" and "no seat here" in inside.text


def test_an_address_of_another_domain_is_told_which_are_known(sso: Provider, browser: httpx.Client) -> None:
    answer = begin(browser, "ann@elsewhere.example")
    assert "Single sign-on here is for example.org, example.net" in answer.text and sso.hints == []


def test_a_provider_that_is_down_leaves_the_other_ways(sso: Provider, browser: httpx.Client) -> None:
    sso.down = True
    assert "does not answer" in begin(browser, ANN).text


def test_a_forged_answer_is_refused(sso: Provider, browser: httpx.Client) -> None:
    sso.email = ANN
    begin(browser, ANN)
    answer = browser.get("/accounts/oidc/sso/login/callback/?code=code0&state=forged")
    assert answer.url.path == "/accounts/login/" and "did not let you in" in answer.text
    assert browser.get("/inbox/").url.path == "/accounts/login/"


def test_without_a_provider_nothing_of_it_is_there(browser: httpx.Client) -> None:
    assert "Single sign-on" not in browser.get("/accounts/login/").text
    assert browser.get("/accounts/oidc/sso/login/").status_code == 404
