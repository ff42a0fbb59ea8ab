"""The conversation: the thread as it stands on the network, the person, our promises, and who speaks where to whom."""

from msgspec import Struct

from townhall.archive.logic import Gone
from townhall.beside.logic.translation import Service
from townhall.desk.views.clocks import ClockView, Holder
from townhall.desk.views.composer import ComposerFacts, ReleaseView
from townhall.desk.views.deeds import DeedView
from townhall.enrich.logic.feeling import Feeling, feeling
from townhall.kernel.clock import Instant
from townhall.outbound.logic.way import Step
from townhall.outbound.logic.words import Picture


class Author(Struct, frozen=True):
    """Who wrote a post. ``own`` says that it is one of the brand's own accounts."""

    id: int
    name: str
    handle: str
    kind: str
    own: bool


class Photo(Struct, frozen=True):
    """A photo, video or sound with its author's own alt text ("" if none was given)."""

    url: str
    media_type: str
    alt: str

    @property
    def is_still(self) -> bool:
        """Whether it can be shown as a picture, as far as its network says."""
        return not self.media_type.startswith(("video", "audio"))


class Edit(Struct, frozen=True):
    """What a post said before it was edited at ``replaced_at``."""

    replaced_at: Instant
    text: str


class PostView(Struct, frozen=True):
    """One post. A deleted one is a tombstone: ``deleted_at`` is set, and ``gone`` says what becomes of a customer's; of one that is
    withheld, text, edits and photos are not here.

    ``matter`` marks the post that matters: the oldest one that waits for our answer, else the newest of the customer.
    ``parent_id`` is the post answered, when it is among these; ``parent_missing`` says that it is in no part of the thread: it has not come in. ``deeds`` were wanted about it on its network, ``offers`` can be. ``certainty`` belongs to ``sentiment`` (-1, 0, 1).
    ``effect`` is what the policy wants of it, by ``rule`` ("": its defaults). ``way`` are the steps by which one of ours
    came there from here (none: it was made elsewhere), ``pictures`` those that went with it from here.
    """

    id: int
    native_id: str
    author: Author
    direction: str
    visibility: str
    published_at: Instant
    text: str
    url: str
    language: str
    question: bool
    intent: str
    sentiment: int
    certainty: float
    photos: tuple[Photo, ...] = ()
    edits: tuple[Edit, ...] = ()
    findings: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    edited_at: Instant = 0
    deleted_at: Instant = 0
    matter: bool = False
    parent_id: int = 0
    parent_author: str = ""
    parent_missing: bool = False
    likes: int = 0
    reposts: int = 0
    deeds: tuple[DeedView, ...] = ()
    offers: tuple[str, ...] = ()
    effect: str = ""
    rule: str = ""
    way: tuple[Step, ...] = ()
    gone: Gone | None = None
    pictures: tuple[Picture, ...] = ()

    @property
    def feeling(self) -> Feeling:
        """How its author feels, or that it is not sure."""
        return feeling(self.sentiment, self.certainty)


class IdentityView(Struct, frozen=True):
    """One of the person's accounts on a network. ``link_id`` and ``evidence`` say why it is thought to be theirs."""

    id: int
    network: str
    handle: str
    name: str
    first_seen: Instant
    link_id: int = 0
    evidence: str = ""
    linked_by: str = ""
    native_id: str = ""


class PersonView(Struct, frozen=True):
    """The customer of the case: computed from identities and their undoable links."""

    id: int
    name: str
    handle: str
    identities: tuple[IdentityView, ...]
    posts: int
    first_seen: Instant


class PromiseView(Struct, frozen=True):
    """One line of the promise ledger. ``target`` is the budget of working time, microseconds."""

    id: int
    metric: str
    clock: ClockView
    started_at: Instant
    due_at: Instant
    target: Instant
    calendar: str
    satisfied_at: Instant = 0
    satisfied_by: str = ""
    cancelled_at: Instant = 0
    cause: str = ""


class OtherThread(Struct, frozen=True):
    """Another thread of the same person, on any channel. ``case_id`` is 0 when no case was made of it."""

    case_id: int
    thread_id: int
    channel: str
    account_handle: str
    state: str
    snippet: str
    last_at: Instant


class NoteView(Struct, frozen=True):
    """A note for staff only."""

    id: int
    author: str
    written_at: Instant
    text: str


class HistoryItem(Struct, frozen=True):
    """An act on the case. ``change_id`` is what ``flow.cases.undo`` takes; ``undoable`` until somebody changed it again.

    ``why`` is the reason that was given, in words.
    """

    change_id: int
    at: Instant
    actor: str
    act: str
    before: str
    after: str
    undoable: bool
    undone_at: Instant = 0
    why: str = ""


class Viewer(Struct, frozen=True):
    """A colleague who has the case open now."""

    staff_id: int
    name: str
    initials: str
    typing: bool


class CaseFacts(Struct, frozen=True):
    """The case itself. ``version`` goes back with every verb: a verb on an older version is a conflict."""

    id: int
    version: int
    state: str
    queue: str
    priority: int
    reason: str
    language: str
    opened_at: Instant
    last_in_at: Instant
    last_out_at: Instant = 0
    snoozed_until: Instant = 0
    closed_at: Instant = 0
    merged_into: int = 0
    latest_post: int = 0
    waits_outside: bool = False
    incident: int = 0


class Beside(Struct, frozen=True):
    """Which systems of the brand's own stand beside: the name of the one that is asked about the person ("" for none), and
    the service for other languages."""

    own_system: str = ""
    translation: Service | None = None


class ConversationView(Struct, frozen=True):
    """Everything one page needs, read in a fixed number of queries.

    ``posts`` are in order of publishing, at most ``conversation.POSTS``; ``earlier`` is the cursor to those before
    ("" when all are here). ``seen_post`` is the newest post here: hand it back to a send, which stops on newer ones.
    """

    case: CaseFacts
    clock: ClockView
    thread_id: int
    visibility: str
    authors: int
    posts: tuple[PostView, ...]
    earlier: str
    seen_post: int
    person: PersonView
    promises: tuple[PromiseView, ...]
    others: tuple[OtherThread, ...]
    notes: tuple[NoteView, ...]
    history: tuple[HistoryItem, ...]
    viewers: tuple[Viewer, ...]
    composer: ComposerFacts
    releases: tuple[ReleaseView, ...]
    as_of: Instant
    holder: Holder | None = None
    beside: Beside = Beside()
