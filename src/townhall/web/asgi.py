"""One application for one port: bare paths first, then files, then Django in threads.

Hooks and live figures do not pass through Django, which costs a millisecond a request (docs/architecture.md).
"""

import importlib
import os
from collections.abc import Awaitable, Callable, MutableMapping
from functools import lru_cache
from typing import Any

from townhall.web.bounds import bounded

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

BARE = {
    "/api/": "townhall.web.api.app",
    "/hooks/": "townhall.web.hooks.app",
    "/live/": "townhall.web.live.app",
    "/healthz": "townhall.web.health",
    "/readyz": "townhall.web.health",
    "/metrics": "townhall.web.health",
    "/static/": "townhall.web.assets",
}
"""Where a path begins → the module whose ``app`` answers it."""


@lru_cache(maxsize=16)
def bare_app(module: str) -> App:
    """That module's application, loaded at its first request."""
    return importlib.import_module(module).app  # type: ignore[no-any-return]


@lru_cache(maxsize=1)
def pages() -> App:
    """Django, set up once."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "townhall.run.django_settings")
    from django.core.asgi import get_asgi_application
    from django.urls import get_resolver

    application = get_asgi_application()
    get_resolver().check()  # loads every view now, not within somebody's first request
    return application  # type: ignore[return-value]


def app_for(path: str) -> App:
    """Who answers this path."""
    for start, module in BARE.items():
        if path.startswith(start):
            return bare_app(module)
    return pages()


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """The ASGI entry point."""
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
    elif scope["type"] == "http":
        answers = app_for(scope["path"])
        await (
            bounded(answers, scope, receive, send) if answers is pages() else answers(scope, receive, send)
        )
    else:
        await send({"type": "websocket.close", "code": 1000})


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            pages()
            await send({"type": "lifespan.startup.complete"})
        elif message["type"] == "lifespan.shutdown":
            await send({"type": "lifespan.shutdown.complete"})
            return
