"""Back-tests in the background: asked for on a page, worked a step at a time by the clock role, called off at any moment.

Each step is a transaction of its own that keeps how far it came, so that a fall of everything loses a second or two of work.
Between steps it rests as long as a step took: promises are watched by the same process.
"""

import asyncio
import time
from functools import lru_cache
from typing import Any

from psycopg import Connection

from townhall import journal
from townhall.database import Database
from townhall.database.connect import connect, take_ownership, transaction
from townhall.flow.replay import Judged, Window, replay
from townhall.flow.rest import rest
from townhall.kernel.clock import DAY, Clock, Instant, system_clock
from townhall.kernel.errors import Conflict, NotFound, Refused, TownhallError
from townhall.kernel.fact import Fact
from townhall.kernel.ids import instant_of
from townhall.people.doors import Asker, require
from townhall.policy.logic import Policy, judge, parse_policy
from townhall.policy.logic.compare import Changes
from townhall.policy.logic.tally import add_up, unworded
from townhall.policy.store import backtests as store
from townhall.policy.store import versions
from townhall.policy.store.backtests import Backtest, Texts
from townhall.vault import open_keys

LONGEST = 366 * DAY
_SPACE, _NUMBER = 0x62616B74, 1
REST_S = 0.5
PATIENCE_S = 1.5


def ask(
    conn: Connection[Any], asker: Asker, number: int, against: int, low: Instant, high: Instant, now: Instant
) -> int:
    """Asks for a back-test of a version's text as it stands against version ``against``, over posts received in between.

    One that runs for the brand is called off. Raises ``Refused`` for a text that cannot be read and an impossible period.
    """
    require(asker, "read_policy")
    if not low < high or high - low > LONGEST:
        raise Refused("A back-test looks at a period of at most a year, its first day before its last.")
    tested, other = (versions.get(conn, asker.brand_id, one) for one in (number, against))
    if tested is None or other is None:
        raise NotFound(f"There is no policy version {number if tested is None else against}.")
    parse_policy(tested.source)
    texts = Texts(tested.source, other.source)
    made = store.add(conn, asker.brand_id, number, tested.digest, against, texts, low, high, asker.name, now)
    _tell(
        conn,
        asker,
        "asked",
        number,
        now,
        {"digest": tested.digest, "against": against, "low": low, "high": high},
    )
    return made


def cancel(conn: Connection[Any], asker: Asker, number: int, now: Instant) -> None:
    """Calls a running back-test off; what it found so far stays. Raises ``Conflict`` when none runs."""
    require(asker, "read_policy")
    if not store.cancel(conn, asker.brand_id, number, now):
        raise Conflict("This back-test has ended already.")
    _tell(conn, asker, "called_off", number, now, {})


def step(conn: Connection[Any], kek: bytes, now: Instant, patience: float = PATIENCE_S) -> bool:
    """Takes the oldest back-test that has not ended further, for ``patience`` seconds; whether there was one.

    In the caller's transaction, which should end soon: what was found is seen with its commit.
    """
    one = store.waiting(conn)
    if one is None:
        return False
    try:
        state, after, found = _further(conn, kek, one, time.monotonic() + patience)
    except TownhallError as error:
        store.put(conn, one, "failed", one.after, one.result, now, str(error))
        return True
    store.put(conn, one, state, after, found, now)
    return True


def _further(
    conn: Connection[Any], kek: bytes, one: Backtest, until: float
) -> tuple[str, int, dict[str, Any]]:
    """How it stands then, the last post looked at, and what was found so far."""
    texts, found, after = store.texts(conn, one.id), one.result, one.after
    low = max(one.low, instant_of(after)) if after else one.low
    for part in replay(conn, kek, Window(one.brand_id, low, one.high)):
        fresh = [post for post in part.posts if post.id > after]
        if not fresh:
            continue  # all of it was erased, or seen before: a step that gained nothing would be taken again for ever
        found, after = add_up(found, _report(texts, fresh)), fresh[-1].id
        if time.monotonic() > until:
            return "running", after, found
    return "done", after, found


def _report(texts: Texts, posts: list[Judged]) -> dict[str, Any]:
    contexts = [post.context for post in posts]
    before, after = judge(_read(texts.against), contexts), judge(_read(texts.source), contexts)
    changes = Changes()
    changes.add(posts, before, after)
    return unworded(changes.counts())


@lru_cache(maxsize=4)
def _read(source: str) -> Policy:
    return parse_policy(source)


def _tell(
    conn: Connection[Any], asker: Asker, what: str, number: int, now: Instant, data: dict[str, Any]
) -> None:
    fact = Fact(
        type=f"townhall.backtest.{what}", subject=f"policy/{number}", time=now, brand=asker.brand_id, actor=asker.actor,
        data=data,
    )  # fmt: skip
    journal.append(conn, [fact])


async def run(settings: Any, database: Database, stop: asyncio.Event, clock: Clock = system_clock) -> None:
    """The loop of the clock role; one owner for the whole house."""
    kek = open_keys(settings.home).kek
    with connect(database.dsn("worker"), "townhall back-tests") as conn:
        owned = None
        while not stop.is_set():
            owned = owned or take_ownership(conn, _SPACE, _NUMBER)
            began = asyncio.get_running_loop().time()
            busy = await asyncio.to_thread(_one_step, conn, kek, clock) if owned else False
            took = asyncio.get_running_loop().time() - began
            await rest(stop, took if busy else REST_S)


def _one_step(conn: Connection[Any], kek: bytes, clock: Clock) -> bool:
    with transaction(conn):
        return step(conn, kek, clock())
