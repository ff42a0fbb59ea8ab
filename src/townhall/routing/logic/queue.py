"""A queue: what its cases need, how long they may wait for it, and where they go when nobody has it."""

from typing import Literal

from msgspec import Struct

from townhall.kernel.clock import DAY, MINUTE, Instant

LanguageRule = Literal["must", "wish", "any"]
Order = Literal["promise", "save"]
LONGEST: Instant = 7 * DAY
"""No wait of a queue's settings is longer."""
USUAL_WEIGHTS = (("private", 3), ("public", 1))


class Requirement(Struct, frozen=True, gc=False):
    """A skill that cases need at least at ``level``: all of the queue, or those that came for ``reason`` alone."""

    skill: str
    level: int = 1
    reason: str = ""


class Queue(Struct, frozen=True, gc=False):
    """Where cases wait. Times are microseconds; 0 switches the rule off.

    ``hands_out``: whether cases are given to people, rather than taken by them. ``language``: whether who answers must
    know the case's language, should, or need not. ``overflow_after``: people of ``overflow_to`` are asked too after
    this wait. ``relax_after``: anybody of all these queues is, whatever their skills. ``silence_after``: a case that
    its holder leaves untouched goes back. ``stick_for``: how long a case waits for who answered this customer last.
    ``usual_work``: how long an answer takes, from being given the case to sending.
    """

    slug: str
    title: str = ""
    hands_out: bool = False
    needs: tuple[Requirement, ...] = ()
    language: LanguageRule = "wish"
    overflow_after: Instant = 0
    overflow_to: tuple[str, ...] = ()
    relax_after: Instant = 0
    silence_after: Instant = 0
    stick_for: Instant = 0
    usual_work: Instant = 0


class Rules(Struct, frozen=True):
    """What holds for all queues of a brand.

    ``order``: the oldest promise first, or first what can still be kept. ``weights``: how much of somebody's room a
    case takes, by ``public`` and ``private`` or, closer, by ``<channel>/public``. ``tiers``: how much earlier the
    promises of a tier count. ``influence_from`` (known followers) and ``reach_from`` (likes and reposts) say whose
    promises count earlier by ``influence_head_start`` (0: nobody's). ``absent_after``: somebody not heard of for
    this long gives back what they have not answered (0: only who says that they leave does).
    """

    order: Order = "promise"
    weights: tuple[tuple[str, int], ...] = USUAL_WEIGHTS
    tiers: tuple[tuple[str, Instant], ...] = ()
    influence_from: int = 0
    reach_from: int = 0
    influence_head_start: Instant = 0
    absent_after: Instant = 15 * MINUTE

    def weight(self, channel: str, private: bool) -> int:
        """Units of room that a case takes."""
        known, audience = dict(self.weights), "private" if private else "public"
        return known.get(f"{channel}/{audience}", known.get(audience, dict(USUAL_WEIGHTS)[audience]))
