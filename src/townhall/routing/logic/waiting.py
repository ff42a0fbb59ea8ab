"""A case that nobody holds, and in which order such cases are looked at, across all queues of a brand.

The written order: what is promised before what is not; of that, the earlier deadline, where a tier or influence counts
as so many minutes earlier; then priority, then the longer wait, then the smaller number. A brand may put what can
still be kept before what is missed already (``Rules.order`` ``save``): then a promise that would be missed before
``usual_work`` is over goes behind all that can be kept, and still before what has no promise.
"""

from msgspec import Struct

from townhall.kernel.clock import Instant
from townhall.routing.logic.queue import Queue, Rules

LOST, NO_PROMISE = 1, 2


class Waiting(Struct, frozen=True, gc=False):
    """A case that waits. ``due`` is its open promise's deadline (0: none), ``since`` when it began to wait here.

    ``reason`` is why it is here (question, complaint, an intent); ``before`` who answered this customer last (0:
    nobody); ``left_by`` who gave it back lately without touching it, and until when they are not asked again.
    """

    id: int
    queue: str
    due: Instant = 0
    since: Instant = 0
    priority: int = 2
    language: str = ""
    reason: str = ""
    channel: str = ""
    private: bool = False
    tier: str = ""
    followers: int = 0
    reach: int = 0
    before: int = 0
    left_by: tuple[tuple[int, Instant], ...] = ()


Place = tuple[int, Instant, int, Instant, int]
"""Class, deadline that counts, priority, since, id: smaller is looked at earlier."""


def head_start(case: Waiting, rules: Rules) -> Instant:
    """How much earlier this customer's promise counts."""
    by_tier = dict(rules.tiers).get(case.tier, 0) if case.tier else 0
    return by_tier + (rules.influence_head_start if is_influential(case, rules) else 0)


def is_influential(case: Waiting, rules: Rules) -> bool:
    """Whether many follow the customer, or have spread the post."""
    many = 0 < rules.influence_from <= case.followers
    return many or 0 < rules.reach_from <= case.reach


def place(case: Waiting, rules: Rules, queue: Queue | None, now: Instant) -> Place:
    """Where the case stands in the order."""
    early = head_start(case, rules)
    if not case.due:
        return (NO_PROMISE, case.since - early, case.priority, case.since, case.id)
    lost = rules.order == "save" and case.due < now + (queue.usual_work if queue else 0)
    return (LOST if lost else 0, case.due - early, case.priority, case.since, case.id)


def held_until(case: Waiting, queue: Queue) -> Instant:
    """Until when the case waits for who answered this customer last; never into the last ``stick_for`` before its deadline."""
    bound = case.since + queue.stick_for
    return min(bound, case.due - queue.stick_for) if case.due else bound
