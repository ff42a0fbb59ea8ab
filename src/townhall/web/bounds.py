"""Bounds on what a page's form may carry, before Django keeps any of it.

Django writes a large body to the disk before a view is asked. So a body beyond its bound is read to its end and thrown
away, which lets a browser see the answer, up to a bound of that too. Large bodies share a room of their own: nobody has to be
signed in to send one.
"""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from townhall.channels.carried import LARGEST
from townhall.flow.articles import LARGEST_FILE
from townhall.flow.uploading import MOST

_Scope = MutableMapping[str, Any]
_Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
_Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

PAGE = 4 << 20
"""Bytes of a form without a file."""
FILES = {"/channels/import/": MOST + PAGE, "/articles/import/": LARGEST_FILE + PAGE}
"""Path → bytes of a form with a file."""
PICTURES = LARGEST + PAGE
"""Bytes of a form with a picture. So many stay in memory while Django reads them: none lies unsealed on the disk."""
LARGE = 1 << 20
"""Bytes from which on a form takes its part of ``AT_ONCE``; so does one that does not say how large it is."""
AT_ONCE = 8 * PICTURES
"""Bytes of large forms that one process has in memory at once, as far as they are kept there; Django holds a file twice."""
PATIENCE = 300.0
"""Seconds in which a large form has to be here: whoever only begins to send does not keep its room."""
_PICTURES = re.compile(r"/case/\d{1,20}/pictures/", re.ASCII)
_TOO_LARGE = b"What was sent is too large. Nothing was kept. Go back and send less."
_TOO_MANY = b"Too much is being sent here at once. Nothing was kept. Send it again in a minute."
_PATIENT = 4 << 30
_TELLS = {path: f"{path}?too_large=1".encode() for path in FILES}


_taken = 0
"""Bytes of ``AT_ONCE`` that are in use."""


async def bounded(
    pages: Callable[[_Scope, _Receive, _Send], Awaitable[None]], scope: _Scope, receive: _Receive, send: _Send
) -> None:
    """Hands a request to the pages; one whose body is too large, or for which there is no room now, is answered here."""
    global _taken
    most = PICTURES if _PICTURES.fullmatch(scope["path"]) else FILES.get(scope["path"], PAGE)
    if _declared(scope) > most:
        await _refuse(scope, receive, send)
        return
    room = _room(scope, most)
    if _taken + room > AT_ONCE:
        await _refuse(scope, receive, send, too_many=True)
        return
    _taken += room
    try:
        await pages(scope, _counted(receive, most, PATIENCE if room else None), send)
    finally:
        _taken -= room


def _room(scope: _Scope, most: int) -> int:
    """Bytes of ``AT_ONCE`` that its body takes; what is beyond ``PICTURES`` goes to the disk."""
    size = most if b"transfer-encoding" in dict(scope["headers"]) else _declared(scope)
    return min(size, PICTURES) if size > LARGE else 0


def _counted(receive: _Receive, most: int, patience: float | None) -> _Receive:
    """What comes, up to ``most`` bytes and for so many seconds; beyond either it is as if the browser had gone."""
    size, ends = 0, patience and time.monotonic() + patience

    async def counted() -> MutableMapping[str, Any]:
        nonlocal size, ends
        try:
            async with asyncio.timeout(ends and max(0.0, ends - time.monotonic())):
                message = await receive()
        except TimeoutError:
            return {"type": "http.disconnect"}
        size += len(message.get("body", b""))
        if not message.get("more_body", False):
            ends = None
        return message if size <= most else {"type": "http.disconnect"}

    return counted


def _declared(scope: _Scope) -> int:
    length = dict(scope["headers"]).get(b"content-length", b"0")
    return int(length[:19]) if length.isdigit() else 0


async def _refuse(scope: _Scope, receive: _Receive, send: _Send, *, too_many: bool = False) -> None:
    read, more = 0, _declared(scope) <= _PATIENT
    while more and read <= _PATIENT:
        message = await receive()
        read, more = read + len(message.get("body", b"")), message.get("more_body", False)
    tells = None if too_many else _TELLS.get(scope["path"])
    headers = [(b"location", tells)] if tells else [(b"content-type", b"text/plain; charset=utf-8")]
    body = b"" if tells else _TOO_LARGE
    if _PICTURES.fullmatch(scope["path"]):
        body = f"A picture has at most {LARGEST >> 20} MB. Nothing was kept. Go back and choose a smaller one.".encode()
    if too_many:
        body = _TOO_MANY
    status = 503 if too_many else 303 if tells else 413
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
