"""Who answers: what somebody can do, how much they can hold, whether they are here."""

from msgspec import Struct

from townhall.kernel.clock import MINUTE, Instant

HEARD_OF: Instant = 5 * MINUTE
"""Somebody not heard of for this long is not here, whatever they said."""
MOST_CAPACITY = 100
HIGHEST = 5
"""Levels of skills and languages go from 1 to this."""

Levels = tuple[tuple[str, int], ...]
"""(skill or ISO 639-1 language, level), sorted by name, each name once."""


class Agent(Struct, frozen=True, gc=False):
    """Somebody who answers. ``capacity`` and ``load`` are in units of weight; ``last_assigned`` 0: never.

    ``present`` is what they said; ``heard`` when they were last heard of; ``left`` since when they are away (0: they
    are not); ``on_shift`` whether their shift runs now (always, for somebody without one).
    """

    id: int
    queues: tuple[str, ...] = ()
    skills: Levels = ()
    languages: Levels = ()
    capacity: int = 8
    load: int = 0
    present: bool = True
    heard: Instant = 0
    left: Instant = 0
    on_shift: bool = True
    last_assigned: Instant = 0

    def is_here(self, now: Instant) -> bool:
        """Whether they said so and were heard of lately."""
        return self.present and now - self.heard <= HEARD_OF

    def on_duty(self, now: Instant) -> bool:
        """Here, and within their shift: cases may be given to them."""
        return self.on_shift and self.is_here(now)

    def has_room(self, weight: int, load: int) -> bool:
        """Whether a case of that weight fits beside ``load``. Who holds nothing may take one heavier than their room."""
        return load + weight <= self.capacity or (load == 0 and self.capacity > 0)

    def breadth(self) -> int:
        """How much else somebody could do: who can do less is asked first, so that who can do more stays free."""
        return len(self.queues) + len(self.skills) + len(self.languages)


def level_of(levels: Levels, name: str) -> int:
    """The level somebody has; 0 when they do not have it."""
    return next((level for known, level in levels if known == name), 0)
