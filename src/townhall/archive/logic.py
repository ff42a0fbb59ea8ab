"""What becomes of a post that its author deleted: the firm's choice for the channel, and an exception for one post. Pure.

Nothing of it rewrites a post: whoever reads decides by what stands at that moment, for every post deleted so far and later.
"""

from typing import Literal, get_args

from msgspec import Struct

from townhall.kernel.clock import Instant

Choice = Literal["withhold", "keep"]
"""``withhold``: nobody at the desk is shown words, earlier versions or pictures. ``keep``: who may read the case reads on."""
CHOICES: tuple[Choice, ...] = get_args(Choice)
LONGEST = 300
"""Characters of a basis, and of the reason for an exception."""


class RetentionRule(Struct, frozen=True):
    """The firm's choice for a channel. ``basis`` says by what it keeps, such as a law ("" may stand for ``withhold``)."""

    id: int
    channel: str
    choice: Choice
    basis: str
    made_by: str
    made_at: Instant


class Exemption(Struct, frozen=True):
    """Somebody's other choice for one post alone, with its reason. It stands until it is taken back."""

    id: int
    choice: Choice
    reason: str
    made_by: str
    made_at: Instant


class Gone(Struct, frozen=True):
    """What becomes of one deleted post. ``follows``: the channel's terms ask to follow its author."""

    channel: str
    follows: bool
    rule: RetentionRule | None = None
    exemption: Exemption | None = None

    @property
    def choice(self) -> Choice:
        """The exception's, else the firm's, else what is usual for the channel."""
        stands = self.exemption or self.rule
        return stands.choice if stands else "withhold" if self.follows else "keep"

    @property
    def shown(self) -> bool:
        """Whether who may read the case may read on."""
        return self.choice == "keep"


def follows_author(retention_class: str) -> bool:
    """Whether a channel whose card is of that class follows its authors until somebody chooses; one that nobody knows does."""
    return retention_class != "operator"


def fault(choice: str, why: str, *, must: bool) -> str:
    """Why such a choice cannot be kept, in words ("" when it can). ``must``: it has to say why."""
    if choice not in CHOICES:
        return "Deleted posts are withheld or shown on. Nothing was changed."
    if must and not why.strip():
        return "Say why: whoever reads this later has to understand it. Nothing was changed."
    if len(why) > LONGEST:
        return f"Say it in at most {LONGEST} characters. Nothing was changed."
    return ""
