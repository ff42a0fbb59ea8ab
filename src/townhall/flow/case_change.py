"""How every act on a case is written: state, promises, clock events, counts, the change itself, the facts last."""

from collections.abc import Iterable, Mapping, Sequence, Set
from typing import Any

from msgspec import Struct, to_builtins
from msgspec.structs import replace
from psycopg import Connection

from townhall import journal
from townhall.analytics import store as analytics
from townhall.analytics.logic.promises import Counted, deltas
from townhall.care import store
from townhall.care.logic import Case, Outcome, Refusal, difference
from townhall.flow import posts as posts_of
from townhall.flow.fold_again import fold_again
from townhall.kernel.clock import Instant
from townhall.kernel.errors import Conflict, Refused
from townhall.kernel.fact import Fact
from townhall.people.doors import Asker, require
from townhall.routing import ledger
from townhall.routing.ledger import Commitment


class Done(Struct, frozen=True):
    """An act that was done: the case's new version, and the change that ``undo`` takes."""

    case: int
    version: int
    change: int


class CaseNews(Struct, frozen=True):
    """What is new since somebody looked: posts in the thread (ids, oldest first) and acts (act, by whom)."""

    version: int
    posts: tuple[int, ...]
    acts: tuple[tuple[str, str], ...]


class CaseMoved(Conflict):
    """Somebody changed the case first. ``news`` is what is new; nothing was done."""

    def __init__(self, message: str, news: CaseNews) -> None:
        super().__init__(message)
        self.news = news


class Held(Struct):
    """A locked case and its promises, as an act finds them."""

    case: Case
    promises: list[Commitment]


class ClockAct(Struct, frozen=True):
    """A clock event of an act: what folding the case again has to know."""

    case: Case
    kind: str
    cause: str = ""
    detail: Mapping[str, Any] | None = None


class Write(Struct):
    """Everything an act changes, before and after. ``promises`` are only those that changed or were made.

    Promises of cases whose clocks are always folded are left to folding, which sees the act's ``events``.
    """

    act: str
    fact: str
    before: list[Case]
    after: list[Case]
    promises_before: list[Commitment] = []
    promises: list[Commitment] = []
    events: list[ClockAct] = []
    data: dict[str, Any] = {}
    undoes: int = 0
    why: str = ""
    """The reason that somebody gave, in words; it stays beside the change."""


def hold(
    conn: Connection[Any],
    asker: Asker,
    case_id: int,
    act: str = "assign",
    *,
    version: int | None = None,
    seen_post: int = 0,
) -> Held:
    """Locks the case for an act. Raises ``NotFound``, ``Forbidden``, or ``CaseMoved`` when ``version`` is an old one."""
    require(asker, act)
    case = store.case(conn, asker.brand_id, case_id, lock=True)
    if version is not None and version != case.version:
        raise CaseMoved(
            "This case changed while you looked at it. Nothing was done; look at what is new.",
            news(conn, case, version, seen_post),
        )
    return Held(case, ledger.of_case(conn, case_id))


def holds(case: Case) -> ClockAct:
    """The clock event of who holds the case from now on."""
    return ClockAct(case, "assign", detail={"holder": f"staff/{case.assignee}" if case.assignee else ""})


def news(conn: Connection[Any], case: Case, version: int, seen_post: int) -> CaseNews:
    """What happened in a case and its thread since somebody saw it so."""
    posts = posts_of.newer_in_thread(conn, case.thread, seen_post) if seen_post else []
    acts = store.changes_since(conn, case.id, version)
    return CaseNews(case.version, tuple(posts), tuple((c.act, c.actor) for c in acts))


def allowed(outcome: Outcome) -> Case:
    """The case as it would stand. Raises ``Refused`` with the reason of a refusal."""
    if isinstance(outcome, Refusal):
        raise Refused(outcome.reason)
    return outcome


def settle(case: Case, promises: Iterable[Commitment]) -> Case:
    """The case with its earliest open promise in its own columns."""
    running = sorted((p for p in promises if p.is_open()), key=lambda p: (p.due, p.id))
    if not running or not case.is_open():
        return replace(case, metric="", due=0, paused_cause="")
    first = running[0]
    return replace(case, metric=first.metric, due=first.due, paused_cause=first.cause if first.paused else "")


