"""Understand and judge a batch: texts are enriched together, posts from outside are held against the policy."""

from collections.abc import Sequence

from townhall.flow.batch import Arrival, Known
from townhall.flow.house import House
from townhall.policy.logic import Context, Verdict, judge

OWN = Verdict(
    effect="", respond=False, priority=3, queue="", first_response=0, next_response=0, calendar="",
    rule="", matched=(), reason="our own post",
)  # fmt: skip
"""What stands beside a post of ours: nothing is promised for it."""


def understand(house: House, arrivals: Sequence[Arrival]) -> None:
    """Enriches every arrival in place."""
    enriched = house.understanding.enrich(
        [arrival.act.text for arrival in arrivals], [arrival.act.language for arrival in arrivals]
    )
    for arrival, found in zip(arrivals, enriched, strict=True):
        arrival.enriched = found


def pass_judgement(house: House, arrivals: Sequence[Arrival], known: Known) -> list[Context | None]:
    """Gives every arrival its verdict in place and returns the contexts judged (``None`` for our own posts)."""
    contexts: list[Context | None] = []
    by_brand: dict[int, list[tuple[Arrival, Context]]] = {}
    for arrival in arrivals:
        if arrival.act.own:
            arrival.verdict = OWN
            contexts.append(None)
            continue
        context = _context(house, arrival, known)
        contexts.append(context)
        by_brand.setdefault(arrival.block.brand_id, []).append((arrival, context))
    for brand, pairs in by_brand.items():
        verdicts = judge(house.policies[brand], [context for _, context in pairs])
        for (arrival, _), verdict in zip(pairs, verdicts, strict=True):
            arrival.verdict = verdict
    return contexts


def _context(house: House, arrival: Arrival, known: Known) -> Context:
    act, found, brand = arrival.act, arrival.enriched, arrival.block.brand_id
    assert found is not None
    thread = known.threads.get(arrival.thread)
    hour, weekday, is_open = house.moment(brand, arrival.at)
    account = house.accounts[arrival.block.account_id]
    return Context(
        text=act.text,
        language=found.language,
        question=found.question,
        question_p=found.question_p,
        intent=found.intent,
        sentiment=found.sentiment,
        complaint_p=found.complaint_p,
        has_media=bool(act.media),
        length=len(act.text),
        finding_kinds=tuple(sorted({finding.kind for finding in found.findings})) if found.findings else (),
        visibility=act.visibility,
        is_reply=arrival.parent is not None,
        author_handle=act.author_handle,
        author_known=arrival.author not in known.strangers,
        thread_posts=thread.posts if thread else 0,
        thread_ours_last=bool(thread and thread.last_out > thread.last_in),
        channel=account.channel,
        account=account.handle,
        brand=house.brands[brand].slug,
        hour=hour,
        weekday=weekday,
        open=is_open,
        at=arrival.at,
    )
