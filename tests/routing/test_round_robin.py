"""Who gets which case: against a search that tries everybody for every case, and by name."""

from hypothesis import given, settings
from hypothesis import strategies as st

from townhall.run.bench.round_robin import Agent, WaitingCase, choose_round_robin

QUEUES = ["bills", "parcels", "nobody"]
agents = st.lists(
    st.builds(
        Agent,
        id=st.integers(1, 40),
        present=st.booleans(),
        capacity=st.integers(0, 4),
        load=st.integers(0, 4),
        queues=st.lists(st.sampled_from(QUEUES[:2]), max_size=2).map(tuple),
        last_assigned=st.integers(0, 5),
    ),
    max_size=6,
    unique_by=lambda agent: agent.id,
)
cases = st.lists(
    st.builds(
        WaitingCase,
        id=st.integers(1, 99),
        queue=st.sampled_from(QUEUES),
        due=st.integers(0, 9),
        since=st.integers(0, 5),
    ),
    max_size=12,
    unique_by=lambda case: case.id,
)


def slow(waiting: list[WaitingCase], staff: list[Agent]) -> list[tuple[int, int]]:
    """One case after the other, the whole room looked over each time."""
    load = {a.id: a.load for a in staff}
    before = {a.id: (a.last_assigned, a.id) for a in staff}
    given_out: list[tuple[int, int]] = []
    promised = sorted((c for c in waiting if c.due), key=lambda c: (c.due, c.since, c.id))
    for case in [*promised, *sorted((c for c in waiting if not c.due), key=lambda c: (c.since, c.id))]:
        able = [a.id for a in staff if a.present and case.queue in a.queues and load[a.id] < a.capacity]
        fresh = [i for i in able if i not in [agent for _, agent in given_out]]
        if fresh:
            chosen = min(fresh, key=before.__getitem__)
        elif able:
            last = {agent: n for n, (_, agent) in enumerate(given_out)}
            chosen = min(able, key=last.__getitem__)
        else:
            continue
        load[chosen] += 1
        given_out.append((case.id, chosen))
    return given_out


@given(cases, agents, st.randoms())
@settings(max_examples=150, deadline=None)
def test_agrees_with_the_slow_search(waiting, staff, chance):
    found = choose_round_robin(waiting, staff)
    assert [(a.case, a.agent) for a in found] == slow(waiting, staff)
    assert all(a.reason for a in found)
    mixed, others = list(waiting), list(staff)
    chance.shuffle(mixed)
    chance.shuffle(others)
    assert choose_round_robin(mixed, others) == found


@given(cases, agents)
@settings(max_examples=60, deadline=None)
def test_presence_queues_and_capacity_are_respected(waiting, staff):
    by_id, taken = {a.id: a for a in staff}, {c.id: c for c in waiting}
    load = {a.id: a.load for a in staff}
    for assignment in choose_round_robin(waiting, staff):
        agent = by_id[assignment.agent]
        load[agent.id] += 1
        assert agent.present and load[agent.id] <= agent.capacity
        assert taken.pop(assignment.case).queue in agent.queues
    for case in taken.values():  # whoever still waits does so because nobody has room
        assert not any(a.present and case.queue in a.queues and load[a.id] < a.capacity for a in staff)


def agent(id: int, **changes) -> Agent:
    return Agent(**{"id": id, "present": True, "capacity": 2, "load": 0, "queues": ("bills",), **changes})


def test_the_oldest_promise_first_and_turn_by_turn():
    waiting = [WaitingCase(1, "bills", due=300), WaitingCase(2, "bills", due=100), WaitingCase(3, "bills")]
    found = choose_round_robin(waiting, [agent(7, last_assigned=50), agent(8, last_assigned=40)])
    assert [(a.case, a.agent) for a in found] == [(2, 8), (1, 7), (3, 8)]
    assert (
        found[0].reason == "has gone longest without a case of 2 present in this queue with room; has 0 of 2"
    )


def test_the_reason_names_a_lack_of_choice():
    found = choose_round_robin(
        [WaitingCase(1, "bills")], [agent(7, load=1), agent(8, present=False), agent(9, capacity=0)]
    )
    assert [a.reason for a in found] == ["the only one present in this queue with room; has 1 of 2"]


def test_many_cases_and_agents_take_little_time():
    waiting = [WaitingCase(i, "bills", due=i) for i in range(1, 5_001)]
    found = choose_round_robin(waiting, [agent(i, capacity=20) for i in range(1, 101)])
    assert len(found) == 2_000
    assert {a.agent for a in found[:100]} == set(range(1, 101))
