"""Cases whose clocks are always folded, folded again after an act of people, of the door, or of the watch."""

from collections.abc import Sequence
from typing import Any

from psycopg import Connection

from townhall.analytics import store as analytics
from townhall.care import bulk as care
from townhall.care import store
from townhall.flow import clocks, facts
from townhall.flow.clocks import Refolded
from townhall.flow.promised import Book
from townhall.kernel.clock import Instant
from townhall.kernel.fact import Fact


def fold_again(conn: Connection[Any], cases: Sequence[int], now: Instant) -> list[Fact]:
    """Writes what these cases' promises are now, in the caller's transaction. Gives the facts, which the caller puts last."""
    if not cases:
        return []
    book = Book()
    book.refresh(conn)
    result = clocks.refold_cases(conn, book, lambda: store.fresh_id(conn, now), sorted(set(cases)), now)
    count(conn, result)
    return list(facts.of_refolding(result, now))


def folded_again(conn: Connection[Any], case: int, now: Instant) -> list[Fact]:
    """As ``fold_again`` for a case that may be one of them."""
    return fold_again(conn, [one.id for one in care.cases_by_id(conn, [case]) if one.folded], now)


def count(conn: Connection[Any], result: Refolded) -> None:
    """Adds to the rollups what folding again changed."""
    changed = result.counted()
    analytics.add_promises(conn, analytics.PEOPLE, changed.promise_rows())
    analytics.add_answers(conn, analytics.PEOPLE, changed.answer_rows())
