"""What ``/metrics`` says of work that waits on its way out, and of the channels."""

import asyncio
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from office import NOW, Office

from townhall.database import Database
from townhall.flow import outbound
from townhall.flow.outbound import Composed
from townhall.web import health


def scraped() -> dict[str, float]:
    sent: list[dict[str, Any]] = []
    scope = {"type": "http", "path": "/metrics", "method": "GET", "headers": [], "client": ("127.0.0.1", 5)}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    asyncio.run(health.app(scope, None, send))
    lines = sent[1]["body"].decode().splitlines()
    return {
        name: float(value) for name, _, value in (x.rpartition(" ") for x in lines if not x.startswith("#"))
    }


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch, database: Database) -> Callable[[], dict[str, float]]:
    monkeypatch.setenv("TOWNHALL_DSN", database.dsn("web"))
    monkeypatch.setenv("TOWNHALL_WORKER_DSN", database.dsn("worker"))

    def fresh() -> dict[str, float]:
        monkeypatch.setattr(health, "_readiness", health._Readiness())
        return scraped()

    return fresh


def queue(found: dict[str, float], name: str) -> tuple[float, bool]:
    label = f'{{queue="{name}"}}'
    return found[f"townhall_queue_waiting{label}"], found[f"townhall_queue_oldest_seconds{label}"] > 0


def test_queues_on_the_way_out_are_measured(
    office: Office, at_desk: Callable[..., Any], measured: Callable[[], dict[str, float]]
) -> None:
    found = measured()
    assert [queue(found, name) for name in ("outbound", "doubtful", "approval")] == [(0, False)] * 3
    ann = office.staff("Ann")
    for text in ("It arrives tomorrow.", "It is on its way.", "It waits at the depot."):
        at_desk(
            outbound.submit, ann, Composed(case_id=office.case(handle=text), kind="public", text=text), NOW
        )
    first, second = (row[0] for row in office.conn.execute("SELECT id FROM delivery ORDER BY id LIMIT 2"))
    office.conn.execute("UPDATE delivery SET state = 'doubtful' WHERE id = %s", [first])
    office.conn.execute("UPDATE delivery SET state = 'undone' WHERE id = %s", [second])
    office.conn.execute(
        "UPDATE release SET state = 'held' WHERE id = (SELECT release_id FROM delivery WHERE id = %s)",
        [second],
    )
    found = measured()
    assert [queue(found, name) for name in ("outbound", "doubtful", "approval")] == [(1, True)] * 3


def test_channels_are_measured_as_they_are_heard(
    office: Office, owner: psycopg.Connection, measured: Callable[[], dict[str, float]]
) -> None:
    account = 'brand="fernhill",channel="mastodon"'
    owner.execute("UPDATE account SET secret_body = 'sealed'")
    owner.execute("UPDATE account_health SET read_at = now()")
    state, lag = (
        "townhall_channel_state",
        f'townhall_channel_lag_seconds{{account="fernhill_care",{account}}}',
    )
    found = measured()
    assert [name for name in found if name.startswith(state)] == [
        f'{state}{{account="fernhill_care",{account},state="ok"}}'
    ]
    assert found[lag] == 0
    owner.execute("UPDATE account_health SET read_at = now() - interval '10 minutes'")
    found = measured()
    assert [name for name in found if name.startswith(state)] == [
        f'{state}{{account="fernhill_care",{account},state="behind"}}'
    ]
    assert 600 <= found[lag] < 660
    owner.execute("DELETE FROM account_health; DELETE FROM account")
    assert lag not in measured(), "an account that went is measured no more"
