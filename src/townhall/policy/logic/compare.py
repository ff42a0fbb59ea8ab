"""Two policies on the same posts: what would change, added up, with the posts themselves."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from msgspec import Struct

from townhall.kernel.clock import MINUTE
from townhall.policy.logic.rule import Verdict

SHOWN = 20
"""Posts shown of each kind of change."""


class Case(Struct, frozen=True, gc=False):
    """One post under both. ``answered``: whether somebody of the firm answered it in truth."""

    interaction: int
    text: str
    before: Verdict
    after: Verdict
    answered: bool


class Changes:
    """Adds up cases as they come; memory does not grow with their number."""

    def __init__(self) -> None:
        self.posts = 0
        self.changed: Counter[str] = Counter()
        self.effects: Counter[tuple[str, str]] = Counter()
        self.queues: Counter[tuple[str, str]] = Counter()
        self.minutes = 0
        self.people: Counter[tuple[str, bool]] = Counter()
        self.shown: dict[str, list[dict[str, Any]]] = {}

    def add(self, cases: Sequence[Case]) -> None:
        """Takes the next posts."""
        self.posts += len(cases)
        for case in cases:
            self._confuse(case)
            if case.before is not case.after:
                for kind in kinds_of_change(case.before, case.after):
                    self._note(kind, case)

    def _confuse(self, case: Case) -> None:
        self.people["before" if case.before.respond else "before silent", case.answered] += 1
        self.people["after" if case.after.respond else "after silent", case.answered] += 1

    def _note(self, kind: str, case: Case) -> None:
        before, after = case.before, case.after
        self.changed[kind] += 1
        if kind == "effect":
            self.effects[before.effect, after.effect] += 1
        elif kind == "queue":
            self.queues[before.queue, after.queue] += 1
        elif kind == "first_response" and before.first_response and after.first_response:
            self.minutes += (after.first_response - before.first_response) // MINUTE
        held = self.shown.setdefault(kind, [])
        if len(held) < SHOWN:
            held.append(_line(case))

    def summary(self) -> dict[str, Any]:
        """Plain values for a report. Minutes are working time: above 0 the firm gives itself more of it."""
        return {
            "posts": self.posts,
            "changed": dict(sorted(self.changed.items())),
            "effects": _pairs(self.effects),
            "queues": _pairs(self.queues),
            "sla_minutes": self.minutes,
            "people": {side: _confusion(self.people, side) for side in ("before", "after")},
            "examples": self.shown,
        }


def kinds_of_change(before: Verdict, after: Verdict) -> Iterable[str]:
    """The names of what differs: ``answered``, ``held``, ``effect``, ``queue``, ``priority``, targets."""
    if before.respond != after.respond:
        yield "answered"
    if before.effect != after.effect:
        yield "effect"
        if "escalate" in (before.effect, after.effect):
            yield "held"
    for name in ("queue", "priority", "first_response", "next_response"):
        if getattr(before, name) != getattr(after, name):
            yield name


def _line(case: Case) -> dict[str, Any]:
    return {
        "interaction": str(case.interaction), "text": case.text[:200],
        "before": _said(case.before), "after": _said(case.after),
    }  # fmt: skip


def _said(verdict: Verdict) -> str:
    return f"{verdict.effect} by {verdict.rule or 'the defaults'}, {verdict.queue}"


def _pairs(counts: Counter[tuple[str, str]]) -> list[dict[str, Any]]:
    return [{"from": a, "to": b, "posts": n} for (a, b), n in counts.most_common()]


def _confusion(people: Counter[tuple[str, bool]], side: str) -> dict[str, int]:
    return {
        "to_answer_and_answered": people[side, True], "to_answer_not_answered": people[side, False],
        "silent_but_answered": people[f"{side} silent", True], "silent_and_not_answered": people[f"{side} silent", False],
    }  # fmt: skip
