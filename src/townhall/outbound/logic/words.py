"""The nouns of this room: what is about to be said, what the guard needs to know, and what it decides."""

from typing import Literal

from msgspec import Struct

from townhall.kernel.clock import Instant
from townhall.kernel.finding import Finding
from townhall.outbound.logic.steps import Steps, open_roles

Kind = Literal["public", "private"]
Severity = Literal["hold", "block"]

LEAD = frozenset({"lead", "compliance"})
COMPLIANCE = frozenset({"compliance"})


class Picture(Struct, frozen=True, kw_only=True):
    """A picture that goes with words. ``digest`` is the SHA-256 (hex) of its very bytes, which lie under ``id``; ``alt`` says
    what it shows, for those who cannot see it. Sides in points, ``size`` in bytes."""

    id: int
    digest: str
    alt: str = ""
    media_type: str = ""
    width: int = 0
    height: int = 0
    size: int = 0


class Saying(Struct, frozen=True, kw_only=True):
    """Exact words, and pictures in their order, on their way to an audience. ``in_reply_to`` and ``conversation`` are the
    network's own ids.

    ``recipient`` is the network's id or handle of the person that a private message goes to ("" when public).
    """

    text: str
    kind: Kind
    brand_id: int
    account_id: int
    visibility: str
    recipient: str
    in_reply_to: str
    conversation: str
    pictures: tuple[Picture, ...] = ()

    @property
    def texts(self) -> tuple[str, ...]:
        """All that is read: the text, then what each picture shows in words. A finding's ``picture`` is the place here."""
        return (self.text, *(picture.alt for picture in self.pictures))


class Term(Struct, frozen=True):
    """Words that a brand forbids, requires or allows. A required term counts once ``trigger`` is in the text ("" always)."""

    kind: Literal["forbidden", "required", "allowed"]
    words: str
    reason: str
    severity: Severity = "hold"
    trigger: str = ""


class Surroundings(Struct, frozen=True, kw_only=True):
    """What was gathered about the place the text goes to.

    ``length`` and ``max_length`` are in the channel's own count (0: no limit). ``personal`` are the findings about
    personal data and secrets in all that is read. ``strangers`` are lower-case handles there that belong to customers
    of the brand who take no part in this thread. ``most_pictures`` (0: none) go with one text, each described in at most
    ``longest_alt`` characters. ``wanted`` is what the policy wants approved in this conversation.
    """

    thread_brand: int
    thread_account: int
    thread_private: bool
    can_reply_private: bool
    length: int
    max_length: int
    most_pictures: int = 0
    longest_alt: int = 0
    target_deleted: bool = False
    already_said: bool = False
    personal: tuple[Finding, ...] = ()
    terms: tuple[Term, ...] = ()
    domains: tuple[str, ...] = ()
    strangers: frozenset[str] = frozenset()
    wanted: tuple["Wanted", ...] = ()


class Wanted(Struct, frozen=True):
    """A rule of the response policy that wants answers approved: each step by another person with one of its roles."""

    rule: str
    steps: Steps

    @property
    def approvers(self) -> frozenset[str]:
        """Every role that it names."""
        return frozenset[str]().union(*self.steps)


class Remark(Struct, frozen=True):
    """A finding with its weight: ``hold`` waits for one of ``approvers`` (roles), ``block`` must be mended first."""

    finding: Finding
    severity: Severity
    approvers: frozenset[str] = LEAD


class Decision(Struct, frozen=True, tag_field="verdict"):
    """What the guard says of a text. ``remarks`` in the order of the text."""

    remarks: tuple[Remark, ...] = ()

    @property
    def why(self) -> str:
        """The reasons in one line, each once."""
        return " ".join(dict.fromkeys(remark.finding.reason for remark in self.remarks))


class Allow(Decision, frozen=True, tag="allow"):
    """It may go, after its hold window."""


class Hold(Decision, frozen=True, tag="hold", kw_only=True):
    """Other people must approve these exact words: for each step one, with one of its roles, and none for two."""

    steps: Steps

    @property
    def approvers(self) -> frozenset[str]:
        """The roles that may begin."""
        return open_roles(self.steps, ())


class Block(Decision, frozen=True, tag="block"):
    """It cannot go as it is; nobody can approve it."""


class Stop(Struct, frozen=True):
    """A standing stop of outbound. ``scope``: everything, brand, channel or account; ``target`` names the last two."""

    id: int
    brand_id: int
    scope: str
    target: str
    cause: str
    stopped_by: str
    stopped_at: Instant
