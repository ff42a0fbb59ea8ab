"""The two ways a release goes on from the guard: into the outbox, or held until somebody approves."""

from typing import Any

from psycopg import Connection

from townhall.flow.outbound_facts import fact_of
from townhall.flow.outbound_outcome import Held, Released
from townhall.kernel.clock import Instant
from townhall.kernel.fact import Fact
from townhall.outbound.logic.journey import GO_WITHIN, HOLD_LIFE, NEVER
from townhall.outbound.logic.seal import salted_digest
from townhall.outbound.logic.words import Hold
from townhall.outbound.store import holds, outbox
from townhall.outbound.store.releases import Release


def let_go(
    conn: Connection[Any],
    release: Release,
    actor: str,
    now: Instant,
    window: Instant,
    *,
    until: Instant = NEVER,
) -> tuple[Released, Fact]:
    """Puts the release into the outbox under a decision of its own; what has not gone ``until`` then goes no more by itself.

    Raises ``Conflict`` for words that go already.
    """
    mark = salted_digest(release.salt, release.saying)[:24]
    decision = f"release-{release.id}-{release.version}-{mark}"
    delivery = outbox.add(
        conn, release.brand_id, release.id, decision, f"townhall-{release.id}-{release.version}-{mark}",
        release.digest, now + window, min(now + window + GO_WITHIN, until), now,
    )  # fmt: skip
    fact = fact_of("townhall.release.released", release, actor, now, delivery=delivery, decision=decision)
    return Released(release.id, delivery, now + window), fact


def hold_it(
    conn: Connection[Any], release: Release, decision: Hold, actor: str, now: Instant
) -> tuple[Held, Fact]:
    """Holds the release for approval by another person."""
    kinds = tuple(dict.fromkeys(remark.finding.kind for remark in decision.remarks))
    expires = now + HOLD_LIFE
    holds.begin(
        conn,
        holds.Held(
            release.id,
            release.brand_id,
            decision.why,
            kinds,
            decision.approvers,
            decision.steps,
            now,
            expires,
        ),
    )
    fact = fact_of(
        "townhall.release.held",
        release,
        actor,
        now,
        reasons=list(kinds),
        approvers=[sorted(step) for step in decision.steps],
    )
    return Held(release.id, decision.why, decision.approvers, expires, decision), fact
