"""Clocks reckoned anew: what would hold as of any moment, and what stored promises differ from what happened."""

import time
from collections.abc import Iterator, Sequence
from typing import Any

from msgspec import Struct
from psycopg import Connection

from townhall import journal
from townhall.care import bulk as care
from townhall.care import store
from townhall.care.bulk import OpenCase
from townhall.database.connect import transaction
from townhall.flow import clocks, facts
from townhall.flow.fold_again import count
from townhall.flow.folding import Made
from townhall.flow.promised import REREAD, Book
from townhall.kernel.clock import SECOND, Instant
from townhall.kernel.errors import Refused
from townhall.kernel.fact import Fact
from townhall.routing import ledger
from townhall.routing import store as routing
from townhall.routing.ledger import Commitment

CHUNK = 500
"""Cases reckoned in one transaction."""
HEARD: Instant = REREAD + SECOND
"""After so long every worker knows that hours count anew, and folds nothing by the old ones."""


class Change(Struct, frozen=True):
    """A promise that is otherwise: ``was`` and ``is`` are (due, satisfied, cancelled); none for one that is made or withdrawn."""

    case: int
    metric: str
    started: Instant
    was: tuple[Instant, Instant, Instant] | None
    now: tuple[Instant, Instant, Instant] | None


class Found(Struct):
    """What reckoning anew found."""

    cases: int = 0
    promises: int = 0
    met_before: int = 0
    met_now: int = 0
    changes: list[Change] = []


def whole(
    conn: Connection[Any],
    brand: int,
    actor: str,
    now: Instant,
    *,
    as_of: Instant = 0,
    newest: bool = False,
    dry: bool = False,
) -> Found:
    """Folds every case of a brand again, a transaction a chunk, and gives what differs from what is stored.

    ``as_of``: what would have held at a moment, which writes nothing; ``newest``: the newest hours count from now on for
    promises that stand, too. Raises ``Refused`` for both at once.
    """
    if as_of and newest:
        raise Refused(
            "--as-of shows what held then, and the newest hours count from now; ask for one of them"
        )
    found, dry = Found(), dry or bool(as_of)
    with transaction(conn):
        by = book(conn)
        fresh = newest and count_newest(conn, by, brand, actor, now, dry=dry)
    if fresh:
        time.sleep(HEARD / SECOND)
    with transaction(conn):
        parts = list(chunks(conn, brand))
    for ids in parts:
        with transaction(conn):
            reckon(conn, by, ids, found, as_of, now, dry=dry)
    return found


def count_newest(conn: Connection[Any], by: Book, brand: int, actor: str, now: Instant, *, dry: bool) -> bool:
    """From now on the newest hours of each calendar count for promises that stand: an act that later foldings know of. Whether there
    are such. ``dry``: only ``by`` knows."""
    newest = by.hours.uncounted(brand)
    if dry:
        by.hours.recounts.setdefault(brand, []).extend((now, slug, version) for slug, version in newest)
        return False
    routing.add_recounts(conn, brand, newest, actor, now)
    journal.append(conn, [
        Fact(
            type="townhall.hours.recounted", subject=f"calendar/{slug}", time=now, brand=brand, actor=actor,
            data={"version": version},
        )
        for slug, version in newest
    ])  # fmt: skip
    by.refresh(conn)
    return bool(newest)


def book(conn: Connection[Any]) -> Book:
    """Policies and hours as they were at each promise's time."""
    found = Book()
    found.refresh(conn)
    return found


def chunks(conn: Connection[Any], brand: int) -> Iterator[list[int]]:
    """The cases of a brand, a chunk at a time, in order of id."""
    last = 0
    while ids := care.case_ids(conn, brand, last, CHUNK):
        yield ids
        last = ids[-1]


def reckon(
    conn: Connection[Any],
    by: Book,
    ids: Sequence[int],
    found: Found,
    as_of: Instant,
    now: Instant,
    *,
    dry: bool,
) -> None:
    """Adds to ``found`` what these cases' promises would be as of a moment (0: now), and writes it unless ``dry``."""
    cases = care.cases_by_id(conn, ids)
    held = ledger.of_cases(conn, list(ids))
    result = clocks.Refolded()
    for one in clocks.histories(conn, cases):
        before = [c for c in held.get(one.case.id, []) if c.started <= (as_of or now)]
        made = clocks.fold(conn, by, one, as_of)
        _diff(one.case, [_cut(c, as_of or now) for c in before], made, found)
    found.cases += len(cases)
    if not dry:
        result = clocks.work_out(conn, by, lambda: store.fresh_id(conn, now), cases)
        clocks.write(conn, result, now)
        count(conn, result)
        journal.append(conn, list(facts.of_refolding(result, now)))


def _cut(c: Commitment, at: Instant) -> tuple[str, Instant, Instant, Instant, Instant]:
    """A stored promise as it stood at a moment: ends that came later had not come."""
    satisfied = c.satisfied if c.satisfied <= at else 0
    return c.metric, c.started, c.due, satisfied, c.cancelled if c.cancelled <= at else 0


def _diff(case: OpenCase, before: list[tuple[Any, ...]], made: Sequence[Made], found: Found) -> None:
    after = [
        (m.promise.metric, m.promise.started, m.promise.due, m.promise.satisfied, m.promise.cancelled)
        for m in made
    ]
    found.promises += len(after)
    found.met_before += sum(0 < row[3] <= row[2] for row in before)
    found.met_now += sum(0 < row[3] <= row[2] for row in after)
    was = {(metric, started, n): tuple(rest) for n, (metric, started, *rest) in _numbered(before)}
    now = {(metric, started, n): tuple(rest) for n, (metric, started, *rest) in _numbered(after)}
    for key in sorted(was.keys() | now.keys()):
        if was.get(key) != now.get(key):
            found.changes.append(Change(case.id, key[0], key[1], was.get(key), now.get(key)))


def _numbered(rows: Sequence[tuple[Any, ...]]) -> Iterator[tuple[int, tuple[Any, ...]]]:
    seen: dict[tuple[Any, ...], int] = {}
    for row in rows:
        place = seen[row[:2]] = seen.get(row[:2], -1) + 1
        yield place, row
