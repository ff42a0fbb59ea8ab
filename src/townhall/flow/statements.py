"""One statement for the cases of an incident: written, asked for, approved by another person, stopped, taken up again, ended.

An approval is bound to the exact text with its slots, the language, whom it reaches and until when; an edit voids it. What
goes out by it goes reply by reply through the guard and the outbox (``flow.stating``). Nothing here commits.
"""

import secrets
from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace
from psycopg import Connection

from townhall import journal
from townhall.care import incidents
from townhall.desk import statements as desk
from townhall.flow.approving import behind, must_be_another
from townhall.flow.outbound_facts import fact_of
from townhall.flow.statement_check import MOST, Checked, check
from townhall.kernel.clock import Instant
from townhall.kernel.errors import Conflict, Forbidden, NotFound, Refused
from townhall.kernel.fact import Fact
from townhall.outbound.logic.statement import Statement, approvers, digest_of, fault, salted_digest
from townhall.outbound.store import releases
from townhall.outbound.store import statements as store
from townhall.outbound.store.statements import LeftOut, Reply
from townhall.people.doors import Asker, require

SEEDS = 1_000_000
_PATIENCE = "SET LOCAL idle_in_transaction_session_timeout = '1min'"
"""A thousand texts before the guard take longer on a busy machine than a transaction may usually idle."""


def write(
    conn: Connection[Any], asker: Asker, incident: int, text: str, language: str, scope: str, expires_at: Instant,
    now: Instant,
) -> Statement:  # fmt: skip
    """A draft for an open incident; one of the asker's own that is a draft, held or came back is written anew, and is a draft then.

    Raises ``Refused`` for what can be no statement, ``Conflict`` while somebody else's is under way.
    """
    require(asker, "reply")
    if not asker.staff_id:
        raise Forbidden("Only a person writes a statement.")
    _must_be_open(conn, asker.brand_id, incident, lock=True)
    if why := fault(text, scope, expires_at, now):
        raise Refused(f"{why} Nothing was kept.")
    old = _newest(conn, asker, incident)
    fresh = Statement(
        brand_id=asker.brand_id, incident=incident, text=text.strip(), language=language.strip()[:8], scope=scope,
        expires_at=expires_at, seed=secrets.randbelow(SEEDS), salt=secrets.token_bytes(16), author_id=asker.staff_id,
        author=asker.name, made_at=now,
    )  # fmt: skip
    if old is None or old.state not in ("draft", "held"):
        return replace(fresh, id=store.add(conn, fresh))
    if old.author_id != asker.staff_id or old.author != asker.name:
        raise Conflict(f"{old.author} has a statement under way here. Look at that one first.")
    store.reword(conn, replace(fresh, id=old.id))
    if old.state == "held":
        journal.append(conn, [_fact(conn, "edited", old, asker.actor, now, [], version=old.version + 1)])
    return _own(conn, asker, old.id)


def _newest(conn: Connection[Any], asker: Asker, incident: int) -> Statement | None:
    newest = desk.newest(conn, asker.brand_id, incident)
    return store.get(conn, newest, lock=True) if newest else None


def _must_be_open(conn: Connection[Any], brand: int, incident: int, *, lock: bool = False) -> None:
    if not incidents.get(conn, brand, incident, lock=lock).is_open():
        raise Refused(
            f"INC {incident} is closed, so nothing was done. Reopen it first, then go on with a statement."
        )


def preview(conn: Connection[Any], statement: Statement, now: Instant) -> Checked:
    """Whom it would reach now, and who would be left out."""
    cases = desk.gathered(conn, statement.brand_id, statement.incident, MOST)
    conn.execute(_PATIENCE)
    return check(conn, statement, cases, now)


