"""What people may correct about a post and a brand may teach: each head's values, and when a chance is said aloud.

Chances of a head are one row a post, a column a value, in the order of ``values``; rows sum to one.
"""

from collections.abc import Mapping, Sequence
from typing import Literal, get_args

import numpy as np
from msgspec import Struct

from townhall.enrich.logic.conduct import FLOORS
from townhall.enrich.logic.enriched import UNSURE, Enriched
from townhall.enrich.logic.features import Floats
from townhall.enrich.logic.feeling import SURE
from townhall.kernel.errors import Refused

HeadName = Literal["question", "complaint", "sentiment", "intent", "spam", "abuse", "urgent"]
YES_NO = ("no", "yes")
INTENT_FLOOR = 0.45
"""Below, no intent is named (as on the shipped model's card; a test holds the two together)."""

EITHER_SURE = 0.6
"""Yes or no is certain from here on: of public posts whose likelier side lies lower, it is right for little more than half."""
NOT_DENIED = 0.5
"""What is said from a high floor on is denied only where it is unlikely; between the two nothing is certain."""


class Head(Struct, frozen=True):
    """One thing that is understood of a post. ``values`` are what it may say; ``floor`` is the chance from which the last of
    two is said, or the likeliest of many. ``asks`` is the question to a person. Under the chance ``sure`` of what is said,
    people are told "unsure"; rules see what is said and its chance."""

    name: str
    values: tuple[str, ...]
    floor: float
    asks: str
    sure: float

    def is_sure(self, said: str, chance: float) -> bool:
        """Whether what is said stands without "unsure". Where the chance is not known (-1) it does."""
        return said not in ("", UNSURE) and not 0 <= chance < self.sure

    @property
    def is_yes_or_no(self) -> bool:
        """Whether it is a matter of yes or no."""
        return self.values == YES_NO

    def said(self, chances: Sequence[float]) -> tuple[str, float]:
        """What is said at these chances, and the chance of that value; "unsure" with that of the likeliest."""
        best = max(range(len(self.values)), key=chances.__getitem__)
        if self.is_yes_or_no:
            best = int(chances[1] >= self.floor)
        elif chances[best] < self.floor:
            return UNSURE, float(chances[best])
        return self.values[best], float(chances[best])


_INTENTS = (
    "account", "billing", "cancel", "card", "complaint", "contact", "delivery", "fraud", "how_to", "order", "other",
    "outage", "payment", "praise", "refund",
)  # fmt: skip

HEADS: dict[str, Head] = {
    head.name: head
    for head in (
        Head("question", YES_NO, 0.5, "Is this a question?", EITHER_SURE),
        Head("complaint", YES_NO, 0.5, "Is this a complaint?", EITHER_SURE),
        Head("sentiment", ("negative", "neutral", "positive"), 0.0, "How does the author feel?", SURE),
        Head("intent", _INTENTS, INTENT_FLOOR, "What does the author need?", INTENT_FLOOR),
        Head("spam", YES_NO, FLOORS["spam"], "Is this spam?", NOT_DENIED),
        Head("abuse", YES_NO, FLOORS["abuse"], "Is this abusive?", NOT_DENIED),
        Head("urgent", YES_NO, FLOORS["urgent"], "Is this urgent: is somebody in danger?", NOT_DENIED),
    )
}
"""Name → head, in the order in which people are shown them."""
assert tuple(HEADS) == get_args(HeadName)


def head_of(name: str) -> Head:
    """The head of that name. Raises ``Refused`` with those there are."""
    if name not in HEADS:
        raise Refused(f"Nothing is read as {name!r}; there are {', '.join(HEADS)}.")
    return HEADS[name]


_FEELINGS = {-1: "negative", 0: "neutral", 1: "positive"}


def feeling(sentiment: int) -> str:
    """The value of the head ``sentiment`` for -1, 0 or 1."""
    return _FEELINGS[sentiment]


def chances_of(head: str, found: Sequence[Enriched], likely: Mapping[str, Floats]) -> Floats:
    """(posts, values) of a head. ``likely`` are the distributions that the reading gave beside what it found."""
    if head in likely:
        return np.asarray(likely[head], np.float32)
    yes = np.array([getattr(one, f"{head}_p") for one in found], np.float32)
    return np.stack([1 - yes, yes], axis=1)


def doubt(chances: Floats) -> Floats:
    """How unsure each row is, 0 (certain) to 1 (a draw): one minus the distance of the two likeliest values."""
    two = np.sort(chances, axis=1)[:, -2:]
    return np.asarray(1 - (two[:, 1] - two[:, 0]), np.float32)
