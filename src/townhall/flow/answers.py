"""Stored answers and saved filters: what a brand, or one of its people, keeps for later."""

from typing import Any

from psycopg import Connection

from townhall import journal
from townhall.care import notes
from townhall.kernel.clock import Instant
from townhall.kernel.errors import Refused
from townhall.kernel.fact import Fact
from townhall.people.doors import Asker, require

LONGEST = 5_000
"""Characters of a stored answer: beyond every network that takes replies."""
PURPOSES = ("", "to_private")


def store_answer(
    conn: Connection[Any],
    asker: Asker,
    name: str,
    text: str,
    now: Instant,
    *,
    language: str = "",
    purpose: str = "",
    instead: int = 0,
) -> int:
    """Keeps an answer under a name; one of the same name, and the one it stands ``instead`` of, are retired.

    ``purpose`` ``to_private`` makes it the polite line of its language: there is one for each. Gives its id. Raises ``Refused`` without name or text, or for a text beyond all bounds.
    """
    require(asker, "manage_answers")
    if len(text) > LONGEST or len(name) > 80 or len(language) > 8:
        raise Refused(
            f"A stored answer has a name of at most 80 and a text of at most {LONGEST:,} characters."
        )
    if purpose not in PURPOSES:
        raise Refused("A stored answer is for the box, or the line that moves a thread to private.")
    if instead:
        notes.retire_macro(conn, asker.brand_id, instead, now)
    made = notes.add_macro(
        conn, asker.brand_id, name, text.strip(), asker.name, now, language.strip(), purpose
    )
    _say(conn, asker, "answer.stored", made, now, {"instead": instead} if instead else {})
    return made


def retire_answer(conn: Connection[Any], asker: Asker, answer_id: int, now: Instant) -> None:
    """Offers an answer no more; it is kept for what was written with it. Raises ``NotFound``."""
    require(asker, "manage_answers")
    notes.retire_macro(conn, asker.brand_id, answer_id, now)
    _say(conn, asker, "answer.retired", answer_id, now, {})


def _say(
    conn: Connection[Any], asker: Asker, what: str, subject: int, now: Instant, data: dict[str, Any]
) -> None:
    fact = Fact(
        type=f"townhall.{what}", subject=f"answer/{subject}", time=now, brand=asker.brand_id, actor=asker.actor,
        data=data,
    )  # fmt: skip
    journal.append(conn, [fact])
