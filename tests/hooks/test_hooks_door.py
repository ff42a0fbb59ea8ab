"""The hook door: each kind of delivery gets its status, a 2xx is durable, and repeats change nothing."""

import asyncio
import base64
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from tests.flow.parish import KEYS, post
from townhall.channels.webhook.signature import sign
from townhall.channels.x import signature as x_signature
from townhall.database import Database
from townhall.database.connect import connect, transaction
from townhall.flow.opening import open_account, open_brand
from townhall.intake.credentials import put_secrets
from townhall.kernel.clock import MINUTE, SECOND, system_clock
from townhall.web.hooks import app as hooks
from townhall.web.hooks.group import Group
from townhall.web.hooks.proof import MAX_BODY

SECRET = "whsec_" + base64.b64encode(b"a secret of thirty-two bytes, ok").decode()


class Door:
    """The application with one account of each kind behind it."""

    def __init__(self, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        self.dsn = database.dsn("worker")
        with connect(self.dsn) as conn, transaction(conn):
            brand = open_brand(conn, "acme", system_clock()).brand
            self.webhook = open_account(conn, brand, "webhook", "shop").id
            self.x = open_account(conn, brand, "x", "acme").id
            put_secrets(conn, KEYS.kek, self.webhook, {"secret": SECRET})
            put_secrets(conn, KEYS.kek, self.x, {"secret": "consumer secret"})
        held = Group(self.dsn, KEYS, system_clock)
        monkeypatch.setattr(hooks, "group", lambda: held)

    async def ask(
        self,
        path: str,
        body: bytes = b"",
        headers: dict[str, str] | None = None,
        method: str = "POST",
        query: bytes = b"",
    ) -> tuple[int, dict[str, Any]]:
        sent: list[dict[str, Any]] = []
        parts = [body[n : n + 60_000] for n in range(0, len(body), 60_000)] or [b""]
        messages = iter(
            {"type": "http.request", "body": p, "more_body": n + 1 < len(parts)} for n, p in enumerate(parts)
        )

        async def receive() -> dict[str, Any]:
            return next(messages)

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        raw = [(name.encode(), value.encode()) for name, value in (headers or {}).items()]
        scope = {"type": "http", "method": method, "path": path, "query_string": query, "headers": raw}
        await hooks.app(scope, receive, send)
        return sent[0]["status"], msgspec.json.decode(sent[1]["body"])

    async def deliver(
        self, body: bytes, name: str = "msg_1", late: int = 0, tamper: bytes = b""
    ) -> tuple[int, Any]:
        stamp = system_clock() // SECOND - late
        headers = {
            "webhook-id": name, "webhook-timestamp": str(stamp), "webhook-signature": sign(SECRET, name, stamp, body),
        }  # fmt: skip
        return await self.ask(f"/hooks/{self.webhook}", body + tamper, headers)

    def one(self, query: str) -> Any:
        with connect(self.dsn) as conn:
            row = conn.execute(query).fetchone()
            return row[0] if row else None


@pytest.fixture
def door(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Door]:
    yield Door(database, monkeypatch)


def event(number: int) -> bytes:
    data = msgspec.json.decode(post(number, 0))
    return msgspec.json.encode(
        {"specversion": "1.0", "id": f"e{number}", "source": "/shop", "type": "social.post", "data": data}
    )


async def test_a_signed_delivery_is_durable_before_its_answer(door: Door) -> None:
    status, said = await door.deliver(event(1))
    assert (status, said["taken"]) == (202, 1)
    assert door.one("SELECT sum(items) FROM delivery_pending") == 1


async def test_a_replay_is_answered_and_stored_once(door: Door) -> None:
    assert (await door.deliver(event(1)))[0] == 202
    assert (await door.deliver(event(1)))[0] == 200
    assert door.one("SELECT sum(items) FROM delivery_pending") == 1


@pytest.mark.parametrize(
    ("change", "status"),
    [({"tamper": b" "}, 401), ({"late": 600}, 400), ({"late": -600}, 400)],
)
async def test_tampered_and_untimely_are_turned_away(door: Door, change: dict[str, Any], status: int) -> None:
    assert (await door.deliver(event(1), **change))[0] == status
    assert door.one("SELECT count(*) FROM delivery_pending") == 0


async def test_oversized_malformed_unknown_and_unsigned_each_get_their_status(door: Door) -> None:
    assert (await door.deliver(b"x" * (MAX_BODY + 1)))[0] == 413
    assert (await door.deliver(b"not json"))[0] == 422
    assert (await door.ask("/hooks/99999", b"{}"))[0] == 404
    assert (await door.ask("/hooks/../etc", b"{}"))[0] == 404
    assert (await door.ask(f"/hooks/{door.webhook}", event(1)))[0] == 401
    assert (await door.ask(f"/hooks/{door.webhook}", method="PUT"))[0] == 405


async def test_a_post_that_cannot_be_read_is_kept_with_its_reason(door: Door) -> None:
    bad = msgspec.json.encode(
        {"specversion": "1.0", "id": "e", "source": "/s", "type": "t", "data": {"type": "Create"}}
    )
    status, said = await door.deliver(bad)
    assert status == 422 and said["reason"]
    assert door.one("SELECT count(*) FROM reject WHERE body IS NOT NULL") == 1


async def test_many_at_once_share_commits_and_lose_none(door: Door) -> None:
    before = door.one("SELECT pg_current_xact_id()::text::bigint")
    answers = await asyncio.gather(*(door.deliver(event(n), f"msg_{n}") for n in range(120)))
    assert {status for status, _ in answers} == {202}
    assert door.one("SELECT sum(items) FROM delivery_pending") == 120
    assert door.one("SELECT pg_current_xact_id()::text::bigint") - before < 60


async def test_outcomes_are_counted(door: Door) -> None:
    await door.deliver(event(1))
    await door.deliver(event(1))
    await door.deliver(event(2), "msg_2", tamper=b" ")
    await door.deliver(event(3), "msg_3")
    for outcome, hits in {"taken": 2, "repeated": 1, "unsigned": 1}.items():
        assert (
            door.one(f"SELECT coalesce(sum(hits), 0) FROM delivery_count WHERE outcome = '{outcome}'") == hits
        )


async def test_x_challenge_and_signature(door: Door) -> None:
    status, said = await door.ask(f"/hooks/{door.x}", method="GET", query=b"crc_token=abc")
    assert status == 200 and said["response_token"] == x_signature.sign("consumer secret", b"abc")
    assert (await door.ask(f"/hooks/{door.webhook}", method="GET", query=b"crc_token=abc"))[0] == 404
    body = b'{"data":{}}'
    assert (await door.ask(f"/hooks/{door.x}", body))[0] == 401


async def test_a_lost_database_is_a_503_and_nothing_kept(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    from townhall.kernel.errors import DatabaseUnavailable

    def gone(*_: Any) -> None:
        raise DatabaseUnavailable("the database does not answer")

    await door.deliver(event(1))
    monkeypatch.setattr(hooks.group(), "_write", gone)
    assert (await door.deliver(event(2), "msg_2"))[0] == 503
    assert door.one("SELECT sum(items) FROM delivery_pending") == 1


def test_signed_times_are_bounded_as_documented() -> None:
    from townhall.channels.webhook.signature import TOLERANCE

    assert TOLERANCE == 5 * MINUTE


async def test_every_status_is_counted(door: Door) -> None:
    await door.deliver(event(1))
    await door.deliver(event(1))
    await door.deliver(event(2), "msg_2", tamper=b" ")
    await door.deliver(event(3), "msg_3", late=600)
    await door.deliver(b"x" * (MAX_BODY + 1), "msg_4")
    await door.deliver(b"not json", "msg_5")
    await door.deliver(unreadable(), "msg_6")
    await door.ask("/hooks/99999", b"{}")
    await door.deliver(event(7), "msg_7")  # what was turned away is written with the next group
    counted = {
        outcome: door.one(f"SELECT coalesce(sum(hits), 0) FROM delivery_count WHERE outcome = '{outcome}'")
        for outcome in ("taken", "repeated", "unsigned", "out_of_window", "too_large", "malformed", "refused", "unknown")
    }  # fmt: skip
    assert counted == {
        "taken": 2, "repeated": 1, "unsigned": 1, "out_of_window": 1, "too_large": 1, "malformed": 1, "refused": 1,
        "unknown": 1,
    }  # fmt: skip


def unreadable() -> bytes:
    return msgspec.json.encode(
        {"specversion": "1.0", "id": "e", "source": "/s", "type": "t", "data": {"type": "Create"}}
    )


async def test_a_declared_size_beyond_the_bound_is_refused_before_a_byte_is_read(door: Door) -> None:
    async def never() -> dict[str, Any]:
        raise AssertionError("the body was read")

    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    headers = [(b"content-length", str(MAX_BODY + 1).encode())]
    scope = {
        "type": "http",
        "method": "POST",
        "path": f"/hooks/{door.webhook}",
        "query_string": b"",
        "headers": headers,
    }
    await hooks.app(scope, never, send)
    assert sent[0]["status"] == 413


@pytest.mark.parametrize("depth", [200, 5_000, 200_000])
async def test_bodies_nested_without_end_are_refused(door: Door, depth: int) -> None:
    deep = (
        b'{"specversion":"1.0","id":"e","source":"/s","type":"t","data":' + b"[" * depth + b"]" * depth + b"}"
    )
    status, said = await door.deliver(deep)
    assert status in (413, 422) and said["reason"]
    signed = {"x-twitter-webhooks-signature": x_signature.sign("consumer secret", deep)}
    assert (await door.ask(f"/hooks/{door.x}", deep, signed))[0] in (413, 422)


class Choosy(Group):
    """A committing loop that meets something it cannot store, as a fault of ours would be."""

    def _write(self, deliveries: Any, turned: Any) -> list[Any]:
        if any(delivery.name == "msg_7" for delivery in deliveries):
            raise ValueError("not this one")
        return super()._write(deliveries, turned)


async def test_one_that_cannot_be_stored_holds_up_nobody_and_is_told(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    choosy = Choosy(door.dsn, KEYS, system_clock)
    monkeypatch.setattr(hooks, "group", lambda: choosy)
    answers = await asyncio.wait_for(
        asyncio.gather(*(door.deliver(event(n), f"msg_{n}") for n in range(20))), 60
    )
    assert [status for status, _ in answers] == [202] * 7 + [503] + [202] * 12
    assert "cannot be stored" in answers[7][1]["reason"]
    assert door.one("SELECT sum(items) FROM delivery_pending") == 19
