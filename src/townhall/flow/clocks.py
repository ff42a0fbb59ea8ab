"""Clocks, folded again from all that happened: for threads whose posts came late, were taken back or joined.

The oracle of the quick way in ``decide``: the same promises must come out of both. Human verbs use it too, so
that a case has one account of its clocks, whoever moved them.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from psycopg import Connection

from townhall.analytics.logic.buckets import MADE, bucket_of
from townhall.care import bulk as care
from townhall.care.bulk import OpenCase
from townhall.flow import rows
from townhall.flow.house import House
from townhall.kernel.clock import HOUR, MINUTE, Instant
from townhall.kernel.ids import Snowflake
from townhall.policy.logic import EFFECTS, SILENT
from townhall.routing import store as routing
from townhall.routing.logic import ClockEvent, Promise, advance, begin


class Post(Struct, frozen=True, gc=False):
    """A stored post, as the clocks see it."""

    id: int
    key: bytes
    author: int
    own: bool
    at: Instant
    parent: bytes | None
    asks: bool
    policy: int
    rule: str
    deleted: Instant


class Commitment(Struct, frozen=True, gc=False):
    """A stored promise. ``satisfied`` and ``cancelled`` are 0 while it runs."""

    id: int
    case: int
    post: int
    metric: str
    started: Instant
    due: Instant
    satisfied: Instant
    by: str
    cancelled: Instant
    cause: str
    paused: Instant

    def is_open(self) -> bool:
        """Whether it still runs or stands paused."""
        return not (self.satisfied or self.cancelled)


class Refolded(Struct):
    """What folding again changes: promises to add, rewrite and withdraw, cases, and the rollups' differences."""

    added: list[tuple[Any, ...]] = []
    rewritten: list[tuple[Any, ...]] = []
    withdrawn: list[int] = []
    cases: list[OpenCase] = []
    promises: dict[tuple[Any, ...], list[int]] = {}
    answers: dict[tuple[Any, ...], list[int]] = {}
    told: list[tuple[int, int, Instant, Instant, Instant, Instant, str]] = []
    """(commitment, brand, started, due, satisfied, cancelled, cause), for the record."""


def refold(connection: Connection[Any], house: House, ids: Snowflake, threads: Sequence[int]) -> Refolded:
    """Folds the clocks of every unfinished case in these threads and writes promises and cases.

    The caller adds the rollups' differences with those of its own. Five queries, whatever the size.
    """
    cases = care.open_cases(connection, threads)
    posts = _posts(connection, threads)
    held = _held(connection, [case.id for case in cases.values()])
    acts = {
        case: [ClockEvent(at, kind, cause, by) for at, kind, cause, by in events]  # type: ignore[arg-type]
        for case, events in care.clock_events(connection, [case.id for case in cases.values()]).items()
    }
    result = Refolded()
    for (thread, customer), case in sorted(cases.items()):
        events = _events(posts[thread], customer, acts.get(case.id, []))
        promises = _fold(connection, house, case.brand, events)
        _compare(ids, case, promises, held.get(case.id, []), {p.id: p for p in posts[thread]}, house, result)
        _settle(case, posts[thread], customer, result)
    routing.COMMITMENTS.write(connection, result.added)
    routing.rewrite(connection, result.rewritten)
    routing.withdraw(connection, result.withdrawn)
    care.change_cases(connection, result.cases)
    return result


def contribution(
    metric: str, started: Instant, due: Instant, satisfied: Instant, cancelled: Instant
) -> tuple[int, ...]:
    """What one promise adds to the minute it falls due: (made, met, late, cancelled, dropped), each commitment once."""
    met = bool(satisfied and satisfied <= due)
    early = bool(cancelled and cancelled < due)
    return 1, int(met), int(bool(satisfied) and not met), int(early), int(bool(cancelled) and not early)


def _posts(connection: Connection[Any], threads: Sequence[int]) -> dict[int, list[Post]]:
    found: dict[int, list[Post]] = defaultdict(list)
    for thread, id, key, author, direction, at, parent, effect, policy, rule, deleted in rows.of_threads(
        connection, threads
    ):
        own = direction == "out"
        asks = not own and effect in _ASKING
        found[thread].append(
            Post(
                id,
                key.bytes,
                author,
                own,
                at,
                parent.bytes if parent else None,
                asks,
                policy,
                rule,
                deleted or 0,
            )
        )
    return found


_ASKING = frozenset(EFFECTS) - SILENT


def _held(connection: Connection[Any], cases: Sequence[int]) -> dict[int, list[Commitment]]:
    found: dict[int, list[Commitment]] = defaultdict(list)
    for id, case, post, metric, started, due, satisfied, by, cancelled, cause, paused in routing.of_cases(
        connection, cases
    ):
        found[case].append(
            Commitment(
                id, case, post, metric, started, due, satisfied or 0, by, cancelled or 0, cause, paused or 0
            )
        )
    return found


_Event = tuple[ClockEvent, tuple[int, str] | None]


