"""Two verdicts about one post, side by side: the kinds of what differs, and what each side says, in words.

Promises are compared as a case of that post would have them: for its priority, its channel's class and its customer's tier.
"""

from collections.abc import Iterator

from msgspec import Struct

from townhall.kernel.clock import SECOND
from townhall.policy.logic.english import approvals_in_words
from townhall.policy.logic.promises import levels_in_words, promise_in_words
from townhall.policy.logic.rule import PRIORITIES, Verdict
from townhall.policy.logic.targets import METRICS, Promised


class Difference(Struct, frozen=True):
    """One kind of what differs, with both sides in words ("" where the kind's name says all)."""

    kind: str
    before: str = ""
    after: str = ""


class Sides(Struct, frozen=True):
    """Two verdicts about a post, with what each promises it by metric."""

    old: Verdict
    new: Verdict
    was: dict[str, Promised]
    now: dict[str, Promised]

    @property
    def metrics(self) -> tuple[str, ...]:
        """Metrics whose promise is another, made, or dropped."""
        return tuple(metric for metric in METRICS if self.was.get(metric) != self.now.get(metric))

    def seconds(self) -> dict[str, int]:
        """Working time that each promise on both sides gives more of (less: negative), in whole seconds, where it does."""
        both = self.was.keys() & self.now.keys()
        spans = {metric: (self.now[metric].within - self.was[metric].within) // SECOND for metric in both}
        return {metric: span for metric, span in spans.items() if span}

    def differences(self) -> Iterator[Difference]:
        """What differs, by kind: ``answered``, ``held``, ``escalated``, ``approvals``, ``effect``, ``queue``, ``priority``, and of the
        targets ``calendar``, ``at_risk`` and the names of metrics."""
        old, new = self.old, self.new
        for kind, asked in (("answered", responds), ("held", is_held), ("escalated", is_escalated)):
            if asked(old) != asked(new):
                yield Difference(kind)
        if old.approvals != new.approvals:
            yield Difference("approvals", *(_approvals(side) for side in (old, new)))
        for kind in ("effect", "queue"):
            if getattr(old, kind) != getattr(new, kind):
                yield Difference(kind)
        if old.priority != new.priority:
            yield Difference("priority", PRIORITIES[old.priority], PRIORITIES[new.priority])
        yield from self._targets()

    def _targets(self) -> Iterator[Difference]:
        old, new = self.old, self.new
        if self.was and self.now and old.calendar != new.calendar:
            yield Difference("calendar", old.calendar or "round the clock", new.calendar or "round the clock")
        if self.was and self.now and old.targets.at_risk != new.targets.at_risk:
            yield Difference("at_risk", *(levels_in_words(side.targets.at_risk) for side in (old, new)))
        for metric in self.metrics:
            yield Difference(metric, *(_promise(metric, side.get(metric)) for side in (self.was, self.now)))


TARGETS = frozenset({"calendar", "at_risk", *METRICS})
"""Kinds of difference that are differences of targets."""


def side_by_side(old: Verdict, new: Verdict, channel: str, tier: str) -> Sides:
    """Two verdicts about a post of that class of channel, by a customer of that tier."""
    return Sides(old, new, promised(old, channel, tier), promised(new, channel, tier))


def promised(verdict: Verdict, channel: str, tier: str) -> dict[str, Promised]:
    """What a verdict promises, by metric; where nobody is to act, nothing is."""
    return verdict.targets.among(PRIORITIES[verdict.priority], channel, tier) if verdict.respond else {}


def responds(verdict: Verdict) -> bool:
    """Whether somebody of the firm has to act."""
    return verdict.respond


def is_held(verdict: Verdict) -> bool:
    """Whether what is done waits for the approval of another person than the one who does it."""
    return bool(verdict.approvals)


def is_escalated(verdict: Verdict) -> bool:
    """Whether the post is taken to a person at once."""
    return verdict.effect == "escalate"


def _approvals(verdict: Verdict) -> str:
    return approvals_in_words(verdict.approvals) if verdict.approvals else "nobody"


def _promise(metric: str, one: Promised | None) -> str:
    return promise_in_words(metric, one) if one else f"no {metric.replace('_', ' ')} promised"
