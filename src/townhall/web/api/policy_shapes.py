"""The shapes of policy versions: what is taken and what is given."""

from typing import Annotated, Any

from ninja import Query
from pydantic import Field, StringConstraints

from townhall.flow import policy_versions as flow
from townhall.web.api.values import Given, GivenTime, MaybeId, MaybeTime, Page, Shape, Text, Time

MOST_NUMBER = (1 << 31) - 1
LONGEST_SOURCE = 200_000
"""Characters of a document that is sent here; the command line takes longer ones."""
NumberPath = Annotated[int, Field(ge=1, le=MOST_NUMBER, description="The version's number within the brand.")]
Which = Annotated[int, Query(ge=1, le=MOST_NUMBER)]
Source = Annotated[
    str, StringConstraints(min_length=1, max_length=LONGEST_SOURCE, pattern=r"^[^\x00]*[^\s\x00][^\x00]*$")
]
Digest = Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")]
Note = Annotated[str, StringConstraints(max_length=flow.LONGEST_NOTE, pattern=r"^[^\x00]*$")]
Number = Annotated[int, Field(ge=0, le=MOST_NUMBER)]


class PolicyVersion(Shape):
    """A policy version without its text. ``author_id`` is null for programs; ``reviewed_by`` is of the text as it stands."""

    number: int
    state: str = Field(description="draft, in_review, reviewed, active, retired or discarded")
    digest: str
    note: str
    based_on: int
    author: str
    author_id: MaybeId
    written_at: Time
    changed_at: Time
    reviewed_by: str
    due_at: MaybeTime
    activated_at: MaybeTime
    activated_by: str


class PolicyAct(Shape):
    """What was done with a version, by whom, about which text."""

    act: str
    at: Time
    by: str
    by_id: MaybeId
    digest: str
    remark: str


class WholePolicyVersion(PolicyVersion):
    """A version with its exact text, and what was done with it, oldest first."""

    source: str
    acts: list[PolicyAct]


class PolicyVersionPage(Page[PolicyVersion]):
    """A page of versions, the newest first."""


class DraftPolicy(Given):
    """A new draft. ``based_on`` is the number of the version it was made from (0 for none)."""

    source: Source
    note: Note = ""
    based_on: Number = 0


class RewritePolicy(Given):
    """New text for a version that was never in force. ``seen`` is the digest of the text it was written over."""

    source: Source
    seen: Digest


class AskForReview(Given):
    """Words for the reviewer."""

    note: Note = ""


class ApprovePolicy(Given):
    """Approves the text with this digest, and no other."""

    digest: Digest


class PolicyReason(Given):
    """Why."""

    reason: Annotated[Text, StringConstraints(max_length=flow.LONGEST_NOTE)]


class ActivatePolicy(Given):
    """When: at once without a time."""

    at: GivenTime | None = None


class PolicyInForce(Shape):
    """In force since ``at``, or ``due`` then. ``retired`` is the version before it (0 for none)."""

    number: int
    at: MaybeTime
    due: MaybeTime
    retired: int
    new_queues: list[str]


class PolicyDocument(Given):
    """A policy document (YAML)."""

    source: Source


class PolicyReport(Shape):
    """As ``townhall policy check --json``. ``unlooked`` rules and ``unlooked_pairs`` were not looked at in time.
    ``notes`` are promises that stand in the document and begin nowhere yet (``rule`` "": the defaults)."""

    ok: bool
    errors: list[str]
    rules: int
    dead: list[dict[str, Any]]
    shadowed: list[dict[str, Any]]
    overlaps: list[dict[str, Any]]
    gap: dict[str, Any] | None
    notes: list[dict[str, Any]]
    undecided: list[dict[str, Any]]
    unlooked: int
    unlooked_pairs: int


class PolicyDifference(Shape):
    """The difference of two versions in words, and part by part."""

    sentences: list[str]
    added: list[dict[str, Any]]
    removed: list[dict[str, Any]]
    renamed: list[list[str]]
    changed: list[dict[str, Any]]
    defaults: list[dict[str, Any]]
