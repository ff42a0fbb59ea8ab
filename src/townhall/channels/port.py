"""The seam every network is seen through: what it can do (``Card``), what goes out, what comes in.

A channel is four things: a card, a pure ``parse``, a ``length`` and a client made from its account's settings.
"""

from collections.abc import AsyncIterator, Callable
from typing import Any, Literal, Protocol
from urllib.parse import quote

from msgspec import Struct

from townhall.kernel.activity import Activity, Visibility
from townhall.kernel.clock import Clock, Instant
from townhall.kernel.errors import Refused

Guarantee = Literal["exactly_once_by_readback", "at_most_once_doubtful"]
DeedKind = Literal["hide", "unhide", "report"]
"""What can be done about somebody's post on its network, beside answering it."""


class Card(Struct, frozen=True, kw_only=True):
    """What a network can do and what we promise on it. Shown on screen and rendered into the docs.

    ``max_length`` is in the units of ``length_rule``; an instance may override it (see ``verify``); 0 means none.
    ``tested_on`` is an ISO date. ``needs`` names what an operator must supply; ``plan`` what it costs, ``review`` who looks at it before, ``inbound`` whether the
    internet has to reach us, each in words. ``deeds`` are what can be done about a post
    there, with ``deeds_need_address`` only where the account has an address to send to; ``deeds_repeat`` says that doing one
    twice is doing it once, so that an unclear try is simply made again. ``message_us`` is the address at which a customer writes to
    an account in private, ``message_them`` the one at which people of ours write to a customer by hand ("": the network has none);
    ``{id}`` and ``{handle}`` are of whoever gets the message, ``{server}`` is the account's own. ``access_page`` is where the
    network lets people make and end what they give us (a path on the account's own server where it begins with ``/``),
    ``access_place`` says in words what to look for there. ``around`` is the path on the account's server that tells what was said
    before and after a post, for nothing ("": there is none, or each look costs). ``pictures`` go with one post at most,
    ``pictures_private`` with a private message (0: none), each of ``picture_bytes`` at most, in words of ``alt_length`` characters.
    """

    kind: str
    title: str
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    max_length: int
    length_rule: str
    private_reply: bool
    edits: bool
    deletions: bool
    proof: str
    delivery_guarantee: Guarantee
    guarantee_note: str
    retention_class: str
    tested_against: str
    tested_on: str
    cost_note: str
    needs: tuple[str, ...] = ()
    plan: str = "free"
    review: str = "none"
    inbound: str = "no"
    deeds: tuple[DeedKind, ...] = ()
    deeds_need_address: bool = False
    deeds_repeat: bool = False
    deeds_note: str = "Nothing is done about posts there: nobody can be told."
    access_page: str = ""
    access_place: str = ""
    message_us: str = ""
    message_them: str = ""
    around: str = ""
    pictures: int = 0
    pictures_private: int = 0
    picture_bytes: int = 0
    alt_length: int = 0

    def access_url(self, base_url: str) -> str:
        """The network's own page where access is made and ended, for an account on that server ("": there is none)."""
        if not self.access_page.startswith("/"):
            return self.access_page
        return base_url.rstrip("/") + self.access_page if base_url.startswith(("https://", "http://")) else ""

    def why_not(self, deed: str, base_url: str) -> str:
        """Why a deed is not offered on an account with that address ("" when it is)."""
        if deed not in self.deeds:
            return f"Not offered here: {self.deeds_note}"
        if self.deeds_need_address and not base_url:
            return "Not offered here: the channel has no address that is told. Set one to have it done there."
        return ""

    def to_us(self, native_id: str, handle: str, server: str) -> str:
        """Where a customer writes to this account in private ("" where the network has no such address)."""
        return _filled(self.message_us, native_id, handle, server)

    def to_them(self, native_id: str, handle: str, server: str) -> str:
        """Where somebody of ours writes to this person by hand ("" where the network has no such address)."""
        return _filled(self.message_them, native_id, handle, server)


def _filled(address: str, native_id: str, handle: str, server: str) -> str:
    """The address with what it needs; "" when one of those is not known."""
    known = {"id": quote(native_id, safe=""), "handle": quote(handle, safe=""), "server": server.rstrip("/")}
    missing = any(f"{{{name}}}" in address and not value for name, value in known.items())
    return "" if missing else address.format(**known)


class AccountRef(Struct, frozen=True):
    """Whose account reads: our id for it, its handle and the network's own id ("" when not known)."""

    id: int = 0
    handle: str = ""
    native_id: str = ""
    kind: str = ""


class AccountSettings(Struct, frozen=True, kw_only=True):
    """What a client needs. Secrets come from the vault and are never printed: see ``__repr__``.

    ``token`` acts as the account; ``app_token`` as the application alone; ``secret`` signs or checks deliveries;
    ``search`` is a query to listen to besides mentions ("" for none); ``timeout_s`` bounds one call, in seconds;
    ``poll_s`` is the time between readings. ``reads_messages`` polls direct messages where each reading costs money.
    ``reading`` is false while the account is paused. ``outside`` allows calls to the open internet only, and to ``inside``, the hosts that the operator named.
    """

    account: AccountRef
    base_url: str = ""
    token: str = ""
    app_token: str = ""
    secret: str = ""
    search: str = ""
    timeout_s: float = 20.0
    poll_s: float = 15.0
    reads_messages: bool = False
    reading: bool = True
    outside: bool = False
    inside: frozenset[str] = frozenset()

    def __repr__(self) -> str:
        """Names the account and the place, never a secret."""
        return f"AccountSettings({self.account.kind}:{self.account.handle} at {self.base_url})"


