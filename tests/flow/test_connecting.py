"""Connecting an account, as an operator does it: sealed, recorded, and again with other secrets."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from psycopg import Connection

from townhall.database.connect import transaction
from townhall.flow.connecting import NEEDED, Connected, connect_account
from townhall.intake import credentials, health
from townhall.kernel.clock import Instant
from townhall.kernel.errors import Refused
from townhall.vault import Keys, open_keys

NOW: Instant = 1_780_000_000_000_000


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    return open_keys(tmp_path)


Connect = Callable[..., Connected]


@pytest.fixture
def connect(worker: Connection[Any], keys: Keys) -> Connect:
    def act(channel: str, secrets: dict[str, str], **more: str) -> Connected:
        with transaction(worker):
            return connect_account(worker, keys, "fernhill", channel, "care", secrets, NOW, **more)

    return act


def test_what_was_given_is_what_a_client_gets_and_lies_sealed(
    connect: Connect, worker: Connection[Any], keys: Keys
) -> None:
    done = connect("mastodon", {"token": "open sesame"}, address="https://social.example")
    found = credentials.account_settings(worker, keys.kek, done.account_id)
    assert (found.token, found.base_url, found.account.handle) == (
        "open sesame",
        "https://social.example",
        "care",
    )
    stored = worker.execute("SELECT account::text FROM account").fetchall()
    assert "sesame" not in str(stored) and b"sesame".hex() not in str(stored)
    assert [one.account_id for one in health.reading_accounts(worker, ("mastodon",))] == [done.account_id]


def test_again_changes_the_secrets_of_the_same_account(
    connect: Connect, worker: Connection[Any], keys: Keys
) -> None:
    first = connect("x", {"token": "a"}, address="https://api.example", native_id="77")
    before = credentials.stamp(worker, first.account_id)
    second = connect("x", {"token": "b", "secret": "s"}, address="https://api.example")
    found = credentials.account_settings(worker, keys.kek, first.account_id)
    assert (second.account_id, found.token, found.account.native_id) == (first.account_id, "b", "77")
    assert credentials.stamp(worker, first.account_id) != before
    assert (first.hook, second.hook) == ("", f"/hooks/{first.account_id}")


def test_each_time_leaves_a_fact(connect: Connect, worker: Connection[Any]) -> None:
    def facts() -> int:
        row = worker.execute("SELECT coalesce(sum(facts), 0) FROM fact_block").fetchone()
        return int(row[0]) if row else 0

    connect("webhook", {"secret": "whsec_" + "A" * 43 + "="})
    opened = facts()
    connect("webhook", {"secret": "whsec_" + "B" * 43 + "="})
    assert facts() == opened + 1 and opened >= 2


@pytest.mark.parametrize(
    ("channel", "secrets", "address", "named"),
    [
        ("activitystreams", {"token": "a"}, "https://a.example", "mastodon"),
        ("pigeon", {"token": "a"}, "https://a.example", "pigeon"),
        ("mastodon", {}, "https://a.example", "token"),
        ("mastodon", {"token": "a"}, "a.example", "address"),
        ("webhook", {"token": "a"}, "", "secret"),
        ("x", {"token": "a", "word": "b"}, "https://a.example", "word"),
    ],
)
def test_what_cannot_work_is_refused_with_what_is_needed(
    connect: Connect, worker: Connection[Any], channel: str, secrets: dict[str, str], address: str, named: str
) -> None:
    with pytest.raises(Refused, match=named):
        connect(channel, secrets, address=address)
    assert worker.execute("SELECT count(*) FROM account").fetchone() == (0,)


def test_every_network_that_is_read_can_be_connected() -> None:
    from townhall.intake.health import NETWORKS

    assert set(NETWORKS) <= set(NEEDED)
