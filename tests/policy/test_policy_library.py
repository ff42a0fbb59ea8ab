"""The starter policies by trade: each is sound, each rule has examples, gaps are there on purpose; and a morning in each."""

import pytest

from townhall.kernel.errors import NotFound
from townhall.policy.library import packs, source
from townhall.policy.logic import Context, judge, parse_policy
from townhall.policy.logic.check import check_policy
from townhall.policy.logic.english import rule_in_words

NAMES = ["airline", "bank", "default", "retail", "software"]
ON_PURPOSE = {
    "airline": "Nothing in it asks the airline for an answer.",
    "bank": "Nothing in it asks the bank for an answer, and the bank does not speak uninvited.",
    "default": "Nothing in it asks the firm for an answer.",
    "retail": "Small talk that asks nothing of the shop.",
    "software": "Nothing in it asks us for an answer.",
}
"""What no rule covers gets no answer, for this reason; written down twice, so that a new gap is a decision."""


def test_the_library_is_listed():
    assert [pack.name for pack in packs()] == NAMES
    assert all(pack.about and pack.rules >= 10 for pack in packs())
    with pytest.raises(NotFound, match="there are airline"):
        source("../../secrets")


@pytest.mark.parametrize("name", NAMES)
def test_each_is_sound(name):
    found = check_policy(source(name).encode())
    assert (found["ok"], found["errors"], found["dead"], found["shadowed"]) == (True, [], [], [])
    assert found["undecided"] == []
    assert found["unlooked_pairs"] == 0
    policy = parse_policy(source(name))
    gap = Context(**{"text": "nothing of note"})
    assert judge(policy, [gap])[0].reason == ON_PURPOSE[name] == policy.otherwise.reason
    assert found["gap"] is not None and policy.otherwise.effect == "no_answer"
    text = source(name)
    assert text.count("no_match:") == text.count("- id:") == len(policy.rules), (
        "every rule has examples of both kinds"
    )
    assert all(rule.owner and rule.reason and rule_in_words(rule).sentence for rule in policy.rules)


MORNINGS = [
    ("retail", "unsafe-goods", Context(text="Your toaster gave me an ELECTRIC SHOCK")),
    ("retail", "parcel", Context(text="Where is my order?", question=True, question_p=0.9)),
    ("retail", "refund", Context(text="No refund yet", intent="refund", sentiment=-1)),
    ("airline", "travelling-now", Context(text="We are still on the runway", sentiment=-1)),
    ("airline", "booking-data", Context(text="booking ref QX12AB, help", question=True, question_p=0.9)),
    ("airline", "bags", Context(text="Where is my bag?", question=True, question_p=0.9)),
    ("bank", "fraud", Context(text="There is an unknown transaction", sentiment=-1, complaint_p=0.9)),
    ("bank", "money", Context(text="Why is my card refused?", question=True, question_p=0.9)),
    ("bank", "advice", Context(text="Should I buy shares of yours?", question=True, question_p=0.9)),
    ("software", "outage", Context(text="Login is down", sentiment=-1)),
    ("software", "bug", Context(text="It stopped working after the update", sentiment=-1)),
    ("software", "security-report", Context(text="I found an XSS in search")),
]  # fmt: skip


@pytest.mark.parametrize(("name", "rule", "post"), MORNINGS)
def test_mornings(name, rule, post):
    assert judge(parse_policy(source(name)), [post])[0].rule == rule


def test_a_bank_has_its_words_about_money_read_twice():
    bank = parse_policy(source("bank"))
    assert judge(bank, [Context(text="my transfer is gone")])[0].approvals == (("compliance", "lead"),)
    assert {"answer_private", "escalate"} >= {rule.effect for rule in bank.rules if rule.approvals}