def ask(conn: Connection[Any], asker: Asker, statement_id: int, version: int, now: Instant) -> int:
    """Asks for its approval: whom it reaches is settled now. Gives how many cases qualify. Raises ``Refused`` when none does."""
    statement = _own(conn, asker, statement_id)
    if statement.state != "draft" or statement.version != version:
        raise Conflict("This statement was changed meanwhile. Read it again.")
    if why := fault(statement.text, statement.scope, statement.expires_at, now):
        raise Refused(f"{why} Write it anew.")
    _must_be_open(conn, statement.brand_id, statement.incident)
    checked = preview(conn, statement, now)
    if not checked.fit and statement.scope == "now":
        raise Refused("No case qualifies now, so there is nothing to approve.")

    def reply(case: int) -> Reply:
        place = checked.places.get(case)
        return Reply(
            statement.id, case, place.account_id if place else 0, place.latest_post if place else 0, now
        )

    cases = [one.place.case_id for one in checked.fit]
    left = [(reply(one.case), one.why, one.detail) for one in checked.left_out]
    store.enter(conn, statement, [reply(case) for case in cases], left)
    needed = approvers([(one.decision, one.saying.text) for one in checked.fit], statement.text)
    store.hold(conn, statement.id, digest_of(statement, cases), needed, now)
    fact = _fact(
        conn, "asked", statement, asker.actor, now, cases, cases=len(cases), left_out=len(left), scope=statement.scope,
        expires=statement.expires_at,
    )  # fmt: skip
    journal.append(conn, [fact])
    return len(cases)


def withdraw(conn: Connection[Any], asker: Asker, statement_id: int, now: Instant) -> None:
    """Its author, or whoever leads incidents, takes it back before it was approved."""
    statement = (_seen if asker.may("lead_incident") else _own)(conn, asker, statement_id)
    if statement.state not in ("draft", "held"):
        raise Conflict("It is too late to withdraw it: it was decided about. Stop it instead.")
    store.put_state(conn, statement_id, "withdrawn", ended=now)
    if statement.state == "held":
        journal.append(conn, [_fact(conn, "withdrawn", statement, asker.actor, now, [])])


def approve(conn: Connection[Any], asker: Asker, statement_id: int, digest: bytes, now: Instant) -> int:
    """Approves exactly what has this digest, as a statement; its replies begin to go. Gives how many cases it may reach.

    Raises ``Forbidden`` for its author or a role that may not, ``Conflict`` when it changed, ``Refused`` when its time is over.
    """
    statement = _to_decide(conn, asker, statement_id)
    cases = store.waiting_cases(conn, statement_id)
    if digest != statement.digest or digest_of(statement, cases) != digest:
        raise Conflict(
            "This statement changed after you opened it. Nothing was approved; read it as it is now."
        )
    if statement.expires_at <= now:
        raise Refused("Its time is over, so nothing was approved. Its author has to write it anew.")
    _must_be_open(conn, statement.brand_id, statement.incident)
    store.approve(conn, statement_id, asker.staff_id, asker.name, asker.roles, now)
    told = without(statement, store.left_out(conn, statement_id), asker.actor, now)
    journal.append(
        conn, [_fact(conn, "approved", statement, asker.actor, now, cases, cases=len(cases)), *told]
    )
    return len(cases)


def send_back(conn: Connection[Any], asker: Asker, statement_id: int, why: str, now: Instant) -> None:
    """Returns it to its author with a reason. Nothing goes out by it."""
    statement = _to_decide(conn, asker, statement_id)
    if not why.strip():
        raise Refused("Say what should change, then return it. Nothing was changed.")
    store.put_state(conn, statement_id, "returned", why.strip(), now)
    journal.append(conn, [_fact(conn, "returned", statement, asker.actor, now, [])])


def _to_decide(conn: Connection[Any], asker: Asker, statement_id: int) -> Statement:
    require(asker, "approve")
    statement = _seen(conn, asker, statement_id)
    must_be_another(asker, behind(conn, statement.brand_id, statement.author_id, statement.author))
    if not statement.takes(asker.roles):
        raise Forbidden(f"These words need the role {' or '.join(sorted(statement.approvers))}.")
    if statement.state != "held":
        raise Conflict("Somebody decided about this meanwhile, or its author changed it.")
    return statement


