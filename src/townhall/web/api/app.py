"""``/api/`` on the port: bounds a body before anything is kept of it, then hands the request to Django."""

from collections.abc import MutableMapping
from typing import Any

from townhall.web.asgi import Receive, Scope, Send, pages

MOST = 8 * 1024 * 1024
"""Bytes of any body; single addresses take less."""
_TOO_LARGE = (
    b'{"type":"about:blank","title":"Content Too Large","status":413,"detail":"A body has at most 8 MiB."}'
)


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers 413 as soon as a body is beyond the bound; else Django answers."""
    body = None if _declared(scope) > MOST else await _whole(receive)
    if body is None:
        headers = [(b"content-type", b"application/problem+json"), (b"cache-control", b"no-store")]
        await send({"type": "http.response.start", "status": 413, "headers": headers})
        await send({"type": "http.response.body", "body": _TOO_LARGE})
        return
    messages = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> MutableMapping[str, Any]:
        return messages.pop() if messages else await receive()

    await pages()(scope, again, send)


def _declared(scope: Scope) -> int:
    length = dict(scope["headers"]).get(b"content-length", b"0")
    return int(length[:19]) if length.isdigit() else 0


async def _whole(receive: Receive) -> bytes | None:
    """The body, or ``None`` when there is more of it than the bound."""
    parts, size, more = [], 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            break
        parts.append(message.get("body", b""))
        size, more = size + len(parts[-1]), message.get("more_body", False)
        if size > MOST:
            return None
    return b"".join(parts)
