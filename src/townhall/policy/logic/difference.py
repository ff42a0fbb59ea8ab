"""What tells two versions of a policy apart, in words: rules added, removed, renamed, and changed field by field.

Conditions are compared as they are meant, not as they are spaced: the same tree with other line breaks is no change.
What two versions do to posts is another question, which a back-test answers.
"""

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from townhall.kernel.clock import DAY, Instant, to_datetime
from townhall.policy.logic import vocabulary
from townhall.policy.logic.clauses import clause_of, own_tests
from townhall.policy.logic.english import RuleInWords, approvals_in_words, rule_in_words, sentence_of
from townhall.policy.logic.promises import span, targets_in_words
from townhall.policy.logic.proof.formula import shape
from townhall.policy.logic.rule import PRIORITIES, Approvals, Policy, Rule
from townhall.policy.logic.targets import Targets


class FieldChange(Struct, frozen=True):
    """One field of a rule, or of the defaults, as it was and as it is, in words. A condition also has its expressions."""

    field: str
    before: str
    after: str
    before_cel: str = ""
    after_cel: str = ""


class RuleChange(Struct, frozen=True):
    """A rule that both versions have, and what is different in it."""

    rule: str
    fields: tuple[FieldChange, ...]


class Difference(Struct, frozen=True):
    """What ``after`` has otherwise than ``before``. ``renamed`` pairs the ids of rules that are alike but for their name."""

    added: tuple[RuleInWords, ...] = ()
    removed: tuple[RuleInWords, ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()
    changed: tuple[RuleChange, ...] = ()
    defaults: tuple[FieldChange, ...] = ()

    @property
    def nothing(self) -> bool:
        """Whether both decide alike, and for the same stated reasons."""
        return not (self.added or self.removed or self.renamed or self.changed or self.defaults)

    def sentences(self) -> list[str]:
        """All of it, a sentence each."""
        said = [f"Added {rule.rule}: {rule.sentence}" for rule in self.added]
        said += [f"Removed {rule.rule}: {rule.sentence}" for rule in self.removed]
        said += [f"Renamed {before} to {after}." for before, after in self.renamed]
        said += [_sentence(change.rule, field) for change in self.changed for field in change.fields]
        said += [_sentence("Where no rule matches", field) for field in self.defaults]
        return said or ["Both decide alike; only remarks, examples or the order of rules may differ."]


def difference(before: Policy, after: Policy) -> Difference:
    """What is otherwise in ``after``."""
    old, new = ({rule.id: rule for rule in policy.rules} for policy in (before, after))
    gone, come = [id for id in old if id not in new], [id for id in new if id not in old]
    renamed = _renamed([old[id] for id in gone], [new[id] for id in come])
    moved = {id for pair in renamed for id in pair}
    both = sorted(old.keys() & new.keys())
    changes = [RuleChange(id, tuple(_fields(old[id], new[id]))) for id in both]
    return Difference(
        added=tuple(rule_in_words(new[id]) for id in sorted(come) if id not in moved),
        removed=tuple(rule_in_words(old[id]) for id in sorted(gone) if id not in moved),
        renamed=renamed,
        changed=tuple(change for change in changes if change.fields),
        defaults=tuple(_compared(before.otherwise, after.otherwise, _DEFAULTS)),
    )


def _renamed(gone: list[Rule], come: list[Rule]) -> tuple[tuple[str, str], ...]:
    left, found = sorted(come, key=lambda rule: rule.id), []
    for rule in sorted(gone, key=lambda rule: rule.id):
        twin = next((other for other in left if not _fields(rule, other)), None)
        if twin is not None:
            left.remove(twin)
            found.append((rule.id, twin.id))
    return tuple(found)


def _fields(before: Rule, after: Rule) -> list[FieldChange]:
    found = _compared(before, after, _RULE)
    if shape(before.condition) != shape(after.condition):
        found.insert(0, _when(before, after))
    return found


def _when(before: Rule, after: Rule) -> FieldChange:
    """Two conditions, which the words do not always tell apart: the one as it is then says so."""
    was, now = (clause_of(rule.condition) for rule in (before, after))
    words = [sentence_of(was), sentence_of(now)]
    if words[0] == words[1]:
        words[1] = f"otherwise, but {_UNSAID}"
    elif own_tests(was) != own_tests(now):
        words[1] = f"{words[1]}; {_UNSAID}"
    return FieldChange("when", *words, *(" ".join(rule.when.split()) for rule in (before, after)))


_UNSAID = "the words do not show all of the difference: see the condition as written"


def _compared(before: Any, after: Any, fields: dict[str, Callable[[Any], str]]) -> list[FieldChange]:
    return [
        FieldChange(name, word(getattr(before, name)), word(getattr(after, name)))
        for name, word in fields.items()
        if getattr(before, name) != getattr(after, name)
    ] + _further(before.targets, after.targets)


def _further(before: Targets, after: Targets) -> list[FieldChange]:
    was, now = _targets(before), _targets(after)
    return [FieldChange("targets", was, now)] if was != now else []


def _sentence(whose: str, change: FieldChange) -> str:
    name = _NAMES.get(change.field, change.field.replace("_", " "))
    said = f"{whose}: {name} was {change.before}, is {change.after}."
    written = f" As written it was {change.before_cel}, is {change.after_cel}."
    return said + written if change.after.endswith(_UNSAID) else said


def _time(value: Instant) -> str:
    return f"within {span(value)}" if value else "without a promise"


def _first_day(value: Instant) -> str:
    return f"{to_datetime(value):%Y-%m-%d}" if value else "without bound"


def _last_day(value: Instant) -> str:
    return _first_day(value - DAY if value else 0)


def _effect(value: str) -> str:
    return vocabulary.EFFECTS.get(value, value)


def _targets(targets: Targets) -> str:
    """What is promised beside the two answers, which have fields of their own."""
    return "; ".join(targets_in_words(targets)) or "nothing besides"


def _roles(approvals: Approvals) -> str:
    return approvals_in_words(approvals) if approvals else "nobody"


def _text(value: Any) -> str:
    return vocabulary.quoted(str(value))


_NAMES = {
    "when": "it holds when", "effect": "what happens", "first_response": "the first answer",
    "next_response": "later answers", "targets": "promised besides", "approvals": "answers are approved by",
    "from_at": "first day", "until_at": "last day",
}  # fmt: skip
_DEFAULTS: dict[str, Callable[[Any], str]] = {
    "effect": _effect, "priority": lambda value: PRIORITIES[value], "queue": _text, "calendar": _text,
    "first_response": _time, "next_response": _time, "reason": _text, "approvals": _roles,
}  # fmt: skip
_RULE: dict[str, Callable[[Any], str]] = {
    **_DEFAULTS, "precedence": str, "from_at": _first_day, "until_at": _last_day, "owner": _text,
}  # fmt: skip
