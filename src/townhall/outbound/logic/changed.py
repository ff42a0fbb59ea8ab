"""What is new since the author looked: the reason why a send stops and shows, instead of going out."""

from msgspec import Struct

from townhall.kernel.clock import MINUTE, Instant

TYPING: Instant = 2 * MINUTE
"""A colleague's draft that was saved within this time counts as answering now."""


class Newer(Struct, frozen=True):
    """A post that came after the newest one that the author saw. ``change``: arrived, edited or deleted."""

    post_id: int
    author: str
    text: str
    at: Instant
    change: str = "arrived"


class Colleague(Struct, frozen=True):
    """Somebody else who answers here. ``doing``: typing, held, sending or sent."""

    staff_id: int
    name: str
    doing: str
    text: str
    at: Instant


class Changed(Struct, frozen=True):
    """Why the send stopped. ``version`` is the case's now: send again with it, or with ``force``."""

    newer: tuple[Newer, ...]
    colleagues: tuple[Colleague, ...]
    latest_post: int
    version: int


def what_changed(
    seen_version: int,
    version: int,
    latest_post: int,
    newer: tuple[Newer, ...],
    colleagues: tuple[Colleague, ...],
    now: Instant,
) -> Changed | None:
    """``None`` when the author saw all there is. A case version of 0 means that the author's page did not say."""
    present = tuple(c for c in colleagues if c.doing != "typing" or now - c.at < TYPING)
    moved = bool(seen_version) and version != seen_version
    if newer or present or moved:
        return Changed(newer, present, latest_post, version)
    return None
