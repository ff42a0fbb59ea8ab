"""The facts of a batch, as exact bytes. Ids and verdicts only: what people wrote stays in content.

The two that every post has are written by hand, to the letter of ``kernel.fact.encode`` (a test holds them to it):
that is half of what they cost.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache

from msgspec import json

from townhall.flow.batch import Act, Arrival, Plan
from townhall.kernel.clock import Instant
from townhall.kernel.fact import Fact, encode

RECEIVED = "townhall.interaction.received"
JUDGED = "townhall.interaction.judged"
FOLDED = "townhall.interaction.changed"
OPENED = "townhall.case.opened"
STARTED = "townhall.commitment.started"
SATISFIED = "townhall.commitment.satisfied"


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
    """Cases opened, promises started and promises kept."""
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
    for commitment, at, by, case_id in plan.satisfied:
        yield _kept(commitment, brands[case_id], at, by, now)


def of_refolding(
    rows: Sequence[tuple[int, int, Instant, Instant, Instant, Instant, str]], now: Instant
) -> Iterator[bytes]:
    """Promises as they stand after folding again: (id, brand, started, due, satisfied, cancelled, cause)."""
    for commitment, brand, started, due, satisfied, cancelled, cause in rows:
        data = {
            "started": started,
            "due": due,
            "satisfied": satisfied,
            "cancelled": cancelled,
            "cause": cause,
        }
        yield encode(
            Fact(
                type="townhall.commitment.refolded",
                subject=f"commitment/{commitment}",
                time=now,
                brand=brand,
                data=data,
            )
        )


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
