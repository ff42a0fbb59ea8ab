"""How every act on a case is written: state, promises, clock events, counts, the change itself, the facts last."""

from collections.abc import Iterable, Mapping, Sequence
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


class Write(Struct):
    """Everything an act changes, before and after. ``promises`` are only those that changed or were made."""

    act: str
    fact: str
    before: list[Case]
    after: list[Case]
    promises_before: list[Commitment] = []
    promises: list[Commitment] = []
    events: list[ClockAct] = []
    data: dict[str, Any] = {}
    undoes: int = 0


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
    versions = [store.write(conn, case) for case in done.after]
    ledger.write(conn, done.promises)
    change = _keep(conn, asker, done, versions[0], now)
    for event in done.events:
        store.add_clock_event(conn, event.case, now, event.kind, event.cause, asker.actor, change)
    count(conn, done.promises_before, done.promises)
    journal.append(conn, _facts(asker, done, change, now))
    return Done(done.after[0].id, versions[0], change)


def count(conn: Connection[Any], before: Iterable[Commitment], after: Iterable[Commitment]) -> None:
    """Adds to the rollups what changed promises change in them."""
    changed = deltas(map(counted, before), map(counted, after))
    analytics.add_promises(conn, analytics.PEOPLE, changed.promise_rows())
    analytics.add_answers(conn, analytics.PEOPLE, changed.answer_rows())


def counted(c: Commitment) -> Counted:
    """A commitment as counting sees it."""
    return Counted(c.brand, c.metric, c.started, c.due, c.satisfied, c.cancelled, c.cause)


def promises_as_kept(promises: Sequence[Commitment]) -> dict[str, Any]:
    """Promises as a change keeps them, by id."""
    return {str(p.id): to_builtins(p) for p in promises}


def _keep(conn: Connection[Any], asker: Asker, done: Write, version: int, now: Instant) -> int:
    sides: tuple[dict[str, Any], dict[str, Any]] = ({"cases": {}}, {"cases": {}})
    for old, new in zip(done.before, done.after, strict=True):
        for side, fields in zip(sides, difference(old, new), strict=True):
            side["cases"][str(new.id)] = fields
    sides[0]["commitments"] = promises_as_kept(done.promises_before)
    sides[1]["commitments"] = promises_as_kept(done.promises)
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
