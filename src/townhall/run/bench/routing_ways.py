"""Four ways to give cases away: the engine in both of its orders, plain round robin, and first come, first served."""

from collections.abc import Iterable, Sequence

from townhall.kernel.clock import MINUTE, Instant
from townhall.routing.logic import Agent, Queue, Requirement, Rules, Waiting, hand_out
from townhall.routing.logic.queue import Order
from townhall.run.bench import round_robin
from townhall.run.bench.routing_floor import ROOM, Dispatcher, Floor, Job, skill_of

LOOKED_AT = 60
"""Waiting cases that the engine is shown at once, those due first: more are not given in one event anyway."""
RELAX: Instant = 15 * MINUTE
STICK: Instant = 5 * MINUTE


def engine(order: Order, works: dict[str, Instant]) -> Dispatcher:
    """The engine of the house with skills, languages, weights, stickiness and skills waived after a quarter of an hour."""
    queues = {name: _queue(name, work) for name, work in works.items()}
    names, rules = tuple(works), Rules(order=order)

    def give(floor: Floor) -> Iterable[tuple[Job, int]]:
        everybody = _agents(floor, names)
        if not floor.waiting or all(agent.load >= agent.capacity for agent in everybody):
            return
        shown = sorted(
            floor.waiting.values(), key=lambda job: (_lost(job, floor, order, works), job.due, job.id)
        )
        cases = [_waiting(job, floor) for job in shown[:LOOKED_AT]]
        for choice in hand_out(cases, everybody, queues.values(), rules, floor.now, explain=False):
            if choice.agent:
                yield floor.waiting[choice.case], choice.agent

    def pick(jobs: Sequence[Job]) -> Job:
        return min(jobs, key=lambda job: (job.due, job.id))

    return Dispatcher(f"engine_{order}", give, pick)


def _lost(job: Job, floor: Floor, order: Order, works: dict[str, Instant]) -> bool:
    return order == "save" and job.due < floor.now + works[job.queue]


def _queue(name: str, work: Instant) -> Queue:
    return Queue(
        name, name, True, (Requirement(skill_of(name), 2),), "wish", relax_after=RELAX, stick_for=STICK, usual_work=work,
    )  # fmt: skip


def _agents(floor: Floor, queues: tuple[str, ...]) -> list[Agent]:
    """Who is on shift, as the engine sees them: everybody answers for every queue, and skills tell them apart."""
    return [
        Agent(
            p.id, queues, tuple((skill, 2) for skill in sorted(p.skills)), (("en", 5), ("xx", 5)) if p.second else (("en", 5),),
            ROOM, sum(weight_of(job) for job in floor.held[p.id]), heard=floor.now, last_assigned=floor.last_given[p.id],
        )
        for p in floor.world.people
        if p.works(floor.now)
    ]  # fmt: skip


def weight_of(job: Job) -> int:
    """As the house weighs by itself: a private case takes the room of three public ones."""
    return 3 if job.private else 1


def _waiting(job: Job, floor: Floor) -> Waiting:
    return Waiting(
        job.id, job.queue, job.due, job.at, 2, "xx" if job.second else "en", "", "x", job.private,
        before=floor.answered_by.get(job.customer, 0),
    )  # fmt: skip


def first_held(jobs: Sequence[Job]) -> Job:
    """Of what somebody holds, what they were given first."""
    return jobs[0]


def in_turn(floor: Floor) -> Iterable[tuple[Job, int]]:
    """Plain round robin: the case that came first to whoever has gone longest without one, as many as there is room for."""
    staff = [
        round_robin.Agent(
            p.id, p.works(floor.now), ROOM, len(floor.held[p.id]), ("all",), floor.last_given[p.id]
        )
        for p in floor.world.people
    ]
    waiting = [round_robin.WaitingCase(job.id, "all", 0, job.at) for job in floor.waiting.values()]
    for given in round_robin.choose_round_robin(waiting, staff):
        yield floor.waiting[given.case], given.agent


def first_come(floor: Floor) -> Iterable[tuple[Job, int]]:
    """First come, first served: whoever has nothing to do takes the case that came first."""
    idle = [p.id for p in floor.world.people if p.works(floor.now) and not floor.held[p.id]]
    idle.sort(key=lambda who: (floor.last_given[who], who))
    came = sorted(floor.waiting.values(), key=lambda job: (job.at, job.id))
    yield from zip(came, idle, strict=False)


ROUND_ROBIN = Dispatcher("round_robin", in_turn, first_held)
FIRST_COME = Dispatcher("first_come", first_come, first_held)
