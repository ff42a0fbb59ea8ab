"""What a send can come to. A plain "no" is one of these values, never an exception."""

from msgspec import Struct

from townhall.kernel.clock import Instant
from townhall.outbound.logic.changed import Changed
from townhall.outbound.logic.words import Decision
from townhall.outbound.store.drafts import Draft


class Released(Struct, frozen=True, tag="released"):
    """It goes at ``not_before`` (instant) unless its author takes it back before."""

    release_id: int
    delivery_id: int
    not_before: Instant


class Held(Struct, frozen=True, tag="held"):
    """It waits for somebody with one of the roles ``approvers``, until ``expires_at``."""

    release_id: int
    why: str
    approvers: frozenset[str]
    expires_at: Instant
    decision: Decision


class Awaiting(Struct, frozen=True, tag="awaiting"):
    """Approved by one, and it still waits: for somebody else with one of the roles ``approvers``, until ``expires_at``.

    ``given`` approvals of ``wanted`` stand, each for exactly these words.
    """

    release_id: int
    approvers: frozenset[str]
    given: int
    wanted: int
    expires_at: Instant


class Blocked(Struct, frozen=True, tag="blocked"):
    """The guard lets nobody send this. The text is the author's draft."""

    decision: Decision
    draft: Draft | None


class Stopped(Struct, frozen=True, tag="stopped"):
    """Something is new since the author looked (as HTTP 409). The text is the draft; ``force`` sends all the same."""

    changed: Changed
    draft: Draft


class Silenced(Struct, frozen=True, tag="silenced"):
    """Nothing goes out here now: an observing brand, a stop, an account switched off. The text is the draft."""

    why: str
    draft: Draft


Outcome = Released | Held | Blocked | Stopped | Silenced
