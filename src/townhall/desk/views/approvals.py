"""The approval queue: what is held, why, and what happens if nobody acts."""

from msgspec import Struct

from townhall.desk.views.clocks import ClockView
from townhall.kernel.clock import Instant
from townhall.kernel.finding import Finding
from townhall.outbound.logic.words import Picture

ASKED = "author_asks"
"""A finding that is none of the guard's: the author asks for an approval."""


class ReasonCount(Struct, frozen=True):
    """How many are held for one reason, and the oldest of them."""

    reason: str
    count: int
    oldest: Instant


class ApprovalItem(Struct, frozen=True):
    """One held reply. ``own`` is true for the reader's own: shown, never decided by its author.

    ``digest`` is the SHA-256 (hex) of exact text, account and audience; an approval is bound to it. ``diff_base`` is
    the macro or earlier version that the text came from ("" when none). ``expires_at`` is when it needs a new time.
    ``waved`` are reasons why somebody at the case held a finding for no problem; they lift nothing.
    ``approvers`` are the roles that may decide now; ``asked`` names who was asked to and has not seen it yet. Of ``wanted``
    approvals, those of ``given`` (names) stand; ``decided``: one of them is the reader's. ``asked_why`` is why their author wants an approval
    of their own accord; ``editor`` put words into it before and cannot approve it. ``pictures`` go with the words.
    """

    release_id: int
    case_id: int
    clock: ClockView
    customer_name: str
    customer_handle: str
    customer_text: str
    customer_photos: int
    text: str
    findings: tuple[Finding, ...]
    diff_base: str
    account_handle: str
    channel: str
    audience: str
    author: str
    author_id: int
    reason: str
    held_at: Instant
    expires_at: Instant
    digest: str
    own: bool
    version: int = 1
    approvers: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    waved: tuple[str, ...] = ()
    given: tuple[str, ...] = ()
    wanted: int = 1
    decided: bool = False
    asked_why: str = ""
    editor: str = ""
    editor_id: int = 0
    pictures: tuple[Picture, ...] = ()

    def words(self, finding: Finding) -> str:
        """What the finding is about."""
        text = self.pictures[finding.picture - 1].alt if finding.picture else self.text
        return text[finding.start : finding.end]

    @property
    def warns(self) -> bool:
        """Whether the guard noticed something in the words; that their author asks for an approval is no warning."""
        return any(one.kind != ASKED for one in self.findings)


class ApprovalQueue(Struct, frozen=True):
    """The queue. ``median_wait`` is of today's decisions, microseconds (0 before the first)."""

    items: tuple[ApprovalItem, ...]
    reasons: tuple[ReasonCount, ...]
    cursor: str
    median_wait: Instant
    as_of: Instant
