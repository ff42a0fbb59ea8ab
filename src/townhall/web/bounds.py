"""Bounds on what a page's form may carry, before Django keeps any of it.

Django writes a large body to the disk before a view is asked. So a body beyond its bound is read to its end and thrown
away, which lets a browser see the answer, up to a bound of that too.
"""

import re
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
_PICTURES = re.compile(r"/case/\d{1,20}/pictures/", re.ASCII)
_TOO_LARGE = b"What was sent is too large. Nothing was kept. Go back and send less."
_PATIENT = 4 << 30
_TELLS = {path: f"{path}?too_large=1".encode() for path in FILES}


async def bounded(
    pages: Callable[[_Scope, _Receive, _Send], Awaitable[None]], scope: _Scope, receive: _Receive, send: _Send
) -> None:
    """Hands a request to the pages; one whose body is too large is answered here."""
    most = PICTURES if _PICTURES.fullmatch(scope["path"]) else FILES.get(scope["path"], PAGE)
    if _declared(scope) > most:
        await _refuse(scope, receive, send)
        return
    size = 0

    async def counted() -> MutableMapping[str, Any]:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        return message if size <= most else {"type": "http.disconnect"}

    await pages(scope, counted, send)


def _declared(scope: _Scope) -> int:
    length = dict(scope["headers"]).get(b"content-length", b"0")
    return int(length[:19]) if length.isdigit() else 0


async def _refuse(scope: _Scope, receive: _Receive, send: _Send) -> None:
    read, more = 0, _declared(scope) <= _PATIENT
    while more and read <= _PATIENT:
        message = await receive()
        read, more = read + len(message.get("body", b"")), message.get("more_body", False)
    tells = _TELLS.get(scope["path"])
    headers = [(b"location", tells)] if tells else [(b"content-type", b"text/plain; charset=utf-8")]
    body = b"" if tells else _TOO_LARGE
    if _PICTURES.fullmatch(scope["path"]):
        body = f"A picture has at most {LARGEST >> 20} MB. Nothing was kept. Go back and choose a smaller one.".encode()
    await send({"type": "http.response.start", "status": 303 if tells else 413, "headers": headers})
    await send({"type": "http.response.body", "body": body})
