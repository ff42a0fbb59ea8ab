"""The shapes of what is read: interactions, threads, and what a search found."""

from typing import Literal

from pydantic import Field

from townhall.web.api.values import Id, MaybeId, MaybeTime, Page, Shape, Time


class Photo(Shape):
    """A photo, video or sound, with its author's own alternative text."""

    url: str
    media_type: str
    alt: str


class Revision(Shape):
    """What a post said before it was edited."""

    replaced_at: Time
    text: str


class Interaction(Shape):
    """One post with what was understood and decided about it. A deleted post keeps its place and loses its text,
    topics and photos."""

    id: Id
    thread_id: Id
    account_id: int
    channel: str
    author_id: Id
    author_handle: str
    author_name: str
    direction: Literal["in", "out"]
    visibility: str
    published_at: Time
    received_at: Time
    text: str
    url: str
    native_id: str
    language: str
    question: bool
    intent: str
    sentiment: int = Field(description="-1, 0 or 1.")
    certainty: float = Field(description="Of the sentiment, 0 to 1.")
    topics: list[str]
    findings: list[str] = Field(
        description="Kinds of personal data and of dangers found: abuse, spam, urgent, unsafe_link, lookalike_link, imitation, copied."
    )
    effect: str = Field(description="What the policy says: answer, or leave.")
    priority: int
    queue: str
    rule: str = Field(description="The rule of the policy that decided.")
    edited_at: MaybeTime
    deleted_at: MaybeTime
    likes: int
    reposts: int
    photos: list[Photo]


class InteractionPage(Page[Interaction]):
    """A page of interactions, those taken in last first."""


class InteractionWithRevisions(Interaction):
    """A post, and what it said before each edit, oldest first."""

    revisions: list[Revision]


class Author(Shape):
    """Who wrote a post; ``own`` when it is an account of the brand."""

    id: Id
    name: str
    handle: str
    kind: str
    own: bool


class Post(Shape):
    """A post in its thread. One that its author deleted has text and edits only where the brand keeps showing them, and no photos."""

    id: Id
    native_id: str
    author: Author
    direction: Literal["in", "out"]
    visibility: str
    published_at: Time
    text: str
    url: str
    language: str
    question: bool
    intent: str
    sentiment: int
    photos: list[Photo]
    edits: list[Revision]
    edited_at: MaybeTime
    deleted_at: MaybeTime
    parent_id: MaybeId
    likes: int
    reposts: int


class Thread(Shape):
    """A thread as it stands on the network. ``cases`` are ours in it."""

    id: Id
    account_id: int
    channel: str
    account_handle: str
    visibility: str
    first_at: Time
    last_at: Time
    posts: int
    last_in_at: MaybeTime
    last_out_at: MaybeTime
    joined_into: MaybeId
    cases: list[Id]


class ThreadPage(Page[Thread]):
    """A page of threads, in the order of their ids."""


class ThreadWithPosts(Shape):
    """A thread with its newest posts, oldest first. ``earlier`` is the address of those before, null when all are here."""

    thread: Thread
    posts: list[Post]
    earlier: str | None


class SearchHit(Shape):
    """A post that holds what was looked for; ``hits`` are spans of its text in code points."""

    interaction_id: Id
    thread_id: Id
    case_id: MaybeId
    channel: str
    account_handle: str
    author_name: str
    author_handle: str
    published_at: Time
    text: str
    hits: list[tuple[int, int]]
    direction: Literal["in", "out"]


class PersonHit(Shape):
    """A person found by name or handle."""

    identity_id: Id
    network: str
    handle: str
    name: str
    case_id: MaybeId
    last_at: MaybeTime


class Found(Shape):
    """Posts, newest first, and people (on the first page only)."""

    items: list[SearchHit]
    next: str | None
    people: list[PersonHit]
