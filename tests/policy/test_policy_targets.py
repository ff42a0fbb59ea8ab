"""Targets as they are written: old documents as ever, metrics, who keeps them, pauses, levels, rows for some cases."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from townhall.kernel.clock import HOUR, MINUTE, SECOND
from townhall.kernel.errors import Refused
from townhall.policy.logic import Level, Policy, Promised, parse_policy
from townhall.policy.logic.targets import in_words

HEAD = """id: care
version: 1
calendar: office
defaults: {effect: route, priority: low, queue: general, targets: {first_response: 8h, at_risk: [50%]}}
rules:
"""


def policy(targets: str = "", priority: str = "normal", effect: str = "answer") -> Policy:
    lines = ["  - id: r", "    owner: o", "    reason: because", "    when: 'true'", f"    effect: {effect}",
             f"    priority: {priority}"]  # fmt: skip
    return parse_policy(HEAD + "\n".join([*lines, f"    targets: {targets}" if targets else ""]) + "\n")


def targets_of(text: str):
    return policy(text).rules[0].targets


def test_a_document_of_old_means_what_it_meant():
    rule = policy("{first_response: 30m, next_response: 1h}").rules[0]
    assert (rule.first_response, rule.next_response) == (30 * MINUTE, HOUR)
    assert rule.targets.is_plain()
    assert dict(rule.targets.promised) == {
        "first_response": Promised(30 * MINUTE), "next_response": Promised(HOUR),
    }  # fmt: skip


def test_a_rule_without_targets_has_the_defaults_and_silence_has_none():
    inherited = policy().rules[0]
    assert inherited.first_response == 8 * HOUR and inherited.targets.at_risk == (Level(used=50),)
    assert policy(effect="hide").rules[0].targets.promised == ()


def test_what_holds_for_all_metrics_and_what_one_says_itself():
    found = targets_of(
        "{first_response: 30m, resolution: {within: 16h, pauses: [third_party, customer], counts: approved},"
        " satisfied_by: [ai, person], pauses: [outage]}"
    )
    assert dict(found.promised) == {
        "first_response": Promised(30 * MINUTE, ("person", "ai"), "sent", ("outage",)),
        "resolution": Promised(16 * HOUR, ("person", "ai"), "approved", ("customer", "third_party")),
    }
    assert not found.is_plain()


BY = (
    "{first_response: 2h, next_response: 4h, by: [{priority: urgent, first_response: 20m},"
    " {priority: low, first_response: 8h}, {channel: private, first_response: 30m},"
    " {tier: gold, channel: private, first_response: 5m, resolution: 1h}]}"
)


@pytest.mark.parametrize(
    ("where", "first"),
    [
        (("normal", "public", ""), 120),
        (("urgent", "public", ""), 20),
        (("urgent", "private", ""), 20),
        (("low", "public", ""), 480),
        (("low", "private", ""), 30),
        (("urgent", "private", "gold"), 5),
        (("normal", "public", "gold"), 120),
    ],
)
def test_the_shortest_row_that_fits_holds_and_else_the_base(where, first):
    assert targets_of(BY).within("first_response", *where) == first * MINUTE


def test_rows_leave_other_metrics_alone():
    assert targets_of(BY).within("next_response", "urgent") == 4 * HOUR
    assert targets_of(BY).within("resolution", "urgent") == 0
    assert policy(BY, "urgent").rules[0].first_response == 20 * MINUTE


def test_levels_by_percent_and_by_minutes():
    found = targets_of("{first_response: 1h, at_risk: [50%, 75%, 10m, 90s]}").at_risk
    assert found == (Level(used=50), Level(used=75), Level(left=10 * MINUTE), Level(left=90 * SECOND))
    assert [level.name for level in found] == ["50%", "75%", "10m", "1m30s"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{first_reply: 30m}", "unknown field; known are first_response"),
        ("{resolution: {pauses: [customer]}}", "within is missing"),
        ("{first_response: 1h, satisfied_by: [bot]}", "bot is not known; choose one of person, ai"),
        ("{first_response: 1h, pauses: [lunch]}", "lunch is not known; choose one of customer"),
        ("{first_response: 1h, counts: drafted}", "choose one of sent, approved, submitted"),
        ("{first_response: 1h, at_risk: [100%]}", "from 1% to 99%"),
        ("{first_response: 1h, at_risk: [0m]}", "working time such as 30m"),
        ("{first_response: 1h, by: [{first_response: 5m}]}", "say for which cases"),
        ("{first_response: 1h, by: [{priority: urgent}]}", "say what is promised"),
        ("{first_response: 1h, by: [{channel: mastodon, first_response: 5m}]}", "one of public, private"),
        ("{first_response: 1d}", "write its working hours"),
    ],
)
def test_what_is_wrong_is_refused_with_its_place(text, message):
    with pytest.raises(Refused, match=message) as refusal:
        policy(text)
    assert str(refusal.value).startswith("policy line 12, column ")


@given(st.integers(1, 3 * 86_400))
def test_a_span_is_read_as_it_is_written(seconds):
    assert (
        targets_of(f"{{first_response: {in_words(seconds * SECOND)}}}").within("first_response")
        == seconds * SECOND
    )
