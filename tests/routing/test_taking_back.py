"""Which cases go back to their queue, by cause; against a list of sentences read one by one."""

from hypothesis import given, settings
from hypothesis import strategies as st

from townhall.kernel.clock import HOUR, MINUTE
from townhall.routing.logic import Agent, Held, Queue, Rules, take_back

NOW = 1_000 * HOUR
moments = st.sampled_from([NOW - HOUR, NOW - 20 * MINUTE, NOW - 15 * MINUTE, NOW - 14 * MINUTE, NOW - 1])
held = st.lists(
    st.builds(
        Held,
        case=st.integers(1, 50),
        agent=st.integers(1, 4),
        queue=st.sampled_from(["bills", "gone"]),
        since=moments,
        touched=st.one_of(st.just(0), moments),
        asked=st.one_of(st.just(0), moments),
    ),
    max_size=5,
    unique_by=lambda one: one.case,
)
agents = st.dictionaries(
    st.integers(1, 4),
    st.builds(
        Agent, id=st.just(0), present=st.booleans(), heard=moments, left=st.one_of(st.just(0), moments)
    ),
)


def slow(held, agents, silence, absent):
    gone = []
    for one in sorted(held, key=lambda one: one.case):
        who = agents.get(one.agent)
        signed_out = who is not None and who.left and not who.present
        lost = who is not None and who.present and absent and who.heard + absent <= NOW
        last = sorted([one.since, one.touched, one.asked])[-1]
        if signed_out and one.since < who.left:
            gone.append((one.case, "signed_out", who.left))
        elif lost and one.since <= who.heard + absent:
            gone.append((one.case, "not_heard", who.heard))
        elif one.queue == "bills" and silence and last + silence <= NOW:
            gone.append((one.case, "silence", last))
    return gone


@given(held, agents, st.sampled_from([0, 15 * MINUTE]), st.sampled_from([0, 15 * MINUTE]))
@settings(max_examples=150, deadline=None)
def test_agrees_with_the_sentences(held, agents, silence, absent):
    queues = {"bills": Queue("bills", silence_after=silence)}
    found = take_back(held, agents, queues, Rules(absent_after=absent), NOW)
    assert [(b.case, b.cause, b.since) for b in found] == slow(held, agents, silence, absent)
    assert take_back(held[::-1], agents, queues, Rules(absent_after=absent), NOW) == found


def taken(one: Held, **agent) -> list[str]:
    there = {7: Agent(7, **agent)} if agent else {}
    queues = {"bills": Queue("bills", silence_after=10 * MINUTE)}
    return [b.cause for b in take_back([one], there, queues, Rules(), NOW)]


def test_silence_counts_from_the_last_touch_or_the_customer_s_last_word():
    old = NOW - HOUR
    assert taken(Held(1, 7, "bills", NOW - 10 * MINUTE)) == ["silence"]
    assert taken(Held(1, 7, "bills", NOW - 10 * MINUTE + 1)) == []
    assert taken(Held(1, 7, "bills", old, touched=NOW - MINUTE)) == []
    assert taken(Held(1, 7, "bills", old, asked=NOW - MINUTE)) == [], "the customer wrote just now"
    assert taken(Held(1, 7, "other", old)) == [], "its queue has no such rule"


def test_who_signs_out_gives_back_what_they_had_then():
    gone = {"present": False, "left": NOW - MINUTE, "heard": NOW - MINUTE}
    assert taken(Held(1, 7, "bills", NOW - 5 * MINUTE), **gone) == ["signed_out"]
    assert taken(Held(1, 7, "bills", NOW - 1), **gone) == [], "a lead gave it to them all the same"


def test_who_is_not_heard_of_gives_back_and_a_shift_s_end_does_not():
    assert taken(
        Held(1, 7, "bills", NOW - 20 * MINUTE, touched=NOW - 16 * MINUTE), heard=NOW - 15 * MINUTE
    ) == ["not_heard"]
    assert taken(Held(1, 7, "bills", NOW - 2 * MINUTE), heard=NOW - MINUTE, on_shift=False) == []
