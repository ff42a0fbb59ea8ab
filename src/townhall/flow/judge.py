"""Understand and judge a batch: texts are enriched together, posts from outside are held against the policy."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from townhall.flow.acquaintance import MOST
from townhall.flow.batch import Arrival, History, Known
from townhall.flow.danger import danger_of, kinds
from townhall.flow.house import House
from townhall.policy.logic import Context, Verdict, judge

OWN = Verdict(
    effect="", respond=False, priority=3, queue="", first_response=0, next_response=0, calendar="",
    rule="", matched=(), reason="our own post",
)  # fmt: skip
"""What stands beside a post of ours: nothing is promised for it."""


def understand(house: House, arrivals: Sequence[Arrival]) -> None:
    """Enriches every arrival in place."""
    texts, hints = [a.act.text for a in arrivals], [a.act.language for a in arrivals]
    enriched, likely = house.understanding.read(texts, hints)
    for arrival, found in zip(arrivals, enriched, strict=True):
        arrival.enriched = found
    if house.taught.of:
        _as_taught(house, arrivals, likely)
    _look_around(house, [arrival for arrival in arrivals if not arrival.act.own])


def _as_taught(house: House, arrivals: Sequence[Arrival], likely: Mapping[str, Any]) -> None:
    """Corrects what was found in posts of brands that have models of their own."""
    places: dict[int, list[int]] = {}
    for place, arrival in enumerate(arrivals):
        if arrival.block.brand_id in house.taught.of:
            places.setdefault(arrival.block.brand_id, []).append(place)
    for brand, mine in places.items():
        posts = [arrivals[place] for place in mine]
        fixed, _ = house.taught.of[brand].corrected(
            house.understanding, [post.act.text for post in posts], [post.enriched for post in posts if post.enriched],
            {head: chances[mine] for head, chances in likely.items()},
        )  # fmt: skip
        for post, found in zip(posts, fixed, strict=True):
            post.enriched = found


def _look_around(house: House, arrivals: Sequence[Arrival]) -> None:
    """What a text alone does not show: near-copies by others, links and names that imitate the brand's own."""
    seen = [
        (a.block.brand_id, a.enriched.simhash, a.at, a.author, len(a.enriched.terms))
        for a in arrivals
        if a.enriched is not None
    ]
    for arrival, copies in zip(arrivals, house.copies.count(seen), strict=True):
        assert arrival.enriched is not None
        own = house.own_names[arrival.block.brand_id]
        arrival.danger = danger_of(arrival.enriched, arrival.act, own, copies)


def pass_judgement(house: House, arrivals: Sequence[Arrival], known: Known) -> list[Context | None]:
    """Gives every arrival its verdict in place and returns the contexts judged (``None`` for our own posts)."""
    contexts: list[Context | None] = []
    so_far: Counter[int] = Counter()
    by_brand: dict[int, list[tuple[Arrival, Context]]] = {}
    for arrival in arrivals:
        if arrival.act.own:
            arrival.verdict = OWN
            contexts.append(None)
            continue
        context = _context(house, arrival, known)
        if known.histories is not None and arrival.author in known.histories:
            context = _remembered(context, known.histories[arrival.author], so_far[arrival.author])
            so_far[arrival.author] += 1
        contexts.append(context)
        by_brand.setdefault(arrival.block.brand_id, []).append((arrival, context))
    for brand, pairs in by_brand.items():
        verdicts = judge(house.policies[brand], [context for _, context in pairs])
        for (arrival, _), verdict in zip(pairs, verdicts, strict=True):
            arrival.verdict = verdict
    return contexts


def _remembered(context: Context, history: History, so_far: int) -> Context:
    """The context with what was looked up; ``so_far`` are the author's posts that come before in the same batch.

    How many follow them is what their network says; what the firm noted counts where it says nothing.
    """
    followers = context.author_followers if context.author_followers >= 0 else history.followers
    return replace(
        context, looked_up=True, author_posts=min(history.posts + so_far, MOST), author_cases=history.cases,
        author_cases_open=history.cases_open, author_tier=history.tier, author_followers=followers,
        answered_before=history.answered,
    )  # fmt: skip


def _context(house: House, arrival: Arrival, known: Known) -> Context:
    act, found, brand = arrival.act, arrival.enriched, arrival.block.brand_id
    assert found is not None
    thread = known.threads.get(arrival.thread)
    hour, weekday, is_open = house.moment(brand, arrival.at)
    account = house.accounts[arrival.block.account_id]
    return Context(
        text=act.text, language=found.language, question=found.question, question_p=found.question_p,
        intent=found.intent, intent_p=found.intent_p, sentiment=found.sentiment, sentiment_p=found.sentiment_p,
        complaint_p=found.complaint_p, has_media=bool(act.media), length=len(act.text),
        finding_kinds=kinds(found, arrival.danger), visibility=act.visibility, is_reply=arrival.parent is not None,
        author_handle=act.author_handle, author_known=arrival.author not in known.strangers,
        author_followers=act.author_followers, thread_posts=thread.posts if thread else 0,
        thread_ours_last=bool(thread and thread.last_out > thread.last_in), channel=account.channel,
        account=account.handle, brand=house.brands[brand].slug, hour=hour, weekday=weekday, open=is_open,
        at=arrival.at, abuse_p=found.abuse_p, spam_p=found.spam_p, urgent_p=found.urgent_p,
        link_risk=arrival.danger.link_risk, near_copies=arrival.danger.copies, imitates_p=arrival.danger.imitates,
        signs=(*found.signs, *arrival.danger.signs), read_by=house.read_by(brand),
    )  # fmt: skip
