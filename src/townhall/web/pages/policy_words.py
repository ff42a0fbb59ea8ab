"""How pages speak of policies: heads of groups, verdicts and facts about a post, in the words of the policy's own English."""

from typing import Any

from django import template
from msgspec import Struct

from townhall.policy.logic import PRIORITIES, Rule, Verdict
from townhall.policy.logic.clauses import Clause, clause_of
from townhall.policy.logic.english import hours_in_words, limits_in_words, queue_in_words, times_in_words
from townhall.policy.logic.promises import span
from townhall.policy.logic.vocabulary import EFFECTS, FINDINGS, listed, noun, own_value, statement
from townhall.web.pages.label_words import percent
from townhall.web.pages.words import plainly

register = template.Library()

GROUPS: dict[str, str] = {
    "escalate": "Taken to a person at once",
    "hide": "Hidden, without an answer",
    "report": "Reported to the network, without an answer",
    "no_answer": "Not answered",
    "answer_private": "Answered, and moved to private",
    "answer": "Answered in public",
    "route": "Passed on to somebody who decides",
    "acknowledge": "Acknowledged, without a clock",
}
"""Effect → the head of its rules."""


class PlainRule(Struct, frozen=True):
    """A rule as it is read: when it holds, what happens then, by when, where it goes, and what bounds it."""

    when: Clause
    act: str
    times: str
    queue: str
    limits: tuple[str, ...] = ()


def rule_said(rule: Rule, most: int = 0) -> PlainRule:
    """A rule in plain words. ``most``: words of a list that are said, 0 for all."""
    verdict = rule.verdict(())
    return PlainRule(
        clause_of(rule.condition, most=most), decided(rule.effect), times_in_words(verdict), queue_words(verdict),
        limits_in_words(rule),
    )  # fmt: skip


@register.filter
def queue_words(verdict: Verdict) -> str:
    """Where a post goes, and how urgently where somebody has to act."""
    queue = f"Queue {queue_in_words(verdict.queue)}"
    return f"{queue}, {PRIORITIES[verdict.priority]} priority" if verdict.respond else queue


@register.filter
def hours_words(calendar: str) -> str:
    """Which hours a calendar counts."""
    return hours_in_words(calendar)


@register.filter
def by_whom(name: str) -> str:
    """Who wrote a version or put it in force; what came with the house was nobody's act."""
    return "Townhall, at the start" if name == "system" else name


@register.filter
def rule_name(name: str) -> str:
    """A rule's short name as a heading."""
    said = queue_in_words(name)
    return said[:1].upper() + said[1:]


@register.filter
def value_words(value: Any, path: str) -> str:
    """A value of a field as it is read."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return percent(value)
    if path == "post.findings":
        return listed([FINDINGS.get(one, str(one)) for one in value], "and") or "nothing"
    if isinstance(value, (list, tuple)):
        return ", ".join(str(one).replace("_", " ") for one in value) or "nothing"
    return (value != "" and own_value(path, value)) or str(value) or "nothing"


@register.filter
def decided(effect: str) -> str:
    """What an effect means for a post, as a sentence."""
    words = EFFECTS.get(effect, plainly(effect))
    return words[:1].upper() + words[1:]


@register.filter
def level(priority: int) -> str:
    """A priority by its name."""
    return PRIORITIES[priority]


def fact_words(path: str, value: Any) -> str:
    """A field with its value as it is said: ``the post is a question``, ``the feeling: happy``."""
    if isinstance(value, bool):
        return statement(path, denied=not value)
    return f"{noun(path)}: {value_words(value, path)}"


def were_words(path: str, value: Any) -> str:
    """A field with a value that it has not: ``the subject were a refund``."""
    if isinstance(value, bool):
        return statement(path, denied=not value)
    if path == "post.findings":
        return f"the post had {value_words(value, path)}"
    return f"{noun(path)} were {value_words(value, path)}"


@register.filter
def example_words(example: Any) -> str:
    """What an example names besides its text."""
    return "; ".join(fact_words(path, value) for path, value in example.items() if path != "post.text")


_STEPS = {
    "asked": "The customer wrote; the promise began",
    "wrote": "The customer wrote again",
    "paused": "Began to wait",
    "resumed": "Went on after waiting",
    "submitted": "An answer was handed in",
    "approved": "The answer was approved",
    "assigned": "The case was handed over",
    "queued": "The case came to a queue",
    "deleted": "The customer took a post back",
    "warned": "Colleagues were told that it falls due soon",
    "unwarned": "Nobody was told beforehand: nothing watched before it fell due",
    "missed": "It fell due; colleagues were told",
    "answered": "Answered",
    "ended": "Ended without an answer",
    "moved": "The deadline stands otherwise than its events say; it was moved by newer hours or by an act that was undone, or is being folded again",
    "reopened": "The case was opened again",
    "closed": "The case was closed",
}


@register.filter
def step_words(step: Any) -> str:
    """An event of a promise, with its cause."""
    return _STEPS[step.kind] + (f": {plainly(step.cause).lower()}" if step.cause else "")


@register.filter
def said_change(words: str) -> str:
    """A verdict in short as a back-test keeps it (``answer by outage, outages``), in words."""
    effect, _, rest = words.partition(" by ")
    rule, _, queue = rest.partition(", ")
    return f"{decided(effect)}, by {rule}, queue {queue}"


@register.filter
def worked(time: int) -> str:
    """A length of working time, whole: hours, minutes and seconds."""
    return span(time)


@register.filter
def promise_words(metric: str) -> str:
    """What a metric promises, as a noun."""
    return _PROMISES[metric]


_PROMISES = {
    "first_response": "a first answer", "next_response": "later answers", "periodic_update": "updates",
    "requester_wait": "a longest wait", "agent_work": "a longest working time", "resolution": "a solution",
    "group_ownership": "a longest time with the team", "community_answer": "an answer by the community",
}  # fmt: skip


@register.filter
def difference_words(one: Any) -> str:
    """A difference of two verdicts with both sides: ``resolution within 8 h → resolution within 80 h``."""
    told = _TOLD.get(one.kind, "")
    return f"{told}{one.before} → {one.after}"


_TOLD = {
    "approvals": "approved by ",
    "priority": "priority ",
    "calendar": "calendar ",
    "at_risk": "at risk from ",
}


@register.filter
def act_words(act: str) -> str:
    """What somebody did with a version."""
    return _DONE.get(act, plainly(act))


_DONE = {
    "draft": "Wrote the draft",
    "change": "Changed the text",
    "ask": "Asked for a review",
    "approve": "Approved the text",
    "return": "Gave it back",
    "activate": "Put it in force",
    "schedule": "Set the time it comes in force",
    "call_off": "Called the time off",
    "roll_back": "Went back to it",
    "discard": "Threw it away",
}
STATES = {
    "draft": ("", "draft"),
    "in_review": ("soon", "waits for its review"),
    "reviewed": ("info", "reviewed, not in force"),
    "active": ("good", "in force"),
    "retired": ("", "was in force"),
    "discarded": ("", "thrown away"),
}
"""State → (kind of chip, words)."""


@register.filter
def state_words(state: str) -> str:
    """How a version stands."""
    return STATES[state][1]


@register.filter
def state_chip(state: str) -> str:
    """The kind of chip for how a version stands."""
    return STATES[state][0]
