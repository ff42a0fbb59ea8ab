"""The facts of the outbound door. Ids, verdicts and the digests of pictures; all words are bound by salted hashes."""

from typing import Any

from townhall.kernel.clock import Instant
from townhall.kernel.fact import Fact
from townhall.outbound.logic.seal import salted_digest, salted_words
from townhall.outbound.store.outbox import Delivery
from townhall.outbound.store.releases import Release


def fact_of(kind: str, release: Release, actor: str, now: Instant, **data: Any) -> Fact:
    """A fact about a release; its content is the salted hash of exact words and pictures, account and audience."""
    shown = [{"digest": one.digest, "alt": salted_words(release.salt, one.alt)} for one in release.pictures]
    return Fact(
        type=kind,
        subject=f"release/{release.id}",
        time=now,
        brand=release.brand_id,
        actor=actor,
        data={
            "case": release.case_id, "thread": release.thread_id, "account": release.account_id,
            **({"pictures": shown} if shown else {}), **data,
        },
        content=salted_digest(release.salt, release.saying),
    )  # fmt: skip


def fact_of_delivery(kind: str, delivery: Delivery, actor: str, now: Instant, **data: Any) -> Fact:
    """A fact about a delivery on its way."""
    return Fact(
        type=kind,
        subject=f"release/{delivery.release_id}",
        time=now,
        brand=delivery.brand_id,
        actor=actor,
        data={"delivery": delivery.id, "account": delivery.account_id, **data},
    )


def fact_of_case(kind: str, brand_id: int, case_id: int, actor: str, now: Instant, **data: Any) -> Fact:
    """A fact about what somebody decided at a case before anything was released."""
    return Fact(type=kind, subject=f"case/{case_id}", time=now, brand=brand_id, actor=actor, data=data)


def fact_of_brand(kind: str, brand_id: int, actor: str, now: Instant, **data: Any) -> Fact:
    """A fact about a brand's outbound as a whole: stopped, resumed."""
    return Fact(type=kind, subject=f"brand/{brand_id}", time=now, brand=brand_id, actor=actor, data=data)
