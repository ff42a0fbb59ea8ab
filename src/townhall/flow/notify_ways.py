"""What a person does about notices: says that they have seen one, and chooses how they are told."""

import re
from typing import Any

from msgspec import Struct
from psycopg import Connection

from townhall import journal
from townhall.care import notices
from townhall.channels.reach import may_call
from townhall.flow.notify import LABEL
from townhall.kernel.clock import Instant
from townhall.kernel.errors import NotFound, Refused
from townhall.kernel.fact import Fact
from townhall.people.doors import Asker
from townhall.vault import new_shared_secret, seal

MOST_WAYS = 10
"""Of one person at one brand: each is called one after the other, and may take its time."""
_MAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,255}")


class NewWay(Struct, frozen=True):
    """A way that was made. ``secret`` (webhooks only) is shown once: whoever receives checks signatures with it."""

    id: int
    secret: str = ""


def acknowledge(conn: Connection[Any], asker: Asker, notice_id: int, now: Instant) -> bool:
    """The asker has seen it: it neither escalates nor leaves the house any more. ``False`` when it was already."""
    if not notices.acknowledge(conn, asker.brand_id, asker.staff_id, notice_id, now):
        return False
    journal.append(conn, [_fact(asker, "notice.acknowledged", f"notice/{notice_id}", now)])
    return True


def add_way(
    conn: Connection[Any],
    kek: bytes,
    asker: Asker,
    way: str,
    address: str,
    now: Instant,
    *,
    urgent_only: bool = False,
    inside: frozenset[str] = frozenset(),
) -> NewWay:
    """Adds a way of the asker's own: ``email`` or ``webhook``; ``inside`` as for ``may_call``. Raises ``Refused`` for an address that cannot be one, and for one too many."""
    if notices.count_ways(conn, asker.brand_id, asker.staff_id, but=address) >= MOST_WAYS:
        raise Refused(f"You are told by {MOST_WAYS} ways already. Stop one of them first.")
    if way == "email" and _MAIL.fullmatch(address):
        id = notices.add_way(
            conn, asker.brand_id, asker.staff_id, way, address, None, urgent_only=urgent_only
        )
        made = NewWay(id)
    elif way == "webhook":
        secret = new_shared_secret()
        sealed = seal(kek, secret.encode(), LABEL)
        where, kept = may_call(address, inside), (sealed.key, sealed.body)
        id = notices.add_way(conn, asker.brand_id, asker.staff_id, way, where, kept, urgent_only=urgent_only)
        made = NewWay(id, secret)
    else:
        raise Refused("Give an e-mail address like ann@example.org, or a webhook's https:// address.")
    journal.append(conn, [_fact(asker, "notice.way_added", f"notice_way/{made.id}", now)])
    return made


def stop_way(conn: Connection[Any], asker: Asker, way_id: int, now: Instant) -> None:
    """Stops telling the asker by that way. Raises ``NotFound``."""
    if not notices.stop_way(conn, asker.brand_id, asker.staff_id, way_id, now):
        raise NotFound("That way does not exist, or it is stopped already.")
    journal.append(conn, [_fact(asker, "notice.way_stopped", f"notice_way/{way_id}", now)])


def _fact(asker: Asker, word: str, subject: str, now: Instant) -> Fact:
    return Fact(type=f"townhall.{word}", subject=subject, time=now, brand=asker.brand_id, actor=asker.actor)