class Enclosure(Struct, frozen=True):
    """A picture on its way out: its bytes, and in words what it shows."""

    data: bytes
    media_type: str
    alt: str


class Outgoing(Struct, frozen=True, kw_only=True):
    """One released text on its way out. ``decision_id`` proves that it passed the door.

    ``recipient`` is the network's id or handle of the person a direct message goes to. ``pictures`` go with the text, in order;
    a look for what was sent needs none.
    """

    decision_id: str
    idempotency_key: str
    account_id: int
    text: str
    in_reply_to: str = ""
    conversation: str = ""
    visibility: Visibility = "public"
    recipient: str = ""
    pictures: tuple[Enclosure, ...] = ()


class Deed(Struct, frozen=True, kw_only=True):
    """One released act about a post of somebody else's. ``decision_id`` proves that it passed the door.

    ``post`` and ``author`` are the network's own ids. A report says why in ``comment``, in a ``category`` of ours
    (spam, legal, violation, other); it stays with this server unless ``forward``.
    """

    decision_id: str
    idempotency_key: str
    account_id: int
    kind: DeedKind
    post: str
    author: str = ""
    comment: str = ""
    category: str = "other"
    forward: bool = False


class Receipt(Struct, frozen=True):
    """What the network answered: its id of the post, where it is, when it took it, and what the post cost.

    ``look_micro_usd`` is what finding it again cost besides. Both are in millionths of a US dollar.
    """

    native_id: str
    url: str
    at: Instant
    cost_micro_usd: int = 0
    look_micro_usd: int = 0


class Page(Struct, frozen=True):
    """What one reading gave. ``items`` are raw JSON bytes, one network item each, exactly as they came.

    ``cursor`` continues after them; keep it only once the items are kept. ``more`` says that another page waits.
    ``lag_s`` is how old the newest item was when it was read, in seconds (0 when there was none).
    """

    items: list[bytes]
    cursor: str
    more: bool = False
    lag_s: float = 0.0
    cost_micro_usd: int = 0


class ChannelClient(Protocol):
    """One account on one network. Every method raises ``ChannelUnavailable`` when the network does not answer well."""

    async def verify(self) -> dict[str, Any]:
        """Who the token speaks for and this instance's limits: ``native_id``, ``handle``, ``max_length``; where it states
        them also ``max_pictures``, ``picture_bytes``, ``alt_length``."""
        ...

    async def poll(self, cursor: str) -> Page:
        """The items after ``cursor`` ("" for the newest page only), oldest first."""
        ...

    def stream(self, cursor: str) -> AsyncIterator[Page]:
        """Pages as they happen. First fills the gap since ``cursor`` by polling; ends by raising when the line breaks."""
        ...

    async def send(self, out: Outgoing) -> Receipt:
        """Posts once, its pictures handed in before. ``ChannelUnavailable.ambiguous`` says that the network may have taken
        the post all the same; a picture that was handed in for nothing is nobody's harm."""
        ...

    async def find_sent(
        self, out: Outgoing, since: Instant, known: frozenset[str] = frozenset()
    ) -> Receipt | None:
        """Reads the channel back for a text sent at or after ``since``. ``None`` means that it is certainly not there.

        ``known`` are native ids that other releases made. Where nothing is certain it raises ``ChannelUnavailable``:
        ``permanent`` once only a person can tell."""
        ...

    async def act(self, deed: Deed) -> Receipt:
        """Does it once; ``native_id`` is the network's id of a report ("" where it gives none). Raises as ``send`` does."""
        ...

    async def look_again(self, native_ids: list[str]) -> Page:
        """The posts as they stand now, a vanished one as a deletion: networks do not tell of strangers' edits and
        deletions. Takes the first few ids (``more`` when some are left); the page's cursor means nothing."""
        ...

    async def close(self) -> None:
        """Lets the connections go."""
        ...


Parse = Callable[[bytes, AccountRef], list[Activity]]
MakeClient = Callable[[AccountSettings, Clock], ChannelClient]


class ChannelModule(Struct, frozen=True):
    """One network, ready to use: its card, pure parse, length by its own rule, and how to make a client.

    ``around`` reads the items out of what the card's ``around`` answers.
    """

    card: Card
    parse: Parse
    length: Callable[[str], int]
    make_client: MakeClient
    around: Callable[[bytes], list[bytes]] | None = None


def must_be_released(out: Outgoing) -> None:
    """Refuses anything that did not pass the outbound door. Every adapter calls this before it touches the line."""
    if not out.decision_id:
        raise Refused("nothing is sent without a decision: release the text first")
    if not out.idempotency_key:
        raise Refused(
            "nothing is sent without an idempotency key: a repeat could not be told from a second post"
        )
    if not out.text.strip() and not out.pictures:
        raise Refused("there is nothing to send: the text is empty")


def must_be_decided(deed: Deed) -> None:
    """Refuses a deed that did not pass the outbound door. Every adapter calls this before it touches the line."""
    if not deed.decision_id or not deed.idempotency_key:
        raise Refused("nothing is done on a network without a decision: release it first")
