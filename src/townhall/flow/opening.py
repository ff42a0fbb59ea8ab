"""Open a brand or an account: what a newcomer needs before the first post can be judged."""

from typing import Any

import msgspec
from msgspec import Struct
from psycopg import Connection

from townhall import journal
from townhall.flow.policy_activation import queues_of
from townhall.intake import store as intake
from townhall.kernel.clock import Instant
from townhall.kernel.errors import Refused
from townhall.kernel.fact import Fact
from townhall.people import brands
from townhall.people.brands import Brand
from townhall.policy import library
from townhall.policy import store as policies
from townhall.policy.logic import parse_policy
from townhall.routing import store as routing

HOURS = "default"
"""The calendar that a brand begins with, by the name that the starter policy gives it."""
_DOCUMENT: dict[str, Any] = {
    "id": HOURS,
    "weekly": {"mon-fri": ["08:00-20:00"], "sat": ["09:00-17:00"]},
}


class Opened(Struct, frozen=True):
    """The brand, and whether it was made just now."""

    brand: Brand
    fresh: bool


def open_brand(
    connection: Connection[Any],
    slug: str,
    now: Instant,
    *,
    name: str = "",
    zone: str = "UTC",
    actor: str = "system",
    pack: str = library.PLAIN,
) -> Opened:
    """The brand of that slug, made in observe-only with the starter policy, queues and hours when it is missing.

    Raises ``Refused`` for a slug that is not lower-case letters, digits and hyphens.
    """
    if (
        not slug.replace("-", "").isalnum()
        or slug != slug.lower()
        or not slug.isascii()
        or slug.startswith("-")
    ):
        raise Refused(f"a brand's short name is lower-case letters, digits and hyphens, not {slug!r}")
    brand, fresh = brands.ensure(connection, slug, name or slug.replace("-", " ").title(), zone=zone)
    if fresh:
        furnish(connection, brand.id, zone, now, actor, pack)
    return Opened(brand, fresh)


def furnish(
    connection: Connection[Any], brand_id: int, zone: str, now: Instant, actor: str, pack: str = library.PLAIN
) -> None:
    """Gives a brand that was just made its starter policy, hours and queues; the fact goes last."""
    source = library.source(pack)
    policy = parse_policy(source)
    policies.add(
        connection, brand_id, source, policy.digest, actor, activate=True, approvals=policy.approvals()
    )
    document = msgspec.json.encode(_DOCUMENT | {"zone": zone}).decode()
    routing.add_calendar(connection, brand_id, HOURS, document)
    routing.add_queues(connection, brand_id, queues_of(policy))
    fact = Fact(
        type="townhall.brand.opened", subject=f"brand/{brand_id}", time=now, brand=brand_id, actor=actor
    )
    journal.append(connection, [fact])


def open_account(connection: Connection[Any], brand: Brand, channel: str, handle: str) -> intake.Account:
    """The brand's account on a channel, made when it is missing."""
    return intake.account(connection, intake.ensure_account(connection, brand.id, channel, handle))


def starter() -> str:
    """The response policy that a new brand begins with."""
    return library.source(library.PLAIN)