def stop(conn: Connection[Any], asker: Asker, statement_id: int, now: Instant) -> int:
    """Stops what has not left: what waits in the outbox is taken back. Gives how many. Whoever may stop outbound may do so."""
    require(asker, "stop_outbound")
    statement = _seen(conn, asker, statement_id)
    if statement.state != "approved":
        raise Conflict("It does not go out now; nothing was changed.")
    back = taken_back(conn, statement_id, asker.actor, now)
    store.put_state(conn, statement_id, "stopped", f"stopped by {asker.name}")
    journal.append(conn, [*back, _fact(conn, "stopped", statement, asker.actor, now, [], cases=len(back))])
    return len(back)


def taken_back(conn: Connection[Any], statement_id: int, actor: str, now: Instant) -> list[Fact]:
    """Takes back what has not begun to leave: those cases wait again. Gives a fact of each."""
    return [
        fact_of("townhall.release.withdrawn", release, actor, now, statement=statement_id)
        for release in releases.many(conn, store.take_back(conn, statement_id, actor, now))
    ]


def without(statement: Statement, left: Sequence[LeftOut], actor: str, now: Instant) -> list[Fact]:
    """A fact for each case that does not get it, and why."""
    return [
        Fact(
            type="townhall.statement.left_out", subject=f"case/{one.case}", time=now, brand=statement.brand_id, actor=actor,
            data={"statement": statement.id, "why": one.why},
        )
        for one in left
    ]  # fmt: skip


def go_on(conn: Connection[Any], asker: Asker, statement_id: int, now: Instant) -> None:
    """What was stopped goes on, as it was approved. For who may approve, or let replies go out again."""
    if not (asker.may("approve") or asker.may("resume_outbound")):
        raise Forbidden("Whoever may approve, or let replies go out again, decides that.")
    statement = _seen(conn, asker, statement_id)
    if statement.state != "stopped":
        raise Conflict("It is not stopped; nothing was changed.")
    if statement.expires_at <= now:
        raise Refused("Its time is over: it goes on no more.")
    back = taken_back(conn, statement_id, asker.actor, now)  # tries that failed after it was stopped
    store.put_state(conn, statement_id, "approved")
    journal.append(conn, [*back, _fact(conn, "resumed", statement, asker.actor, now, [])])


def end(conn: Connection[Any], asker: Asker, statement_id: int, now: Instant) -> int:
    """Ends a stopped statement: whoever waits does not get it any more. Gives how many."""
    statement = _seen(conn, asker, statement_id)
    if asker.staff_id != statement.author_id:
        require(asker, "approve")
    require(asker, "read_case")
    if statement.state != "stopped":
        raise Conflict("Stop it first, then end it.")
    back = taken_back(conn, statement_id, asker.actor, now)
    left = store.leave_rest_out(conn, statement_id, "ended")
    store.put_state(conn, statement_id, "done", statement.remark, now)
    told = without(statement, left, asker.actor, now)
    journal.append(
        conn, [*back, *told, _fact(conn, "ended", statement, asker.actor, now, [], cases=len(left))]
    )
    return len(left)


def _own(conn: Connection[Any], asker: Asker, statement_id: int) -> Statement:
    require(asker, "reply")
    statement = _seen(conn, asker, statement_id)
    if statement.author_id != asker.staff_id or statement.author != asker.name:
        raise Forbidden("Only its author writes it, asks for its approval and withdraws it.")
    return statement


def _seen(conn: Connection[Any], asker: Asker, statement_id: int) -> Statement:
    statement = store.get(conn, statement_id, lock=True)
    if statement is None or statement.brand_id != asker.brand_id:
        raise NotFound("That statement does not exist.")
    return statement


def _fact(
    conn: Connection[Any],
    word: str,
    statement: Statement,
    actor: str,
    now: Instant,
    among: Sequence[int],
    *,
    cases: int = 0,
    **data: Any,
) -> Fact:
    """A fact about a statement, told in its incident's story too; its content is the salted hash of what an approval is bound to."""
    incidents.tell(conn, statement.brand_id, statement.incident, f"statement_{word}", actor, now, cases)
    data |= {"cases": cases} if cases else {}
    return Fact(
        type=f"townhall.statement.{word}", subject=f"statement/{statement.id}", time=now, brand=statement.brand_id,
        actor=actor, data={"incident": statement.incident, **data}, content=salted_digest(statement, among),
    )  # fmt: skip
