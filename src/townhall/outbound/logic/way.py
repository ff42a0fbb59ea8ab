"""The way of one answer of ours, step by step, as people follow it: what is done, what goes on, and what went wrong."""

from typing import Literal

from msgspec import Struct

from townhall.kernel.clock import Instant

Kind = Literal[
    "written", "reworded", "approved", "unapproved", "held", "returned", "withdrawn", "expired", "waiting", "again",
    "attempting", "unclear", "accepted", "there", "seen", "read_back", "looked", "not_seen", "doubtful", "overdue", "failed",
]  # fmt: skip
Mark = Literal["done", "now", "wrong"]
_ENDED: dict[str, Kind] = {"returned": "returned", "withdrawn": "withdrawn", "expired": "expired"}
_OPEN: dict[str, tuple[Kind, Mark]] = {
    "attempting": ("attempting", "now"), "unclear": ("unclear", "now"), "doubtful": ("doubtful", "wrong"),
    "overdue": ("overdue", "wrong"), "failed": ("failed", "wrong"), "undone": ("withdrawn", "now"),
}  # fmt: skip


class Step(Struct, frozen=True):
    """One step. ``at`` is when (0: not known, or not yet), ``by`` who did it, ``said`` what the network said of a failure."""

    kind: Kind
    mark: Mark = "done"
    at: Instant = 0
    by: str = ""
    url: str = ""
    said: str = ""


class Way(Struct, frozen=True, kw_only=True):
    """What is stored of a release and its newest delivery; instants are 0 for what has not happened.

    ``approvals`` are (name, when) that stand, ``delivery`` its state ("" before it is let go). ``looks`` over 0 at a sent one:
    it was settled by reading the channel back. ``seen_at``: the channel's own reading showed it. ``settled_by`` names the
    person who said that it is there ("" otherwise).
    """

    author: str
    made_at: Instant
    version: int = 1
    state: str = "released"
    ended_at: Instant = 0
    approvals: tuple[tuple[str, Instant], ...] = ()
    delivery: str = ""
    not_before: Instant = 0
    attempts: int = 0
    looks: int = 0
    sent_at: Instant = 0
    changed_at: Instant = 0
    seen_at: Instant = 0
    settled_by: str = ""
    url: str = ""
    error: str = ""


def steps(way: Way) -> tuple[Step, ...]:
    """Every step so far, in order; the last is where it stands."""
    found = [Step("written", at=way.made_at, by=way.author)]
    if way.version > 1:
        found.append(Step("reworded", by=way.author))
    found += [Step("approved", at=at, by=name) for name, at in way.approvals]
    if way.state == "held":
        return (*found, Step("held", "now"))
    if way.state in _ENDED:
        return (*found, Step(_ENDED[way.state], "now", way.ended_at))
    if not way.approvals:
        found.append(Step("unapproved"))
    return (*found, *(_arrived(way) if way.delivery == "sent" else _going(way)))


def _going(way: Way) -> tuple[Step, ...]:
    if way.delivery == "waiting":
        kind: Kind = "again" if way.attempts else "waiting"
        return (Step(kind, "now", way.not_before, said=way.error),)
    if way.delivery not in _OPEN:
        return ()
    kind, mark = _OPEN[way.delivery]
    return (Step(kind, mark, way.changed_at, said=way.error),)


def _arrived(way: Way) -> tuple[Step, ...]:
    if way.settled_by:
        looked = Step("looked", at=way.changed_at, by=way.settled_by)
        return (looked, Step("there", url=way.url)) if way.url else (looked,)
    found = [Step("accepted", at=way.sent_at)]
    if way.url:
        found.append(Step("there", url=way.url))
    if way.seen_at:
        return (*found, Step("seen", at=way.seen_at))
    return (*found, Step("read_back", at=way.changed_at) if way.looks else Step("not_seen", "now"))