def write(conn: Connection[Any], asker: Asker, done: Write, now: Instant) -> Done:
    """Writes an act in the caller's transaction. The facts go last."""
    folded = {case.id for case in done.after if case.folded}
    done.promises_before = [p for p in done.promises_before if p.case not in folded]
    done.promises = [_in_its_queue(p, done.after) for p in done.promises if p.case not in folded]
    versions = [store.write(conn, case) for case in done.after]
    ledger.write(conn, done.promises)
    change = _keep(conn, asker, done, versions[0], now)
    for event in done.events:
        store.add_clock_event(
            conn, event.case, now, event.kind, event.cause, asker.actor, change, event.detail
        )
    count(conn, done.promises_before, done.promises)
    _move_promises(conn, done, folded)
    again = fold_again(conn, sorted(folded), now)
    version = store.case(conn, asker.brand_id, done.after[0].id).version if folded else versions[0]
    journal.append(conn, [*_facts(asker, done, change, now), *again])
    return Done(done.after[0].id, version, change)


def count(conn: Connection[Any], before: Iterable[Commitment], after: Iterable[Commitment]) -> None:
    """Adds to the rollups what changed promises change in them."""
    changed = deltas(map(counted, before), map(counted, after))
    analytics.add_promises(conn, analytics.PEOPLE, changed.promise_rows())
    analytics.add_answers(conn, analytics.PEOPLE, changed.answer_rows())


def _in_its_queue(promise: Commitment, cases: Sequence[Case]) -> Commitment:
    """What runs waits where its case does; what is over stays where it was."""
    queue = next((case.queue for case in cases if case.id == promise.case), promise.queue)
    return replace(promise, queue=queue) if promise.is_open() else promise


def _move_promises(conn: Connection[Any], done: Write, folded: Set[int]) -> None:
    """The running promises of a case that went to another queue go with it, in the counts too. No part of the change that an
    undo compares: they may be kept or missed meanwhile."""
    was = {case.id: case.queue for case in done.before}
    for case in done.after:
        if case.id in folded or was.get(case.id, case.queue) == case.queue:
            continue
        before = [p for p in ledger.of_case(conn, case.id) if p.is_open() and p.queue != case.queue]
        after = [replace(p, queue=case.queue) for p in before]
        ledger.write(conn, after)
        count(conn, before, after)


def counted(c: Commitment) -> Counted:
    """A commitment as counting sees it."""
    return Counted(c.brand, c.metric, c.started, c.due, c.satisfied, c.cancelled, c.cause, c.queue)


def promises_as_kept(promises: Sequence[Commitment]) -> dict[str, Any]:
    """Promises as a change keeps them, by id."""
    return {str(p.id): to_builtins(p) for p in promises}


_OF_CLOCKS = ("metric", "due", "paused_cause")
"""What folding writes by itself: undoing the act folds again, and finds it."""


def _keep(conn: Connection[Any], asker: Asker, done: Write, version: int, now: Instant) -> int:
    sides: tuple[dict[str, Any], dict[str, Any]] = ({"cases": {}}, {"cases": {}})
    for old, new in zip(done.before, done.after, strict=True):
        for side, fields in zip(sides, difference(old, new), strict=True):
            side["cases"][str(new.id)] = {
                k: v for k, v in fields.items() if not (new.folded and k in _OF_CLOCKS)
            }
    sides[0]["commitments"] = promises_as_kept(done.promises_before)
    sides[1]["commitments"] = promises_as_kept(done.promises)
    if done.why:
        sides[1]["why"] = done.why
    other = done.after[1].id if len(done.after) > 1 else 0
    return store.keep_change(
        conn, done.after[0], done.act, asker.actor, now, version, *sides, other=other, undoes=done.undoes
    )


def _facts(asker: Asker, done: Write, change: int, now: Instant) -> list[Fact]:
    def fact(kind: str, subject: str, data: Mapping[str, Any]) -> Fact:
        return Fact(
            type=f"townhall.{kind}",
            subject=subject,
            time=now,
            brand=asker.brand_id,
            actor=asker.actor,
            data=dict(data),
        )

    facts = [fact(f"case.{done.fact}", f"case/{done.after[0].id}", {"change": change, **done.data})]
    old = {p.id: p for p in done.promises_before}
    for promise in done.promises:
        word = _promise_word(old.get(promise.id), promise)
        facts.append(
            fact(f"commitment.{word}", f"commitment/{promise.id}", {"case": promise.case, "due": promise.due})
        )
    return facts


def _promise_word(before: Commitment | None, after: Commitment) -> str:
    if before is None:
        return "started"
    if after.is_open() and not before.is_open():
        return "restored"
    return "cancelled" if after.cancelled and not before.cancelled else "moved"
