"""Take deliveries that came by webhook: many of them in one transaction, each answered for itself."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, Literal

from msgspec import Struct
from psycopg import Connection

from townhall.flow.receive import receive
from townhall.intake import health, hooks, store
from townhall.intake.store import Account
from townhall.kernel.clock import Instant
from townhall.vault import Keys

Outcome = Literal["taken", "repeated", "refused"]


class Delivery(Struct, frozen=True):
    """A delivery whose signature held. ``name`` is its id at the sender; ``items`` exact bytes, one post or act each."""

    account: Account
    name: str
    items: tuple[bytes, ...]


class Answer(Struct, frozen=True):
    """What became of a delivery: how many items were queued, how many refused and why the first was."""

    outcome: Outcome
    taken: int
    refused: int
    reason: str = ""


def take_deliveries(
    connection: Connection[Any], keys: Keys, deliveries: Sequence[Delivery], now: Instant
) -> list[Answer]:
    """Queues what is new, in the caller's transaction; the answers hold once that commits."""
    fresh = hooks.first_seen(connection, [(d.account.id, d.name) for d in deliveries])
    answers: list[Answer] = []
    for delivery in deliveries:
        key = (delivery.account.id, delivery.name)
        answers.append(_take(connection, keys, delivery, now) if key in fresh else Answer("repeated", 0, 0))
        fresh.discard(key)
    hooks.count(
        connection, Counter((d.account.id, a.outcome) for d, a in zip(deliveries, answers, strict=True))
    )
    both = zip(deliveries, answers, strict=True)
    heard = {d.account.id for d, a in both if d.account.channel == "webhook" and a.outcome != "refused"}
    if heard:  # an account that is polled as well is judged by its polling
        health.note_delivered(connection, sorted(heard), now)
    return answers


def count_turned_away(connection: Connection[Any], turned: Counter[tuple[int, str]]) -> None:
    """Keeps count of deliveries that were not let in (unsigned, too old, too large …), by account (0: unknown)."""
    if turned:
        hooks.count(connection, turned)


def _take(connection: Connection[Any], keys: Keys, delivery: Delivery, now: Instant) -> Answer:
    result = receive(connection, keys, delivery.account, delivery.account.channel, delivery.items, now)
    reason = result.rejects[0].reason if result.rejects else ""
    outcome: Outcome = "refused" if result.rejects and not result.taken else "taken"
    return Answer(outcome, result.taken, len(result.rejects), reason)


def account_of(connection: Connection[Any], account_id: int) -> Account:
    """The account a hook's path names. Raises ``NotFound``."""
    return store.account(connection, account_id)
