"""Who takes which waiting case, over all queues of a brand at once.

Cases are looked at in the written order (``waiting``). Each goes to, of those on duty with room in the open circles:
who answered this customer last; else the narrower circle; fewer lacks; whose room is less full (by quarters); who can
do less else; who has gone longest without a case (never is longest); the smaller number. A case whose last answerer
is on duty and full waits for them within the queue's bound. Nothing depends on the order of any list.
"""

from collections.abc import Iterable, Sequence
from typing import Literal

from townhall.kernel.clock import Instant
from townhall.routing.logic.agent import Agent
from townhall.routing.logic.choice import Choice, Considered, Outcome, Verdict
from townhall.routing.logic.circle import Candidate, Company, company
from townhall.routing.logic.queue import Queue, Rules
from townhall.routing.logic.waiting import Waiting, held_until, place

QUARTERS = 4
Turn = tuple[int, int]
_Key = tuple[int, int, int, int, int, Turn, int]
_LOST_BY: tuple[Verdict, ...] = (
    "same_person", "circle", "lacks", "fuller", "broader", "turn", "number",
)  # fmt: skip


def hand_out(
    cases: Iterable[Waiting], agents: Iterable[Agent], queues: Iterable[Queue], rules: Rules, now: Instant,
    *, explain: bool = True,
) -> list[Choice]:  # fmt: skip
    """A choice for every case of a queue that is known, in the order in which they were looked at.

    ``explain`` false leaves ``considered`` empty: the choices are the same.
    """
    room = Room(agents, queues, rules, now, explain=explain)
    known = [case for case in cases if case.queue in room.queues]
    known.sort(key=lambda case: place(case, rules, room.queues[case.queue], now))
    return [room.decide(case) for case in known]


