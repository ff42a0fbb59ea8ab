"""Plays the town into a running house: first its past in large bites, then what happens now."""

import asyncio
import itertools
import json
import socket
import threading
from collections.abc import Iterator
from typing import Any

import structlog
import uvicorn
from psycopg import Connection

from townhall.database import Database
from townhall.database.connect import connect, transaction
from townhall.desk.channels import channels
from townhall.enrich import redact_batch
from townhall.flow.receive import receive
from townhall.intake import store as intake
from townhall.kernel.clock import HOUR, SECOND, Instant, system_clock
from townhall.run.demo import stage
from townhall.run.demo.network import Network
from townhall.run.demo.town import HANDLES, HISTORY, Said, Town, rising, stormy
from townhall.run.lifecycle import stoppable
from townhall.run.migrate import opened
from townhall.run.settings import Settings
from townhall.vault import Keys, open_keys

BITE = 1000
THREADS_AN_HOUR = 45
MOST_WAITING = 6000
"""Posts that may wait for the pipeline before the past is held back."""
_log = structlog.get_logger()


def main(settings: Settings, *, storm: bool = False) -> None:
    """Feeds until SIGTERM."""
    stop = threading.Event()
    redact_batch([""])  # loads the patterns now: inside a transaction a slow machine would be cut off as idle
    with stoppable(stop.set), opened(settings) as database, _network() as base_url:
        keys = open_keys(settings.home)
        with connect(database.dsn("worker"), "townhall demo") as conn:
            accounts = stage.set_up(conn, keys, base_url, system_clock())
            stage.set_up_own_system(conn, keys, accounts[0].brand_id, base_url, system_clock())
            Feed(database, conn, keys, accounts, settings.address, stop).run(storm=storm)


class Feed:
    """One brand's stream on its way into the house."""

    def __init__(
        self,
        database: Database,
        conn: Connection[Any],
        keys: Keys,
        accounts: list[intake.Account],
        address: str,
        stop: threading.Event,
    ) -> None:
        self._database, self._conn, self._keys = database, conn, keys
        self._accounts, self._address, self._stop = accounts, address, stop

    def run(self, *, storm: bool) -> None:
        """The past since the last post (sixteen days at first), then now."""
        now = system_clock()
        known = self._newest()
        start = max(known + SECOND, now - HISTORY) if known else now - HISTORY
        town = Town(start // HOUR, self._address)
        extra = stormy(now) if storm else rising(now)
        stream = town.days(start, THREADS_AN_HOUR, extra)
        following = self._past(stream)
        if self._stop.is_set():
            return
        stage.make_work(self._conn, self._keys, self._accounts[0].brand_id, system_clock())
        self._now(itertools.chain(following, stream))

    def _newest(self) -> Instant:
        lines = channels(self._conn, self._accounts[0].brand_id, system_clock())
        return max((line.last_post_at or 0 for line in lines if line.handle in HANDLES), default=0)

    def _past(self, stream: Iterator[Said]) -> list[Said]:
        """Everything up to now; gives back the first that is still to come."""
        bite: list[Said] = []
        for said in stream:
            if said.at > system_clock() or self._stop.is_set():
                self._hand_in(bite)
                self._wait_until_digested(0)
                return [said]
            bite.append(said)
            if len(bite) >= BITE:
                self._hand_in(bite)
                bite = []
                self._wait_until_digested(MOST_WAITING)
        return []

    def _now(self, stream: Iterator[Said]) -> None:
        """Each act at its time, gathered twice a second."""
        bite: list[Said] = []
        for said in stream:
            while said.at > system_clock():
                self._hand_in(bite)
                bite = []
                stage.tidy(self._conn, self._accounts[0].brand_id, system_clock())
                if self._stop.wait(0.5):
                    return
            bite.append(said)

    def _hand_in(self, bite: list[Said]) -> None:
        for place, account in enumerate(self._accounts):
            items = [json.dumps(said.act).encode() for said in bite if said.account == place]
            if items:
                with transaction(self._conn):
                    receive(self._conn, self._keys, account, "activitystreams", items, system_clock())

    def _wait_until_digested(self, waiting: int) -> None:
        from townhall.desk.status import queues

        while queues(self._conn)["pipeline"].waiting > waiting:
            if self._stop.wait(0.2):
                return


class _network:
    """The made-up server on a free port of loopback, for as long as the ``with`` lasts."""

    def __enter__(self) -> str:
        taken = socket.socket()
        taken.bind(("127.0.0.1", 0))
        config = uvicorn.Config(
            Network(system_clock).app, interface="asgi3", log_config=None, access_log=False, lifespan="off"
        )
        self._server = uvicorn.Server(config)
        self._server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
        self._thread = threading.Thread(target=self._serve, args=(taken,), name="demo network", daemon=True)
        self._thread.start()
        return f"http://127.0.0.1:{taken.getsockname()[1]}"

    def _serve(self, taken: socket.socket) -> None:
        asyncio.run(self._server.serve(sockets=[taken]))

    def __exit__(self, *error: object) -> None:
        self._server.should_exit = True
        self._thread.join(5)
