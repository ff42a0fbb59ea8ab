"""How a brand's answers begin and end: set by whoever sets the words that replies are held to."""

from typing import Any

from psycopg import Connection

from townhall import journal
from townhall.kernel.clock import Instant
from townhall.kernel.errors import Refused
from townhall.kernel.fact import Fact
from townhall.outbound.logic.advice import Manner
from townhall.outbound.store import manner as store
from townhall.people.doors import Asker, require

MOST, LONGEST = 12, 60


def set_manner(conn: Connection[Any], asker: Asker, manner: Manner, now: Instant) -> None:
    """Authors are advised by it from now on. Raises ``Refused`` for what is no greeting."""
    require(asker, "manage_policy")
    for words in (manner.greetings, manner.sign_offs):
        if len(words) > MOST or any(not one.strip() or len(one) > LONGEST for one in words):
            raise Refused(f"Write at most {MOST}, each of at most {LONGEST} characters, with commas between.")
    store.put(conn, asker.brand_id, manner, asker.name, now)
    data = {"greetings": len(manner.greetings), "sign_offs": len(manner.sign_offs)}
    fact = Fact(
        type="townhall.manner.set", subject=f"brand/{asker.brand_id}", time=now, brand=asker.brand_id, actor=asker.actor,
        data=data,
    )  # fmt: skip
    journal.append(conn, [fact])
