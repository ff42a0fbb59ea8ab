"""The small made-up server that the demo's replies go to: as much of Mastodon's client API as they need.

It keeps what was posted while it runs and answers on loopback only.
"""

import html
import json
from typing import Any
from urllib.parse import parse_qs

from msgspec import Struct

from townhall.kernel.clock import Clock, to_iso
from townhall.run.demo import orders


class Posted(Struct, frozen=True):
    """One post of ours as the server shows it."""

    id: str
    created_at: str
    content: str
    visibility: str
    in_reply_to_id: str | None
    url: str


class Network:
    """An ASGI application. Each account is known by its token, which is its own id."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._posts: dict[str, list[Posted]] = {}
        self._by_key: dict[str, Posted] = {}

    async def app(self, scope: Any, receive: Any, send: Any) -> None:
        """Answers one request."""
        headers = {name.decode().lower(): value.decode() for name, value in scope["headers"]}
        me = headers.get("authorization", "").removeprefix("Bearer ")
        body = await _body(receive)
        status, answer = self._answer(
            scope["method"], scope["path"], scope["query_string"].decode(), me, headers, body
        )
        raw = json.dumps(answer).encode()
        kind = [(b"content-type", b"application/json"), (b"content-length", str(len(raw)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": kind})
        await send({"type": "http.response.body", "body": raw})

    def _answer(
        self, method: str, path: str, query: str, me: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, Any]:
        if method == "POST" and path == orders.PATH:
            return orders.answer(headers, body, self._clock())
        if not me:
            return 401, {"error": "The access token is invalid"}
        if method == "POST" and path == "/api/v1/statuses":
            return 200, _shown(self._post(me, headers.get("idempotency-key", ""), json.loads(body)))
        if path == "/api/v1/accounts/verify_credentials":
            return 200, {"id": me, "acct": "care", "username": "care"}
        if path == "/api/v2/instance":
            return 200, {"title": "Harbour", "configuration": {"statuses": {"max_characters": 500}}}
        if path == f"/api/v1/accounts/{me}/statuses":
            return 200, self._own(me, parse_qs(query))
        if path == "/api/v1/notifications":
            return 200, []
        return self._one(path)

    def _post(self, me: str, key: str, wanted: dict[str, Any]) -> Posted:
        if key and key in self._by_key:
            return self._by_key[key]
        now = self._clock()
        native = str((now // 1000) << 16 | len(self._by_key) & 0xFFFF)
        post = Posted(
            native, to_iso(now), f"<p>{html.escape(wanted.get('status', ''))}</p>", wanted.get("visibility", "public"),
            wanted.get("in_reply_to_id"), f"https://harbour.example/posts/{native}",
        )  # fmt: skip
        self._posts.setdefault(me, []).append(post)
        self._by_key[key or native] = post
        return post

    def _own(self, me: str, query: dict[str, list[str]]) -> list[Any]:
        after, before = (query.get(name, [""])[0] for name in ("min_id", "max_id"))
        found = [
            p
            for p in self._posts.get(me, [])
            if (not after or p.id > after) and (not before or p.id < before)
        ]
        return [_shown(post) for post in reversed(found[-40:])]

    def _one(self, path: str) -> tuple[int, Any]:
        native = path.rpartition("/")[2]
        post = next((p for posts in self._posts.values() for p in posts if p.id == native), None)
        return (200, _shown(post)) if post else (404, {"error": "Record not found"})


def _shown(post: Posted) -> dict[str, Any]:
    return {name: getattr(post, name) for name in post.__struct_fields__}


async def _body(receive: Any) -> bytes:
    body: bytes = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            return body
