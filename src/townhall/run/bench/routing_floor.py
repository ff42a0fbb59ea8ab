"""A floor of made-up agents on a replayed day: who is given what by a dispatcher, and when each customer is answered.

Events in order of time: a post arrives, an answer is done, a shift begins. After each, the dispatcher gives away what
waits. Somebody works on one case at a time, of those they hold. Nothing reads a clock; chance comes from one seed.
"""

import heapq
import random
from collections.abc import Callable, Iterable, Sequence

from msgspec import Struct

from townhall.kernel.clock import HOUR, Instant
from townhall.run.bench.routing_days import Arrival, Trade

SHIFTS = 3
SHIFT: Instant = 8 * HOUR
ROOM = 3
FAMILIES = 6


class Regime(Struct, frozen=True):
    """How a floor is. ``busy`` is work over working time; ``unskilled`` and ``same`` multiply the work of somebody who
    lacks skill or language, and of who answered this customer last."""

    name: str
    busy: float
    unskilled: float
    same: float


class Person(Struct, frozen=True):
    """A made-up agent: skills by family of queues, a second language or not, and their shift."""

    id: int
    skills: frozenset[str]
    second: bool
    shift: int

    def works(self, at: Instant) -> bool:
        """Whether their shift runs."""
        return at // SHIFT % SHIFTS == self.shift


class Job(Struct, frozen=True):
    """One case of the day. ``work`` is what it takes somebody able who does not know the customer."""

    id: int
    at: Instant
    queue: str
    due: Instant
    work: Instant
    second: bool
    private: bool
    customer: str


class World(Struct, frozen=True):
    """People and cases of one replay."""

    regime: Regime
    people: tuple[Person, ...]
    jobs: tuple[Job, ...]


def skill_of(queue: str) -> str:
    """The family of a queue, the same in every replay."""
    return f"family{sum(queue.encode()) % FAMILIES}"


def make_world(
    posts: Sequence[Arrival], trades: dict[str, Trade], regime: Regime, seed: int, most: int
) -> World:
    """A day thinned by chance to ``most`` posts (its shape stays), with as many people as the regime's busyness asks."""
    chance = random.Random(seed)  # noqa: S311 - a simulation
    kept = sorted(chance.sample(posts, most) if len(posts) > most else posts, key=lambda p: p.at)
    jobs = tuple(_job(n, post, trades[post.queue], chance) for n, post in enumerate(kept))
    people: list[Person] = []
    for shift in range(SHIFTS):
        work = sum(job.work for job in jobs if job.at // SHIFT % SHIFTS == shift)
        for _ in range(max(2, round(work / SHIFT / regime.busy))):
            families = chance.sample(range(FAMILIES), chance.choice((2, 3, 3, 4)))
            skills = frozenset(f"family{n}" for n in families)
            people.append(Person(len(people) + 1, skills, chance.random() < 0.3, shift))
    return World(regime, tuple(people), jobs)


def _job(number: int, post: Arrival, trade: Trade, chance: random.Random) -> Job:
    work = int(trade.work * min(chance.lognormvariate(0, 0.8), 10))
    return Job(
        number, post.at, post.queue, post.at + trade.promise, work, chance.random() < 0.06, chance.random() < 0.12,
        post.customer,
    )  # fmt: skip


class Floor:
    """What the dispatcher sees: what waits, what everybody holds, who answered whom last."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.now: Instant = 0
        self.waiting: dict[int, Job] = {}
        self.held: dict[int, list[Job]] = {person.id: [] for person in world.people}
        self.last_given: dict[int, Instant] = {person.id: 0 for person in world.people}
        self.answered_by: dict[str, int] = {}
        self.answered: dict[int, Instant] = {}
        self._working: set[int] = set()
        self._people = {person.id: person for person in world.people}

    def work_of(self, job: Job, who: int) -> Instant:
        """How long this person needs for that case."""
        person, regime = self._people[who], self.world.regime
        able = skill_of(job.queue) in person.skills and (person.second or not job.second)
        same = self.answered_by.get(job.customer) == who
        return max(1, int(job.work * (1 if able else regime.unskilled) * (regime.same if same else 1)))

    def give(self, job: Job, who: int) -> None:
        """Somebody holds it now."""
        del self.waiting[job.id]
        self.held[who].append(job)
        self.last_given[who] = self.now

    def begin(self, pick: Callable[[Sequence[Job]], Job]) -> Iterable[tuple[Instant, int, Job]]:
        """Whoever holds something and works on nothing begins: (when it is done, who, what)."""
        for who, jobs in self.held.items():
            if jobs and who not in self._working:
                self._working.add(who)
                job = pick(jobs)
                yield self.now + self.work_of(job, who), who, job

    def finish(self, who: int, job: Job) -> None:
        """The customer is answered."""
        self._working.discard(who)
        self.held[who].remove(job)
        self.answered[job.id] = self.now
        self.answered_by[job.customer] = who


class Dispatcher(Struct, frozen=True):
    """A way to give cases away: what it gives now, and which of the held ones somebody works on next."""

    name: str
    give: Callable[[Floor], Iterable[tuple[Job, int]]]
    pick: Callable[[Sequence[Job]], Job]


def replay(world: World, way: Dispatcher) -> list[tuple[Job, Instant]]:
    """Every case with how long its customer waited for the answer."""
    floor = Floor(world)
    events: list[tuple[Instant, int, int, Job | None]] = [(job.at, 0, job.id, job) for job in world.jobs]
    events += [(shift * SHIFT, 2, 0, None) for shift in range(2 * SHIFTS)]
    heapq.heapify(events)
    while events:
        floor.now, kind, number, job = heapq.heappop(events)
        if kind == 1 and job:
            floor.finish(number, job)
        elif job:
            floor.waiting[job.id] = job
        for given, who in list(way.give(floor)):
            floor.give(given, who)
        for done_at, who, begun in floor.begin(way.pick):
            heapq.heappush(events, (done_at, 1, who, begun))
        if not events and floor.waiting:
            events.append(((floor.now // SHIFT + 1) * SHIFT, 2, 0, None))
    return [(job, floor.answered[job.id] - job.at) for job in world.jobs]
