"""One batch of arrivals on its way through the house, and what is already known about it."""

from typing import Any

from msgspec import Struct

from townhall.care.bulk import OpenCase, ThreadState
from townhall.care.escalations import Escalation
from townhall.enrich import Enriched
from townhall.flow.danger import HARMLESS, Danger
from townhall.intake.store import Block
from townhall.kernel.activity import Activity
from townhall.kernel.clock import Instant
from townhall.policy.logic import Verdict


class Arrival(Struct, gc=False):
    """One new post. ``at`` is its published time, clamped to when we received it (microseconds UTC)."""

    act: Activity
    block: Block
    place: int
    content: str
    key: bytes
    at: Instant
    author: int
    parent: bytes | None
    thread: int = 0
    id: int = 0
    enriched: Enriched | None = None
    verdict: Verdict | None = None
    danger: Danger = HARMLESS


class Act(Struct, gc=False):
    """An edit, deletion, like, repost or report of a stored post. ``target`` is that post's ledger key."""

    act: Activity
    block: Block
    place: int
    content: str
    key: bytes
    target: bytes
    at: Instant


class History(Struct, frozen=True, gc=False):
    """What the house knew of an author before this batch. Counts stop at 100; ``followers`` -1 where nobody told.

    ``answered``: somebody of us answered them, in this conversation or another.
    """

    posts: int = 0
    cases: int = 0
    cases_open: int = 0
    tier: str = ""
    followers: int = -1
    answered: bool = False


class Known(Struct):
    """What the gathering queries found."""

    ledger: dict[bytes, tuple[int, int]]
    threads: dict[int, ThreadState]
    strangers: set[int]
    cases: dict[int, dict[int, OpenCase]]
    """Thread → customer → open case."""
    addressed: dict[bytes, int]
    """Ledger key of a post that one of ours answers → its author."""
    histories: dict[int, History] | None = None
    """What is known of authors, where a policy in force asks for it."""


class Plan(Struct):
    """What the batch will write: rows for each table, facts last."""

    interactions: list[tuple[Any, ...]] = []
    ledger: list[tuple[bytes, int, int]] = []
    threads: dict[int, list[Any]] = {}
    grown: set[int] = set()
    """Threads that were stored before."""
    joins: list[tuple[int, int, int, str]] = []
    identities: dict[int, tuple[Any, ...]] = {}
    cases: list[OpenCase] = []
    case_words: dict[int, tuple[str, str, str]] = {}
    opened: dict[int, Instant] = {}
    commitments: dict[int, list[Any]] = {}
    satisfied: list[tuple[int, Instant, str, int]] = []
    """(commitment, when, by whom, case)."""
    pressed: dict[int, tuple[int, str, Instant, Instant]] = {}
    """Stored promises brought forward: commitment → (brand, metric, started, due)."""
    escalated: list[Escalation] = []
    refold: set[int] = set()
    volumes: dict[tuple[Any, ...], list[int]] = {}
    promises: dict[tuple[Any, ...], list[int]] = {}
    answers: dict[tuple[Any, ...], list[int]] = {}
