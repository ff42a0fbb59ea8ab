"""Approved statements go out: case by case through the guard and the outbox, a few of each account at a time.

A step takes cases that wait, looks at each again, and lets go or leaves out, all in one transaction with what it says of them:
whoever falls between leaves them waiting, and nobody gets it twice. A stop of outbound that is in the way stops the whole
statement; then a person says how it goes on.
"""

import asyncio
import secrets
from collections.abc import Sequence
from typing import Any

import structlog
from msgspec import Struct
from msgspec.structs import replace
from psycopg import Connection

from townhall import journal
from townhall.care import incidents, notices
from townhall.care import store as care
from townhall.care.notices import Telling
from townhall.database import Database
from townhall.database.connect import connect, for_brand, transaction
from townhall.desk import statements as desk
from townhall.flow.outbound_facts import fact_of
from townhall.flow.outbound_release import let_go
from townhall.flow.rest import rest
from townhall.flow.statement_check import Checked, Fit, check
from townhall.flow.statements import taken_back, without
from townhall.kernel.clock import Clock, Instant, system_clock
from townhall.kernel.errors import Conflict
from townhall.kernel.fact import Fact
from townhall.outbound.logic.journey import HOLD_WINDOW
from townhall.outbound.logic.seal import digest_of
from townhall.outbound.logic.statement import Statement
from townhall.outbound.store import holds, pace, releases
from townhall.outbound.store import statements as store
from townhall.outbound.store.releases import Release
from townhall.outbound.store.statements import LeftOut, Reply
from townhall.people import store as people
from townhall.people.logic import may

TICK_S = 0.5
MOST = 500
"""Cases that came later, taken up by one step."""
SYSTEM = "system/statement"
_log = structlog.get_logger()


class Step(Struct, frozen=True):
    """What one step did, in cases."""

    let_go: int = 0
    left_out: int = 0


def step(conn: Connection[Any], now: Instant) -> Step:
    """One step of every statement under way, in the caller's transaction."""
    for statement in store.going(conn, over=now):
        _over(conn, statement, now)
    went, left = 0, 0
    for statement in store.going(conn):
        done = _step(conn, statement, now)
        went, left = went + done.let_go, left + done.left_out
    return Step(went, left)


def _over(conn: Connection[Any], statement: Statement, now: Instant) -> None:
    """Its time is over: whoever waits does not get it; one that was not approved goes back to its author."""
    back = taken_back(conn, statement.id, SYSTEM, now)
    left = store.leave_rest_out(conn, statement.id, "expired")
    approved = statement.state in ("approved", "stopped")
    store.put_state(conn, statement.id, "done" if approved else "expired", statement.remark, now)
    told = without(statement, left, SYSTEM, now) if approved else []
    journal.append(conn, [*back, *told, _fact(conn, "expired", statement, now, cases=len(left))])
    if statement.state == "held":
        _tell_author(conn, statement, "expired before anybody approved it", now)


def _step(conn: Connection[Any], statement: Statement, now: Instant) -> Step:
    for_brand(conn, statement.brand_id)  # the stops that hold there are told to that brand alone
    if statement.expires_at <= now + HOLD_WINDOW:
        return Step()  # what was let go now could not leave before its time is over
    # somebody who lost one of several roles lifts no more what only that one may
    held = people.roles_at(conn, statement.approver_id, statement.brand_id)
    statement = replace(statement, approver_roles=statement.approver_roles & held)
    if why := _without_a_voice(conn, statement):
        return _stopped(conn, statement, why, now)
    if statement.scope == "later":
        fresh = [Reply(statement.id, *one, now) for one in desk.newcomers(conn, statement, MOST)]
        store.enter(conn, statement, fresh, [])
    accounts = pace.room(conn, statement.id, now)
    taken = pace.next_waiting(conn, statement.id, accounts) if accounts else []
    free = care.lock_free(conn, statement.brand_id, [one.case for one in taken])
    taken = [one for one in taken if one.case in free]
    if not taken:
        return _finished(conn, statement, now)
    seen = {one.case: one for one in taken}
    checked = check(conn, statement, list(seen), now, roles=statement.approver_roles, seen=seen)
    if checked.stop:
        return _stopped(conn, statement, f"outbound is stopped: {checked.stop.cause}", now)
    return _write(conn, statement, checked, now)


def _without_a_voice(conn: Connection[Any], statement: Statement) -> str:
    """Who of its author and its approver lost the role that they spoke by; "" while neither did. ``approver_roles`` are those
    that were held when it was approved and are held still."""
    if not may(people.roles_at(conn, statement.author_id, statement.brand_id), "reply"):
        return f"{statement.author} may not answer customers any more"
    roles = statement.approver_roles
    if not (may(roles, "approve") and statement.takes(roles)):
        return f"{statement.approver} may not approve it any more"
    return ""


