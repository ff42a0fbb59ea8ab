"""SQL of who answers: what they can do, when they work, whether they are here, and when they were last given a case."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from msgspec import Struct
from psycopg import Connection

from townhall.database.arrays import bigints
from townhall.database.instants import reader
from townhall.kernel.clock import MINUTE, Instant, to_datetime
from townhall.routing.logic import Agent, Levels
from townhall.routing.logic.shift import runs

HEARD_EVERY: Instant = MINUTE
"""How often somebody's being here is written down while they use the pages."""


class Profile(Struct, frozen=True):
    """What somebody can do here, and when. ``shift`` is a calendar's document, ``None`` for no shift."""

    queues: tuple[str, ...] = ()
    capacity: int = 8
    skills: Levels = ()
    languages: Levels = ()
    shift: dict[str, Any] | None = None


class Seat(Struct, frozen=True):
    """One person who answers: profile, and what they last said of being here."""

    staff: int
    profile: Profile
    present: bool
    heard: Instant
    left: Instant
    last_assigned: Instant

    def agent(self, load: int, now: Instant) -> Agent:
        """As routing sees them at that moment."""
        p = self.profile
        return Agent(
            self.staff, p.queues, p.skills, p.languages, p.capacity, load, self.present, self.heard, self.left,
            runs(p.shift, now), self.last_assigned,
        )  # fmt: skip


def seats(connection: Connection[Any], brand: int) -> list[Seat]:
    """Everybody who answers for a brand, by id."""
    rows = reader(connection).execute(
        "SELECT staff_id, queues, capacity, skills, languages, shift, present, seen_at, coalesce(left_at, 'epoch'),"
        " coalesce(last_assigned, 'epoch') FROM presence WHERE brand_id = %s ORDER BY staff_id",
        [brand],
    )
    return [Seat(row[0], _profile(row[1:6]), *row[6:]) for row in rows]


def _profile(row: Sequence[Any]) -> Profile:
    return Profile(
        tuple(row[0]), row[1], msgspec.convert(row[2], Levels), msgspec.convert(row[3], Levels), row[4]
    )


def agents(connection: Connection[Any], brand: int, loads: Mapping[int, int], now: Instant) -> list[Agent]:
    """Everybody who answers for a brand, as routing sees them."""
    return [seat.agent(loads.get(seat.staff, 0), now) for seat in seats(connection, brand)]


def set_profile(connection: Connection[Any], brand: int, staff: int, profile: Profile) -> None:
    """Writes what somebody can do; a new seat is not here yet."""
    connection.execute(
        """
        INSERT INTO presence (staff_id, brand_id, seen_at, queues, capacity, skills, languages, shift)
        VALUES (%s, %s, 'epoch', %s, %s, %s::jsonb, %s::jsonb, %s::jsonb)
        ON CONFLICT (staff_id, brand_id) DO UPDATE SET queues = excluded.queues, capacity = excluded.capacity,
            skills = excluded.skills, languages = excluded.languages, shift = excluded.shift
        """,
        [
            staff, brand, list(profile.queues), profile.capacity, _json(profile.skills), _json(profile.languages),
            _json(profile.shift) if profile.shift else None,
        ],
    )  # fmt: skip


def be_here(connection: Connection[Any], brand: int, staff: int, now: Instant) -> bool:
    """Somebody is here. ``False`` when they said so already (they are heard of all the same)."""
    row = connection.execute(
        """
        INSERT INTO presence AS p (staff_id, brand_id, present, seen_at) VALUES (%(staff)s, %(brand)s, true, %(now)s)
        ON CONFLICT (staff_id, brand_id) DO UPDATE SET present = true, seen_at = greatest(p.seen_at, excluded.seen_at), left_at = NULL
        RETURNING (SELECT present FROM presence WHERE staff_id = %(staff)s AND brand_id = %(brand)s)
        """,
        {"staff": staff, "brand": brand, "now": to_datetime(now)},
    ).fetchone()
    return not (row and row[0])


def be_away(connection: Connection[Any], brand: int, staff: int, now: Instant) -> bool:
    """Somebody leaves. ``False`` when they were not here."""
    done = connection.execute(
        "UPDATE presence SET present = false, left_at = %s WHERE brand_id = %s AND staff_id = %s AND present",
        [to_datetime(now), brand, staff],
    )
    return done.rowcount == 1


def heard(connection: Connection[Any], brand: int, staff: int, now: Instant) -> None:
    """Somebody who is here was heard of; written at most once in ``HEARD_EVERY``, and never waited for."""
    connection.execute(
        "UPDATE presence SET seen_at = %s WHERE (staff_id, brand_id) IN (SELECT staff_id, brand_id FROM presence"
        " WHERE brand_id = %s AND staff_id = %s AND present AND seen_at < %s FOR UPDATE SKIP LOCKED)",
        [to_datetime(now), brand, staff, to_datetime(now - HEARD_EVERY)],
    )


def note_assigned(connection: Connection[Any], brand: int, staff: Sequence[int], now: Instant) -> None:
    """Remembers when these people were last given a case: the later in the list, the later."""
    last = {one: place for place, one in enumerate(staff)}
    ordered = sorted(last)
    connection.execute(
        """
        UPDATE presence p SET last_assigned = %s::timestamptz + n.place * interval '1 microsecond'
        FROM unnest(%s::bigint[], %s::bigint[]) AS n(id, place) WHERE p.brand_id = %s AND p.staff_id = n.id
        """,
        [to_datetime(now), bigints(ordered), bigints([last[one] for one in ordered]), brand],
    )


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
