"""The story of a case's clocks: every event that may move them, and where each deadline stood right after it. Reads only.

Deadlines are those of the same folding that makes the promises, done again up to each event, so that a page can never
reckon otherwise than the clocks do.
"""

from typing import Any

from psycopg import Connection

from townhall.care import bulk as care
from townhall.desk.views.ledger import Turn
from townhall.flow import clocks, history
from townhall.flow.promised import Book
from townhall.kernel.clock import Instant

MOST = 80
"""Events told of one case, the last ones: each is a folding of its own."""


def story(conn: Connection[Any], book: Book, case_id: int, now: Instant) -> list[Turn]:
    """The events of a case in order; none for a case that the reader may not see."""
    found: list[Turn] = []
    for held in clocks.histories(conn, care.cases_by_id(conn, [case_id])):
        known: dict[Instant, dict[tuple[str, Instant], Instant]] = {}
        for step in history.steps(held, now)[-MOST:]:
            event = step.event
            if event.at not in known:
                made = clocks.fold(conn, book, held, event.at)
                known[event.at] = {(m.promise.metric, m.promise.started): m.promise.due for m in made}
            found.append(Turn(event.at, event.kind, event.cause, event.by, event.post, known[event.at]))
    return found
