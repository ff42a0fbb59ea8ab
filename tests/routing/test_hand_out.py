"""Who gets which case: against a search through every way to give all cases, and by name."""

import functools
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from townhall.kernel.clock import HOUR, MINUTE
from townhall.routing.logic import Agent, Queue, Requirement, Rules, Waiting, hand_out, in_words
from townhall.routing.logic.words import of_person

NOW = 1_000 * HOUR
SLUGS = ["bills", "parcels", "vip"]
WAITS = [0, 5 * MINUTE, 20 * MINUTE]

levels = st.dictionaries(st.sampled_from(["billing", "fibre"]), st.integers(1, 3)).map(
    lambda found: tuple(sorted(found.items()))
)
spoken = st.dictionaries(st.sampled_from(["en", "pt"]), st.integers(1, 3)).map(
    lambda found: tuple(sorted(found.items()))
)
agents = st.lists(
    st.builds(
        Agent,
        id=st.integers(1, 9),
        queues=st.lists(st.sampled_from(SLUGS), max_size=3).map(tuple),
        skills=levels,
        languages=spoken,
        capacity=st.integers(0, 5),
        load=st.integers(0, 5),
        present=st.sampled_from([True, True, True, False]),
        heard=st.sampled_from([NOW, NOW, NOW - 4 * MINUTE, NOW - 6 * MINUTE]),
        on_shift=st.sampled_from([True, True, True, False]),
        last_assigned=st.integers(0, 3),
    ),
    max_size=4,
    unique_by=lambda agent: agent.id,
)
needs = st.lists(
    st.builds(
        Requirement,
        skill=st.sampled_from(["billing", "fibre"]),
        level=st.integers(1, 3),
        reason=st.sampled_from(["", "complaint"]),
    ),
    max_size=2,
    unique_by=lambda need: (need.skill, need.reason),
).map(tuple)


def queue_named(slug):
    return st.builds(
        Queue,
        slug=st.just(slug),
        needs=needs,
        language=st.sampled_from(["must", "wish", "any"]),
        overflow_after=st.sampled_from(WAITS),
        overflow_to=st.lists(st.sampled_from([s for s in [*SLUGS, "gone"] if s != slug]), max_size=2).map(
            tuple
        ),
        relax_after=st.sampled_from(WAITS),
        stick_for=st.sampled_from(WAITS),
        usual_work=st.sampled_from(WAITS),
    )


queues = st.tuples(*(queue_named(slug) for slug in SLUGS)).map(list)
cases = st.lists(
    st.builds(
        Waiting,
        id=st.integers(1, 99),
        queue=st.sampled_from([*SLUGS, "unknown"]),
        due=st.sampled_from([0, NOW - MINUTE, NOW + 3 * MINUTE, NOW + 10 * MINUTE, NOW + HOUR]),
        since=st.sampled_from([NOW, NOW - 4 * MINUTE, NOW - 5 * MINUTE, NOW - 30 * MINUTE]),
        priority=st.integers(0, 3),
        language=st.sampled_from(["en", "pt", "und", ""]),
        reason=st.sampled_from(["complaint", "question"]),
        channel=st.sampled_from(["x", "mastodon"]),
        private=st.booleans(),
        tier=st.sampled_from(["", "gold", "lost"]),
        followers=st.sampled_from([0, 10, 5000]),
        reach=st.sampled_from([0, 40]),
        before=st.integers(0, 9),
        left_by=st.lists(
            st.tuples(st.integers(1, 9), st.sampled_from([NOW, NOW + 1, NOW + HOUR])), max_size=2
        ).map(tuple),
    ),
    max_size=4,
    unique_by=lambda case: case.id,
)
rules = st.builds(
    Rules,
    order=st.sampled_from(["promise", "save"]),
    weights=st.sampled_from([(("private", 3), ("public", 1)), (("public", 2), ("x/private", 4)), ()]),
    tiers=st.sampled_from([(), (("gold", 15 * MINUTE),)]),
    influence_from=st.sampled_from([0, 1000]),
    reach_from=st.sampled_from([0, 40]),
    influence_head_start=st.sampled_from([0, 8 * MINUTE]),
)


