"""An account that lost its access is named above every page until somebody gives it new; another brand's is not."""

import html
import re
from collections.abc import Callable
from typing import Any

import pytest
from desk_person import Person
from stage_house import ANN, BO, CY, Stage

from townhall.kernel.clock import system_clock, to_datetime

pytestmark = [pytest.mark.browser, pytest.mark.database]


def test_a_lost_token_is_said_on_every_page_with_since_when(
    desk: Callable[[str], Person], rows: Callable[..., list[Any]], staged: Stage, visit: Callable[..., Any]
) -> None:
    account = staged.accounts[0].id
    put = "UPDATE account_health SET state = %s, since = now() - interval '35 minutes' WHERE account_id = %s RETURNING 1"
    assert "lost its access" not in desk(BO).client.get("/inbox/").text
    rows(put, "no_token", account)
    try:
        for path in ("/inbox/", "/figures/", "/settings/", "/approvals/"):
            said = desk(BO).client.get(path).text
            assert said.count("lost its access") == 1 and ">35 min ago</span>" in said, path
            assert f'href="/channels/{account}/#access">What is missing' in said
        assert "Give it new access" in desk(ANN).client.get("/inbox/").text
        assert "lost its access" not in desk(CY).client.get("/inbox/").text
        page = visit("/inbox/?assignee=all")
        assert page.evaluate("document.documentElement.scrollHeight <= innerHeight"), (
            "the inbox fits below the line"
        )
        rows("UPDATE account SET reading = false WHERE id = %s RETURNING 1", account)
        assert "lost its access" not in desk(BO).client.get("/inbox/").text, "paused by somebody"
    finally:
        rows("UPDATE account SET reading = true WHERE id = %s RETURNING 1", account)
        rows(put, "ok", account)
    assert "lost its access" not in desk(BO).client.get("/inbox/").text


def test_a_networks_limit_says_when_it_ends(
    desk: Callable[[str], Person], rows: Callable[..., list[Any]], staged: Stage
) -> None:
    account = staged.accounts[1].id
    rows(
        "UPDATE account_health SET state = 'limited', limit_resets_at = now() + interval '9 days' WHERE account_id = %s RETURNING 1",
        account,
    )
    page = desk(BO).client.get("/channels/").text
    rows(
        "UPDATE account_health SET state = 'ok', limit_resets_at = NULL WHERE account_id = %s RETURNING 1",
        account,
    )
    assert page.count("again from <time") == 1


def chip(page: str, handle: str) -> str:
    """What an account's chip says on a page that lists accounts."""
    found = re.search(
        rf'[ >]{handle}(?:</a>|</?td[^>]*>| )*<span class="chip[^>]*>(?:<svg.*?</svg>)?(.*?)</span>', page
    )
    assert found
    return html.unescape(found[1])


@pytest.mark.parametrize(
    ("channel", "secret", "state", "words"),
    [
        ("mastodon", "sealed", "ok", "receiving"),
        ("mastodon", "sealed", "new", "waits to be read"),
        ("mastodon", "sealed", "behind", "behind"),
        ("mastodon", "sealed", "no_token", "has no valid token"),
        ("mastodon", "sealed", "limited", "at its network's limit"),
        ("mastodon", "sealed", "failing", "does not answer"),
        ("mastodon", "sealed", "paused", "paused"),
        ("mastodon", None, "new", "not connected"),
        ("mastodon", None, "paused", "not connected"),
        ("webhook", "sealed", "new", "waits for a delivery"),
        ("webhook", "sealed", "ok", "receiving"),
        ("activitystreams", None, "new", "imported"),
    ],
)
def test_an_account_does_the_same_on_every_page(
    desk: Callable[[str], Person], rows: Callable[..., list[Any]], staged: Stage,
    channel: str, secret: str | None, state: str, words: str,
) -> None:  # fmt: skip
    ((account,),) = rows(
        "INSERT INTO account (brand_id, channel, handle, secret_body) VALUES (%s, %s, 'one-of-ours', %s) RETURNING id",
        staged.brand, channel, secret and secret.encode(),
    )  # fmt: skip
    rows(
        "INSERT INTO account_health (account_id, brand_id, state, read_at) VALUES (%s, %s, %s, %s) RETURNING 1",
        account, staged.brand, state, to_datetime(system_clock()) if state == "ok" else None,
    )  # fmt: skip
    try:
        bo = desk(BO).client
        listed, live, alone = (
            bo.get(path).text for path in ("/channels/", "/figures/", f"/channels/{account}/")
        )
    finally:
        rows("DELETE FROM account_health WHERE account_id = %s RETURNING 1", account)
        rows("DELETE FROM account WHERE id = %s RETURNING 1", account)
    assert chip(listed, "one-of-ours") == chip(live, "one-of-ours") == words
    assert f'<span class="state">{words}' in html.unescape(alone)
    assert ("It was read" in alone) == (state == "ok" and channel != "webhook")
    assert ("reads, sends" in listed.split("one-of-ours")[-1].split("</tr>")[0]) == bool(secret)
