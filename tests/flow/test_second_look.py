"""Strangers' edits and deletions are found by asking again, on a server that is not ours."""

from typing import Any

import httpx
from mastodon_mock.testing.server import MockServer

from tests.flow.parish import KEYS
from tests.flow.test_round_trip import Town, alice_says, line, network, town
from townhall.flow import second_look
from townhall.flow.second_look import SecondLook
from townhall.intake import health
from townhall.kernel.clock import DAY, MINUTE, system_clock

__all__ = ["line", "network", "town"]


async def alice(network: MockServer, method: str, post: str, **body: Any) -> None:
    headers = {"authorization": "Bearer alice_token"}
    async with httpx.AsyncClient(base_url=network.base_url, headers=headers) as her:
        (await her.request(method, f"/api/v1/statuses/{post}", json=body or None)).raise_for_status()


def looking(town: Town, later: int) -> SecondLook:
    return SecondLook(town.conn, KEYS, lambda: system_clock() + later, town.clients)


async def test_an_edit_and_a_deletion_by_strangers_come_in(town: Town, network: MockServer) -> None:
    kept = await alice_says(network, "@bob why is my first parcel late?")
    gone = await alice_says(network, "@bob why is my second parcel late?")
    await town.until(lambda: town.one("SELECT count(*) FROM cases WHERE state = 'open'") == 2)
    await town.reader.finish()
    await alice(network, "PUT", kept, status="@bob why is my first parcel lost?")
    await alice(network, "DELETE", gone)

    assert await looking(town, 0).look() == 0  # too young for a second look
    assert await looking(town, 6 * MINUTE).look() == 2
    await town.until(lambda: town.one("SELECT count(*) FROM revision") == 1)
    await town.until(lambda: town.one("SELECT count(*) FROM interaction WHERE deleted_at IS NOT NULL") == 1)
    assert "lost" in town.one("SELECT text FROM interaction WHERE edited_at IS NOT NULL")
    assert town.one("SELECT native_id FROM interaction WHERE deleted_at IS NOT NULL") == gone
    assert await looking(town, 6 * MINUTE).look() == 0  # once at each age
    assert await looking(town, 70 * MINUTE).look() == 1  # what is gone is left alone
    assert town.one("SELECT count(*) FROM interaction") == 2


async def test_a_closed_case_is_left_alone_and_a_lost_token_is_not_asked(
    town: Town, network: MockServer
) -> None:
    await alice_says(network, "@bob why is my third parcel late?")
    await town.until(lambda: town.one("SELECT count(*) FROM interaction WHERE text LIKE '%third%'"))
    await town.reader.finish()
    health.note_trouble(
        town.conn, town.account, system_clock(), "no_token", "the token is no longer taken", 0
    )
    assert await looking(town, 6 * MINUTE).look() == 0
    town.conn.execute("UPDATE account_health SET state = 'ok'")
    town.conn.execute("UPDATE cases SET state = 'closed'")
    assert await looking(town, 6 * MINUTE).look() == 0


async def test_a_look_that_fell_behind_leaves_the_oldest_out(town: Town, network: MockServer) -> None:
    for number in range(second_look.POSTS + 2):
        await alice_says(network, f"@bob why is parcel {number} late?")
    await town.until(lambda: town.one("SELECT count(*) FROM cases") >= second_look.POSTS + 2)
    await town.reader.finish()
    assert await looking(town, 6 * MINUTE).look() == second_look.POSTS
    assert (
        await looking(town, 6 * MINUTE).look() == town.one("SELECT count(*) FROM cases") - second_look.POSTS
    )
    assert await looking(town, 8 * DAY + 2 * second_look.FORGO).look() == 0
