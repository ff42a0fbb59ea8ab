"""Two policies on the same posts: what would change, added up, with the posts themselves."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from townhall.kernel.clock import MINUTE
from townhall.policy.logic.context import Context
from townhall.policy.logic.rule import Verdict

SHOWN = 20
"""Posts shown of each kind of change."""


class Post(Protocol):
    """A stored post as it was judged. ``answered``: whether somebody of the firm answered it in truth."""

    @property
    def id(self) -> int:
        """The interaction's number."""

    @property
    def context(self) -> Context:
        """What was judged."""

    @property
    def answered(self) -> bool:
        """Whether somebody did."""


class Changes:
    """Adds up posts as they come; memory does not grow with their number.

    Verdicts are shared between posts, so posts are told apart by pairs of verdicts first and looked at in groups.
    """

    def __init__(self) -> None:
        self.posts = 0
        self.changed: Counter[str] = Counter()
        self.answered: Counter[str] = Counter()
        self.held: Counter[str] = Counter()
        self.effects: Counter[tuple[str, str]] = Counter()
        self.queues: Counter[tuple[str, str]] = Counter()
        self.rules: Counter[tuple[str, str]] = Counter()
        self.gained = self.lost = 0
        self.people: Counter[tuple[str, bool, bool]] = Counter()
        self.shown: dict[str, list[dict[str, Any]]] = {}

    def add(self, posts: Sequence[Post], before: Sequence[Verdict], after: Sequence[Verdict]) -> None:
        """Takes the next posts with both verdicts of each."""
        self.posts += len(posts)
        groups: dict[tuple[int, int, bool], list[int]] = {}
        for place, (post, old, new) in enumerate(zip(posts, before, after, strict=True)):
            groups.setdefault((id(old), id(new), post.answered), []).append(place)
        for (_, _, answered), places in groups.items():
            old, new = before[places[0]], after[places[0]]
            self.people["before", old.respond, answered] += len(places)
            self.people["after", new.respond, answered] += len(places)
            self._compare(old, new, [posts[place] for place in places[:SHOWN]], len(places))

    def _compare(self, old: Verdict, new: Verdict, some: Sequence[Post], count: int) -> None:
        kinds = list(kinds_of_change(old, new))
        for kind in kinds:
            self.changed[kind] += count
            held = self.shown.setdefault(kind, [])
            held += [_line(post, old, new) for post in some[: SHOWN - len(held)]]
        if not kinds:
            return
        self.rules[old.rule, new.rule] += count
        if "effect" in kinds:
            self.effects[old.effect, new.effect] += count
        if "queue" in kinds:
            self.queues[old.queue, new.queue] += count
        if "answered" in kinds:
            self.answered["more" if new.respond else "fewer"] += count
        if "held" in kinds:
            self.held["more" if is_held(new) else "fewer"] += count
        if old.first_response and new.first_response:
            minutes = (new.first_response - old.first_response) // MINUTE * count
            self.gained += max(minutes, 0)
            self.lost += max(-minutes, 0)

    def summary(self) -> dict[str, Any]:
        """Plain values for a report. Minutes are working time: those gained the firm gives itself more, those lost less."""
        changed = self.changed
        return {
            "posts": self.posts,
            "would_change": {
                "answered": {"more": self.answered["more"], "fewer": self.answered["fewer"]},
                "held": {"more": self.held["more"], "fewer": self.held["fewer"]},
                "routed": changed["queue"],
                "targets": changed["targets"],
            },
            "changed": dict(sorted(changed.items())),
            "effects": _pairs(self.effects),
            "queues": _pairs(self.queues),
            "rules": _pairs(self.rules),
            "sla_minutes": self.gained - self.lost,
            "sla_minutes_gained": self.gained,
            "sla_minutes_lost": self.lost,
            "people": {side: _confusion(self.people, side) for side in ("before", "after")},
            "examples": self.shown,
        }


def kinds_of_change(before: Verdict, after: Verdict) -> Iterable[str]:
    """The names of what differs: ``answered``, ``held``, ``effect``, ``queue``, ``priority``, ``targets``, each target."""
    if before.respond != after.respond:
        yield "answered"
    if is_held(before) != is_held(after):
        yield "held"
    targets = [name for name in _TARGETS if getattr(before, name) != getattr(after, name)]
    if targets:
        yield "targets"
    yield from targets
    for name in ("effect", "queue", "priority"):
        if getattr(before, name) != getattr(after, name):
            yield name


def is_held(verdict: Verdict) -> bool:
    """Whether an answer waits for more than the agent who writes it."""
    return verdict.effect == "escalate" or bool(verdict.approvals)


_TARGETS = ("first_response", "next_response", "calendar")


def _line(post: Post, before: Verdict, after: Verdict) -> dict[str, Any]:
    return {
        "interaction": str(post.id), "text": post.context.text[:200], "before": _said(before), "after": _said(after),
    }  # fmt: skip


def _said(verdict: Verdict) -> str:
    return f"{verdict.effect} by {verdict.rule or 'the defaults'}, {verdict.queue}"


def _pairs(counts: Counter[tuple[str, str]]) -> list[dict[str, Any]]:
    return [{"from": a, "to": b, "posts": n} for (a, b), n in counts.most_common()]


def _confusion(people: Counter[tuple[str, bool, bool]], side: str) -> dict[str, int]:
    return {
        "to_answer_and_answered": people[side, True, True], "to_answer_not_answered": people[side, True, False],
        "silent_but_answered": people[side, False, True], "silent_and_not_answered": people[side, False, False],
    }  # fmt: skip
