"""What only a person can decide about a delivery: one that is doubtful, overdue or failed; and remarks waved away."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Any, Literal

from msgspec import Struct
from psycopg import Connection

from townhall import journal
from townhall.channels.port import Receipt
from townhall.flow.outbound_facts import fact_of_case, fact_of_delivery
from townhall.flow.outbound_gather import place_of
from townhall.kernel.clock import Instant
from townhall.kernel.errors import Conflict, NotFound, Refused
from townhall.kernel.finding import FindingKind
from townhall.outbound.logic.journey import GO_WITHIN
from townhall.outbound.store import outbox, terms
from townhall.outbound.store.outbox import Delivery
from townhall.people.doors import Asker, require

Verdict = Literal["sent", "again", "drop"]


class NewTime(Struct, frozen=True):
    """Deliveries that go now, and those that had moved on or cannot."""

    going: tuple[int, ...]
    left: tuple[int, ...]


def resolve(
    conn: Connection[Any],
    asker: Asker,
    delivery_id: int,
    verdict: Verdict,
    now: Instant,
    *,
    native_id: str = "",
    url: str = "",
) -> None:
    """A person who looked at the network decides about a doubtful delivery: it is there, send it again, or drop it.

    Raises ``Conflict`` when it is not doubtful (any more).
    """
    require(asker, "reply")
    delivery = _own(conn, asker, delivery_id)
    if verdict == "sent":
        receipt = Receipt(native_id or f"urn:townhall:delivery:{delivery_id}", url, now)
        done = delivery.state == "doubtful" and outbox.settle_sent(
            conn, delivery_id, receipt, asker.actor, now, handed_back=False
        )
    else:
        done = _moved(conn, asker, delivery_id, verdict, now)
    if not done:
        raise Conflict("This is not in doubt any more.")
    journal.append(
        conn, [fact_of_delivery("townhall.delivery.resolved", delivery, asker.actor, now, verdict=verdict)]
    )


def _moved(conn: Connection[Any], asker: Asker, delivery_id: int, verdict: Verdict, now: Instant) -> bool:
    """It goes again, or not at all."""
    if verdict == "drop":
        return outbox.move(conn, delivery_id, ("doubtful",), "undone", asker.actor, now)
    if verdict != "again":
        raise Refused("Decide sent, again or drop.")
    return outbox.move(
        conn, delivery_id, ("doubtful",), "waiting", asker.actor, now, not_before=now, go_by=now + GO_WITHIN
    )


def give_new_time(
    conn: Connection[Any], asker: Asker, delivery_ids: Sequence[int], now: Instant, *, at: Instant = 0
) -> NewTime:
    """Overdue or failed deliveries go after all, now or ``at`` a later instant; one act for many ("Release 12 replies")."""
    require(asker, "reply")
    start = max(at, now)
    going: list[int] = []
    left: list[int] = []
    facts = []
    for delivery_id in sorted(set(delivery_ids)):
        delivery = _own(conn, asker, delivery_id)
        moved = outbox.move(
            conn, delivery_id, ("overdue", "failed"), "waiting", asker.actor, now,
            not_before=start, go_by=start + GO_WITHIN,
        )  # fmt: skip
        (going if moved else left).append(delivery_id)
        if moved:
            facts.append(fact_of_delivery("townhall.delivery.given_time", delivery, asker.actor, now))
    journal.append(conn, facts)
    return NewTime(tuple(going), tuple(left))


def dismiss(
    conn: Connection[Any],
    asker: Asker,
    case_id: int,
    kind: FindingKind,
    words: str,
    because: str,
    now: Instant,
) -> None:
    """Keeps "not a problem, because…" about a remark on some words, and records that it was said.

    It informs the approver and is counted; it lifts no hold. Raises ``Forbidden``, ``NotFound``, or ``Refused`` without a reason.
    """
    require(asker, "reply")
    place_of(conn, asker, case_id)
    if not because.strip():
        raise Refused("Say why it is not a problem.")
    terms.dismiss(
        conn, asker.brand_id, case_id, asker.staff_id, kind, sha256(words.encode()).digest(), because, now
    )
    journal.append(
        conn,
        [fact_of_case("townhall.finding.dismissed", asker.brand_id, case_id, asker.actor, now, finding=kind)],
    )


def _own(conn: Connection[Any], asker: Asker, delivery_id: int) -> Delivery:
    delivery = outbox.get(conn, delivery_id, lock=True)
    if delivery is None or delivery.brand_id != asker.brand_id:
        raise NotFound("There is no such delivery.")
    return delivery
