"""An account that lost its access is named above every page until somebody gives it new; another brand's is not."""

from collections.abc import Callable
from typing import Any

import pytest
from desk_person import Person
from stage_house import ANN, BO, CY, Stage

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
