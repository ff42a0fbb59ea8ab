"""The order of duty: who is told next when somebody does not answer. Each change is kept with who made it."""

from collections.abc import Sequence
from typing import Any

from psycopg import Connection

from townhall import journal
from townhall.care import notices
from townhall.desk import telling
from townhall.kernel.clock import Instant
from townhall.kernel.errors import Conflict, Refused
from townhall.kernel.fact import Fact
from townhall.people.doors import Asker, require


def set_order(
    conn: Connection[Any], asker: Asker, seen: Sequence[int], wanted: Sequence[int], now: Instant
) -> None:
    """Puts these members of staff on duty, in this order. ``seen`` is the order that the asker looked at.

    Raises ``Conflict`` when it was changed since, ``Refused`` for somebody twice or without a seat.
    """
    require(asker, "order_duty")
    notices.lock_duty(conn, asker.brand_id)
    known = telling.watchers(conn, asker.brand_id)
    if list(seen) != [one.staff_id for one in known if one.rank]:
        raise Conflict("Somebody changed who is on call meanwhile. Nothing was changed: look again.")
    if len(set(wanted)) != len(wanted) or not set(wanted) <= {one.staff_id for one in known}:
        raise Refused("On duty stands whoever has a seat here, once each. Nothing was changed.")
    notices.put_on_duty(conn, asker.brand_id, list(wanted))
    fact = Fact(
        type="townhall.duty.ordered", subject=f"brand/{asker.brand_id}", time=now, brand=asker.brand_id,
        actor=asker.actor, data={"staff": list(wanted)},
    )  # fmt: skip
    journal.append(conn, [fact])
