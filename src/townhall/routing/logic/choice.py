"""What was decided about one waiting case, and what was thought of everybody considered."""

from typing import Literal

from msgspec import Struct

from townhall.kernel.clock import Instant

Outcome = Literal["given", "held_back", "nobody_here", "all_full", "nobody_works_here", "all_left_it"]
"""``given``: to somebody. ``held_back``: waits for who answered this customer last. The others say why nobody takes it."""
Verdict = Literal[
    "chosen", "same_person", "circle", "lacks", "fuller", "broader", "turn", "number",
    "full", "left_it", "language", "wider", "later", "off_shift", "away", "not_heard", "waited_for",
]  # fmt: skip
"""``same_person`` to ``number``: could take it too, and by what the chosen one came before. ``full`` and later: why not."""


class Considered(Struct, frozen=True, gc=False, omit_defaults=True):
    """One person considered. ``load`` and ``capacity`` as they were at that moment; ``detail`` names what is lacking."""

    agent: int
    verdict: Verdict
    load: int = 0
    capacity: int = 0
    detail: str = ""


class Choice(Struct, frozen=True, gc=False):
    """One case decided. ``agent`` 0: nobody. ``circle`` is the widest that was open; ``by`` the chosen one's own.

    ``until``: for a case held back, when it stops waiting. ``wider``: ``duty`` when a circle opened because nobody
    of a narrower one was on duty, ``time`` when the wait opened it. ``others`` counts who works in none of these queues.
    """

    case: int
    queue: str
    agent: int
    outcome: Outcome
    weight: int
    circle: int = 0
    by: int = 0
    same: bool = False
    until: Instant = 0
    wider: Literal["", "duty", "time"] = ""
    considered: tuple[Considered, ...] = ()
    others: int = 0
