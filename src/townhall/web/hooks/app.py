"""``/hooks/<account>``: where networks bring what happened. 202 taken, 200 known already, and a reason for the rest."""

import os
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import msgspec
from prometheus_client import Counter

from townhall.flow.hooks import Answer, Delivery
from townhall.kernel.clock import system_clock
from townhall.kernel.errors import NotFound, Refused, TooLarge, TownhallError, Unavailable
from townhall.vault import open_keys
from townhall.web.hooks.group import Group
from townhall.web.hooks.proof import MAX_BODY, challenge, check

_COUNTED = Counter("townhall_deliveries", "Webhook deliveries by how they ended.", ["status"])
_STATUS = {"taken": 202, "repeated": 200, "refused": 422}
_OUTCOMES = {401: "unsigned", 400: "out_of_window", 413: "too_large", 422: "malformed", 404: "unknown"}


@lru_cache(maxsize=1)
def group() -> Group:
    """This process's committing loop."""
    keys = open_keys(Path(os.environ.get("TOWNHALL_HOME", "var")))
    return Group(os.environ.get("TOWNHALL_WORKER_DSN", ""), keys, system_clock)


async def app(scope: Any, receive: Any, send: Any) -> None:
    """One delivery. Every error of ours becomes its status with one line of reason."""
    account_id = 0
    try:
        account_id = _account_id(scope["path"])
        status, body = await _answer(scope, receive, account_id)
    except TownhallError as error:
        status, body = error.status, _said(str(error))
        if status in _OUTCOMES:
            group().turned_away(account_id if status != 404 else 0, _OUTCOMES[status])
    _COUNTED.labels(str(status)).inc()
    headers = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]
    if status == 503:
        headers.append((b"retry-after", b"2"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _answer(scope: Any, receive: Any, account_id: int) -> tuple[int, bytes]:
    account, settings = await group().settings_of(account_id)
    if not settings.reading:
        raise Unavailable("this account is paused: nothing was kept, send it again later")
    if scope["method"] == "GET":
        token = parse_qs(scope["query_string"].decode("latin-1")).get("crc_token", [""])[0]
        return 200, challenge(settings, token)
    if scope["method"] != "POST":
        return 405, _said("deliveries are POSTed")
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    if (declared := headers.get("content-length", "")).isdecimal() and int(declared[:12]) > MAX_BODY:
        raise _too_large()
    body = await _body(receive)
    name, items = check(settings, headers, body, system_clock())
    answer = await group().commit(Delivery(account, name, items))
    return _STATUS[answer.outcome], _worded(answer)


async def _body(receive: Any) -> bytes:
    """The whole body, never more than the bound. Raises ``TooLarge``, and ``Refused`` when the sender hung up."""
    parts, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Refused("the sender hung up before the end; nothing was kept")
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > MAX_BODY:
            raise _too_large()
        if not message.get("more_body"):
            return b"".join(parts)


def _too_large() -> TooLarge:
    return TooLarge(f"a delivery has at most {MAX_BODY} bytes; nothing was kept")


def _account_id(path: str) -> int:
    last = path.removeprefix("/hooks/").strip("/")
    if not last.isascii() or not last.isdigit() or len(last) > 9:
        raise NotFound("there is no such door")
    return int(last)


def _worded(answer: Answer) -> bytes:
    return msgspec.json.encode(answer)


def _said(reason: str) -> bytes:
    return msgspec.json.encode({"reason": reason})
