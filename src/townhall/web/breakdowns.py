"""The tables below the live page's figures, for pages and API alike: which reading answers which name."""

from typing import Any

from psycopg import Connection

from townhall.analytics.breakdowns import BREAKDOWNS, Table
from townhall.analytics.periods import Period
from townhall.desk import breakdowns as statements
from townhall.desk.figures import ROWS, Behind
from townhall.flow import why_missed
from townhall.kernel.clock import Instant
from townhall.kernel.errors import NotFound
from townhall.people.doors import Asker

RECKONED = "causes"
"""The one table that no statement gives."""


def known(name: str) -> None:
    """Raises ``NotFound`` for a table that is not in the registry."""
    if name not in BREAKDOWNS:
        raise NotFound(f"There is no table named {name}.")


def table(conn: Connection[Any], asker: Asker, name: str, period: Period, now: Instant) -> Table:
    """A table now. Raises ``NotFound``."""
    known(name)
    if name == RECKONED:
        return why_missed.causes(conn, asker, period, now)
    return statements.table(conn, name, asker.brand_id, period, now)


def behind(
    conn: Connection[Any], asker: Asker, name: str, key: str, period: Period, now: Instant, most: int = ROWS
) -> Behind:
    """The rows behind one line of it, at most so many. Raises ``NotFound``."""
    known(name)
    if name == RECKONED:
        return why_missed.behind(conn, asker, key, period, now, most)
    return statements.behind(conn, name, key, asker.brand_id, period, now, most)


def how(name: str) -> str:
    """The statement of a table, or in words how it is reckoned."""
    known(name)
    if name == RECKONED:
        return "Reckoned from the history of each case, as `townhall clocks why` does."
    return statements.statement(name)
