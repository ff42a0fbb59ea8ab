"""The composer: who speaks where to whom, what is written so far, and what became of what was sent."""

from msgspec import Struct

from townhall.channels.carried import Carried
from townhall.kernel.clock import Instant
from townhall.outbound.logic.way import Step
from townhall.outbound.logic.words import Picture


class DraftView(Struct, frozen=True):
    """A kept draft of the reader's own. ``kind`` is "public", "private" or "note".

    ``remark`` is why it came back; ``editor`` put words into it, where ``earlier`` was handed in ("" each: it did not).
    """

    id: int
    kind: str
    text: str
    saved_at: Instant
    version: int
    remark: str = ""
    earlier: str = ""
    editor: str = ""
    pictures: tuple[Picture, ...] = ()


class MacroView(Struct, frozen=True):
    """A stored answer. ``text`` may hold slots like ``{name}``."""

    id: int
    name: str
    text: str


class MoveView(Struct, frozen=True):
    """How this thread goes on in private: the polite ``line`` said in public first, and ``by_hand`` where people of ours write
    to the person on the network itself ("" where it has no such address). ``wanted``: the policy wants it, by ``rule``."""

    line: str
    by_hand: str = ""
    wanted: bool = False
    rule: str = ""


class ReleaseView(Struct, frozen=True):
    """A reply on its way or held: the receipt in the composer's place.

    ``state`` is the outbound room's word; ``undo_until`` is set during the hold window; ``reason`` says why it is held,
    was returned or failed. Of a held one, ``able`` names at most five who may release it, ``approvers`` are the roles
    that may, and ``usual_wait`` is the median from held to decided of the last thirty days (microseconds, 0: none yet).
    """

    id: int
    kind: str
    state: str
    text: str
    author: str
    made_at: Instant
    reason: str = ""
    undo_until: Instant = 0
    attempts: int = 0
    sent_at: Instant = 0
    url: str = ""
    approvers: tuple[str, ...] = ()
    able: tuple[str, ...] = ()
    usual_wait: Instant = 0
    author_id: int = 0
    pictures: tuple[Picture, ...] = ()
    way: tuple[Step, ...] = ()


class ComposerFacts(Struct, frozen=True):
    """Who speaks, where, to whom. ``length_limit`` is in the channel's own count (0 when it has none).

    ``refusals`` are why nothing can be sent now, in words for the page: observe-only, stopped, channel not sending.
    ``move`` is how a public thread goes on in private, where its network can. ``carries`` is what pictures a public reply takes,
    ``carries_private`` a private one.
    """

    account_id: int
    account_handle: str
    channel: str
    network: str
    reply_to: int
    reply_to_native: str
    reply_to_handle: str
    audience: str
    length_limit: int
    can_reply_private: bool
    observe_only: bool
    stopped: bool
    refusals: tuple[str, ...] = ()
    drafts: tuple[DraftView, ...] = ()
    macros: tuple[MacroView, ...] = ()
    move: MoveView | None = None
    carries: Carried = Carried()
    carries_private: Carried = Carried()

    def room(self, kind: str) -> Carried:
        """What pictures a message of that kind takes; a note takes none."""
        return {"public": self.carries, "private": self.carries_private}.get(kind, Carried())
