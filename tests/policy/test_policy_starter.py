"""The starter policy is read with its examples, and decides a morning's posts as a person would."""

from importlib import resources

import pytest

from townhall.policy.logic import Context, explain, judge, parse_policy

POLICY = parse_policy(resources.files("townhall.policy").joinpath("starter/default.yaml").read_bytes())

MORNING = [
    ("outage", Context(text="No internet in all of Ashford again", sentiment=-1, intent="outage")),
    ("danger", Context(text="The router you sent me EXPLODED", sentiment=-1, complaint_p=0.9)),
    ("cancel", Context(text="Please cancel my contract today", intent="cancel")),
    ("personal-data", Context(text="I am at 5 Elm Row, where is my parcel?", question=True, question_p=0.9, intent="delivery", finding_kinds=("address",))),
    ("account", Context(text="Why is my bill so high?", question=True, question_p=0.98, intent="billing")),
    ("delivery", Context(text="Where is my parcel?", question=True, question_p=0.98, intent="delivery")),
    ("spam", Context(text="Free followers, click my bio", finding_kinds=("unsafe_link",))),
    ("praise", Context(text="Thank you, quick help", sentiment=1, intent="praise")),
    ("complaint", Context(text="Third time this month", sentiment=-1, complaint_p=0.8)),
    ("question", Context(text="Do you open on Sunday?", question=True, question_p=0.9)),
    ("", Context(text="just had coffee")),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "post"), MORNING)
def test_a_morning(rule, post):
    assert judge(POLICY, [post])[0].rule == rule


def test_a_batch_and_its_explanations_agree():
    posts = [post for _, post in MORNING] * 4
    assert judge(POLICY, posts) == [explain(POLICY, post).verdict for post in posts]


def test_it_holds_every_effect_and_every_rule_has_examples():
    assert {rule.effect for rule in POLICY.rules} == {
        "escalate", "hide", "no_answer", "answer_private", "answer", "route", "acknowledge"
    }  # fmt: skip
    text = resources.files("townhall.policy").joinpath("starter/default.yaml").read_text()
    assert text.count("no_match:") == text.count("- id:") == len(POLICY.rules)
