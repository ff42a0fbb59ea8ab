"""The facts of a batch, as exact bytes. Ids and verdicts only: what people wrote stays in content.

The two that every post has are written by hand, to the letter of ``kernel.fact.encode`` (a test holds them to it):
that is half of what they cost.
"""

from collections.abc import Iterator
from functools import lru_cache

from msgspec import json

from townhall.flow.batch import Act, Arrival, Plan
from townhall.flow.clocks import Refolded
from townhall.kernel.clock import Instant
from townhall.kernel.fact import Fact, encode
from townhall.routing.ledger import Commitment

RECEIVED = "townhall.interaction.received"
JUDGED = "townhall.interaction.judged"
FOLDED = "townhall.interaction.changed"
OPENED = "townhall.case.opened"
STARTED = "townhall.commitment.started"
SATISFIED = "townhall.commitment.satisfied"
REFOLDED = "townhall.commitment.refolded"


def received(arrival: Arrival) -> bytes:
    """A post came in: where its exact bytes lie, and whose it is."""
    block = arrival.block
    return (
        f'{{"type":"{RECEIVED}","subject":"interaction/{arrival.id}","time":{block.received},"brand":{block.brand_id},'
        f'"data":{{"delivery":{block.id},"item":{arrival.place},"account":{block.account_id},"thread":{arrival.thread},'
        f'"author":{arrival.author},"published":{arrival.at},"own":{"true" if arrival.act.own else "false"}}},'
        f'"content":"{arrival.content}"}}'
    ).encode()


def judged(arrival: Arrival, now: Instant, policy: int, block: int, item: int, digest: str) -> bytes:
    """A post was held against the policy; the content is the very context that was judged."""
    verdict = arrival.verdict
    assert verdict is not None
    return (
        f'{{"type":"{JUDGED}","subject":"interaction/{arrival.id}","time":{now},"brand":{arrival.block.brand_id},'
        f'"data":{{"policy":{policy},"rule":{_quoted(verdict.rule)},"effect":"{verdict.effect}",'
        f'"priority":{verdict.priority},"queue":{_quoted(verdict.queue)},"block":{block},"item":{item}}},'
        f'"content":"{digest}"}}'
    ).encode()


@lru_cache(maxsize=4096)
def _quoted(word: str) -> str:
    return json.encode(word).decode()


def folded(act: Act, interaction: int) -> bytes:
    """A stored post was edited, deleted, liked, reposted or reported (0: it has not come yet)."""
    data = {"verb": act.act.verb, "delivery": act.block.id, "item": act.place, "happened": act.at}
    return encode(
        Fact(
            type=FOLDED, subject=f"interaction/{interaction}", time=act.block.received,
            brand=act.block.brand_id, data=data, content=act.content,
        )
    )  # fmt: skip


def of_plan(plan: Plan, now: Instant) -> Iterator[bytes]:
    """Cases opened, promises started, brought forward and kept."""
    brands = {case.id: case.brand for case in plan.cases}
    for case in plan.cases:
        if case.fresh:
            data = {"thread": case.thread, "customer": case.customer, "queue": case.queue}
            yield encode(Fact(type=OPENED, subject=f"case/{case.id}", time=now, brand=case.brand, data=data))
    for row in plan.commitments.values():
        data = {"case": row[2], "post": row[3], "metric": row[4], "started": row[10], "due": row[11]}
        yield encode(Fact(type=STARTED, subject=f"commitment/{row[0]}", time=now, brand=row[1], data=data))
        if row[12] is not None:
            yield _kept(row[0], row[1], row[12], row[13], now)
    for commitment, (brand, metric, started, due) in plan.pressed.items():
        data = {
            "metric": metric, "started": started, "due": due, "satisfied": 0, "cancelled": 0, "cause": "", "paused": 0,
        }  # fmt: skip
        yield encode(
            Fact(type=REFOLDED, subject=f"commitment/{commitment}", time=now, brand=brand, data=data)
        )
    for commitment, at, by, case_id in plan.satisfied:
        yield _kept(commitment, brands[case_id], at, by, now)


def of_refolding(result: Refolded, now: Instant) -> Iterator[Fact]:
    """Promises as they stand after folding again; one that never was is told as withdrawn."""
    for c in result.after:
        yield _refolded(c, c.satisfied, c.cancelled, c.cause, now)
    for c in result.withdrawn():
        yield _refolded(c, 0, c.started, "withdrawn", now)


def _refolded(c: Commitment, satisfied: Instant, cancelled: Instant, cause: str, now: Instant) -> Fact:
    data = {
        "metric": c.metric, "started": c.started, "due": c.due, "satisfied": satisfied, "cancelled": cancelled,
        "cause": cause, "paused": c.paused,
    }  # fmt: skip
    return Fact(type=REFOLDED, subject=f"commitment/{c.id}", time=now, brand=c.brand, data=data)


def _kept(commitment: int, brand: int, at: Instant, by: str, now: Instant) -> bytes:
    return encode(
        Fact(
            type=SATISFIED,
            subject=f"commitment/{commitment}",
            time=now,
            brand=brand,
            data={"at": at, "by": by},
        )
    )
