"""Accounts by the page: connected, renewed, paused and let go by an administrator of the brand alone."""

from typing import Any

import pytest
from psycopg import Connection

from tests.acme import Act, admin, brand, do
from tests.channels.line import Line
from tests.flow.parish import KEYS, START
from tests.flow.test_round_trip import Town, alice_says, line, network, town
from townhall.channels.webhook.signature import key_of
from townhall.database.connect import transaction
from townhall.desk.status import house_status
from townhall.flow import accounts
from townhall.flow.accounts import Given
from townhall.intake import credentials, health
from townhall.kernel.errors import Conflict, Forbidden, NotFound, Refused
from townhall.people.brands import Brand
from townhall.people.doors import Asker

__all__ = ["brand", "do", "line", "network", "town"]
MASTODON = Given(
    channel="mastodon", handle="care@n.example", secrets={"token": "open sesame"}, address="https://n.example"
)


def test_joined_is_read_with_secrets_that_lie_sealed(do: Act, worker: Connection[Any], brand: Brand) -> None:
    joined = do(accounts.join, KEYS, admin(brand), MASTODON, START)
    found = credentials.account_settings(worker, KEYS.kek, joined.account_id)
    assert (found.token, found.base_url, found.outside, joined.hook, joined.secret) == (
        "open sesame", "https://n.example", True, "", "",
    )  # fmt: skip
    assert [one.account_id for one in health.reading_accounts(worker, ("mastodon",))] == [joined.account_id]
    assert b"sesame".hex() not in str(worker.execute("SELECT account::text FROM account").fetchall())
    with pytest.raises(Conflict):
        do(accounts.join, KEYS, admin(brand), MASTODON, START)


def test_a_webhook_without_a_secret_gets_one_that_is_shown_once(do: Act, brand: Brand) -> None:
    joined = do(accounts.join, KEYS, admin(brand), Given(channel="webhook", handle="shop", secrets={}), START)
    assert len(key_of(joined.secret)) == 32 and joined.hook == f"/hooks/{joined.account_id}"


@pytest.mark.parametrize("address", [
    "http://n.example", "https://127.0.0.1", "https://10.0.0.8/", "https://[::1]/", "https://u:p@n.example", "n.example",
    "https://169.254.169.254/latest",
])  # fmt: skip
def test_no_address_inside_our_own_network(
    do: Act, worker: Connection[Any], brand: Brand, address: str
) -> None:
    given = Given(channel="mastodon", handle="care", secrets={"token": "t"}, address=address)
    with pytest.raises(Refused):
        do(accounts.join, KEYS, admin(brand), given, START)
    assert worker.execute("SELECT count(*) FROM account WHERE channel = 'mastodon'").fetchone() == (0,)


@pytest.mark.parametrize("secret", ["", " ", "t\nx-evil: 1", "tökèn", "x" * 5000])
def test_no_token_that_could_be_none(do: Act, brand: Brand, secret: str) -> None:
    given = Given(channel="mastodon", handle="care", secrets={"token": secret}, address="https://n.example")
    with pytest.raises(Refused):
        do(accounts.join, KEYS, admin(brand), given, START)


def test_renewed_keeps_what_was_left_empty_and_where_reading_stopped(
    do: Act, worker: Connection[Any], brand: Brand
) -> None:
    joined = do(accounts.join, KEYS, admin(brand), MASTODON, START)
    worker.execute("UPDATE account_health SET cursor = 'here', state = 'no_token', verified_at = now()")
    do(
        accounts.renew,
        KEYS,
        admin(brand),
        joined.account_id,
        Given(channel="mastodon", handle="", secrets={"token": "new"}),
        START,
    )
    found = credentials.account_settings(worker, KEYS.kek, joined.account_id)
    assert (found.token, found.base_url, found.account.handle) == (
        "new",
        "https://n.example",
        "care@n.example",
    )
    row = worker.execute("SELECT cursor, state, verified_at FROM account_health").fetchone()
    assert row == ("here", "new", None)


def test_another_address_is_never_given_the_old_token(do: Act, worker: Connection[Any], brand: Brand) -> None:
    account = do(accounts.join, KEYS, admin(brand), MASTODON, START).account_id

    def renew(address: str, **secrets: str) -> None:
        given = Given(channel="mastodon", handle="", secrets=secrets, address=address)
        do(accounts.renew, KEYS, admin(brand), account, given, START)

    with pytest.raises(Refused, match="old token"):
        renew("https://elsewhere.example")
    found = credentials.account_settings(worker, KEYS.kek, account)
    assert (found.base_url, found.token) == ("https://n.example", "open sesame")
    renew("https://n.example/")
    renew("https://elsewhere.example", token="its own")
    found = credentials.account_settings(worker, KEYS.kek, account)
    assert (found.base_url, found.token) == ("https://elsewhere.example", "its own")


