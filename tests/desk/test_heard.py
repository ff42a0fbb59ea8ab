"""An account whose reader stands still is behind wherever its state is shown, and one that is read is not."""

from collections.abc import Callable
from typing import Any

import pytest
from psycopg import Connection
from town import Town, moment

from townhall.desk.brand_status import brand_status
from townhall.desk.channels import channels
from townhall.desk.inbox import channels_behind
from townhall.desk.live import channel_health
from townhall.desk.status import house_status
from townhall.kernel.clock import MINUTE, SECOND, system_clock

SHOWN: dict[str, Callable[[Connection[Any], int, int], Any]] = {
    "channels page": lambda conn, brand, now: channels(conn, brand, now)[0],
    "live page": lambda conn, brand, now: channel_health(conn, brand, now)[0],
    "status": lambda conn, brand, now: house_status(conn).channels[0],
    "brand's status": lambda conn, brand, now: brand_status(conn, brand).channels[0],
    "work list": lambda conn, brand, now: next(iter(channels_behind(conn, brand)), None),
}


@pytest.fixture
def town(owner: Connection[Any]) -> Town:
    town = Town(owner)
    owner.execute("UPDATE account SET secret_body = 'sealed'")
    return town


def read_ago(town: Town, ago: int, state: str = "ok") -> int:
    now = system_clock()
    town.conn.execute("UPDATE account_health SET state = %s, read_at = %s", [state, moment(now - ago)])
    return now


@pytest.mark.parametrize("where", SHOWN)
@pytest.mark.parametrize("state", ["ok", "behind"])
def test_a_reader_that_stands_still_is_behind(
    town: Town, worker: Connection[Any], where: str, state: str
) -> None:
    now = read_ago(town, 10 * MINUTE, state)
    shown = SHOWN[where](worker, town.brand, now)
    assert shown.state == "behind"
    assert 600 <= shown.lag_seconds < 660
    assert "stands still" in shown.message


@pytest.mark.parametrize("where", SHOWN)
@pytest.mark.parametrize(
    ("change", "ago", "state"),
    [
        ("", 100 * SECOND, "ok"),
        ("UPDATE account SET settings = '{\"poll_s\": 900}'", 10 * MINUTE, "ok"),
        ("UPDATE account SET channel = 'webhook'", 10 * MINUTE, "ok"),
        ("UPDATE account SET secret_body = NULL", 10 * MINUTE, "ok"),
        ("UPDATE account SET reading = false", 10 * MINUTE, "paused"),
        ("", 10 * MINUTE, "no_token"),
    ],
)
def test_what_is_read_or_is_not_meant_to_be_stays_as_it_was(
    town: Town, worker: Connection[Any], where: str, change: str, ago: int, state: str
) -> None:
    if change:
        town.conn.execute(change)  # type: ignore[call-overload]
    now = read_ago(town, ago, state)
    shown = SHOWN[where](worker, town.brand, now)
    assert shown is None if where == "work list" and state == "ok" else shown.state == state


def test_the_pages_own_role_may_ask(town: Town, web: Connection[Any]) -> None:
    now = read_ago(town, 10 * MINUTE)
    with web.transaction():
        web.execute("SELECT set_config('townhall.brand', %s, true)", [str(town.brand)])
        for where in SHOWN.keys() - {"status"}:
            assert SHOWN[where](web, town.brand, now).state == "behind", where
