"""The live page frozen to be sent on: as data, without a customer's words, to colleagues of the brand, for thirty days."""

import hashlib
import secrets
from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace
from psycopg import Connection

from townhall import journal
from townhall.analytics import frozen as store
from townhall.analytics.breakdowns import Table
from townhall.analytics.frozen import Frozen
from townhall.analytics.periods import Period
from townhall.care import notices
from townhall.care.notices import Telling
from townhall.desk import telling
from townhall.desk.live import live
from townhall.desk.views.live import LiveView
from townhall.flow.why_missed import causes
from townhall.kernel.clock import DAY, Instant
from townhall.kernel.errors import Forbidden, NotFound, Refused, TooLarge
from townhall.kernel.fact import Fact
from townhall.people.doors import Asker, require

KEPT_FOR: Instant = 30 * DAY
MOST_STANDING = 200
"""Of one brand at a time."""
MOST_TOLD = 20
LONGEST_NOTE = 500
MOST_BYTES = 512 * 1024


class Body(Struct, frozen=True):
    """What is frozen: the page's data as they stood, and why promises were missed."""

    view: LiveView
    causes: Table


def send(
    conn: Connection[Any], asker: Asker, period: Period, note: str, to: Sequence[int], now: Instant
) -> Frozen:
    """Freezes the page as it stands now and tells these colleagues (their staff ids; none only keeps it).

    Raises ``Refused`` for a note that is too long, for somebody without a seat, or when too many stand already.
    """
    require(asker, "read_live")
    note = note.strip()
    if len(note) > LONGEST_NOTE:
        raise Refused(f"The note has {len(note)} characters, at most {LONGEST_NOTE} fit. Nothing was sent.")
    told = _colleagues(conn, asker, to)
    if len(store.standing(conn, asker.brand_id, now, MOST_STANDING)) >= MOST_STANDING:
        raise Refused(
            f"{MOST_STANDING} frozen views stand already. Delete some of yours first. Nothing was sent."
        )
    made = _frozen(conn, asker, period, note, now)
    store.keep(conn, asker.brand_id, made)
    for staff in told:
        title = f"{asker.name} sent you the live page as it stood" + (f": {note}" if note else "")
        url = f"/figures/sent/{made.id}/"
        notices.tell(conn, Telling(asker.brand_id, staff, "view/sent", made.id, title, url, False), now)
    journal.append(conn, [_fact(asker, "frozen", made, now, period=period.name, told=len(told))])
    return made


def delete(conn: Connection[Any], asker: Asker, id: str, now: Instant) -> None:
    """Its maker takes it back: the link leads nowhere from then on. Raises ``NotFound``, or ``Forbidden`` for anybody else."""
    require(asker, "read_live")
    found = read(conn, asker, id, now)
    if not is_maker(asker, found):
        raise Forbidden("Only who froze this view can delete it.")
    if not store.drop(conn, asker.brand_id, id):
        raise NotFound("There is no such view. It was deleted meanwhile.")
    journal.append(conn, [_fact(asker, "deleted", found, now)])


def read(conn: Connection[Any], asker: Asker, id: str, now: Instant) -> Frozen:
    """A view of the asker's brand. Raises ``NotFound`` for one that never was, was deleted or has expired."""
    require(asker, "read_live")
    found = store.read(conn, asker.brand_id, id, now)
    if found is None:
        raise NotFound("There is no such view. It was deleted, or its thirty days are over.")
    return found


def opened(view: Frozen) -> Body:
    """The data of a frozen view."""
    return msgspec.json.decode(view.body, type=Body)


def is_maker(asker: Asker, view: Frozen) -> bool:
    """Whether the asker froze it. Programs are told apart by the names of their tokens."""
    return view.maker == asker.staff_id and (asker.staff_id > 0 or view.maker_name == asker.name)


def colleagues(conn: Connection[Any], asker: Asker) -> list[telling.Watcher]:
    """To whom the asker can send a view: everybody else with a seat."""
    return [one for one in telling.watchers(conn, asker.brand_id) if one.staff_id != asker.staff_id]


def _colleagues(conn: Connection[Any], asker: Asker, to: Sequence[int]) -> list[int]:
    wanted = list(dict.fromkeys(to))
    if len(wanted) > MOST_TOLD:
        raise Refused(f"Choose at most {MOST_TOLD} colleagues. Nothing was sent.")
    if not set(wanted) <= {one.staff_id for one in colleagues(conn, asker)}:
        raise Refused("One of those you chose has no seat here any more. Nothing was sent.")
    return wanted


def _frozen(conn: Connection[Any], asker: Asker, period: Period, note: str, now: Instant) -> Frozen:
    view = live(conn, asker.brand_id, now, period)
    quiet = tuple(replace(topic, example_id=0, example_text="") for topic in view.topics)
    body = msgspec.json.encode(Body(replace(view, topics=quiet), causes(conn, asker, period, now)))
    if len(body) > MOST_BYTES:
        raise TooLarge("The page holds more than a frozen view can keep. Nothing was sent.")
    return Frozen(
        secrets.token_urlsafe(18), asker.staff_id, asker.name, now, now + KEPT_FOR, period.name, note, body.decode(),
        hashlib.sha256(body).hexdigest(),
    )  # fmt: skip


def _fact(asker: Asker, word: str, view: Frozen, now: Instant, **data: Any) -> Fact:
    """The record names a view by what it says, never by the id that opens it."""
    return Fact(
        type=f"townhall.view.{word}", subject=f"view/{view.digest[:16]}", time=now, brand=asker.brand_id,
        actor=asker.actor, data={"digest": view.digest, "as_of": view.made_at, **data},
    )  # fmt: skip
