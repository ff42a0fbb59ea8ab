"""Undo: a change taken back exactly, or refused because something it made no longer stands."""

from typing import Any

import msgspec
from msgspec.structs import replace
from psycopg import Connection

from townhall.analytics.logic.promises import UNDONE
from townhall.care import logic, notes, store
from townhall.care.logic import Case, Refusal
from townhall.care.store import Change
from townhall.flow.case_change import Done, Write, write
from townhall.kernel.clock import Instant
from townhall.kernel.errors import Conflict
from townhall.people.doors import Asker, require
from townhall.routing import ledger
from townhall.routing.ledger import Commitment


def undo(conn: Connection[Any], asker: Asker, change_id: int, now: Instant) -> Done:
    """Takes a change back. Raises ``Conflict`` when it was taken back already or the case has moved on since."""
    change = store.change(conn, asker.brand_id, change_id)
    require(asker, "note" if change.act == "note" else "assign")
    if change.undone_at:
        raise Conflict("That was undone already.")
    if change.act == "undo":
        raise Conflict("An undo cannot be undone. Do the act again instead.")
    cases = {
        int(key): store.case(conn, asker.brand_id, int(key), lock=True)
        for key in sorted(change.after["cases"])
    }
    _stands_alone(conn, change)
    before = list(cases.values())
    after = [_restored(conn, cases[int(key)], change, key) for key in change.after["cases"]]
    before = [cases[case.id] for case in after]
    promises_before, promises = _promises_back(conn, change)
    store.mark_undone(conn, change_id, asker.actor, now)
    store.undo_clock_events(conn, change_id)
    if "note" in change.after:
        return _note_back(conn, asker, change, now)
    done = Write(
        "undo", "restored", before, after, promises_before, promises,
        data={"undoes": change_id, "act": change.act}, undoes=change_id,
    )  # fmt: skip
    return write(conn, asker, done, now)


def _stands_alone(conn: Connection[Any], change: Change) -> None:
    """Refuses when a later act that still stands changed the same fields of the same case."""
    for key, fields in change.after["cases"].items():
        for later in store.later_changes(conn, int(key), change.id):
            touched = set(later.after["cases"].get(key, {})) & set(fields)
            if touched:
                raise Conflict(f"This was changed again since ({later.act}). Undo that first.")


def _restored(conn: Connection[Any], case: Case, change: Change, key: str) -> Case:
    outcome = logic.restore(case, change.before["cases"][key], change.after["cases"][key])
    if isinstance(outcome, Refusal):
        raise Conflict(outcome.reason)
    reopens = outcome.is_open() and not case.is_open()
    if reopens and store.open_case_of(conn, case.thread, case.customer):
        raise Conflict("This person has a newer open case in this thread, so this one stays as it is.")
    return outcome


def _promises_back(conn: Connection[Any], change: Change) -> tuple[list[Commitment], list[Commitment]]:
    """The promises as the change left them, and as they were before it. Raises ``Conflict`` when one has moved on."""
    kept = change.after.get("commitments", {})
    wanted = {int(key): msgspec.convert(row, Commitment) for key, row in kept.items()}
    found = {
        p.id: p for case in sorted({w.case for w in wanted.values()}) for p in ledger.of_case(conn, case)
    }
    now = {id: replace(found[id], queue=promise.queue) for id, promise in wanted.items() if id in found}
    if now != wanted:  # a queue it went to since is no move of its clock
        raise Conflict("The clock of this case has moved on since, so it was left as it is.")
    old = {
        int(key): msgspec.convert(row, Commitment)
        for key, row in change.before.get("commitments", {}).items()
    }
    back = [old.get(id) or _never_was(promise) for id, promise in wanted.items()]
    return [found[id] for id in wanted], [replace(p, queue=found[p.id].queue) for p in back]


def _never_was(promise: Commitment) -> Commitment:
    return replace(promise, cancelled=promise.started, cause=UNDONE)


def _note_back(conn: Connection[Any], asker: Asker, change: Change, now: Instant) -> Done:
    notes.remove(conn, change.after["note"], now)
    case = store.case(conn, asker.brand_id, change.case, lock=True)
    done = Write(
        "undo", "restored", [case], [case], data={"undoes": change.id, "act": "note"}, undoes=change.id
    )
    return write(conn, asker, done, now)
