"""The rule of quiet cases: where nothing is owed and nobody has written for the brand's days, the case closes.

It is a recorded act of the house, counted and undoable like anybody's; the next word of the customer opens a case again.
"""

from typing import Any

from psycopg import Connection

from townhall import journal
from townhall.desk.quiet import quiet_cases
from townhall.flow import cases
from townhall.kernel.clock import DAY, Instant
from townhall.kernel.errors import Refused
from townhall.kernel.fact import Fact
from townhall.people import brands
from townhall.people.doors import Asker

MOST = 200
"""Cases closed in one pass of a brand at most: a pass is short, and the next comes soon."""
CAUSE = "quiet"


def close_quiet(conn: Connection[Any], now: Instant) -> int:
    """Closes what has been quiet for its brand's days, in the caller's transaction. Gives how many."""
    done = 0
    for brand, days in brands.quiet_days(conn).items():
        house = Asker(staff_id=0, name="quiet", brand_id=brand, brand_slug="", roles=frozenset({"lead"}))
        for case in quiet_cases(conn, brand, now - days * DAY, MOST):
            cases.close(conn, house, case, now, cause=CAUSE)
            done += 1
    return done


def set_days(conn: Connection[Any], brand: int, days: int, now: Instant, actor: str) -> None:
    """Sets a brand's days (0: never), with its fact. Raises ``Refused`` outside 0 to 3650."""
    if not 0 <= days <= 3650:
        raise Refused(
            "Quiet cases close after 1 to 3650 days; 0 leaves them open until somebody closes them."
        )
    brands.set_quiet_days(conn, brand, days)
    fact = Fact(
        type="townhall.brand.quiet_days_set", subject=f"brand/{brand}", time=now, brand=brand, actor=actor,
        data={"days": days},
    )  # fmt: skip
    journal.append(conn, [fact])
