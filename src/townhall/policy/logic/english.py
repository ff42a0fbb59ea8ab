"""Rules as plain English, for people who read a policy and will never read its expressions.

``condition_in_words`` says when; ``rule_in_words`` says the whole rule in one sentence. Pages that have room for it show
the statements of a condition as a list (``clauses``).
"""

from msgspec import Struct

from townhall.kernel.clock import DAY, to_datetime
from townhall.policy.logic import vocabulary as words
from townhall.policy.logic.clauses import Clause, clause_of
from townhall.policy.logic.expression import Node
from townhall.policy.logic.promises import span, targets_in_words
from townhall.policy.logic.rule import PRIORITIES, Approvals, Rule, Verdict

_WHAT = {"hide": "Hiding it", "report": "Reporting it"}
"""What an approval is about, where it is not an answer."""


class RuleInWords(Struct, frozen=True):
    """A rule in plain English. ``when`` and ``then`` are parts of a sentence, ``limits`` the rest (dates, approvals)."""

    rule: str
    effect: str
    when: str
    then: str
    limits: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """The whole of it."""
        return f"When {self.when}: {self.then}." + "".join(f" {limit}." for limit in self.limits)


def rule_in_words(rule: Rule) -> RuleInWords:
    """One rule: when it holds, what happens then, and what bounds it."""
    return RuleInWords(
        rule.id,
        rule.effect,
        condition_in_words(rule.condition),
        verdict_in_words(rule.verdict(())),
        limits_in_words(rule),
    )


def verdict_in_words(verdict: Verdict) -> str:
    """What happens to a post: the act, by when, in which queue and with what priority."""
    act = words.EFFECTS.get(verdict.effect, verdict.effect.replace("_", " "))
    if not verdict.respond:
        return f"{act}, in the queue {queue_in_words(verdict.queue)}"
    times = times_in_words(verdict)
    return ", ".join(
        [
            act,
            *([times] if times else []),
            f"in the queue {queue_in_words(verdict.queue)}",
            f"priority {PRIORITIES[verdict.priority]}",
        ]
    )


def times_in_words(verdict: Verdict) -> str:
    """By when a post is answered, "" where no time is promised."""
    times = [
        f"{what} within {span(time)}"
        for what, time in (("first answer", verdict.first_response), ("later answers", verdict.next_response))
        if time
    ]
    return f"{', '.join(times)} {hours_in_words(verdict.calendar)}" if times else ""


def hours_in_words(calendar: str) -> str:
    """Which hours are counted: a calendar that is always open, the brand's own, or another by its name."""
    return _HOURS.get(calendar, f"of working time by the calendar {queue_in_words(calendar)}")


_HOURS = {"always": "around the clock", "": "of working time", "default": "of working time"}


def queue_in_words(name: str) -> str:
    """A queue's or a calendar's short name as it is read."""
    return name.replace("-", " ").replace("_", " ")


def condition_in_words(node: Node) -> str:
    """When a condition holds."""
    return sentence_of(clause_of(node))


def limits_in_words(rule: Rule) -> tuple[str, ...]:
    """What bounds a rule: further promises, approvals, dates; a sentence each without its stop."""
    found = [f"Promised besides: {said}" for said in targets_in_words(rule.targets)]
    if rule.approvals:
        found.append(
            f"{_WHAT.get(rule.effect, 'Every answer')} needs the approval of {approvals_in_words(rule.approvals)}"
        )
    if rule.from_at:
        found.append(f"In force from {to_datetime(rule.from_at):%Y-%m-%d}")
    if rule.until_at:
        found.append(f"In force until {to_datetime(rule.until_at - DAY):%Y-%m-%d}")
    return tuple(found)


def approvals_in_words(approvals: Approvals) -> str:
    """The steps of approval as part of a sentence."""
    steps = [" or ".join(step) for step in approvals]
    if len(steps) == 1:
        return steps[0]
    return f"{len(steps)} people, one of each: {'; '.join(steps)}"


def sentence_of(clause: Clause, ends: bool = True) -> str:
    """Statements as one part of a sentence. Alternatives inside go on to its end, or where it goes on (not ``ends``) stand in
    brackets."""
    if clause.joint == "any":
        return _any(clause)
    return _all(clause, ends) if clause.joint else clause.words


def _all(clause: Clause, ends: bool) -> str:
    plain = [part.words for part in clause.parts if not part.joint]
    choices = [_any(part) for part in clause.parts if part.joint]
    bracketed = [f"one of these ({choice})" for choice in (choices[:-1] if ends else choices)]
    said = [*plain, *bracketed, *(f"one of these: {choice}" for choice in choices[-1:] if ends)]
    return words.listed(said, "and") if len(said) < 3 else f"{', '.join(said[:-1])}, and {said[-1]}"


def _any(clause: Clause) -> str:
    *others, last = clause.parts
    short = len(others) == 1 and len(f"{others[0].words}{last.words}") < 160
    if short and not others[0].joint and not last.joint:
        return f"{others[0].words} or {last.words}"
    return "; or ".join([*(sentence_of(part, ends=False) for part in others), sentence_of(last)])
