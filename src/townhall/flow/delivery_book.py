"""What delivery writes: claims with their facts, and where each delivery stands after a try or a look.

Everything here is one transaction each, without any network in it.
"""

from typing import Any
from uuid import UUID

from msgspec import Struct
from psycopg import Connection
from psycopg.errors import UniqueViolation

from townhall import journal
from townhall.channels.port import Receipt
from townhall.desk import reply_place
from townhall.flow.approving import are_met
from townhall.flow.delivery_own import own_post
from townhall.flow.outbound_facts import fact_of, fact_of_delivery
from townhall.flow.receive import receive
from townhall.intake import health
from townhall.intake import store as intake
from townhall.kernel.clock import MINUTE, Instant
from townhall.outbound.logic.journey import Next, Patience
from townhall.outbound.logic.seal import digest_of
from townhall.outbound.store import holds, outbox, releases, stops
from townhall.outbound.store.outbox import Delivery
from townhall.outbound.store.releases import Release
from townhall.vault import Keys

ACTOR = "system/outbound"
TAMPERED = "the stored text is not what was released: nothing was sent"


class Job(Struct, frozen=True):
    """A delivery in one worker's hand until ``until``: with ``look`` to be read back, else to be sent."""

    delivery: Delivery
    release: Release
    lease: UUID
    until: Instant
    look: bool


def claim(conn: Connection[Any], lease: UUID, now: Instant, patience: Patience, most: int) -> list[Job]:
    """Takes what is due, in the caller's transaction: marks tries as attempting under the gate, puts overdue aside.

    When this has committed, a stop knows of every try; until it has, nothing may be sent.
    """
    stops.pass_gate(conn)
    facts = [
        fact_of_delivery("townhall.delivery.overdue", late, ACTOR, now)
        for late in outbox.put_aside_overdue(conn, now)
    ]
    until = now + patience.lease
    looks = outbox.claim_looks(conn, now, lease, until, patience.settle, most)
    accounts = reply_place.sending_accounts(conn)
    tries = outbox.claim_tries(conn, now, accounts, lease, until, most - len(looks))
    jobs = []
    for delivery in [*looks, *tries]:
        release = releases.get(conn, delivery.release_id)
        assert release
        look = delivery.state == "unclear"
        if not look and not _is_what_was_released(conn, delivery, release):
            outbox.settle(conn, delivery.id, lease, Next("failed", now), TAMPERED, now)
            facts.append(fact_of_delivery("townhall.delivery.refused", delivery, ACTOR, now))
            continue
        jobs.append(Job(delivery, release, lease, until, look))
    facts += [
        fact_of_delivery(
            "townhall.delivery.attempted", job.delivery, ACTOR, now, attempt=job.delivery.attempts
        )
        for job in jobs
        if not job.look
    ]
    journal.append(conn, facts)
    return jobs


def pay(conn: Connection[Any], job: Job, micro_usd: int) -> None:
    """Adds what a call cost to what its account's network has cost so far, whatever becomes of the delivery."""
    if micro_usd:
        health.note_cost(conn, job.delivery.account_id, micro_usd)


def settle(
    conn: Connection[Any],
    job: Job,
    then: Next,
    error: str,
    now: Instant,
    pause_until: Instant = 0,
) -> None:
    """Writes a try or a look that did not end in a receipt."""
    if pause_until > now:
        outbox.ask_to_pause(conn, job.delivery.brand_id, job.delivery.account_id, pause_until, error)
    if not outbox.settle(conn, job.delivery.id, job.lease, then, error, now):
        return
    fact = {"failed": "townhall.delivery.failed", "doubtful": "townhall.delivery.doubted"}.get(then.state)
    if fact:
        journal.append(conn, [fact_of_delivery(fact, job.delivery, ACTOR, now)])


def settle_sent(conn: Connection[Any], keys: Keys, job: Job, receipt: Receipt, now: Instant) -> None:
    """Marks it sent and hands our own post to intake, in one transaction.

    A receipt that belongs to another delivery already proves nothing about this one: a person decides.
    """
    pay(conn, job, receipt.look_micro_usd)
    try:
        with conn.transaction():
            fresh = outbox.settle_sent(conn, job.delivery.id, receipt, ACTOR, now, handed_back=True)
    except UniqueViolation:
        settle(conn, job, Next("doubtful", now), "the network shows a post of another reply", now)
        return
    if fresh:
        pay(conn, job, receipt.cost_micro_usd)
        _hand_back(conn, keys, job.delivery, job.release, receipt, now)
        journal.append(
            conn, [fact_of("townhall.release.sent", job.release, ACTOR, now, delivery=job.delivery.id)]
        )


def hand_back_settled(conn: Connection[Any], keys: Keys, now: Instant) -> int:
    """Hands posts to intake that a person settled as sent. Gives how many."""
    waiting = outbox.to_hand_back(conn)
    facts = []
    for delivery in waiting:
        release = releases.get(conn, delivery.release_id)
        assert release
        receipt = Receipt(delivery.native_id, delivery.url, delivery.sent_at or now)
        _hand_back(conn, keys, delivery, release, receipt, now)
        outbox.mark_handed_back(conn, delivery.id)
        facts.append(fact_of("townhall.release.sent", release, ACTOR, now, delivery=delivery.id))
    journal.append(conn, facts)
    return len(waiting)


def known_posts(conn: Connection[Any], delivery: Delivery) -> frozenset[str]:
    """Posts that other deliveries of the account made about that time: a look must not take one of them for its own."""
    since = (delivery.first_attempt_at or 0) - 60 * MINUTE
    return outbox.native_ids(conn, delivery.account_id, max(since, 0))


def _hand_back(
    conn: Connection[Any], keys: Keys, delivery: Delivery, release: Release, receipt: Receipt, now: Instant
) -> None:
    account = intake.account(conn, delivery.account_id)
    receive(conn, keys, account, "activitystreams", [own_post(account, release, receipt)], now)


def _is_what_was_released(conn: Connection[Any], delivery: Delivery, release: Release) -> bool:
    """The words, account and audience about to go are those that the guard allowed or a person approved."""
    digest = digest_of(release.saying)
    if release.state != "released" or not digest == release.digest == delivery.digest:
        return False
    if release.account_id != delivery.account_id:
        return False
    held = holds.get(conn, release.id)
    if held is None or held.outcome == "withdrawn":
        return True
    return are_met(held.steps, holds.standing(conn, release.id), release.author_id, digest)
