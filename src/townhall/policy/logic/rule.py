"""The nouns of a response policy: rules, what they decide, and their order of precedence."""

from collections.abc import Callable, Sequence
from typing import Literal, get_args

from msgspec import Struct

from townhall.kernel.clock import Instant
from townhall.policy.logic.context import Context
from townhall.policy.logic.expression import Node
from townhall.policy.logic.targets import Targets

Effect = Literal[
    "escalate", "hide", "report", "no_answer", "answer_private", "answer", "route", "acknowledge"
]

EFFECTS: tuple[str, ...] = get_args(Effect)
"""Strongest first. What must reach a person comes before all; then what the firm forbids itself; then the narrower
way of answering before the wider one."""

PRIORITIES = ("urgent", "high", "normal", "low")

Approvals = tuple[tuple[str, ...], ...]
"""Steps, each met by another person with one of its roles, before an answer goes or a post is hidden (none: nobody)."""

SILENT = frozenset({"no_answer", "hide", "report"})
"""Effects by which the firm says nothing."""


class Verdict(Struct, frozen=True, gc=False):
    """What the policy decides about a post, and why.

    ``respond``: somebody of the firm has to act (every effect but those in ``SILENT``). ``priority`` 0 is urgent, 3 low.
    ``first_response`` and ``next_response`` are working time in microseconds of ``calendar``, 0 for none, as they are for a case
    of this priority; all that is promised is in ``targets``, and ``plain`` says that those two are all. ``rule`` is the rule that decided
    ("" when none matched and the policy's defaults hold), ``matched`` all that matched, strongest first. ``approvals``: see ``Approvals``.
    """

    effect: str
    respond: bool
    priority: int
    queue: str
    first_response: Instant
    next_response: Instant
    calendar: str
    rule: str
    matched: tuple[str, ...]
    reason: str
    targets: Targets = Targets()
    plain: bool = True
    approvals: Approvals = ()


class Rule(Struct, frozen=True):
    """One rule. In force for posts of ``from_at`` (included) to ``until_at`` (not included); 0 is without bound."""

    id: str
    owner: str
    reason: str
    when: str
    condition: Node
    effect: Effect
    priority: int
    queue: str
    first_response: Instant
    next_response: Instant
    calendar: str
    precedence: int = 0
    from_at: Instant = 0
    until_at: Instant = 0
    line: int = 0
    targets: Targets = Targets()
    approvals: Approvals = ()

    def in_force(self, at: Instant) -> bool:
        """Whether the rule holds for a post of that time."""
        return self.from_at <= at and (not self.until_at or at < self.until_at)

    def rank(self) -> tuple[int, int, str]:
        """Its place in the order: the stronger effect, then the higher ``precedence``, then the id."""
        return (EFFECTS.index(self.effect), -self.precedence, self.id)

    def verdict(self, matched: tuple[str, ...]) -> Verdict:
        """What it decides when it is the strongest of those that matched."""
        return Verdict(
            self.effect, self.effect not in SILENT, self.priority, self.queue, self.first_response,
            self.next_response, self.calendar, self.id, matched, self.reason, self.targets,
            self.targets.is_plain(), self.approvals,
        )  # fmt: skip


class Policy(Struct, frozen=True):
    """A policy ready to judge. ``digest`` is the SHA-256 (hex) of the exact bytes it was read from.

    ``rules`` are in order of precedence, whatever their order in the document. ``otherwise`` is the verdict when no
    rule matches. ``decide`` judges posts, ``asks`` are the names that conditions speak of.
    """

    id: str
    version: int
    digest: str
    rules: tuple[Rule, ...]
    otherwise: Verdict
    decide: Callable[[Sequence[Context]], list[Verdict]]
    asks: frozenset[str] = frozenset()

    def approvals(self) -> dict[str, list[list[str]]]:
        """Which rules want answers approved, and by which steps of roles; "" stands for the defaults."""
        found = {rule.id: _plain(rule.approvals) for rule in self.rules if rule.approvals}
        return found | ({"": _plain(self.otherwise.approvals)} if self.otherwise.approvals else {})


def _plain(approvals: Approvals) -> list[list[str]]:
    return [list(step) for step in approvals]