class Slow:
    """The written rules, read aloud: every way to give all cases is tried, and the first in their order is taken."""

    def __init__(self, waiting, staff, house, law):
        self.staff = {a.id: a for a in staff}
        self.house = {q.slug: q for q in house}
        self.law = law
        self.waiting = sorted(
            (c for c in waiting if c.queue in self.house), key=functools.cmp_to_key(self.before)
        )

    def before(self, a, b):
        for trait in (self.rank, self.counted, lambda c: c.priority, lambda c: c.since, lambda c: c.id):
            if trait(a) != trait(b):
                return -1 if trait(a) < trait(b) else 1
        return 0

    def rank(self, c):
        if c.due == 0:
            return "3 no promise"
        kept = NOW + self.house[c.queue].usual_work <= c.due
        return "1 promised" if self.law.order == "promise" or kept else "2 lost"

    def counted(self, c):
        early = sum(by for name, by in self.law.tiers if name == c.tier)
        followed = self.law.influence_from and c.followers >= self.law.influence_from
        spread = self.law.reach_from and c.reach >= self.law.reach_from
        early += self.law.influence_head_start if followed or spread else 0
        return (c.due or c.since) - early

    def weight(self, c):
        audience = "private" if c.private else "public"
        given_out = {"private": 3, "public": 1} | dict(self.law.weights)
        return given_out.get(c.channel + "/" + audience, given_out[audience])

    def duty(self, a):
        return a.present and a.heard >= NOW - 5 * MINUTE and a.on_shift

    def missing(self, a, c):
        have = dict(a.skills)
        return [
            n.skill
            for n in self.house[c.queue].needs
            if n.reason in ("", c.reason) and have.get(n.skill, 0) < n.level
        ]

    def mute(self, a, c):
        asks = self.house[c.queue].language != "any" and c.language in ("en", "pt")
        return asks and c.language not in dict(a.languages)

    def speaks(self, a, c):
        return not (self.house[c.queue].language == "must" and self.mute(a, c))

    def circles(self, c):
        q = self.house[c.queue]
        near = [a for a in self.staff.values() if c.queue in a.queues and self.speaks(a, c)]
        far = [
            a
            for a in self.staff.values()
            if c.queue not in a.queues and set(a.queues) & set(q.overflow_to) and self.speaks(a, c)
        ]
        own = [a for a in near if not self.missing(a, c)]
        over = [a for a in far if not self.missing(a, c)]
        rest = [a for a in near + far if self.missing(a, c)]
        waited = NOW - c.since
        wide = bool(q.overflow_to) and (0 < q.overflow_after <= waited or not any(self.duty(a) for a in own))
        wider = q.relax_after > 0 and (waited >= q.relax_after or not any(self.duty(a) for a in own + over))
        found = {a.id: 1 for a in own}
        found |= {a.id: 2 for a in over} if wide or wider else {}
        return found | ({a.id: 3 for a in rest} if wider else {})

    def ways(self, c, load, given_out):
        """Who may take the case now, each with how they are preferred; ``None`` when nobody may."""
        q, circle = self.house[c.queue], self.circles(c)
        tired = {who for who, until in c.left_by if until > NOW}
        there = [self.staff[i] for i in circle if self.duty(self.staff[i]) and i not in tired]
        free = [
            a for a in there
            if a.capacity and (load[a.id] == 0 or load[a.id] + self.weight(c) <= a.capacity)
        ]  # fmt: skip
        if c.before in {a.id for a in there} - {a.id for a in free}:
            bound = c.since + q.stick_for
            if (bound if c.due == 0 else min(bound, c.due - q.stick_for)) > NOW:
                return {None: ()}
        latest = {agent: n for n, agent in enumerate(given_out)}
        preferred = {}
        for a in free:
            quarter = Fraction(load[a.id], a.capacity) // Fraction(1, 4)
            lacks = len(self.missing(a, c)) + (1 if self.mute(a, c) else 0)
            can = len(a.queues) + len(a.skills) + len(a.languages)
            turn = (1, latest[a.id]) if a.id in latest else (0, a.last_assigned)
            preferred[a.id] = (a.id != c.before, circle[a.id], lacks, quarter, can, turn, a.id)
        return preferred or {None: ()}

    def best(self):
        """Of all ways in which nobody is passed over who may take a case, the one that the written order prefers."""
        start = {i: a.load for i, a in self.staff.items()}
        _, way = min(self.every_way(0, start, []), key=lambda found: found[0])
        return [(c.id, agent or 0) for c, agent in zip(self.waiting, way, strict=True)]

    def every_way(self, place, load, given_out):
        if place == len(self.waiting):
            yield [], []
            return
        case = self.waiting[place]
        for agent, preferred in self.ways(case, load, given_out).items():
            after = load if agent is None else load | {agent: load[agent] + self.weight(case)}
            handed = given_out if agent is None else [*given_out, agent]
            for ranks, way in self.every_way(place + 1, after, handed):
                yield [preferred, *ranks], [agent, *way]


