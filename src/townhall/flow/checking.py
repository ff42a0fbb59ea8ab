"""What is said of a text while somebody writes it: what would hold or block it, what would mend that, and quiet advice."""

from typing import Any

from msgspec import Struct
from psycopg import Connection

from townhall import enrich
from townhall.desk import reply_place
from townhall.desk.reply_place import Place
from townhall.flow.outbound import MAX_TEXT
from townhall.flow.outbound_gather import place_of, saying_at, surroundings
from townhall.outbound.logic.advice import Advice, Hearing, advise
from townhall.outbound.logic.guard import judge
from townhall.outbound.logic.mending import Fix, mends
from townhall.outbound.logic.words import Decision, Kind, Picture
from townhall.outbound.store import manner
from townhall.people.doors import Asker


class Checked(Struct, frozen=True):
    """The guard's decision now, with a fix (or none) for each of its remarks, and advice. ``texts`` are all that is read: the
    text, then what each picture shows."""

    decision: Decision
    fixes: tuple[Fix | None, ...]
    advice: tuple[Advice, ...] = ()
    texts: tuple[str, ...] = ()


def check(
    conn: Connection[Any],
    asker: Asker,
    case_id: int,
    kind: Kind,
    text: str,
    reply_to: int = 0,
    *,
    advice: bool = False,
    pictures: tuple[Picture, ...] = (),
) -> Checked:
    """What would be said of the text and its pictures if they were sent now; with ``advice`` also what may be worth a second look.

    Writes nothing. Raises ``Forbidden`` or ``NotFound``."""
    place = place_of(conn, asker, case_id, reply_to)
    saying = saying_at(place, kind, text[:MAX_TEXT], pictures)
    around = surroundings(conn, place, saying)
    decision = judge(saying, around)
    advised = advise(saying.text, _hearing(conn, asker, place, kind, saying.text)) if advice else ()
    return Checked(decision, mends(saying.text, decision.remarks, around), advised, saying.texts)


def _hearing(conn: Connection[Any], asker: Asker, place: Place, kind: Kind, text: str) -> Hearing:
    """What the text is held against, in three queries."""
    asked, language = reply_place.asked(conn, place)
    return Hearing(
        usual=manner.usual_length(conn, place.brand_id, place.channel, kind),
        asked=asked,
        asked_language="" if language in (enrich.UNDETERMINED, "") else language,
        language=enrich.language_of(text),
        first_name=place.to_name.split(" ")[0],
        author=asker.name,
        brand=f"{place.brand_name} {place.account_handle}",
        manner=manner.get(conn, place.brand_id),
    )
