"""Decide what a judged batch means: rows, threads, cases and promises. No database here.

The quick way follows posts in the order they were published. A thread that gets a post older than what it already
holds is put on the list for folding again (``Plan.refold``), and ``clocks`` does the same sum from all its events.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby

import msgspec

from townhall.analytics.logic.buckets import ANSWER_SLOT, MADE, bucket_of
from townhall.care.bulk import OpenCase
from townhall.care.escalations import Escalation
from townhall.enrich import Enriched
from townhall.enrich.logic.feeling import feeling
from townhall.flow.batch import Arrival, Known, Plan
from townhall.flow.danger import kinds
from townhall.flow.house import House
from townhall.flow.promised import ROUND_THE_CLOCK
from townhall.kernel.clock import DAY, MINUTE, Instant
from townhall.kernel.ids import Snowflake
from townhall.policy.logic import Verdict

NEWS: Instant = DAY
"""An escalation that is older when it comes in, as in an import, is told to nobody."""
_json = msgspec.json.Encoder().encode
SNIPPET = 160
_FEELINGS = {"negative": 4, "positive": 5, "unsure": 6}
"""Which count of a minute a feeling adds to."""


def decide(house: House, ids: Snowflake, arrivals: Sequence[Arrival], known: Known) -> Plan:
    """Everything the batch writes but its facts. At most three ids a post: its own, a case's, a promise's."""
    plan = Plan()
    fresh_ids = iter(ids.take(3 * len(arrivals)))
    for arrival, fresh in zip(arrivals, fresh_ids, strict=False):
        arrival.id = fresh
        _meet(house, arrival, known, plan)
    ordered = sorted(arrivals, key=lambda a: (a.thread, a.at, a.key))
    for thread, posts in groupby(ordered, key=lambda a: a.thread):
        _follow(house, fresh_ids, thread, list(posts), known, plan)
    return plan


def row(arrival: Arrival, policy: int, facts: int, ordinal: int) -> tuple[object, ...]:
    """The wide row of an arrival, its columns in the order of ``rows.INTERACTIONS``; ``facts`` is its block of facts."""
    act, found, verdict = arrival.act, arrival.enriched, arrival.verdict
    assert found is not None and verdict is not None
    block = arrival.block
    return (
        arrival.id, block.brand_id, block.account_id, arrival.key, arrival.thread, arrival.author, arrival.at,
        block.received, found.question, found.sentiment, found.sentiment_p, found.simhash, verdict.priority, policy,
        facts, ordinal, block.id, "out" if act.own else "in", act.visibility, found.language, found.intent,
        verdict.effect, verdict.queue, verdict.rule, arrival.parent, act.object_id, act.text, act.url,
        _json(act.media) if act.media else None, found.topics,
        kinds(found, arrival.danger),
    )  # fmt: skip


def _meet(house: House, arrival: Arrival, known: Known, plan: Plan) -> None:
    """Counts the arrival and introduces its author."""
    act, block = arrival.act, arrival.block
    found, verdict = arrival.enriched, arrival.verdict
    assert found is not None and verdict is not None
    plan.ledger.append((arrival.key, arrival.id, arrival.thread))
    if arrival.author in known.strangers and arrival.author not in plan.identities:
        plan.identities[arrival.author] = (
            arrival.author, block.brand_id, house.accounts[block.account_id].channel, act.author_id,
            act.author_handle, act.author_name, act.author_kind, act.own, arrival.at,
        )  # fmt: skip
    minute = (arrival.at // MINUTE * MINUTE, block.brand_id, block.account_id)
    counts = plan.volumes.get(minute)
    if counts is None:
        counts = plan.volumes[minute] = [0] * 8
    counts[0] += 1
    counts[2 if act.own else 1] += 1
    if not act.own:
        counts[3] += found.question
        if place := _FEELINGS.get(feeling(found.sentiment, found.sentiment_p)):
            counts[place] += 1
        counts[7] += verdict.respond


def _follow(
    house: House, ids: Iterator[int], thread: int, posts: list[Arrival], known: Known, plan: Plan
) -> None:
    """One thread's new posts in the order they were published."""
    state = known.threads.get(thread)
    if state is not None:
        plan.grown.add(thread)
        if posts[0].at <= max(state.last_in, state.last_out):
            plan.refold.add(thread)
    if posts[0].at <= house.last_counted(posts[0].block.brand_id):
        plan.refold.add(
            thread
        )  # later hours may count for what this post asks, unless it was answered by then
    _grow(thread, posts, plan)
    cases = known.cases.get(thread, {})
    for case in cases.values():
        if case.folded:
            plan.refold.add(thread)
    for post in posts:
        assert post.verdict is not None
        if post.act.own:
            _answered(post, cases, known, plan)
        elif post.verdict.respond:
            _asked(house, ids, post, cases, plan)
        elif post.author in cases:
            _touched(cases[post.author], post, plan)