def _finished(conn: Connection[Any], statement: Statement, now: Instant) -> Step:
    """Done, when all of it has left and nobody may come: until then it can be stopped."""
    if statement.scope == "now" and not store.is_going(conn, statement.id):
        store.put_state(conn, statement.id, "done", statement.remark, now)
        journal.append(conn, [_fact(conn, "finished", statement, now)])
    return Step()


def _stopped(conn: Connection[Any], statement: Statement, why: str, now: Instant) -> Step:
    back = taken_back(conn, statement.id, SYSTEM, now)
    store.put_state(conn, statement.id, "stopped", why)
    journal.append(conn, [*back, _fact(conn, "stopped", statement, now, cases=len(back))])
    _tell_author(conn, statement, f"stands still: {why}", now)
    return Step()


def _write(conn: Connection[Any], statement: Statement, checked: Checked, now: Instant) -> Step:
    facts: list[Fact] = []
    gone: list[tuple[int, int]] = []
    left = list(checked.left_out)
    for fit in checked.fit:
        try:
            with conn.transaction():
                release, told = _release(conn, statement, fit, now)
        except Conflict as twice:
            left.append(LeftOut(fit.place.case_id, "twice", str(twice)))
        else:
            gone.append((fit.place.case_id, release))
            facts += told
    store.let_go(conn, statement.id, gone)
    store.leave_out(conn, statement.id, left)
    journal.append(conn, [*facts, *without(statement, left, SYSTEM, now)])
    return Step(len(gone), len(left))


def _release(
    conn: Connection[Any], statement: Statement, fit: Fit, now: Instant
) -> tuple[int, Sequence[Fact]]:
    """The reply of one case: its own release, bound to the approval of the statement, and its own decision in the outbox."""
    place, saying = fit.place, fit.saying
    fresh = Release(
        brand_id=saying.brand_id, case_id=place.case_id, thread_id=place.thread_id, account_id=saying.account_id,
        channel=place.channel, kind=saying.kind, visibility=saying.visibility, recipient=saying.recipient,
        reply_to=place.post_id, in_reply_to=saying.in_reply_to, conversation=saying.conversation, text=saying.text,
        digest=digest_of(saying), salt=secrets.token_bytes(16), author_id=statement.author_id, author=statement.author,
        made_at=now, findings=tuple(remark.finding for remark in fit.decision.remarks), seen_post=place.latest_post,
        state="released",
    )  # fmt: skip
    id = releases.add(conn, fresh)
    kept = releases.get(conn, id)
    assert kept
    approval = holds.approve(
        conn,
        kept.brand_id,
        id,
        statement.approver_id,
        statement.approver,
        statement.approver_roles,
        kept.digest,
        now,
    )
    _, went = let_go(conn, kept, SYSTEM, now, HOLD_WINDOW, until=statement.expires_at)
    about = {"statement": statement.id, "version": statement.version}
    approved = fact_of(
        "townhall.release.approved", kept, f"staff/{statement.approver_id}", now, approval=approval, **about
    )
    return id, (approved, went)


def _fact(conn: Connection[Any], word: str, statement: Statement, now: Instant, cases: int = 0) -> Fact:
    """A fact about a statement, told in its incident's story too."""
    incidents.tell(conn, statement.brand_id, statement.incident, f"statement_{word}", "system", now, cases)
    return Fact(
        type=f"townhall.statement.{word}", subject=f"statement/{statement.id}", time=now, brand=statement.brand_id,
        actor=SYSTEM, data={"incident": statement.incident, "cases": cases},
    )  # fmt: skip


def _tell_author(conn: Connection[Any], statement: Statement, what: str, now: Instant) -> None:
    title = f"Your statement for INC {statement.incident} {what}"
    url = f"/incident/{statement.incident}/#statement"
    told = Telling(
        statement.brand_id,
        statement.author_id,
        "statement",
        f"statement/{statement.id}",
        title[:300],
        url,
        True,
    )
    notices.tell(conn, told, now)


async def run(settings: Any, database: Database, stop: asyncio.Event, clock: Clock = system_clock) -> None:
    """Lets statements go until ``stop``. Several may do so side by side: a case is in one hand at a time."""
    conn = await asyncio.to_thread(connect, database.dsn("worker"), "townhall statements")
    try:
        while not stop.is_set():
            done = await asyncio.to_thread(one, conn, clock)
            if done.let_go or done.left_out:
                _log.info("a statement went on", let_go=done.let_go, left_out=done.left_out)
            await rest(stop, TICK_S)
    finally:
        conn.close()


def one(conn: Connection[Any], clock: Clock = system_clock) -> Step:
    """One step in a transaction of its own."""
    with transaction(conn):
        return step(conn, clock())
