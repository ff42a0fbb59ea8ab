"""The role ``web``: pages, API, hooks and live figures, on one port."""

import os
import socket

import uvicorn

from townhall.run.django_ready import django_environment
from townhall.run.lifecycle import stoppable
from townhall.run.migrate import opened
from townhall.run.settings import Settings
from townhall.run.supervisor import listen


def main(settings: Settings, handle: int | None = None) -> None:
    """Serves until SIGTERM. ``handle`` is a listening socket of the supervisor's, None to listen by ourselves."""
    os.environ.update(django_environment(settings))
    server = uvicorn.Server(_config(settings))

    def stop() -> None:
        server.should_exit = True

    # uvicorn sends itself the signal again when it has ended: outside of this, that would end us with the lease in hand
    with stoppable(stop), opened(settings), _listening(settings, handle) as taken:
        server.run(sockets=[taken])


def _listening(settings: Settings, handle: int | None) -> socket.socket:
    # made from the number alone, so that its family is the real one: connections then get TCP_NODELAY
    return listen(settings.host, settings.port) if handle is None else socket.socket(fileno=handle)


def _config(settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        "townhall.web.asgi:app", lifespan="on", log_config=None, access_log=False, server_header=False,
        proxy_headers=False, timeout_graceful_shutdown=8, timeout_keep_alive=30, backlog=1024,
    )  # fmt: skip
