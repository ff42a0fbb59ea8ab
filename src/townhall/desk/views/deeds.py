"""An act about a post on its network: what was wanted, by which rule or whom, and what became of it."""

from msgspec import Struct

from townhall.kernel.clock import Instant
from townhall.outbound.logic.deed import LIVE, STUCK, UNDONE_AT_WILL


class DeedView(Struct, frozen=True):
    """One deed. ``rule`` decided it, or ``by`` did (their name); ``error`` says why it was left, failed or refused.

    ``wanted`` approvals are needed and those of ``given`` (names) stand; ``approvers`` are the roles that may give the
    next. ``digest`` (hex) goes back with an approval. ``text`` is the post's own, ``case_id`` a case of its thread (0: none).
    """

    id: int
    post_id: int
    kind: str
    state: str
    rule: str
    reason: str
    by: str
    actor: str
    staff_id: int
    made_at: Instant
    done_at: Instant
    not_before: Instant
    error: str
    comment: str
    category: str
    digest: str
    approvers: tuple[str, ...]
    wanted: int
    given: tuple[str, ...]
    given_by: tuple[int, ...]
    channel: str
    account_handle: str
    text: str
    author_handle: str
    case_id: int

    @property
    def is_live(self) -> bool:
        """Whether it is done or on its way."""
        return self.state in LIVE

    @property
    def can_be_taken_back(self) -> bool:
        """Whether nothing of it can have reached the network."""
        return self.state in UNDONE_AT_WILL

    @property
    def is_stuck(self) -> bool:
        """Whether it goes on only when a person says so."""
        return self.state in STUCK
