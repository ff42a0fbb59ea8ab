"""The bare paths for machines: alive, ready, measured."""

import asyncio
from typing import Any

import pytest

from townhall.database import Database
from townhall.web import health


def ask(path: str, client: str = "127.0.0.1", method: str = "GET", **headers: str) -> tuple[int, bytes]:
    sent: list[dict[str, Any]] = []
    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "path": path, "method": method, "headers": named, "client": (client, 5)}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    asyncio.run(health.app(scope, None, send))
    return sent[0]["status"], sent[1]["body"]


@pytest.fixture(autouse=True)
def forgetful(monkeypatch: pytest.MonkeyPatch) -> None:
    """No answer of an earlier test's database is good enough here."""
    monkeypatch.setattr(health, "_readiness", health._Readiness())
    monkeypatch.setenv("TOWNHALL_DSN", "host=/nonexistent dbname=none")
    monkeypatch.delenv("TOWNHALL_WORKER_DSN", raising=False)
    monkeypatch.delenv("TOWNHALL_METRICS_TOKEN", raising=False)


def test_alive_without_any_database() -> None:
    assert ask("/healthz") == (200, b"ok\n")
    assert ask("/readyz")[0] == 503
    assert ask("/healthz/more")[0] == 404
    assert ask("/healthz", method="POST")[0] == 405


@pytest.mark.database
def test_ready_with_a_migrated_database(server: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOWNHALL_DSN", server.dsn("web"))
    assert ask("/readyz") == (200, b"ready\n")
    body = ask("/metrics")[1].decode()
    assert (
        "townhall_ready 1.0" in body and "townhall_posts_waiting 0.0" in body and "townhall_facts 0.0" in body
    )


def test_measures_are_for_this_machine_or_the_token(monkeypatch: pytest.MonkeyPatch) -> None:
    assert ask("/metrics")[0] == ask("/metrics", client="::1")[0] == 200
    assert ask("/metrics", client="192.0.2.7")[0] == 403
    assert (
        ask("/metrics", x_forwarded_for="192.0.2.7")[0] == 403
    )  # a proxy on this machine speaks for somebody
    assert ask("/metrics", client="192.0.2.7", authorization="Bearer ")[0] == 403
    monkeypatch.setenv("TOWNHALL_METRICS_TOKEN", "t0ken")
    assert ask("/metrics", client="192.0.2.7", authorization="Bearer wrong")[0] == 403
    status, body = ask("/metrics", client="192.0.2.7", authorization="Bearer t0ken")
    assert status == 200 and b"townhall_ready" in body
