"""Outages of a network, recorded by people: promises are folded again, so that both readings of each are kept."""

from typing import Any

from msgspec import Struct
from psycopg import Connection

from townhall import journal
from townhall.care import bulk as care
from townhall.care import store
from townhall.desk.missed import overlapping
from townhall.flow import clocks, facts
from townhall.flow.fold_again import count
from townhall.flow.promised import Book
from townhall.intake import store as intake
from townhall.kernel.clock import Instant
from townhall.kernel.errors import Conflict, NotFound, Refused
from townhall.kernel.fact import Fact
from townhall.people.doors import Asker, require
from townhall.routing import outages
from townhall.routing.outages import Outage

CHUNK = 500
"""Cases folded at once."""


class Recorded(Struct, frozen=True):
    """What recording changed: how many cases were looked at, and how many promises have another deadline now."""

    cases: int
    promises: int


def begin(
    conn: Connection[Any],
    asker: Asker,
    account: int,
    why: str,
    since: Instant,
    now: Instant,
    until: Instant = 0,
) -> Recorded:
    """An account is, or was, out of order since a moment (``until`` 0: it lasts). Raises ``Conflict`` when one lasts already."""
    _check(conn, asker, account, since, until or now + 1, now)
    if not why.strip():
        raise Refused("Say what is out of order: it stands beside every promise that it touches.")
    if (
        outages.record(conn, Outage(0, asker.brand_id, account, why.strip(), since, until), asker.actor, now)
        is None
    ):
        raise Conflict("An outage of this account lasts already. End it first.")
    return _told(conn, asker, account, "began", since, until, now)


def end(conn: Connection[Any], asker: Asker, account: int, until: Instant, now: Instant) -> Recorded:
    """The outage that lasts is over since a moment."""
    _check(conn, asker, account, until - 1, until, now)
    ended = outages.end(conn, account, until)
    if ended is None:
        raise Conflict("No outage of this account lasts that began before then.")
    return _told(conn, asker, account, "ended", ended.since, until, now)


def _check(
    conn: Connection[Any], asker: Asker, account: int, since: Instant, until: Instant, now: Instant
) -> None:
    require(asker, "manage_accounts")
    found = intake.accounts(conn).get(account)
    if found is None or found.brand_id != asker.brand_id:
        raise NotFound("That account does not exist.")
    if since >= until or since > now or until > now + 1:
        raise Refused("An outage begins before it ends, and neither lies in the future.")


def _told(
    conn: Connection[Any], asker: Asker, account: int, word: str, since: Instant, until: Instant, now: Instant
) -> Recorded:
    cases = overlapping(conn, account, since, until)
    told = [
        Fact(
            type=f"townhall.outage.{word}", subject=f"account/{account}", time=now, brand=asker.brand_id,
            actor=asker.actor, data={"since": since, "until": until, "cases": len(cases)},
        )
    ]  # fmt: skip
    changed, book = 0, Book()
    book.refresh(conn)
    for place in range(0, len(cases), CHUNK):
        result = _fold(conn, book, cases[place : place + CHUNK], now)
        changed += len(result.after)
        told += facts.of_refolding(result, now)
    journal.append(conn, told)
    return Recorded(len(cases), changed)


def _fold(conn: Connection[Any], book: Book, ids: list[int], now: Instant) -> clocks.Refolded:
    """These cases folded, now and whenever anything happens in them."""
    cases = care.cases_by_id(conn, ids)
    for case in cases:
        case.folded = True
    result = clocks.work_out(conn, book, lambda: store.fresh_id(conn, now), cases)
    clocks.write(conn, result, now)
    count(conn, result)
    return result