def test_a_shared_secret_that_never_leaves_stays_at_a_new_address(do: Act, brand: Brand) -> None:
    joined = do(accounts.join, KEYS, admin(brand), Given(channel="webhook", handle="shop", secrets={}), START)
    given = Given(channel="webhook", handle="", secrets={}, address="https://shop.example/replies")
    assert do(accounts.renew, KEYS, admin(brand), joined.account_id, given, START).hook


def test_a_pause_of_sending_is_no_pause_of_reading(do: Act, worker: Connection[Any], brand: Brand) -> None:
    def now() -> Any:
        return worker.execute(
            "SELECT a.reading, a.sending, h.state FROM account a JOIN account_health h ON h.account_id = a.id"
        ).fetchone()

    account = do(accounts.join, KEYS, admin(brand), MASTODON, START).account_id
    worker.execute("UPDATE account_health SET state = 'ok'")
    do(accounts.switch, admin(brand), account, START, reading=True, sending=False)
    assert now() == (True, False, "ok")
    do(accounts.switch, admin(brand), account, START, reading=False, sending=False)
    assert now() == (False, False, "paused")
    do(accounts.switch, admin(brand), account, START, reading=True, sending=True)
    assert now() == (True, True, "new")


def test_let_go_destroys_the_secrets_and_keeps_the_rest(
    do: Act, worker: Connection[Any], brand: Brand
) -> None:
    account = do(accounts.join, KEYS, admin(brand), MASTODON, START).account_id
    do(accounts.let_go, admin(brand), account, START)
    row = worker.execute(
        "SELECT secret_key, secret_body, connected, reading, sending, handle FROM account"
    ).fetchone()
    assert row == (None, None, False, False, False, "care@n.example")
    assert do(accounts.join, KEYS, admin(brand), MASTODON, START).account_id == account


def test_only_an_administrator_of_this_brand(do: Act, brand: Brand) -> None:
    account = do(accounts.join, KEYS, admin(brand), MASTODON, START).account_id
    stranger = Asker(
        staff_id=4, name="Cy", brand_id=brand.id + 1, brand_slug="other", roles=frozenset({"admin"})
    )
    for verb, args in (
        (accounts.renew, (KEYS,)), (accounts.switch, ()), (accounts.let_go, ()),
    ):  # fmt: skip
        rest: Any = {"reading": True, "sending": True} if verb is accounts.switch else {}
        given: Any = (MASTODON,) if verb is accounts.renew else ()
        with pytest.raises(NotFound):
            do(verb, *args, stranger, account, *given, START, **rest)
        with pytest.raises(Forbidden):
            do(verb, *args, admin(brand, "lead"), account, *given, START, **rest)


async def test_a_lost_token_is_replaced_and_the_gap_is_read(town: Town, network: Any, line: Line) -> None:
    """The network's own words on the page, then new access, then what was said meanwhile."""
    who = Asker(staff_id=3, name="Ann", brand_id=town.brand.id, brand_slug="acme", roles=frozenset({"admin"}))
    await town.until(lambda: town.one("SELECT verified_at FROM account_health"))
    given = Given(
        channel="mastodon",
        handle="bob",
        secrets={"token": "stale"},
        address=line.url,
        inside=frozenset({"127.0.0.1"}),
    )
    with transaction(town.conn):
        accounts.renew(town.conn, KEYS, who, town.account, given, START)
    await town.reader.look()
    town.clients._inside = frozenset({"127.0.0.1"})
    await town.until(lambda: town.one("SELECT state FROM account_health") in ("no_token", "failing"))
    said = next(one for one in house_status(town.conn).channels if one.handle == "bob")
    assert said.state in ("no_token", "failing") and said.message, (
        "townhall status says so, with the network's words"
    )
    await alice_says(network, "@bob is anybody there after the change?")
    with transaction(town.conn):
        accounts.renew(
            town.conn,
            KEYS,
            who,
            town.account,
            Given(
                channel="mastodon", handle="", secrets={"token": "bob_token"}, inside=frozenset({"127.0.0.1"})
            ),
            START,
        )
    assert town.one("SELECT state FROM account_health") == "new"
    await town.reader.look()
    await town.until(
        lambda: town.one("SELECT count(*) FROM interaction WHERE text LIKE '%after the change%'")
    )
    assert town.one("SELECT state FROM account_health") == "ok"
