"""Who takes which waiting case: the oldest promise first, to whoever has gone longest without one."""

from collections.abc import Sequence

from msgspec import Struct

from townhall.kernel.clock import Instant


class Agent(Struct, frozen=True, gc=False):
    """Somebody who answers. ``capacity`` is how many cases at once, ``load`` how many now; ``last_assigned`` 0: never."""

    id: int
    present: bool
    capacity: int
    load: int
    queues: tuple[str, ...]
    last_assigned: Instant = 0


class WaitingCase(Struct, frozen=True, gc=False):
    """A case nobody has. ``due`` is its open promise's deadline (0: none), ``since`` when it began to wait."""

    id: int
    queue: str
    due: Instant = 0
    since: Instant = 0


class Assignment(Struct, frozen=True, gc=False):
    """This case goes to this agent, because."""

    case: int
    agent: int
    reason: str


_NO_PROMISE = 1 << 62


def choose_round_robin(waiting: Sequence[WaitingCase], agents: Sequence[Agent]) -> list[Assignment]:
    """As many cases as there is free capacity for, in the order they are handed out.

    Cases go by earliest deadline, then longest wait, then id; those without a promise come last. Each goes to the
    present agent of its queue with room who has gone longest without a case (never is longest; then the
    lower id). Does not depend on the order of either list.
    """
    rota = _Rota(agents)
    chosen = (rota.give(case) for case in sorted(waiting, key=_urgency))
    return [assignment for assignment in chosen if assignment is not None]


def _urgency(case: WaitingCase) -> tuple[int, int, int]:
    return (case.due or _NO_PROMISE, case.since, case.id)


class _Rota:
    """The agents with room, by queue, in the order in which they come next."""

    def __init__(self, agents: Sequence[Agent]) -> None:
        free = [a for a in agents if a.present and a.load < a.capacity]
        self._load = {a.id: a.load for a in free}
        self._turn: dict[int, tuple[int, int, int]] = {a.id: (0, a.last_assigned, a.id) for a in free}
        self._given = 0
        self._queues: dict[str, list[Agent]] = {}
        for agent in free:
            for queue in set(agent.queues):
                self._queues.setdefault(queue, []).append(agent)

    def give(self, case: WaitingCase) -> Assignment | None:
        """The case to whose turn it is, or to nobody."""
        candidates = [a for a in self._queues.get(case.queue, ()) if self._load[a.id] < a.capacity]
        self._queues[case.queue] = candidates
        if not candidates:
            return None
        agent = min(candidates, key=lambda a: self._turn[a.id])
        reason = _reason(agent, self._load[agent.id], self._turn[agent.id], len(candidates))
        self._given += 1
        self._load[agent.id] += 1
        self._turn[agent.id] = (self._given, 0, agent.id)
        return Assignment(case.id, agent.id, reason)


def _reason(agent: Agent, load: int, turn: tuple[int, int, int], candidates: int) -> str:
    room = f"has {load} of {agent.capacity}"
    if candidates == 1:
        return f"the only one present in this queue with room; {room}"
    waited = "has had no case yet" if turn[:2] == (0, 0) else "has gone longest without a case"
    return f"{waited} of {candidates} present in this queue with room; {room}"
