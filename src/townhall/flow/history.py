"""What happened in a case, from all who know of it: its posts, people's acts, answers at the door, outages. Pure.

The order is of the events' own times; at one instant, hours and queue come before words, and words before what is done about
them, so that neither the order of rows nor of arrival says anything.
"""

from collections.abc import Iterable, Sequence

from msgspec import Struct

from townhall.care.bulk import ClockAct, OpenCase
from townhall.flow.promised import Ask
from townhall.kernel.clock import Instant
from townhall.outbound.store.passages import Passage
from townhall.policy.logic import EFFECTS, SILENT, channel_class
from townhall.routing.logic import ClockEvent
from townhall.routing.outages import Outage

_ASKING = frozenset(EFFECTS) - SILENT
_ORDER = {"queue": 0, "resume": 1, "customer": 2, "adopt": 2}
OUTAGE = "outage"


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
    received: Instant
    visibility: str
    priority: int
    queue: str
    native: str


class Adopted(Struct, frozen=True):
    """A promise that a merge or split brought into a case: what was owed, to what message, since when, and until when."""

    metric: str
    post: int
    started: Instant
    due: Instant
    target: Instant
    calendar: str
    policy: int
    brand: int

    def ask(self, priority: int) -> Ask:
        """Who asks, in a case that has nothing of its own: the policy's defaults, in the hours it was promised in."""
        return Ask(self.brand, self.policy, "", priority, "public", hours=self.calendar)


class Step(Struct, frozen=True):
    """One thing that happened. ``ask`` stands beside a customer's message, ``priority`` beside a change of it, ``adopted`` beside
    what came from another case."""

    event: ClockEvent
    ask: Ask | None = None
    priority: int = -1
    adopted: Adopted | None = None
    place: bytes = b""
    """The post's own name, which orders posts of one instant the same way wherever they come from."""


class Case(Struct, frozen=True):
    """A case and everything known around it. ``after``: what was received until then belongs to an earlier case. ``tiers``:
    those its customer had, each with the time it holds from, oldest first."""

    case: OpenCase
    posts: Sequence[Post]
    acts: Sequence[ClockAct] = ()
    passages: Sequence[Passage] = ()
    outages: Sequence[Outage] = ()
    after: Instant = 0
    tiers: Sequence[tuple[Instant, str]] = ()

    def tier(self, at: Instant) -> str:
        """The customer's tier at a moment, "" for none: what is set later says nothing of it."""
        return next((tier for since, tier in reversed(self.tiers) if since <= at), "")


def read_posts(rows: Iterable[tuple[object, ...]]) -> dict[int, list[Post]]:
    """Rows of ``rows.of_threads`` as posts, by thread."""
    found: dict[int, list[Post]] = {}
    for row in rows:
        (thread, id, key, author, direction, at, parent, effect, policy, rule, deleted, *more) = row
        own = direction == "out"
        asks = not own and effect in _ASKING
        post = Post(
            id, key.bytes, author, own, at, parent.bytes if parent else None, asks, policy, rule,  # type: ignore[attr-defined, arg-type]
            deleted or 0, *more,  # type: ignore[arg-type]
        )  # fmt: skip
        found.setdefault(thread, []).append(post)  # type: ignore[arg-type]
    return found


def steps(held: Case, until: Instant = 1 << 62) -> list[Step]:
    """Everything that happened to a case until a moment, in order."""
    found = [*_of_posts(held), *_of_acts(held.acts), *_of_passages(held.passages)]
    found += _of_outages(held, found)
    told = [step for step in found if step.event.at <= until]
    return sorted(told, key=lambda s: (s.event.at, _ORDER.get(s.event.kind, 3), s.place, s.event.cause))


def mine(held: Case) -> list[Post]:
    """The posts of a case: of its customer, and ours that answer them; not those of an earlier or a later case."""
    last = held.case.closed or 1 << 62
    return [post for post in held.posts if held.after < post.received <= last]


def _of_posts(held: Case) -> Iterable[Step]:
    customer, posts = held.case.customer, mine(held)
    authors = {post.key: post.author for post in held.posts}
    senders = {passage.native: passage.by for passage in held.passages if passage.native}
    asked = [post for post in posts if post.author == customer and post.asks]
    first = min((post.at for post in asked), default=0)
    if asked:
        opening = min(asked, key=lambda post: (post.at, post.id))
        yield Step(ClockEvent(first, "queue", opening.queue))
    for post in posts:
        if post.own:
            addressee = authors.get(post.parent) if post.parent else None
            if post.at >= first and (addressee in (None, customer) or addressee == post.author):
                by = senders.get(post.native, "outside")
                yield Step(ClockEvent(post.at, "brand", by=by, post=post.id), place=post.key)
        elif post.author == customer and post.asks:
            yield Step(ClockEvent(post.at, "customer", post=post.id), _ask(held, post), place=post.key)
            if post.deleted:
                yield Step(ClockEvent(max(post.deleted, post.at), "delete", post=post.id), place=post.key)


def _ask(held: Case, post: Post) -> Ask:
    tier = held.tier(post.at)
    return Ask(held.case.brand, post.policy, post.rule, post.priority, channel_class(post.visibility), tier)


def _of_acts(acts: Sequence[ClockAct]) -> Iterable[Step]:
    for act in acts:
        detail = act.detail or {}
        if act.kind == "priority":
            yield Step(ClockEvent(act.at, "queue", "", act.actor), priority=int(act.cause))
        elif act.kind == "adopt":
            yield Step(ClockEvent(act.at, "queue", "", act.actor), adopted=Adopted(**detail))
        else:
            by = detail.get("holder", "") if act.kind == "assign" else act.actor
            yield Step(ClockEvent(act.at, act.kind, act.cause, by))  # type: ignore[arg-type]


def _of_passages(passages: Sequence[Passage]) -> Iterable[Step]:
    for passage in passages:
        if not passage.held:
            continue
        taken_back = passage.outcome in ("returned", "withdrawn", "expired")
        if not taken_back:
            yield Step(ClockEvent(passage.made, "submit", by=passage.by))
        yield Step(ClockEvent(passage.held, "pause", "approval", passage.by))
        if passage.ended:
            if passage.outcome == "approved":
                yield Step(ClockEvent(passage.ended, "approve", by=passage.by))
            yield Step(ClockEvent(passage.ended, "resume", "approval", passage.approver))


def _of_outages(held: Case, others: Sequence[Step]) -> Iterable[Step]:
    """Outages of the case's account while it was there; one that still lasts when a case is opened again holds again."""
    begun = min((s.event.at for s in others if s.event.kind == "customer"), default=0)
    again = [s.event.at for s in others if s.event.kind == "reopen"]
    for outage in held.outages:
        if not begun or (outage.until and outage.until <= begun):
            continue
        inside = [at for at in again if outage.since < at and (not outage.until or at < outage.until)]
        for at in [outage.since, *inside]:
            yield Step(ClockEvent(at, "pause", OUTAGE))
        if outage.until:
            yield Step(ClockEvent(outage.until, "resume", OUTAGE))
