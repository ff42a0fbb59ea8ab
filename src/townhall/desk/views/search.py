"""What a search found."""

from msgspec import Struct

from townhall.kernel.clock import Instant


class SearchHit(Struct, frozen=True):
    """A post that holds what was looked for. ``hits`` are spans of ``text`` in code points; ``case_id`` 0 when it has none."""

    interaction_id: int
    thread_id: int
    case_id: int
    channel: str
    account_handle: str
    author_name: str
    author_handle: str
    published_at: Instant
    text: str
    hits: tuple[tuple[int, int], ...]
    direction: str
    deleted: bool = False


class PersonHit(Struct, frozen=True):
    """A person found by name or handle."""

    identity_id: int
    network: str
    handle: str
    name: str
    case_id: int
    last_at: Instant


class Looser(Struct, frozen=True):
    """A search with less in it: without ``part``, or with the words of it ``apart``. ``more`` says that there are more
    posts than were counted."""

    part: str
    query: str
    how: str
    posts: int
    people: int
    more: bool


class SearchResults(Struct, frozen=True):
    """Newest first. ``cursor`` asks for older ones ("" when all were looked through)."""

    query: str
    people: tuple[PersonHit, ...]
    hits: tuple[SearchHit, ...]
    cursor: str
    as_of: Instant
