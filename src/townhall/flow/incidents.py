"""What people do with incidents: open one, gather cases under it, lead it, close it, and take each act back.

Whoever answers may open one and gather cases: a storm is seen first by those who read it, and all of it can be undone.
Closing it, and saying who leads it and when the next update is due, is for leads, administrators and whoever leads it.
Nothing here commits.
"""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from psycopg import Connection

from townhall import journal
from townhall.care import incidents as store
from townhall.care import notices
from townhall.care.incidents import Gathered
from townhall.care.logic import Refusal
from townhall.care.logic import incident as logic
from townhall.care.logic.incident import Incident
from townhall.care.notices import Telling
from townhall.desk import duty
from townhall.kernel.clock import Instant
from townhall.kernel.errors import Conflict, Forbidden, Refused
from townhall.kernel.fact import Fact
from townhall.people import store as people
from townhall.people.doors import Asker, require

MOST = 500
"""Cases gathered by one act."""
LEADS = ("lead",)
UNDOABLE = frozenset({"open", "link", "unlink", "close", "reopen", "give", "update", "rename"})
"""Acts that can be taken back."""


class Done(Struct, frozen=True):
    """An act that was done. ``change`` is what ``undo`` takes; ``cases`` were gathered or let go, ``left`` passed over."""

    number: int
    change: int
    cases: tuple[int, ...] = ()
    left: int = 0


def open_incident(
    conn: Connection[Any], asker: Asker, words: str, cases: Sequence[int], now: Instant, *, surge: str = ""
) -> Done:
    """A new incident with these cases under it; the asker leads it if they may. Cases of another open one are passed over."""
    require(asker, "gather_cases")
    title = logic.title_of(words)
    if isinstance(title, Refusal):
        raise Refused(title.reason)
    owner = asker.staff_id if asker.may("lead_incident") else 0
    incident = store.add(conn, asker.brand_id, title, owner, asker.actor, surge, now)
    gathered = store.link(conn, asker.brand_id, incident.number, _bounded(cases), asker.actor, now)
    change = _keep(conn, asker, incident, "open", now, {}, {}, gathered)
    data = {"change": change, "cases": len(gathered), "owner": owner}
    journal.append(
        conn, [_fact(asker, incident, "opened", now, **data), *_of_cases(asker, incident, gathered, now)]
    )
    return _done(incident, change, cases, gathered)


def link(conn: Connection[Any], asker: Asker, number: int, cases: Sequence[int], now: Instant) -> Done:
    """Cases gathered under an open incident. Those of another open one are passed over."""
    require(asker, "gather_cases")
    incident = store.get(conn, asker.brand_id, number, lock=True)
    if not incident.is_open():
        raise Refused(f"INC {number} is closed. Reopen it first, then gather cases under it.")
    gathered = store.link(conn, asker.brand_id, number, _bounded(cases), asker.actor, now)
    return _moved(conn, asker, incident, "link", "linked", cases, gathered, now)


def unlink(conn: Connection[Any], asker: Asker, number: int, cases: Sequence[int], now: Instant) -> Done:
    """Cases out of an incident. They stay as they are otherwise."""
    require(asker, "gather_cases")
    incident = store.get(conn, asker.brand_id, number, lock=True)
    gathered = store.unlink(conn, asker.brand_id, number, _bounded(cases), asker.actor, now)
    return _moved(conn, asker, incident, "unlink", "unlinked", cases, gathered, now)


def _moved(
    conn: Connection[Any], asker: Asker, incident: Incident, act: str, fact: str, cases: Sequence[int],
    gathered: list[Gathered], now: Instant,
) -> Done:  # fmt: skip
    if not gathered:
        return Done(incident.number, 0, (), len(set(cases)))
    change = _keep(conn, asker, incident, act, now, {}, {}, gathered)
    told = _fact(asker, incident, fact, now, change=change, cases=len(gathered))
    journal.append(conn, [told, *_of_cases(asker, incident, gathered, now, act)])
    return _done(incident, change, cases, gathered)


def close(conn: Connection[Any], asker: Asker, number: int, now: Instant) -> Done:
    """The incident is over; its cases stay as they are."""
    incident = _led(conn, asker, number)
    return _write(conn, asker, incident, logic.close(incident, asker.actor, now), "close", "closed", now)


def reopen(conn: Connection[Any], asker: Asker, number: int, now: Instant) -> Done:
    """The incident goes on."""
    incident = _led(conn, asker, number)
    return _write(conn, asker, incident, logic.reopen(incident), "reopen", "reopened", now)


def give(conn: Connection[Any], asker: Asker, number: int, staff: int, now: Instant) -> Done:
    """Somebody leads the incident, and is told so; 0: nobody does."""
    incident = _led(conn, asker, number)
    if staff and not people.roles_at(conn, staff, asker.brand_id):
        raise Refused("That person has no seat at this brand, so nothing was changed.")
    done = _write(conn, asker, incident, logic.give(incident, staff), "give", "given", now, owner=staff)
    if staff not in (0, asker.staff_id):
        _tell(
            conn,
            incident,
            [staff],
            f"{asker.name} asks you to lead INC {number}: {incident.title}",
            False,
            now,
        )
    return done


def promise_update(conn: Connection[Any], asker: Asker, number: int, at: Instant, now: Instant) -> Done:
    """When the next update about it is due; 0: none is."""
    incident = _led(conn, asker, number)
    after = logic.promise_update(incident, at, now)
    return _write(conn, asker, incident, after, "update", "update_promised", now, due=at)


def rename(conn: Connection[Any], asker: Asker, number: int, words: str, now: Instant) -> Done:
    """The incident under another title."""
    incident = _led(conn, asker, number)
    return _write(conn, asker, incident, logic.rename(incident, words), "rename", "renamed", now)