@given(cases, agents, queues, rules)
@settings(max_examples=300, deadline=None)
def test_agrees_with_trying_every_way(waiting, staff, house, law):
    found = hand_out(waiting, staff, house, law, NOW)
    assert [(c.case, c.agent) for c in found] == Slow(waiting, staff, house, law).best()


crowd = st.lists(
    st.builds(
        Agent,
        id=st.integers(1, 9),
        queues=st.sampled_from([("bills",), ("parcels", "bills"), ("bills", "parcels", "vip")]),
        skills=st.sampled_from([(), (("billing", 2),), (("billing", 2), ("fibre", 1))]),
        languages=st.sampled_from([(), (("en", 1),)]),
        capacity=st.integers(2, 8),
        load=st.integers(0, 6),
        heard=st.just(NOW),
        on_shift=st.sampled_from([True] * 5 + [False]),
        last_assigned=st.integers(0, 3),
    ),
    min_size=2,
    max_size=5,
    unique_by=lambda agent: agent.id,
)
queueing = st.lists(
    st.builds(
        Waiting,
        id=st.integers(1, 99),
        queue=st.just("bills"),
        due=st.sampled_from([0, NOW + 3 * MINUTE, NOW + HOUR]),
        since=st.sampled_from([NOW, NOW - 5 * MINUTE]),
        language=st.just("en"),
        private=st.booleans(),
        tier=st.sampled_from(["", "gold"]),
        before=st.integers(0, 9),
    ),
    min_size=1,
    max_size=5,
    unique_by=lambda case: case.id,
)


@given(queueing, crowd, queues, rules)
@settings(max_examples=300, deadline=None)
def test_agrees_with_trying_every_way_where_many_could_take_a_case(waiting, staff, house, law):
    found = hand_out(waiting, staff, house, law, NOW)
    assert [(c.case, c.agent) for c in found] == Slow(waiting, staff, house, law).best()


@given(cases, agents, queues, rules, st.randoms())
@settings(max_examples=100, deadline=None)
def test_no_list_s_order_matters_and_words_cost_no_choice(waiting, staff, house, law, chance):
    found = hand_out(waiting, staff, house, law, NOW)
    mixed = [list(waiting), list(staff), list(house)]
    for one in mixed:
        chance.shuffle(one)
    mixed[1] = [replace(a, queues=tuple(chance.sample(a.queues, len(a.queues)))) for a in mixed[1]]
    assert hand_out(*mixed, law, NOW) == found
    quiet = hand_out(waiting, staff, house, law, NOW, explain=False)
    assert [(c.case, c.agent, c.outcome) for c in quiet] == [(c.case, c.agent, c.outcome) for c in found]


@given(cases, agents, queues, rules)
@settings(max_examples=100, deadline=None)
def test_everybody_considered_has_words(waiting, staff, house, law):
    at = {q.slug: q for q in house}
    for choice in hand_out(waiting, staff, house, law, NOW):
        part = {a.id for a in staff if {choice.queue, *at[choice.queue].overflow_to} & set(a.queues)}
        assert {one.agent for one in choice.considered} == part
        assert choice.others == len(staff) - len(part)
        assert [one.agent for one in choice.considered if one.verdict == "chosen"] == [choice.agent] * bool(
            choice.agent
        )
        assert all(of_person(one, choice) for one in choice.considered) and in_words(choice, {})