class Room:
    """Everybody and every queue, with what was given away so far in this pass."""

    def __init__(
        self, agents: Iterable[Agent], queues: Iterable[Queue], rules: Rules, now: Instant, *, explain: bool = True
    ) -> None:  # fmt: skip
        self.queues = {queue.slug: queue for queue in queues}
        self._rules, self._now, self._explain = rules, now, explain
        everybody = sorted(agents, key=lambda agent: agent.id)
        self._count = len(everybody)
        self._load = {agent.id: agent.load for agent in everybody}
        self._turn: dict[int, Turn] = {agent.id: (0, agent.last_assigned) for agent in everybody}
        self._given = 0
        self._members: dict[str, list[Agent]] = {}
        for agent in everybody:
            for slug in dict.fromkeys(agent.queues):
                self._members.setdefault(slug, []).append(agent)
        self._companies: dict[tuple[str, str, str], Company] = {}

    def decide(self, case: Waiting) -> Choice:
        """Gives the case to somebody, or says why nobody takes it now."""
        queue, there = self.queues[case.queue], self._company(case)
        weight = self._rules.weight(case.channel, case.private)
        widest = there.open_to(case, queue, self._now)
        asked = self._asked(case, there.there[widest])
        load = self._load
        able = [one for one in asked if one.agent.has_room(weight, load[one.agent.id])]
        waits_for = self._waits_for(case, queue, asked, able)
        if waits_for or not able:
            outcome = "held_back" if waits_for else self._why_nobody(there, asked, widest)
            return self._choice(case, queue, there, outcome, None, able, weight, widest)
        chosen = min(able, key=lambda one: self._key(one, case))
        found = self._choice(case, queue, there, "given", chosen, able, weight, widest)
        self._give(chosen.agent, weight)
        return found

    def _company(self, case: Waiting) -> Company:
        kind = (case.queue, case.language, case.reason)
        if kind not in self._companies:
            queue = self.queues[case.queue]
            self._companies[kind] = company(queue, case.language, case.reason, self._members, self._now)
        return self._companies[kind]

    def _asked(self, case: Waiting, there: Sequence[Candidate]) -> Sequence[Candidate]:
        """Who is on duty in the open circles, but for those who left this case untouched lately."""
        return [one for one in there if not self._left(one.agent.id, case)] if case.left_by else there

    def _left(self, agent: int, case: Waiting) -> bool:
        return any(who == agent and self._now < until for who, until in case.left_by)

    def _waits_for(
        self, case: Waiting, queue: Queue, asked: Sequence[Candidate], able: Sequence[Candidate]
    ) -> bool:
        """Whether the case waits for who answered this customer last: on duty, full, and the bound not reached."""
        known = case.before and any(one.agent.id == case.before for one in asked)
        full = known and not any(one.agent.id == case.before for one in able)
        return bool(full) and self._now < held_until(case, queue)

    def _why_nobody(self, there: Company, asked: Sequence[Candidate], widest: int) -> Outcome:
        if not there.candidates:
            return "nobody_works_here"
        if asked:
            return "all_full"
        return "all_left_it" if there.there[widest] else "nobody_here"

    def _key(self, one: Candidate, case: Waiting) -> _Key:
        agent = one.agent
        fullness = self._load[agent.id] * QUARTERS // max(1, agent.capacity)
        same = int(agent.id != case.before)
        return (same, one.circle or 0, one.lacks, fullness, one.breadth, self._turn[agent.id], agent.id)

    def _give(self, agent: Agent, weight: int) -> None:
        self._given += 1
        self._load[agent.id] += weight
        self._turn[agent.id] = (1, self._given)

    def _choice(
        self, case: Waiting, queue: Queue, there: Company, outcome: Outcome, chosen: Candidate | None,
        able: Sequence[Candidate], weight: int, widest: int,
    ) -> Choice:  # fmt: skip
        considered: tuple[Considered, ...] = ()
        if self._explain:
            could = {one.agent.id for one in able}
            best = self._key(chosen, case) if chosen else None
            considered = tuple(
                self._consider(one, case, best, one.agent.id in could, widest) for one in there.candidates
            )
        return Choice(
            case.id, case.queue, chosen.agent.id if chosen else 0, outcome, weight, widest,
            (chosen.circle or 0) if chosen else 0, bool(chosen and chosen.agent.id == case.before),
            held_until(case, queue) if outcome == "held_back" else 0,
            self._wider(case, queue, widest), considered, self._count - len(there.candidates),
        )  # fmt: skip

    def _wider(self, case: Waiting, queue: Queue, widest: int) -> Literal["", "duty", "time"]:
        """What opened a wider circle."""
        timed = queue.relax_after if widest == 2 else queue.overflow_after
        if not widest:
            return ""
        return "time" if timed and self._now - case.since >= timed else "duty"

    def _consider(
        self, one: Candidate, case: Waiting, best: _Key | None, could: bool, widest: int
    ) -> Considered:
        agent = one.agent
        verdict = self._lost_by(one, case, best) if could else self._why_not(one, case, widest)
        detail = one.lacking if verdict in ("language", "wider", "lacks") else ""
        return Considered(agent.id, verdict, self._load[agent.id], agent.capacity, detail)

    def _lost_by(self, one: Candidate, case: Waiting, best: _Key | None) -> Verdict:
        """By what the chosen one came before somebody who could have taken it too."""
        if best is None:
            return "waited_for"
        mine = self._key(one, case)
        if mine == best:
            return "chosen"
        return next(word for word, a, b in zip(_LOST_BY, mine, best, strict=True) if a != b)

    def _why_not(self, one: Candidate, case: Waiting, widest: int) -> Verdict:
        """The first thing that stands in the way, in this order: presence, shift, language, circle, silence, room."""
        agent = one.agent
        if not agent.is_here(self._now):
            return "not_heard" if agent.present else "away"
        if not agent.on_shift:
            return "off_shift"
        if one.circle is None:
            return "language"
        if one.circle > widest:
            return "wider" if one.circle == 2 else "later"
        return "left_it" if self._left(agent.id, case) else "full"