def _grow(thread: int, posts: list[Arrival], plan: Plan) -> None:
    first = posts[0]
    seen_in = seen_out = 0
    for post in posts:  # in the order they were published
        if post.act.own:
            seen_out = post.at
        else:
            seen_in = post.at
    plan.threads[thread] = [
        first.block.brand_id, first.block.account_id, first.act.conversation_key(), first.act.visibility,
        first.at, posts[-1].at, len(posts), seen_in, seen_out,
    ]  # fmt: skip


def _asked(house: House, ids: Iterator[int], post: Arrival, cases: dict[int, OpenCase], plan: Plan) -> None:
    """A post that the policy wants answered: opens a case or waits in one, and starts a promise if none runs."""
    case, verdict = cases.get(post.author), post.verdict
    assert verdict is not None
    if case is None:
        if verdict.effect == "acknowledge" and not verdict.first_response:
            return  # a word of thanks is nice, but nobody waits for it: no promise, no case
        case = cases[post.author] = _open(ids, post, verdict, plan)
    else:
        _touched(case, post, plan)
        case.priority = min(case.priority, verdict.priority)
    if verdict.effect == "escalate" and post.block.received - post.at < NEWS:
        plan.escalated.append(Escalation(case.id, post.id, case.brand, verdict.queue, verdict.rule))
    case.state = "open"
    if case.folded or not verdict.plain or post.block.account_id in house.disturbed:
        case.folded = True
        plan.refold.add(post.thread)
    elif not case.commitment:
        _promise(house, ids, post, case, verdict, plan)
    else:
        _press(house, post, case, verdict, plan)


def _press(house: House, post: Arrival, case: OpenCase, verdict: Verdict, plan: Plan) -> None:
    """A message that has to be answered sooner than the one that waits brings the running promise forward."""
    target = verdict.next_response if case.last_out else verdict.first_response
    if not target or post.at + target >= case.due:
        return
    due = house.timetable(case.brand, verdict.calendar, post.at).add_working(post.at, target)
    if due >= case.due:  # by the clock on the wall every word said before the night would press
        return
    own = plan.commitments.get(case.commitment)
    if own is not None:
        own[11] = due
    else:
        plan.pressed[case.commitment] = (case.brand, case.metric, case.started, due)
    promise_delta(plan, case, case.metric, case.due, made=-1)
    promise_delta(plan, case, case.metric, due, made=1)
    case.due = due


def _open(ids: Iterator[int], post: Arrival, verdict: Verdict, plan: Plan) -> OpenCase:
    case = OpenCase(
        next(ids), post.block.brand_id, post.block.account_id, post.thread, post.author, "open", verdict.queue,
        verdict.priority, 1, post.at, 0, post.id, fresh=True,
    )  # fmt: skip
    assert post.enriched is not None
    plan.cases.append(case)
    plan.case_words[case.id] = (_reason(post.enriched), post.act.text[:SNIPPET], post.enriched.language)
    plan.opened[case.id] = post.at
    return case