def undo(conn: Connection[Any], asker: Asker, number: int, change_id: int, now: Instant) -> Done:
    """Takes an act back. Cases that went on since stay where they are; an incident whose opening is undone is closed."""
    require(asker, "gather_cases")
    incident = store.get(conn, asker.brand_id, number, lock=True)
    change = store.change(conn, asker.brand_id, number, change_id)
    if not may_undo(asker, incident, change.act):
        raise _only_leads()
    if change.undone_at:
        raise Conflict("That was undone already.")
    if change.act not in UNDOABLE:
        raise Conflict("An undo, and what a statement did, cannot be undone here.")
    after = logic.restore(incident, change.before, change.after)
    if change.act == "open":
        after = logic.close(incident, asker.actor, now)
    if isinstance(after, Refusal):
        raise Conflict(after.reason)
    gathered = store.put_back(conn, asker.brand_id, change.cases, asker.actor, now)
    store.write(conn, after)
    store.mark_undone(conn, change_id, asker.actor, now)
    before, became = logic.sides(incident, after)
    kept = _keep(conn, asker, incident, "undo", now, before, became, gathered, change_id)
    told = _fact(asker, incident, "restored", now, change=kept, undoes=change_id, act=change.act)
    journal.append(conn, [told, *_of_cases(asker, incident, gathered, now, "undo")])
    return _done(incident, kept, change.cases, gathered)


def tell_overdue(conn: Connection[Any], now: Instant) -> int:
    """Tells whoever leads an incident, and the first lead on duty, that its update is overdue: once for each promised update."""
    told = 0
    for incident in store.overdue(conn, now):
        if not notices.first_time(conn, incident.brand, store.cause_of(incident), now):
            continue
        leads = duty.with_role(conn, incident.brand, LEADS)[:1]
        whom = list(dict.fromkeys([incident.owner, *leads] if incident.owner else leads))
        _tell(
            conn,
            incident,
            whom,
            f"The update of INC {incident.number} is overdue: {incident.title}",
            True,
            now,
        )
        told += 1
    return told


def _led(conn: Connection[Any], asker: Asker, number: int) -> Incident:
    require(asker, "gather_cases")
    incident = store.get(conn, asker.brand_id, number, lock=True)
    _must_lead(asker, incident)
    return incident


def leads(asker: Asker, incident: Incident) -> bool:
    """Whether the asker may close it, give it away and promise its next update."""
    return asker.may("lead_incident") or bool(asker.staff_id and asker.staff_id == incident.owner)


def may_undo(asker: Asker, incident: Incident, act: str) -> bool:
    """Whether the asker may take such an act back: gathering as all may, what closes or leads it as leads may; whoever opened it
    takes that back as long as nobody leads it."""
    its_opener = act == "open" and incident.opened_by == asker.actor and not incident.owner
    return act in ("link", "unlink") or its_opener or leads(asker, incident)


def _must_lead(asker: Asker, incident: Incident) -> None:
    if not leads(asker, incident):
        raise _only_leads()


def _only_leads() -> Forbidden:
    return Forbidden("Leads, administrators and whoever leads this incident decide that.")


def _bounded(cases: Sequence[int]) -> list[int]:
    if len(cases) > MOST:
        raise Refused(f"At most {MOST} cases are gathered at once. Nothing was changed.")
    return sorted(set(cases))


def _write(
    conn: Connection[Any], asker: Asker, incident: Incident, after: logic.Outcome, act: str, fact: str, now: Instant,
    **data: Any,
) -> Done:  # fmt: skip
    if isinstance(after, Refusal):
        raise Refused(after.reason)
    store.write(conn, after)
    before, became = logic.sides(incident, after)
    change = _keep(conn, asker, incident, act, now, before, became, [])
    journal.append(conn, [_fact(asker, incident, fact, now, change=change, **data)])
    return Done(incident.number, change)


def _keep(
    conn: Connection[Any], asker: Asker, incident: Incident, act: str, now: Instant, before: dict[str, Any],
    after: dict[str, Any], gathered: Sequence[Gathered], undoes: int = 0,
) -> int:  # fmt: skip
    changes = [one.change for one in gathered]
    return store.keep_change(conn, incident, act, asker.actor, now, before, after, changes, undoes)


def _done(incident: Incident, change: int, cases: Sequence[int], gathered: Sequence[Gathered]) -> Done:
    moved = tuple(one.case for one in gathered)
    return Done(incident.number, change, moved, len(set(cases)) - len(moved))


def _fact(asker: Asker, incident: Incident, word: str, now: Instant, **data: Any) -> Fact:
    return Fact(
        type=f"townhall.incident.{word}", subject=f"incident/{incident.number}", time=now, brand=incident.brand,
        actor=asker.actor, data=data,
    )  # fmt: skip


_WORDS = {"link": "linked", "unlink": "unlinked", "undo": "restored"}


def _of_cases(
    asker: Asker, incident: Incident, gathered: Sequence[Gathered], now: Instant, act: str = "link"
) -> list[Fact]:
    return [
        Fact(
            type=f"townhall.case.{_WORDS[act]}", subject=f"case/{one.case}", time=now, brand=incident.brand,
            actor=asker.actor, data={"incident": incident.number, "change": one.change, "was": one.was},
        )
        for one in gathered
    ]  # fmt: skip


def _tell(
    conn: Connection[Any], incident: Incident, staff: Sequence[int], title: str, urgent: bool, now: Instant
) -> None:
    url, subject = f"/incident/{incident.number}/", f"incident/{incident.number}"
    notices.tell_all(
        conn,
        [Telling(incident.brand, one, "incident", subject, title[:300], url, urgent) for one in staff],
        now,
    )
