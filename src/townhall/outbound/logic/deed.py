"""An act on a network about somebody's post, which says nothing of ours: hiding it, showing it again, reporting it.

::

    held ──▶ waiting ──▶ attempting ──▶ done ──▶ over     the opposite was done since
      │        │ ▲           │ ├──────▶ failed            the network said no, for good
      │        │ └───────────┘ └──────▶ doubtful          nobody can know: a person decides
      │        └──▶ overdue ──▶ waiting                    its time passed, or outbound was stopped when it was due
      └──▶ undone                                          taken back, refused, or nobody approved it in time

``left`` was decided and never begun: the network offers no such thing, or the brand only observes.
"""

from hashlib import sha256
from typing import Literal, get_args

from msgspec import Struct

from townhall.kernel.clock import DAY, Instant
from townhall.outbound.logic.journey import Patience, Trial, pause

State = Literal[
    "held", "waiting", "attempting", "doubtful", "overdue", "done", "failed", "undone", "over", "left"
]
WAYS: dict[State, frozenset[State]] = {
    "held": frozenset({"waiting", "undone"}),
    "waiting": frozenset({"attempting", "overdue", "undone"}),
    "attempting": frozenset({"done", "failed", "doubtful", "waiting"}),
    "doubtful": frozenset({"done", "waiting", "undone"}),
    "overdue": frozenset({"waiting", "undone"}),
    "failed": frozenset({"waiting", "undone"}),
    "done": frozenset({"over"}),
    "undone": frozenset(),
    "over": frozenset(),
    "left": frozenset(),
}
assert set(WAYS) == set(get_args(State)) and all(to in WAYS for ways in WAYS.values() for to in ways)

LIVE: frozenset[State] = frozenset({"held", "waiting", "attempting", "doubtful", "overdue", "done"})
"""It is done or on its way: a post has one such act of a kind."""
UNDONE_AT_WILL: frozenset[State] = frozenset({"held", "waiting", "overdue", "failed"})
"""Nothing of it can have reached the network, and it can be taken back."""
STUCK: frozenset[State] = frozenset({"doubtful", "overdue", "failed"})
"""It goes on only when a person says how."""

Category = Literal["spam", "legal", "violation", "other"]
CATEGORIES: tuple[Category, ...] = get_args(Category)
"""Why something is reported, the words that networks share."""
LONGEST_COMMENT = 1_000
"""Characters that go to a network's moderators."""
ACT_WITHIN: Instant = DAY
"""A rule acts on posts that were published this lately: what came in as history is left as it is."""


class Next(Struct, frozen=True):
    """Where the deed stands after a call, and when to touch it again."""

    state: State
    at: Instant


class Terms(Struct, frozen=True, kw_only=True):
    """What is to be done exactly: an approval is of these and no others. Ids are the network's own."""

    brand_id: int
    account_id: int
    kind: str
    post: str
    author: str
    comment: str = ""
    category: str = ""


def digest_of(terms: Terms, salt: bytes = b"") -> bytes:
    """SHA-256 over every field, each after its length in eight bytes, so that no two differ in nothing.

    The record keeps it salted: nobody can guess a short comment from it.
    """
    parts = (
        str(terms.brand_id), str(terms.account_id), terms.kind, terms.post, terms.author, terms.comment,
        terms.category,
    )  # fmt: skip
    encoded = [part.encode("utf-8", "surrogatepass") for part in parts]
    return sha256(salt + b"".join(len(part).to_bytes(8, "big") + part for part in encoded)).digest()


def after_call(trial: Trial, attempts: int, repeats: bool, now: Instant, patience: Patience) -> Next:
    """After a call. ``repeats``: doing it twice is doing it once, so that an unclear try is made again.

    Where it is not, nobody can read back whether it was taken, and a person decides.
    """
    if trial.taken:
        return Next("done", now)
    if trial.taken is None and not repeats:
        return Next("doubtful", now)
    if trial.taken is None:
        return Next("waiting", now + max(patience.settle, pause(attempts, patience)))
    if trial.permanent:
        return Next("failed", now)
    return Next("waiting", max(trial.retry_at, now + pause(attempts, patience)))


def opposite(kind: str) -> str:
    """What takes a deed back on the network ("" where nothing does)."""
    return {"hide": "unhide", "unhide": "hide"}.get(kind, "")
