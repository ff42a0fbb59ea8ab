"""Which cases go back to their queue: their holder signed out, is not heard of any more, or left them untouched.

Looked at in this order, and the first that holds is the cause. Only what a customer waits for goes back: cases with
an open promise, and only what the holder had before they left. Somebody who finishes their shift keeps what they hold.
"""

from collections.abc import Iterable, Mapping
from typing import Literal

from msgspec import Struct

from townhall.kernel.clock import HOUR, Instant
from townhall.routing.logic.agent import Agent
from townhall.routing.logic.queue import Queue, Rules

Cause = Literal["signed_out", "not_heard", "silence"]
NOT_ASKED_AGAIN: Instant = HOUR
"""Who left a case untouched is not asked for it again for this long."""


class Held(Struct, frozen=True, gc=False):
    """A case somebody holds and owes an answer. ``since`` when it was given to them; ``touched`` when they last did
    anything with it (0: never); ``asked`` when the customer last wrote."""

    case: int
    agent: int
    queue: str
    since: Instant
    touched: Instant = 0
    asked: Instant = 0

    def quiet_since(self) -> Instant:
        """From when the holder's silence counts."""
        return max(self.since, self.touched, self.asked)


class TakenBack(Struct, frozen=True, gc=False):
    """This case goes back, because; ``since`` when that began."""

    case: int
    agent: int
    cause: Cause
    since: Instant


def take_back(
    held: Iterable[Held], agents: Mapping[int, Agent], queues: Mapping[str, Queue], rules: Rules, now: Instant
) -> list[TakenBack]:
    """Those that go back, by case. Somebody who never said that they are here is not missed when they are not."""
    found = [_one(one, agents.get(one.agent), queues.get(one.queue), rules, now) for one in held]
    return sorted((one for one in found if one), key=lambda one: one.case)


def _one(one: Held, agent: Agent | None, queue: Queue | None, rules: Rules, now: Instant) -> TakenBack | None:
    if agent and not agent.present and agent.left and one.since < agent.left:
        return TakenBack(one.case, one.agent, "signed_out", agent.left)
    if agent and _not_heard(agent, rules, now) and one.since <= agent.heard + rules.absent_after:
        return TakenBack(one.case, one.agent, "not_heard", agent.heard)
    quiet = one.quiet_since()
    if queue and queue.silence_after and now - quiet >= queue.silence_after:
        return TakenBack(one.case, one.agent, "silence", quiet)
    return None


def _not_heard(agent: Agent, rules: Rules, now: Instant) -> bool:
    return agent.present and bool(rules.absent_after) and now - agent.heard >= rules.absent_after
