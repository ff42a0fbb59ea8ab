"""What is said of a text while somebody writes it: what would hold or block it, and what would mend that."""

from typing import Any

from msgspec import Struct
from psycopg import Connection

from townhall.flow.outbound import MAX_TEXT
from townhall.flow.outbound_gather import place_of, saying_at, surroundings
from townhall.outbound.logic.guard import judge
from townhall.outbound.logic.mending import Fix, mends
from townhall.outbound.logic.words import Decision, Kind
from townhall.people.doors import Asker


class Checked(Struct, frozen=True):
    """The guard's decision now, with a fix (or none) for each of its remarks."""

    decision: Decision
    fixes: tuple[Fix | None, ...]


def check(
    conn: Connection[Any], asker: Asker, case_id: int, kind: Kind, text: str, reply_to: int = 0
) -> Checked:
    """What would be said of the text if it were sent now. Writes nothing. Raises ``Forbidden`` or ``NotFound``."""
    place = place_of(conn, asker, case_id, reply_to)
    saying = saying_at(place, kind, text[:MAX_TEXT])
    around = surroundings(conn, place, saying)
    decision = judge(saying, around)
    return Checked(decision, mends(saying.text, decision.remarks, around))