@given(cases, agents, queues, rules)
@settings(max_examples=100, deadline=None)
def test_nobody_holds_more_than_their_room_and_each_case_goes_once(waiting, staff, house, law):
    found = hand_out(waiting, staff, house, law, NOW)
    assert len({c.case for c in found}) == len(found)
    for agent in staff:
        taken = [c.weight for c in found if c.agent == agent.id]
        first_alone = bool(taken) and agent.load == 0
        assert agent.load + sum(taken) <= max(agent.capacity, taken[0] if first_alone else agent.load)


def agent(id, **changes):
    return Agent(**{"id": id, "queues": ("bills",), "capacity": 4, "heard": NOW, **changes})


def case(id=1, **changes):
    return Waiting(**{"id": id, "queue": "bills", "since": NOW - MINUTE, "due": NOW + HOUR, **changes})


def one(waiting, staff, *house, law=Rules()):
    (found,) = hand_out([waiting], staff, house or [Queue("bills")], law, NOW)
    return found


def why(choice, names=None):
    return {c.agent: of_person(c, choice) for c in choice.considered}, in_words(choice, names or {})


def test_the_older_promise_goes_first_across_queues():
    found = hand_out(
        [case(1, due=NOW + 3), case(2, queue="vip", due=NOW + 2), case(3, due=0), case(4, due=NOW + 1)],
        [agent(7, queues=("bills", "vip"), capacity=9)], [Queue("bills"), Queue("vip")], Rules(), NOW,
    )  # fmt: skip
    assert [c.case for c in found] == [4, 2, 1, 3]


def test_a_tier_and_influence_count_as_an_earlier_promise_never_as_any_promise():
    law = Rules(tiers=(("gold", 10 * MINUTE),), influence_from=1000, influence_head_start=5 * MINUTE)
    waiting = [
        case(1, due=NOW + 20 * MINUTE),
        case(2, due=NOW + 29 * MINUTE, tier="gold"),
        case(3, due=NOW + 24 * MINUTE, followers=1000),
        case(4, due=NOW + 34 * MINUTE, followers=9000, tier="gold"),
        case(5, due=NOW + 36 * MINUTE, followers=9000, tier="gold"),
    ]
    found = hand_out(waiting, [agent(7, capacity=9)], [Queue("bills")], law, NOW)
    assert [c.case for c in found] == [2, 3, 4, 1, 5]


def test_what_can_be_kept_may_go_before_what_is_missed():
    waiting = [
        case(1, due=NOW - 1),
        case(2, due=NOW + 4 * MINUTE),
        case(3, due=NOW + 6 * MINUTE),
        case(4, due=0),
    ]
    house = [Queue("bills", usual_work=5 * MINUTE)]
    for order, expected in (("promise", [1, 2, 3, 4]), ("save", [3, 1, 2, 4])):
        found = hand_out(waiting, [agent(7)], house, Rules(order=order), NOW)
        assert [c.case for c in found] == expected


def test_skills_have_levels_and_some_reasons_need_more():
    house = Queue("bills", needs=(Requirement("billing", 2), Requirement("retention", 3, "complaint")))
    staff = [
        agent(7, skills=(("billing", 1),)),
        agent(8, skills=(("billing", 2),)),
        agent(9, skills=(("billing", 3), ("retention", 3))),
    ]
    assert one(case(reason="question"), staff, house).agent == 8
    found = one(case(reason="complaint"), staff, house)
    assert found.agent == 9
    words, said = why(found)
    assert words[7] == "lacks billing 2, which is not waived yet"
    assert words[8] == "lacks retention 3, which is not waived yet"
    assert words[9] == said == "the only one on duty with room; holds 0 of 4, this takes 1"


def test_a_language_is_a_must_a_wish_or_nothing():
    staff = [agent(7, languages=(("en", 3),)), agent(8, languages=(("pt", 1),), load=3)]
    chosen = [
        one(case(language="pt"), staff, Queue("bills", language=how)).agent for how in ("must", "wish", "any")
    ]
    assert chosen == [8, 8, 7]
    assert one(case(language="und"), staff, Queue("bills", language="must")).agent == 7
    alone = one(case(language="pt"), staff[:1], Queue("bills", language="must", relax_after=MINUTE))
    assert alone.outcome == "nobody_here" and why(alone)[0] == {7: "does not know its language pt"}


