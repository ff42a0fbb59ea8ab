"""What delivery writes of deeds: claims with their facts, and where each stands after a call.

Everything here is one transaction each, without any network in it.
"""

from typing import Any
from uuid import UUID

from msgspec import Struct
from psycopg import Connection

from townhall import journal
from townhall.channels import CHANNELS
from townhall.channels.port import Deed as Outgoing
from townhall.channels.port import Receipt
from townhall.desk import reply_place
from townhall.flow.approving import are_met
from townhall.flow.deeds import fact_of_deed
from townhall.kernel.clock import Instant
from townhall.kernel.fact import Fact
from townhall.outbound.logic.deed import Next, after_call
from townhall.outbound.logic.journey import Patience, Trial
from townhall.outbound.store import deeds, outbox, stops
from townhall.outbound.store.deeds import Deed

ACTOR = "system/outbound"
TAMPERED = "what is stored is not what was decided: nothing was done"
CUT = "the process that did it ended before the answer came"


class DeedJob(Struct, frozen=True):
    """A deed in one worker's hand until ``until``."""

    deed: Deed
    lease: UUID
    until: Instant


def claim(conn: Connection[Any], lease: UUID, now: Instant, patience: Patience, most: int) -> list[DeedJob]:
    """Marks what is due as attempting, in the caller's transaction, and puts what is overdue aside.

    When this has committed, a stop knows of every try; until it has, nothing may be done.
    """
    stops.pass_gate(conn)
    facts = [fact_of_deed("overdue", late, ACTOR, now) for late in deeds.put_aside_overdue(conn, now)]
    facts += _cut_short(conn, now, patience)
    until = now + patience.lease
    jobs = []
    for deed in deeds.claim(conn, now, reply_place.sending_accounts(conn), lease, until, most):
        if not is_as_decided(conn, deed):
            deeds.settle(conn, deed.id, lease, Next("failed", now), TAMPERED, now)
            facts.append(fact_of_deed("failed", deed, ACTOR, now))
            continue
        jobs.append(DeedJob(deed, lease, until))
        facts.append(fact_of_deed("attempted", deed, ACTOR, now, attempt=deed.attempts))
    journal.append(conn, facts)
    return jobs


def settle(
    conn: Connection[Any], job: DeedJob, receipt: Receipt | None, trial: Trial, error: str, patience: Patience,
    now: Instant,
) -> None:  # fmt: skip
    """Writes what a call came to."""
    deed = job.deed
    if receipt is not None:
        if deeds.settle_done(conn, deed, receipt.native_id, receipt.at or now, ACTOR, now):
            journal.append(conn, [fact_of_deed("done", deed, ACTOR, now)])
        return
    if trial.retry_at > now:
        outbox.ask_to_pause(conn, deed.brand_id, deed.account_id, trial.retry_at, error)
    then = after_call(trial, deed.attempts, _repeats(deed), now, patience)
    if deeds.settle(conn, deed.id, job.lease, then, error, now) and then.state in ("failed", "doubtful"):
        journal.append(conn, [fact_of_deed(then.state, deed, ACTOR, now)])


def outgoing(deed: Deed) -> Outgoing:
    """What the adapter is handed."""
    return Outgoing(
        decision_id=deed.decision, idempotency_key=f"townhall-{deed.decision}", account_id=deed.account_id,
        kind=deed.kind, post=deed.post, author=deed.author, comment=deed.comment,  # type: ignore[arg-type]
        category=deed.category or "other",
    )  # fmt: skip


def is_as_decided(conn: Connection[Any], deed: Deed) -> bool:
    """Whether what is about to be done is what was decided, and everybody approved it who has to."""
    given = deeds.approvals(conn, deed.id)
    return deed.is_as_decided() and are_met(deed.steps, given, deed.staff_id, deed.digest)


def _cut_short(conn: Connection[Any], now: Instant, patience: Patience) -> list[Fact]:
    """Tries whose process died: made again where that is harmless, else a person decides."""
    facts = []
    for deed in deeds.abandoned(conn, now):
        then = after_call(Trial(None), deed.attempts, _repeats(deed), now, patience)
        deeds.settle(conn, deed.id, None, then, CUT, now)
        if then.state == "doubtful":
            facts.append(fact_of_deed("doubtful", deed, ACTOR, now))
    return facts


def _repeats(deed: Deed) -> bool:
    return CHANNELS[deed.channel].card.deeds_repeat
