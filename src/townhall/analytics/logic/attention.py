"""What needs somebody: at most three things, the worst first, each a whole sentence."""

from collections.abc import Sequence

from msgspec import Struct

MOST = 3
"""How many things a person can be asked to look at."""
ENOUGH = 20
"""Promises that have to have fallen due before a share of them is worth a sentence."""
HELD_TOO_LONG = 30
"""Minutes a reply may wait for approval before it is somebody's business."""


class Concern(Struct, frozen=True):
    """One thing. ``kind`` and ``subject`` tell it from others; ``weight`` orders them."""

    kind: str
    subject: str
    sentence: str
    weight: float


class Situation(Struct, frozen=True):
    """What the figures say now. Shares in percent, ``topics`` (word, phrase, why, times usual), ``channels`` (id,
    handle, state, minutes), ``surges`` (account id, handle, why, times usual). ``doubtful_minutes``: since when
    the oldest of what is in doubt is."""

    attained: float | None
    due: int
    target: float
    soon: int
    running_missed: int
    held: int
    held_minutes: int
    topics: Sequence[tuple[str, str, str, float]] = ()
    channels: Sequence[tuple[int, str, str, int]] = ()
    verdicts_differ: int = 0
    surges: Sequence[tuple[str, str, str, float]] = ()
    doubtful_replies: int = 0
    doubtful_deeds: int = 0
    doubtful_minutes: int = 0


def concerns(now: Situation) -> list[Concern]:
    """At most ``MOST`` things that need somebody, the worst first. Nothing, when all is within its range."""
    found = [
        *_verdicts(now),
        *_channels(now),
        *_surges(now),
        *_promises(now),
        *_topics(now),
        *_held(now),
        *_doubts(now),
    ]
    return sorted(found, key=lambda c: (-c.weight, c.kind, c.subject))[:MOST]


_STATES = {
    "behind": "is behind",
    "no_token": "has lost its access",
    "limited": "has used up its limit",
    "failing": "does not answer",
}


def _verdicts(now: Situation) -> list[Concern]:
    """What was stored is not what the policy decides: somebody changed one of them."""
    if not now.verdicts_differ:
        return []
    words = f"{now.verdicts_differ} stored verdicts are not what the policy derives from what was judged: see the record."
    return [Concern("verdicts", "night", words, 95.0)]


def _channels(now: Situation) -> list[Concern]:
    return [
        Concern("channel", str(id), f"{handle} {_STATES[state]} since {minutes} min.", 90.0)
        for id, handle, state, minutes in now.channels
        if state in _STATES
    ]


def _promises(now: Situation) -> list[Concern]:
    low = now.attained is not None and now.due >= ENOUGH and now.attained < now.target
    if not low and now.soon < 5:
        return []
    gap = now.target - now.attained if low and now.attained is not None else 0.0
    words = _promise_words(_attained(now.attained, now.target) if low else "", now.soon)
    return [Concern("promises", "today", words, 60.0 + min(gap, 20.0))]


def as_of_now(sentence: str, attained: float | None, target: float, soon: int) -> str:
    """The sentence about promises with the figures that a page shows beside it: it was said some seconds before.

    ``attained`` is ``None`` where the page does not show today's share, and stays as it was said then.
    """
    low = sentence.rstrip(".").split("; ")[0] if sentence.startswith(_TODAY) else ""
    return _promise_words(_attained(attained, target) if low and attained is not None else low, soon)


_TODAY = "Promises today"


def _attained(attained: float | None, target: float) -> str:
    return f"{_TODAY} {attained} % (target {target:g})"


def _promise_words(low: str, soon: int) -> str:
    ahead = f"{soon} more will be missed within 30 minutes at this pace" if soon else ""
    return (
        "; ".join(filter(None, (low, ahead))) + "."
        if low or ahead
        else "No more promises will be missed at this pace."
    )


def _surges(now: Situation) -> list[Concern]:
    return [
        Concern("surge", subject, f"{handle}: {why}.", 65.0 + min(times, 24.0))
        for subject, handle, why, times in now.surges[:2]
    ]


def _topics(now: Situation) -> list[Concern]:
    return [
        Concern("topic", topic, f"“{phrase}”: {why}.", 50.0 + min(times, 24.0))
        for topic, phrase, why, times in now.topics[:2]
    ]


def _doubts(now: Situation) -> list[Concern]:
    """Nobody knows whether it went out: a customer may have had two answers, or none."""
    parts = []
    if now.doubtful_replies:
        parts.append(f"{now.doubtful_replies} {'reply' if now.doubtful_replies == 1 else 'replies'}")
    if now.doubtful_deeds:
        parts.append(f"{now.doubtful_deeds} hiding or report{'' if now.doubtful_deeds == 1 else 's'}")
    if not parts:
        return []
    verb = "is" if now.doubtful_replies + now.doubtful_deeds == 1 else "are"
    words = f"{' and '.join(parts)} {verb} in doubt, the oldest {now.doubtful_minutes} min: look on the network, then decide."
    return [Concern("doubtful", "outbound", words, 85.0)]


def _held(now: Situation) -> list[Concern]:
    if not now.held or now.held_minutes < HELD_TOO_LONG:
        return []
    one = now.held == 1
    words = f"{now.held} {'reply waits' if one else 'replies wait'} for approval, the oldest {now.held_minutes} min."
    return [Concern("held", "approval", words, 55.0)]