def _reason(found: Enriched) -> str:
    if found.complaint_p >= 0.5:
        return "complaint"
    return "question" if found.question else found.intent


def _touched(case: OpenCase, post: Arrival, plan: Plan) -> None:
    case.posts += 1
    if post.at >= case.last_in:
        case.last_in, case.latest_post = post.at, post.id
    _mark(case, plan)


def _mark(case: OpenCase, plan: Plan) -> None:
    if not case.fresh and not case.changed:
        case.changed = True
        plan.cases.append(case)


def _promise(
    house: House, ids: Iterator[int], post: Arrival, case: OpenCase, verdict: Verdict, plan: Plan
) -> None:
    metric = "next_response" if case.last_out else "first_response"
    target = verdict.next_response if case.last_out else verdict.first_response
    if not target:
        return
    hours = house.timetable(case.brand, verdict.calendar, post.at)
    due = hours.add_working(post.at, target)
    case.commitment, case.metric, case.started, case.due = next(ids), metric, post.at, due
    plan.commitments[case.commitment] = [
        case.commitment, case.brand, case.id, post.id, metric, verdict.priority, case.queue, target,
        verdict.calendar, house.policy_ids[case.brand], post.at, due, None, "", None, "", None,
        hours.calendar.version if hours is not ROUND_THE_CLOCK else 0,
    ]  # fmt: skip
    promise_delta(plan, case, metric, due, made=1)
    if metric == "first_response":
        plan.answers.setdefault((post.at // ANSWER_SLOT * ANSWER_SLOT, case.brand, MADE), [0, 0])[0] += 1


def _answered(post: Arrival, cases: dict[int, OpenCase], known: Known, plan: Plan) -> None:
    """A post of ours keeps the promise to whom it answers; to everybody waiting when it answers nobody
    we know, or goes on from one of our own."""
    addressee = known.addressed.get(post.parent) if post.parent else None
    everybody = addressee is None or addressee == post.author
    for case in list(cases.values()) if everybody else [cases[addressee]] if addressee in cases else []:
        case.last_out = max(case.last_out, post.at)
        if case.commitment and not case.folded and post.at >= case.started:
            _keep(post, case, plan)
        _mark(case, plan)


def _keep(post: Arrival, case: OpenCase, plan: Plan) -> None:
    own = plan.commitments.get(case.commitment)
    by = f"post/{post.id}"
    if own is not None:
        own[12], own[13] = post.at, by
    else:
        plan.satisfied.append((case.commitment, post.at, by, case.id))
    met = post.at <= case.due
    promise_delta(plan, case, case.metric, case.due, met=int(met), late=int(not met))
    if case.metric == "first_response":
        answer_delta(plan, case.brand, case.started, post.at - case.started, answers=1)
    case.commitment, case.metric, case.due, case.state = 0, "", 0, "waiting"


def promise_delta(
    plan: Plan,
    case: OpenCase,
    metric: str,
    due: int,
    *,
    made: int = 0,
    met: int = 0,
    late: int = 0,
    cancelled: int = 0,
) -> None:
    """Adds to the promises of the minute they fall due."""
    counts = plan.promises.setdefault(
        (due // MINUTE * MINUTE, case.brand, metric, case.queue), [0, 0, 0, 0, 0]
    )
    for place, change in enumerate((made, met, late, cancelled)):
        counts[place] += change


def answer_delta(
    plan: Plan, brand: int, started: int, took: int, *, answers: int = 0, given_up: int = 0
) -> None:
    """Adds to the first responses of the five minutes they were promised in."""
    counts = plan.answers.setdefault((started // ANSWER_SLOT * ANSWER_SLOT, brand, bucket_of(took)), [0, 0])
    counts[0] += answers
    counts[1] += given_up
