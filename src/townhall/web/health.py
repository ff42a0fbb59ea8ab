"""``/healthz`` (we live), ``/readyz`` (the database answers too), ``/metrics`` (Prometheus; loopback or token).

Bare ASGI, so that a health check costs nothing. The database is asked at most once a second, whoever asks us.
"""

import asyncio
import hmac
import ipaddress
import os
import time
from typing import Any

import psycopg
from msgspec import Struct
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, Gauge, generate_latest

from townhall.desk.status import ChannelState, Flow, Queue, channel_states, flow_measures, queues

_ASK_EVERY = 1.0
_PLAIN = "text/plain; charset=utf-8"
_READY = Gauge("townhall_ready", "Whether the database answered at the last look (1) or not (0).")

_FLOW = {
    "posts_waiting": Gauge("townhall_posts_waiting", "Posts received and not yet understood."),
    "oldest_post_seconds": Gauge(
        "townhall_oldest_post_seconds", "For how long the oldest of them has waited."
    ),
    "search_lag_seconds": Gauge(
        "townhall_search_lag_seconds", "For how long judged posts have waited to be found by their words."
    ),
    "blocks_waiting": Gauge("townhall_fact_blocks_waiting", "Blocks of facts that wait for their number."),
    "facts": Gauge("townhall_facts", "Facts numbered in the journal."),
    "checkpoint_age_seconds": Gauge("townhall_checkpoint_age_seconds", "Since the last signed checkpoint."),
}
_QUEUE, _ACCOUNT = ("queue",), ("brand", "channel", "account")
_WAITING = Gauge(
    "townhall_queue_waiting", "What waits: sends, sends in doubt, replies for approval, and the rest.", _QUEUE
)
_OLDEST = Gauge("townhall_queue_oldest_seconds", "For how long the oldest of them has waited.", _QUEUE)
_STATE = Gauge("townhall_channel_state", "1 for the state an account is in.", (*_ACCOUNT, "state"))
_LAG = Gauge("townhall_channel_lag_seconds", "How far behind its network an account reads.", _ACCOUNT)


class _Measures(Struct, frozen=True):
    """What one look found. ``queues`` and ``channels`` are empty where this process has no worker's sign-in."""

    flow: Flow
    queues: dict[str, Queue]
    channels: list[ChannelState]


class _Readiness:
    """The last answer of the database, and when."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._asked = float("-inf")
        self._is_ready = False

    async def look(self) -> bool:
        """Whether the database answers; the answer of the last second is good enough."""
        async with self._lock:
            if time.monotonic() - self._asked >= _ASK_EVERY:
                found = await _looked()
                self._is_ready, self._asked = found is not None, time.monotonic()
                _READY.set(self._is_ready)
                if found:
                    _show(found)
        return self._is_ready


_readiness = _Readiness()


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Answers the three paths; anything else below them does not exist."""
    if scope["method"] not in ("GET", "HEAD"):
        return await _answer(send, 405, b"Only GET.\n")
    path = scope["path"]
    if path == "/healthz":
        await _answer(send, 200, b"ok\n")
    elif path == "/readyz":
        ready = await _readiness.look()
        await _answer(send, 200 if ready else 503, b"ready\n" if ready else b"the database does not answer\n")
    elif path == "/metrics":
        await _metrics(scope, send)
    else:
        await _answer(send, 404, b"There is no such page.\n")


async def _metrics(scope: Any, send: Any) -> None:
    if not may_measure(scope, os.environ.get("TOWNHALL_METRICS_TOKEN", "")):
        return await _answer(send, 403, b"From this machine only, or with the metrics token.\n")
    await _readiness.look()
    await _answer(send, 200, generate_latest(REGISTRY), CONTENT_TYPE_LATEST)


def may_measure(scope: Any, token: str) -> bool:
    """Whether the request comes from this machine itself (not through a proxy on it), or bears the token."""
    headers = dict(scope["headers"])
    given = headers.get(b"authorization", b"")
    if token and hmac.compare_digest(given, b"Bearer " + token.encode()):
        return True
    forwarded = any(name in headers for name in (b"x-forwarded-for", b"forwarded", b"x-real-ip"))
    return not forwarded and _is_loopback(scope.get("client"))


def _is_loopback(client: Any) -> bool:
    try:
        return ipaddress.ip_address(client[0]).is_loopback
    except (TypeError, ValueError, IndexError):
        return False


async def _looked() -> _Measures | None:
    """What the database answers; ``None`` when it does not."""
    try:
        async with asyncio.timeout(3):
            return await asyncio.to_thread(_measured)
    except (psycopg.Error, TimeoutError, OSError):
        return None


def _measured() -> _Measures:
    """Reads what waits; that the tables are there shows that the database is migrated.

    Queues and channels are of every brand, which only a worker sees.
    """
    with psycopg.connect(os.environ.get("TOWNHALL_DSN", ""), autocommit=True, connect_timeout=2) as conn:
        flow = flow_measures(conn)
    if not (worker := os.environ.get("TOWNHALL_WORKER_DSN", "")):
        return _Measures(flow, {}, [])
    with psycopg.connect(worker, autocommit=True, connect_timeout=2) as conn:
        return _Measures(flow, queues(conn), channel_states(conn))


def _show(found: _Measures) -> None:
    """Sets every gauge at once, in the event loop, so that no answer shows half of it."""
    for name, gauge in _FLOW.items():
        gauge.set(getattr(found.flow, name))
    for gauge in (_WAITING, _OLDEST, _STATE, _LAG):
        gauge.clear()
    for name, queue in found.queues.items():
        _WAITING.labels(name).set(queue.waiting)
        _OLDEST.labels(name).set(queue.oldest_seconds)
    for one in found.channels:
        account = (one.brand, one.channel, one.handle)
        _STATE.labels(*account, one.state).set(1)
        _LAG.labels(*account).set(one.lag_seconds)


async def _answer(send: Any, status: int, body: bytes, kind: str = _PLAIN) -> None:
    headers = [
        (b"content-type", kind.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
