"""The circles in which somebody is looked for, from the narrowest to the widest, and when each opens.

``own``: people of the queue who have all that the case needs. ``overflow``: people of the queues it overflows to who
have it; open after ``overflow_after``, or at once when nobody of ``own`` is on duty. ``anybody``: people of all these
queues, whatever their skills; open after ``relax_after``, or at once when nobody of the two others is on duty.
A language that is a must stays one in every circle.
"""

from collections.abc import Mapping, Sequence
from typing import Literal

from msgspec import Struct

from townhall.kernel.clock import Instant
from townhall.routing.logic.agent import Agent, level_of
from townhall.routing.logic.queue import Queue, Requirement
from townhall.routing.logic.waiting import Waiting

Circle = Literal["own", "overflow", "anybody"]
CIRCLES: tuple[Circle, ...] = ("own", "overflow", "anybody")
UNKNOWN = ("", "und")
"""A case in a language that could not be told asks for none."""


class Candidate(Struct, frozen=True, gc=False):
    """Somebody of these queues as one kind of case sees them.

    ``circle`` is the narrowest that holds them (``None``: none does, they lack a language that is a must); ``lacks``
    counts the skills and wished languages that they lack; ``lacking`` names the first; ``breadth`` is the agent's.
    """

    agent: Agent
    circle: int | None
    lacks: int
    lacking: str
    breadth: int


class Company(Struct, frozen=True, gc=False):
    """All candidates of one kind of case (queue, language, reason), by id; whether each circle has somebody on duty; and
    who is on duty when the circles up to each are open."""

    candidates: tuple[Candidate, ...]
    on_duty: tuple[bool, bool, bool]
    there: tuple[tuple[Candidate, ...], ...]

    def open_to(self, case: Waiting, queue: Queue, now: Instant) -> int:
        """The widest circle that is open, as its place in ``CIRCLES``."""
        waited = now - case.since
        after, relaxed = queue.overflow_after, queue.relax_after
        if relaxed and (waited >= relaxed or not (self.on_duty[0] or self.on_duty[1])):
            return 2
        if queue.overflow_to and ((after and waited >= after) or not self.on_duty[0]):
            return 1
        return 0


def needs_of(queue: Queue, reason: str) -> tuple[Requirement, ...]:
    """What a case of this queue needs that came for this reason."""
    return tuple(need for need in queue.needs if need.reason in ("", reason))


def company(
    queue: Queue, language: str, reason: str, members: Mapping[str, Sequence[Agent]], now: Instant
) -> Company:
    """Who there is for cases of this kind. ``members`` are the people of each queue."""
    own = {agent.id: agent for agent in members.get(queue.slug, ())}
    others = {
        agent.id: agent
        for slug in queue.overflow_to
        for agent in members.get(slug, ())
        if agent.id not in own
    }
    needs, spoken = (
        needs_of(queue, reason),
        "" if language in UNKNOWN or queue.language == "any" else language,
    )
    found = [_candidate(agent, 0, needs, spoken, queue) for agent in own.values()]
    found += [_candidate(agent, 1, needs, spoken, queue) for agent in others.values()]
    ordered = tuple(sorted(found, key=lambda one: one.agent.id))
    here = [one for one in ordered if one.circle is not None and one.agent.on_duty(now)]
    there = tuple(tuple(one for one in here if (one.circle or 0) <= widest) for widest in range(3))
    duty = {one.circle for one in here}
    return Company(ordered, (0 in duty, 1 in duty, 2 in duty), there)


def _candidate(
    agent: Agent, circle: int, needs: Sequence[Requirement], language: str, queue: Queue
) -> Candidate:
    short = [need for need in needs if level_of(agent.skills, need.skill) < need.level]
    mute = bool(language) and not level_of(agent.languages, language)
    if mute and queue.language == "must":
        return Candidate(agent, None, len(short) + 1, f"language {language}", 0)
    lacking = f"{short[0].skill} {short[0].level}" if short else f"language {language}" if mute else ""
    return Candidate(agent, 2 if short else circle, len(short) + mute, lacking, agent.breadth())
