"""Teaching in the background: asked for on a page or by a program, done by the clock role, one lesson at a time.

Rows are read in one transaction, learnt from without any, and the candidate is kept in another, together with the end of the
wish: whoever falls between leaves the wish to be fulfilled again, and nothing is kept twice.
"""

import asyncio
from typing import Any

from psycopg import Connection

from townhall import journal
from townhall.database import Database
from townhall.database.connect import connect, take_ownership, transaction
from townhall.enrich import Understanding
from townhall.enrich.store import wishes
from townhall.enrich.store.models import OwnModel
from townhall.enrich.store.wishes import Wish
from townhall.flow import teaching
from townhall.flow.rest import rest
from townhall.kernel.clock import Clock, Instant, system_clock
from townhall.kernel.errors import Conflict, TownhallError
from townhall.kernel.fact import Fact
from townhall.people.doors import Asker, require

_SPACE, _NUMBER = 0x6C65736E, 1
REST_S = 2.0


def ask(conn: Connection[Any], asker: Asker, head: str, now: Instant) -> None:
    """Asks that a head be taught from the labels that stand when its turn comes.

    Raises ``Refused`` while there are too few, ``Conflict`` when it is asked already.
    """
    teaching.lesson(conn, asker, head)
    if not wishes.ask(conn, asker.brand_id, head, asker.staff_id, asker.name, now):
        raise Conflict(f"A version of {head} is being taught already.")
    fact = Fact(
        type="townhall.model.asked", subject=f"brand/{asker.brand_id}", time=now, brand=asker.brand_id, actor=asker.actor,
        data={"head": head, "by": asker.name},
    )  # fmt: skip
    journal.append(conn, [fact])


def wished(conn: Connection[Any], asker: Asker) -> dict[str, Wish]:
    """What was asked for last, by head."""
    require(asker, "read_models")
    return wishes.of_brand(conn, asker.brand_id)


class Teacher:
    """Fulfils wishes. The shipped models are loaded when the first comes."""

    def __init__(self) -> None:
        self._reader: Understanding | None = None

    def step(self, conn: Connection[Any], clock: Clock) -> bool:
        """Fulfils the wish that was asked first; False when there is none. ``conn`` is in autocommit."""
        with transaction(conn):
            wish = wishes.waiting(conn)
        if wish is None:
            return False
        try:
            self._teach(conn, wish, clock)
        except TownhallError as no:
            with transaction(conn):
                wishes.end(conn, wish, str(no))
        return True

    def _teach(self, conn: Connection[Any], wish: Wish, clock: Clock) -> OwnModel | None:
        asker = Asker(
            staff_id=wish.by_id, name=wish.by, brand_id=wish.brand, brand_slug="", roles=frozenset({"admin"})
        )
        with transaction(conn):
            held = teaching.lesson(conn, asker, wish.head)
        self._reader = self._reader or Understanding.load()
        taught = teaching.learn(self._reader, held)
        with transaction(conn):
            return teaching.keep(conn, asker, held, taught, clock()) if wishes.end(conn, wish) else None


async def run(settings: Any, database: Database, stop: asyncio.Event, clock: Clock = system_clock) -> None:
    """The loop of the clock role; one owner for the whole house."""
    teacher = Teacher()
    with connect(database.dsn("worker"), "townhall lessons") as conn:
        owned = None
        while not stop.is_set():
            owned = owned or take_ownership(conn, _SPACE, _NUMBER)
            busy = await asyncio.to_thread(teacher.step, conn, clock) if owned else False
            if not busy:
                await rest(stop, REST_S)
