"""Two policies on the same posts: what would change, added up, with the posts themselves."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from msgspec import to_builtins

from townhall.policy.logic.context import Context
from townhall.policy.logic.rule import PRIORITIES, Verdict
from townhall.policy.logic.sides import TARGETS, Sides, is_escalated, is_held, side_by_side
from townhall.policy.logic.targets import channel_class

SHOWN = 20
"""Posts shown of each kind of change."""

_MORE_OR_FEWER: dict[str, Callable[[Verdict], bool]] = {
    "answered": lambda verdict: verdict.respond, "held": is_held, "escalated": is_escalated,
}  # fmt: skip


class Post(Protocol):
    """A stored post as it was judged, and what people made of it."""

    @property
    def id(self) -> int:
        """The interaction's number."""

    @property
    def context(self) -> Context:
        """What was judged."""

    @property
    def tier(self) -> str:
        """The customer's tier, "" for none."""

    @property
    def answered(self) -> bool:
        """Whether somebody of the firm answered it in truth."""

    @property
    def queue_set(self) -> str:
        """The queue that people moved its case to, "" where nobody did."""

    @property
    def priority_set(self) -> int:
        """The priority that people gave its case, -1 where nobody did."""


class Changes:
    """Adds up posts as they come; memory does not grow with their number.

    Verdicts are shared between posts, so posts are told apart by pairs of verdicts first and looked at in groups.
    """

    def __init__(self) -> None:
        self.posts = self.differ = 0
        self.changed: Counter[str] = Counter()
        self.ways: dict[str, Counter[str]] = {kind: Counter() for kind in _MORE_OR_FEWER}
        self.effects: Counter[tuple[str, str]] = Counter()
        self.queues: Counter[tuple[str, str]] = Counter()
        self.rules: Counter[tuple[str, str]] = Counter()
        self.seconds: dict[str, Counter[str]] = {"gained": Counter(), "lost": Counter()}
        self.promises: dict[str, Counter[str]] = {"made": Counter(), "dropped": Counter()}
        self.people: Counter[tuple[str, bool, bool]] = Counter()
        self.moved: dict[str, dict[str, Counter[tuple[str, str]]]] = {
            side: {"queue": Counter(), "priority": Counter()} for side in ("before", "after")
        }
        self.shown: dict[str, list[dict[str, Any]]] = {}

    def add(self, posts: Sequence[Post], before: Sequence[Verdict], after: Sequence[Verdict]) -> None:
        """Takes the next posts with both verdicts of each."""
        self.posts += len(posts)
        groups: dict[tuple[int, int, bool, str, str], list[int]] = {}
        for place, (post, old, new) in enumerate(zip(posts, before, after, strict=True)):
            whose = (
                ("", "") if old.plain and new.plain else (channel_class(post.context.visibility), post.tier)
            )
            groups.setdefault((id(old), id(new), post.answered, *whose), []).append(place)
            if post.queue_set or post.priority_set >= 0:
                self._hold_against_people(post, old, new)
        for (_, _, answered, channel, tier), places in groups.items():
            old, new = before[places[0]], after[places[0]]
            self.people["before", old.respond, answered] += len(places)
            self.people["after", new.respond, answered] += len(places)
            some = [posts[place] for place in places[:SHOWN]]
            self._compare(side_by_side(old, new, channel, tier), some, len(places))

    def _hold_against_people(self, post: Post, old: Verdict, new: Verdict) -> None:
        for side, verdict in (("before", old), ("after", new)):
            if post.queue_set:
                self.moved[side]["queue"][verdict.queue, post.queue_set] += 1
            if post.priority_set >= 0:
                said = PRIORITIES[verdict.priority], PRIORITIES[post.priority_set]
                self.moved[side]["priority"][said] += 1

    def _compare(self, sides: Sides, some: Sequence[Post], count: int) -> None:
        differences = [to_builtins(one) for one in sides.differences()]
        if not differences:
            return
        kinds = [one["kind"] for one in differences]
        kinds += ["targets"] if TARGETS.intersection(kinds) else []
        old, new = sides.old, sides.new
        for kind in kinds:
            self.changed[kind] += count
            held = self.shown.setdefault(kind, [])
            held += [_line(post, old, new, differences) for post in some[: SHOWN - len(held)]]
        self.differ += count
        self.rules[old.rule, new.rule] += count
        if "effect" in kinds:
            self.effects[old.effect, new.effect] += count
        if "queue" in kinds:
            self.queues[old.queue, new.queue] += count
        for kind, asked in _MORE_OR_FEWER.items():
            if kind in kinds:
                self.ways[kind]["more" if asked(new) else "fewer"] += count
        self._add_promises(sides, count)

    def _add_promises(self, sides: Sides, count: int) -> None:
        for metric, span in sides.seconds().items():
            self.seconds["gained" if span > 0 else "lost"][metric] += abs(span) * count
        for metric in sides.metrics:
            if metric not in sides.was:
                self.promises["made"][metric] += count
            elif metric not in sides.now:
                self.promises["dropped"][metric] += count

    def counts(self) -> dict[str, Any]:
        """Plain values that may be added to those of other posts: nothing in them is rounded."""
        changed = self.changed
        ways = {kind: {way: found[way] for way in ("more", "fewer")} for kind, found in self.ways.items()}
        return {
            "posts": self.posts,
            "differ": self.differ,
            "would_change": {
                **ways, "routed": changed["queue"], "targets": changed["targets"], "approvals": changed["approvals"],
            },
            "changed": dict(sorted(changed.items())),
            "effects": _pairs(self.effects),
            "queues": _pairs(self.queues),
            "rules": _pairs(self.rules),
            "sla_seconds": {way: dict(sorted(found.items())) for way, found in self.seconds.items()},
            "promises": {way: dict(sorted(found.items())) for way, found in self.promises.items()},
            "people": {side: _confusion(self.people, side) for side in ("before", "after")},
            "set_by_people": {
                side: {name: _pairs(pairs) for name, pairs in found.items()} for side, found in self.moved.items()
            },
            "examples": self.shown,
        }  # fmt: skip


def in_minutes(counts: dict[str, Any]) -> dict[str, Any]:
    """The report with its working time in minutes too, each figure rounded once (half to even): gained the firm would give
    itself more, lost less, over the promises that both sides make."""
    gained, lost = (sum(counts["sla_seconds"][way].values()) for way in ("gained", "lost"))
    return {
        **counts, "sla_minutes": round((gained - lost) / 60), "sla_minutes_gained": round(gained / 60),
        "sla_minutes_lost": round(lost / 60),
    }  # fmt: skip


def _line(post: Post, before: Verdict, after: Verdict, differences: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "interaction": str(post.id), "text": post.context.text[:200], "before": _said(before), "after": _said(after),
        "differences": [one for one in differences if one["before"]],
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
