"""The watch: the loop of the clock role that raises alarms, puts policies in force, wakes cases, hands out work
and proposes what needs somebody. One owner for the whole house, by a lock on its own connection."""

import asyncio
from typing import Any

import structlog
from psycopg import Connection
from psycopg.errors import LockNotAvailable

from townhall.analytics import frozen, topics
from townhall.database import Database
from townhall.database.connect import connect, take_ownership, transaction
from townhall.desk import duty
from townhall.flow import (
    alarms,
    article_uses,
    attention,
    deaf,
    escalating,
    incidents,
    policy_activation,
    quiet,
    routing,
    rows,
)
from townhall.flow.rest import rest
from townhall.flow.surges import Surges
from townhall.kernel.clock import HOUR, MINUTE, SECOND, Clock, Instant, system_clock
from townhall.routing.alarms import MOST

TICK_S = 0.5
ATTENTION_EVERY: Instant = 5 * SECOND
BACK_EVERY: Instant = 5 * SECOND
IDLE: Instant = 2 * SECOND
"""A brand to which nothing could be given is looked at again after this."""
WHOLE_EVERY: Instant = MINUTE
_SPACE, _NUMBER = 0x77617463, 1
_log = structlog.get_logger()


class Watch:
    """What the loop does in one tick, on a connection of its own."""

    def __init__(self, conn: Connection[Any], clock: Clock = system_clock) -> None:
        self._conn = conn
        self._clock = clock
        self._surges = Surges()
        self._last = self._whole = self._proposed = self._swept = self._quieted = self._taken_back = 0
        self._hands_out: dict[int, Instant] = {}

    def tick(self) -> None:
        """Everything that is due now. Each part is a transaction of its own."""
        now = self._clock()
        since = self._last if now - self._whole < WHOLE_EVERY else 0
        with transaction(self._conn):
            raised = alarms.raise_alarms(self._conn, now, since)
        self._last = now
        if raised >= MOST:
            self._whole = 0
        elif not since:
            self._whole = now
        for step in (
            policy_activation.activate_due,
            alarms.wake,
            incidents.tell_overdue,
            escalating.tell,
            alarms.tell_approvers,
            deaf.tell,
            alarms.escalate,
        ):
            with transaction(self._conn):
                step(self._conn, now)
        self._route(now)
        self._propose(now)
        self._sweep(now)

    def _route(self, now: Instant) -> None:
        """Takes back what nobody answers, then hands out what waits: a transaction a brand."""
        if now - self._taken_back >= BACK_EVERY:
            self._taken_back = now
            for brand in duty.brands(self._conn):
                with transaction(self._conn):
                    routing.take_back_silent(self._conn, brand, now)
        for brand in routing.brands_handing_out(self._conn):
            if now >= self._hands_out.get(brand, 0):
                with transaction(self._conn):
                    given = routing.hand_out(self._conn, brand, now)
                self._hands_out[brand] = now if given else now + IDLE

    def _propose(self, now: Instant) -> None:
        if now - self._proposed < ATTENTION_EVERY:
            return
        self._proposed = now
        with transaction(self._conn):
            self._surges.step(self._conn, now)
        for brand in duty.brands(self._conn):
            with transaction(self._conn):
                attention.propose(self._conn, brand, now, self._surges.of(brand))

    def _sweep(self, now: Instant) -> None:
        if now - self._quieted >= MINUTE:
            self._quieted = now
            for step in (quiet.close_quiet, article_uses.count):
                with transaction(self._conn):
                    step(self._conn, now)
        if now - self._swept < HOUR:
            return
        self._swept = now
        with transaction(self._conn):
            alarms.tidy(self._conn, now)
            topics.sweep(self._conn, now)
            frozen.sweep(self._conn, now)
        self._make_months()

    def _make_months(self) -> None:
        """Partitions ahead of time. Whoever reads just then is not made to wait: there are three months for it."""
        try:
            with transaction(self._conn, lock_timeout="2s"):
                made = rows.make_months(self._conn)
        except LockNotAvailable:
            _log.info("months are made in an hour: readers were in the way")
        else:
            if made:
                _log.info("made room for posts to come", months=made)


async def run(settings: Any, database: Database, stop: asyncio.Event) -> None:
    """Watches until ``stop``. A second watch waits until the first is gone."""
    conn = await asyncio.to_thread(connect, database.dsn("worker"), "townhall watch")
    watch = Watch(conn)
    owned = None
    try:
        while not stop.is_set():
            owned = owned or take_ownership(conn, _SPACE, _NUMBER)
            if owned:
                await asyncio.to_thread(watch.tick)
            await rest(stop, TICK_S)
    finally:
        conn.close()
