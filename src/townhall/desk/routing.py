"""The routing view: who is here with what room, queues with what waits, why a case went to whom. Few queries, always as many."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from msgspec import Struct
from psycopg import Connection

from townhall.database.arrays import bigints
from townhall.database.instants import reader
from townhall.desk import snippets
from townhall.desk.handing import MOST, Gathered, gather, staffed
from townhall.kernel.clock import Instant
from townhall.kernel.errors import NotFound
from townhall.routing import assignments, staffing
from townhall.routing.assignments import Assignment
from townhall.routing.logic import Choice, Queue, Rules, in_words
from townhall.routing.logic.levels import write_levels
from townhall.routing.logic.shift import write_shift
from townhall.routing.logic.words import of_person
from townhall.routing.staffing import Profile

Where = Literal["here", "off_shift", "not_heard", "away", "never"]
SHOWN = 12
BACK = {
    "silence": "left untouched for too long",
    "signed_out": "its holder left",
    "not_heard": "its holder was away for too long",
}
"""Causes for which a case goes back, in words."""


class PersonLine(Struct, frozen=True):
    """One person who answers. ``since`` when they were last heard of, or left; ``share`` of their room in percent."""

    staff_id: int
    name: str
    where: Where
    since: Instant
    load: int
    capacity: int
    queues: tuple[str, ...]
    skills: str
    languages: str
    shift: str
    last_assigned: Instant

    @property
    def share(self) -> int:
        """How full they are, 0 to 100."""
        return min(100, 100 * self.load // self.capacity) if self.capacity else 100


class QueueLine(Struct, frozen=True):
    """One queue. ``oldest`` since when the longest waits; ``next_due`` the next deadline that can be kept; 0: none."""

    queue: Queue
    waiting: int
    oldest: Instant
    next_due: Instant
    missed: int
    here: int
    room: int


class Line(Struct, frozen=True):
    """One case that waits, with what would become of it: ``who`` would take it (0: nobody), and why."""

    case_id: int
    person: str
    snippet: str
    queue: str
    due: Instant
    since: Instant
    who: int
    who_name: str
    words: str


class Past(Struct, frozen=True):
    """An assignment in words."""

    id: int
    case_id: int
    kind: str
    staff_id: int
    name: str
    queue: str
    reason: str
    by: str
    at: Instant


class Reason(Struct, frozen=True):
    """One person considered, in words."""

    staff_id: int
    name: str
    chosen: bool
    words: str


class RoutingView(Struct, frozen=True):
    """The whole page. ``more``: more wait than are looked at at once."""

    as_of: Instant
    people: tuple[PersonLine, ...]
    queues: tuple[QueueLine, ...]
    lines: tuple[Line, ...]
    past: tuple[Past, ...]
    rules: Rules
    waiting: int
    more: bool

    @property
    def here(self) -> int:
        """How many can be given cases now."""
        return sum(1 for one in self.people if one.where == "here")


class CaseRouting(Struct, frozen=True):
    """One case: where it is, the newest choice kept (or what would be done now), everybody considered, and its past."""

    case_id: int
    version: int
    person: str
    snippet: str
    queue: str
    state: str
    holder_id: int
    holder: str
    due: Instant
    since: Instant
    words: str
    considered: tuple[Reason, ...]
    others: int
    planned: bool
    past: tuple[Past, ...]


def view(conn: Connection[Any], brand: int, now: Instant) -> RoutingView:
    """The routing view of a brand."""
    there = gather(conn, brand, now)
    choices = there.choices()
    people = persons(conn, brand, there)
    names = {one.staff_id: one.name for one in people}
    return RoutingView(
        now, people, tuple(_queue(queue, there) for queue in there.queues), _lines(conn, there, choices[:SHOWN], names),
        past_of(conn, assignments.latest(conn, brand, limit=SHOWN), names), there.rules, len(there.waiting),
        len(there.waiting) >= MOST,
    )  # fmt: skip


def persons(conn: Connection[Any], brand: int, there: Gathered) -> tuple[PersonLine, ...]:
    """Everybody who may answer, those on duty first, then by name."""
    rows = conn.execute(
        "SELECT s.id, s.name FROM membership m JOIN staff s ON s.id = m.staff_id AND s.is_active"
        " WHERE m.brand_id = %s AND m.roles && '{agent,lead}' ORDER BY s.name, s.id",
        [brand],
    )
    seats = {seat.staff: seat for seat in staffing.seats(conn, brand)}
    found = [_person(staff, name, seats.get(staff), there) for staff, name in rows]
    return tuple(sorted(found, key=lambda one: (_ORDER.index(one.where), one.name, one.staff_id)))


_ORDER: tuple[Where, ...] = ("here", "off_shift", "not_heard", "away", "never")


def people_of(conn: Connection[Any], brand: int, now: Instant) -> tuple[PersonLine, ...]:
    """Everybody who may answer, with their load now."""
    return persons(conn, brand, staffed(conn, brand, now))


def _person(staff: int, name: str, seat: staffing.Seat | None, there: Gathered) -> PersonLine:
    if seat is None:
        return PersonLine(staff, name, "never", 0, 0, Profile().capacity, (), "", "", "", 0)
    agent = next((a for a in there.agents if a.id == staff), seat.agent(0, there.now))
    where: Where = "away" if not agent.present else "not_heard" if not agent.is_here(there.now) else "here"
    if where == "here" and not agent.on_shift:
        where = "off_shift"
    p = seat.profile
    return PersonLine(
        staff, name, where, agent.left or agent.heard, agent.load, agent.capacity, p.queues, write_levels(p.skills),
        write_levels(p.languages), write_shift(p.shift), seat.last_assigned,
    )  # fmt: skip


def _queue(queue: Queue, there: Gathered) -> QueueLine:
    waiting = [case for case in there.waiting if case.queue == queue.slug]
    members = [a for a in there.agents if queue.slug in a.queues and a.on_duty(there.now)]
    return QueueLine(
        queue, len(waiting), min((c.since for c in waiting), default=0),
        min((c.due for c in waiting if c.due >= there.now), default=0),
        sum(1 for c in waiting if 0 < c.due < there.now), len(members),
        sum(max(0, a.capacity - a.load) for a in members),
    )  # fmt: skip


def _lines(
    conn: Connection[Any], there: Gathered, choices: Sequence[Choice], names: Mapping[int, str]
) -> tuple[Line, ...]:
    cases = {case.id: case for case in there.waiting}
    words = _words(conn, [choice.case for choice in choices])
    return tuple(
        Line(
            c.case, *words.get(c.case, ("", "")), c.queue, cases[c.case].due, cases[c.case].since, c.agent,
            names.get(c.agent, ""), in_words(c, names),
        )
        for c in choices
    )  # fmt: skip


def _words(conn: Connection[Any], cases: Sequence[int]) -> dict[int, tuple[str, str]]:
    rows = conn.execute(
        f"SELECT c.id, coalesce(nullif(i.name, ''), i.handle), {snippets.shown('c.')} FROM cases c"
        " JOIN identity i ON i.id = c.customer_id"
        " WHERE c.id = ANY(%s)",
        [bigints(cases)],
    )
    return {row[0]: (row[1], row[2]) for row in rows}


def past_of(conn: Connection[Any], found: Sequence[Assignment], names: Mapping[int, str]) -> tuple[Past, ...]:
    """Assignments in words. ``names`` are known already; others are looked up."""
    made_by = {int(one.by[6:]) for one in found if one.by.startswith("staff/")}
    strange = sorted(({one.staff for one in found} | made_by) - set(names))
    known = dict(names)
    if strange:
        rows = conn.execute("SELECT id, name FROM staff WHERE id = ANY(%s)", [bigints(strange)])
        known |= dict(rows.fetchall())
    return tuple(
        Past(
            one.id, one.case, one.kind, one.staff, known.get(one.staff, "") or "its queue", one.queue, BACK.get(one.reason, one.reason),
            known.get(int(one.by[6:]), "") if one.by.startswith("staff/") else "routing", one.at,
        )
        for one in found
    )  # fmt: skip


def explained(conn: Connection[Any], brand: int, case_id: int, now: Instant) -> CaseRouting:
    """Why a case is with whom: the newest choice that was kept for its holder; for one that nobody holds, what would be
    done now. Raises ``NotFound``."""
    row = (
        reader(conn)
        .execute(
            f"""
            SELECT c.id, c.version, coalesce(nullif(i.name, ''), i.handle), {snippets.shown("c.")}, c.queue, c.state,
                coalesce(c.assignee_id, 0), coalesce(s.name, ''), coalesce(c.due_at, 'epoch'), c.last_in_at
            FROM cases c JOIN identity i ON i.id = c.customer_id LEFT JOIN staff s ON s.id = c.assignee_id
            WHERE c.brand_id = %s AND c.id = %s
            """,
            [brand, case_id],
        )
        .fetchone()
    )
    if row is None:
        raise NotFound("That case does not exist.")
    found, there = assignments.of_case(conn, brand, case_id), gather(conn, brand, now)
    names = {one.staff_id: one.name for one in persons(conn, brand, there)}
    choice, words = _choice(row[6], found, there, case_id)
    past = past_of(conn, found, names)
    said = in_words(choice, names) if choice else words
    considered = tuple(
        Reason(one.agent, names.get(one.agent, f"seat {one.agent}"), one.verdict == "chosen", of_person(one, choice))
        for one in choice.considered
    ) if choice else ()  # fmt: skip
    planned = bool(choice) and not row[6]
    return CaseRouting(*[*row, said, considered, choice.others if choice else 0, planned, past])


def _choice(
    holder: int, found: Sequence[Assignment], there: Gathered, case_id: int
) -> tuple[Choice | None, str]:
    """The choice to show, or words where there is none."""
    if not holder:
        planned = next((c for c in there.choices() if c.case == case_id), None)
        return planned, "it does not wait to be handed out"
    newest = next((one for one in found if one.kind != "returned"), None)
    if newest and newest.staff == holder and newest.choice:
        return newest.choice, ""
    if newest and newest.staff == holder:
        return None, f"a lead decided so: {newest.reason}"
    return None, "they took it, or a colleague gave it to them"
