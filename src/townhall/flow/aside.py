"""What was set aside on its way in: looked at, tried again, or left out for good. Each act is a fact."""

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import Struct
from psycopg import Connection

from townhall import journal
from townhall.flow.receive import queue_again, receive, why_unread
from townhall.intake import aside as store
from townhall.intake import store as intake
from townhall.intake.aside import READ, Aside
from townhall.kernel.activity import Activity
from townhall.kernel.clock import Instant
from townhall.kernel.errors import NotFound
from townhall.kernel.fact import Fact
from townhall.people.doors import Asker, require
from townhall.vault import Keys, open_sealed

SHOWN = 2_000
"""Characters of an item that a page shows."""
_AT_ONCE = 500


class Tried(Struct, frozen=True):
    """How many came in now, and how many failed again."""

    taken: int
    failed: int


def content(keys: Keys, one: Aside) -> str:
    """What was set aside, as text, at most ``SHOWN`` characters. Cards and secrets were taken out when it came."""
    return _opened(keys, one).decode(errors="replace")[:SHOWN]


def try_again(conn: Connection[Any], keys: Keys, asker: Asker, ids: Sequence[int], now: Instant) -> Tried:
    """Hands things in again, as a worker, in the caller's transaction; what fails again stays with its new reason.

    What cannot be stored comes back to the same page. Raises ``NotFound`` when none of them waits any more.
    """
    require(asker, "manage_accounts")
    found = [one for id in ids[:_AT_ONCE] if (one := store.take(conn, asker.brand_id, id))]
    if not found:
        raise NotFound("That was tried again or left out already.")
    taken = sum(_again(conn, keys, asker, one, now) for one in found)
    return Tried(taken, len(found) - taken)


def try_all(conn: Connection[Any], keys: Keys, asker: Asker, reason: str, now: Instant) -> Tried:
    """The same for everything of one reason, the newest 500 of it."""
    waiting = store.waiting(conn, asker.brand_id, reason=reason, limit=_AT_ONCE)
    return try_again(conn, keys, asker, [one.id for one in waiting], now)


def leave_out(conn: Connection[Any], asker: Asker, aside_id: int, now: Instant) -> None:
    """Nobody is asked about it again; what came stays kept. Raises ``NotFound``."""
    require(asker, "manage_accounts")
    one = store.take(conn, asker.brand_id, aside_id)
    if one is None:
        raise NotFound("That was tried again or left out already.")
    _settle(conn, asker, one, "left_out", now)


def _again(conn: Connection[Any], keys: Keys, asker: Asker, one: Aside, now: Instant) -> bool:
    owner, raw = intake.account(conn, one.account_id), _opened(keys, one)
    if one.kind == READ:
        shape = "activitystreams" if one.run_id else owner.channel
        if reason := why_unread(owner, shape, raw):
            store.note_try(conn, one.id, reason)
            return False
        receive(conn, keys, owner, shape, [raw], now)
    else:
        queue_again(conn, keys, owner, msgspec.json.decode(raw, type=Activity), raw, now)
    _settle(conn, asker, one, "taken", now)
    return True


def _settle(conn: Connection[Any], asker: Asker, one: Aside, outcome: str, now: Instant) -> None:
    store.settle(conn, one.id, outcome, asker.name, now)
    fact = Fact(
        type=f"townhall.aside.{outcome}", subject=f"reject/{one.id}", time=now, brand=asker.brand_id,
        actor=asker.actor, data={"account": one.account_id, "kind": one.kind},
    )  # fmt: skip
    journal.append(conn, [fact])


def _opened(keys: Keys, one: Aside) -> bytes:
    return open_sealed(keys.kek, one.sealed, intake.LABEL)