def test_a_private_chat_takes_more_room_and_never_more_than_there_is():
    staff = [agent(7, load=2), agent(8, load=3)]
    found = one(case(private=True), staff)
    assert found.outcome == "all_full"
    assert why(found)[0][7] == "has no room (2 of 4, this case takes 3)"
    assert one(case(private=False), staff).agent == 7
    assert one(case(private=True), [agent(7, capacity=2)]).agent == 7, (
        "who holds nothing takes one all the same"
    )
    law = Rules(weights=(("x/private", 2),))
    assert one(case(private=True, channel="x"), staff, law=law).agent == 7


def test_the_same_person_again_within_a_bound_of_waiting():
    house = Queue("bills", stick_for=10 * MINUTE)
    full, free = agent(7, load=4), agent(8)
    assert one(case(before=7), [agent(7, load=3), free], house).same
    waits = one(case(before=7), [full, free], house)
    assert (waits.outcome, waits.agent, waits.until) == ("held_back", 0, NOW + 9 * MINUTE)
    assert why(waits, {7: "Ann"})[1] == "waits for Ann, who answered this customer last and is full"
    assert one(case(before=7, since=NOW - 10 * MINUTE), [full, free], house).agent == 8
    assert one(case(before=7, due=NOW + 10 * MINUTE), [full, free], house).agent == 8, "its promise is near"
    assert one(case(before=7), [replace(full, present=False), free], house).agent == 8, "not here"


def test_a_wider_circle_opens_by_time_or_when_nobody_is_on_duty():
    house = [Queue("bills", overflow_to=("vip",), overflow_after=10 * MINUTE), Queue("vip")]
    own, other = agent(7, load=4), agent(8, queues=("vip",))
    soon = one(case(), [own, other], *house)
    assert soon.outcome == "all_full"
    assert why(soon)[0][8] == "works in a queue that this one does not overflow to yet"
    late = one(case(since=NOW - 10 * MINUTE), [own, other], *house)
    assert late.agent == 8 and "as it has waited for so long" in why(late)[1]
    gone = one(case(), [replace(own, on_shift=False), other], *house)
    assert gone.agent == 8 and "as nobody nearer is on duty" in why(gone)[1]
    assert one(case(since=NOW - 10 * MINUTE), [replace(own, load=0), other], *house).agent == 7


def test_skills_are_waived_after_a_time():
    house = Queue("bills", needs=(Requirement("billing", 2),), relax_after=20 * MINUTE)
    able, unable = agent(7, load=4, skills=(("billing", 2),)), agent(8)
    assert one(case(), [able, unable], house).outcome == "all_full"
    late = one(case(since=NOW - 20 * MINUTE), [able, unable], house)
    assert late.agent == 8 and late.by == 2


def test_who_left_it_untouched_is_not_asked_again_for_a_while():
    staff = [agent(7), agent(8)]
    assert one(case(left_by=((7, NOW + 1),)), staff).agent == 8
    assert one(case(left_by=((7, NOW),)), staff).agent == 7
    both = one(case(left_by=((7, NOW + 1), (8, NOW + 1))), staff)
    assert both.outcome == "all_left_it"


def test_room_then_breadth_then_turn():
    wide = agent(7, skills=(("billing", 3),))
    assert one(case(), [wide, agent(8)]).agent == 8, "who can do more is kept free"
    assert one(case(), [wide, agent(8, load=1)]).agent == 7, (
        "but not at any price: quarters of room come first"
    )
    assert one(case(), [agent(7, last_assigned=5), agent(8, last_assigned=3)]).agent == 8


def test_two_hundred_queues_are_quick_enough_to_count_on():
    house = [Queue(f"q{n}", needs=(Requirement(f"s{n % 20}"),)) for n in range(200)]
    staff = [
        agent(n, queues=tuple(f"q{(n * 7 + k * 13) % 200}" for k in range(6)),
              skills=tuple((f"s{k}", 2) for k in range(20)))
        for n in range(1, 301)
    ]  # fmt: skip
    waiting = [case(n, queue=f"q{n % 200}", due=NOW + n) for n in range(1, 1_001)]
    found = hand_out(waiting, staff, house, Rules(), NOW, explain=False)
    assert sum(1 for c in found if c.agent) == 1_000