def _events(posts: Sequence[Post], customer: int, acts: Sequence[ClockEvent]) -> list[_Event]:
    """A case's events in order, each customer's post with the (policy, rule) that promised an answer to it."""
    authors = {post.key: post.author for post in posts}
    events: list[_Event] = [(act, None) for act in acts]
    first = min((p.at for p in posts if p.author == customer and p.asks), default=0)
    for post in posts:
        if post.own:
            addressee = authors.get(post.parent) if post.parent else None
            if post.at >= first and (addressee in (None, customer) or addressee == post.author):
                events.append((ClockEvent(post.at, "brand", by=f"post/{post.id}", post=post.id), None))
        elif post.author == customer and post.asks:
            events.append((ClockEvent(post.at, "customer", post=post.id), (post.policy, post.rule)))
            if post.deleted:
                events.append((ClockEvent(post.deleted, "delete", post=post.id), None))
    return sorted(events, key=lambda pair: (pair[0].at, pair[0].post))


def _fold(
    connection: Connection[Any], house: House, brand: int, events: Sequence[_Event]
) -> tuple[Promise, ...]:
    state, terms = begin(), None
    for event, judged in events:
        if judged is not None:
            terms = house.terms(connection, brand, *judged)
        if terms is not None:
            state = advance(state, event, terms)
    return state.promises


def _compare(
    ids: Snowflake,
    case: OpenCase,
    promises: Sequence[Promise],
    held: Sequence[Commitment],
    posts: dict[int, Post],
    house: House,
    result: Refolded,
) -> None:
    """Pairs what should be with what is, in order of start; the rest is added or withdrawn."""
    by = {post.at: f"post/{post.id}" for post in posts.values() if post.own}
    running = None
    for place, promise in enumerate(promises):
        if promise.is_open():
            running = promise
        if place < len(held):
            _rewrite(case.brand, held[place], promise, by.get(promise.satisfied, held[place].by), result)
            identity = held[place].id
        else:
            identity = ids.one()
            result.added.append(_row(identity, case, promise, by.get(promise.satisfied, ""), posts, house))
            _shift(result, case.brand, promise, 1)
            _tell(result, identity, case.brand, promise)
        if promise.is_open():
            case.commitment = identity
    for surplus in held[len(promises) :]:
        _withdraw(case.brand, surplus, result)
    case.metric, case.due = (running.metric, running.due) if running else ("", 0)
    case.commitment = case.commitment if running else 0


def _row(
    identity: int, case: OpenCase, promise: Promise, by: str, posts: dict[int, Post], house: House
) -> tuple[Any, ...]:
    post = posts[promise.post]
    target, calendar = house.target(post.policy, post.rule, promise.metric)
    return (
        identity, case.brand, case.id, promise.post, promise.metric, case.priority, case.queue, target, calendar,
        post.policy, promise.started, promise.due, promise.satisfied or None, by, promise.cancelled or None,
        promise.cause, promise.paused or None,
    )  # fmt: skip


def _rewrite(brand: int, old: Commitment, new: Promise, by: str, result: Refolded) -> None:
    before = (old.started, old.due, old.satisfied, old.cancelled, old.cause, old.paused, old.metric)
    after = (new.started, new.due, new.satisfied, new.cancelled, new.cause, new.paused, new.metric)
    if before == after:
        return
    _shift(result, brand, old, -1)
    _shift(result, brand, new, 1)
    _tell(result, old.id, brand, new)
    result.rewritten.append(
        (old.id, new.started, new.due, new.satisfied, by if new.satisfied else "", new.cancelled, new.cause,
         new.paused, new.metric, new.post)
    )  # fmt: skip


def _withdraw(brand: int, old: Commitment, result: Refolded) -> None:
    """A promise that stood only because posts came in the wrong order never was one; the record keeps that it was taken back."""
    _shift(result, brand, old, -1)
    result.withdrawn.append(old.id)
    result.told.append((old.id, brand, old.started, old.due, 0, old.started, "withdrawn"))


def _shift(result: Refolded, brand: int, promise: Promise | Commitment, sign: int) -> None:
    """Adds (or takes back) a promise's contribution to the rollups."""
    key = (promise.due // MINUTE * MINUTE, brand, promise.metric)
    counts = result.promises.setdefault(key, [0, 0, 0, 0, 0])
    added = contribution(promise.metric, promise.started, promise.due, promise.satisfied, promise.cancelled)
    for place, value in enumerate(added):
        counts[place] += sign * value
    if promise.metric != "first_response":
        return
    hour = promise.started // HOUR * HOUR
    result.answers.setdefault((hour, brand, MADE), [0, 0])[0] += sign
    if not promise.is_open():
        ended = promise.satisfied or promise.cancelled
        held = result.answers.setdefault((hour, brand, bucket_of(ended - promise.started)), [0, 0])
        held[0 if promise.satisfied else 1] += sign


def _tell(result: Refolded, identity: int, brand: int, p: Promise) -> None:
    result.told.append((identity, brand, p.started, p.due, p.satisfied, p.cancelled, p.cause))


def _settle(case: OpenCase, posts: Sequence[Post], customer: int, result: Refolded) -> None:
    """Brings the case's own line up to date with its posts and its running promise."""
    theirs = [post for post in posts if post.author == customer and not post.own]
    ours = [post for post in posts if post.own]
    if theirs:
        case.posts = len(theirs)
        case.last_in, case.latest_post = max((post.at, post.id) for post in theirs)
    answers = [post.at for post in ours if theirs and post.at >= theirs[0].at]
    case.last_out = max(answers, default=case.last_out)
    if case.state != "snoozed":
        case.state = "open" if case.commitment else "waiting"
    result.cases.append(case)
