"""Interactions, threads and search."""

from typing import Annotated, Any, Literal

from django.http import HttpRequest
from msgspec.structs import asdict
from ninja import Query, Router

from townhall.desk import interactions as desk_interactions
from townhall.desk import search as desk_search
from townhall.desk import threads as desk_threads
from townhall.desk.interactions import InteractionFilter
from townhall.kernel.digits import moment, whole
from townhall.kernel.errors import NotFound, Refused
from townhall.web.api import shapes
from townhall.web.api.door import call_for
from townhall.web.api.values import (
    USUAL,
    After,
    GivenTime,
    Limit,
    PathId,
    Word,
    cursor_of,
    number_of,
    page,
)

router = Router(tags=["Reading"])
READ = ("read_case", "read_record")
POSTS = 200

_Wanted = Annotated[int, Query(ge=1, le=(1 << 63) - 1)]


@router.get("/interactions", response=shapes.InteractionPage, summary="List interactions")
def interactions(
    request: HttpRequest,
    limit: Limit = USUAL,
    after: After = "",
    thread: _Wanted | None = None,
    author: _Wanted | None = None,
    account: _Wanted | None = None,
    direction: Literal["in", "out"] | None = None,
    language: Word | None = None,
    queue: Word | None = None,
    since: GivenTime | None = None,
    until: GivenTime | None = None,
) -> dict[str, Any]:
    """Posts of the brand, those taken in last first. ``since`` and ``until`` are of the time they were taken in."""
    call = call_for(request, *READ)
    wanted = InteractionFilter(
        thread or 0,
        author or 0,
        account or 0,
        direction or "",
        language or "",
        queue or "",
        since or 0,
        until or 0,
    )
    found, following = desk_interactions.interactions(
        call.conn, call.asker.brand_id, wanted, number_of(after), limit
    )
    return page(request, found, str(following or ""))


@router.get(
    "/interactions/{interaction_id}", response=shapes.InteractionWithRevisions, summary="Read an interaction"
)
def interaction(request: HttpRequest, interaction_id: PathId) -> Any:
    """One post, with what it said before each edit."""
    call = call_for(request, *READ)
    return desk_interactions.interaction(call.conn, call.asker.brand_id, interaction_id)


@router.get("/threads", response=shapes.ThreadPage, summary="List threads")
def threads(request: HttpRequest, limit: Limit = USUAL, after: After = "") -> dict[str, Any]:
    """Threads of the brand, in an order that stays as it is while one pages; it says nothing of time."""
    call = call_for(request, *READ)
    found, following = desk_threads.threads(call.conn, call.asker.brand_id, number_of(after), limit)
    return page(request, found, str(following or ""))


@router.get("/threads/{thread_id}", response=shapes.ThreadWithPosts, summary="Read a thread")
def thread(
    request: HttpRequest, thread_id: PathId, limit: Limit = POSTS, after: After = ""
) -> dict[str, Any]:
    """A thread with its posts as they stand on the network, with edits, deletions and photos."""
    call = call_for(request, *READ)
    found = desk_threads.thread(call.conn, call.asker.brand_id, thread_id, _place(after), limit)
    earlier = page(request, [], found.earlier)["next"]
    return {"thread": found.thread, "posts": found.posts, "earlier": earlier}


def _place(after: str) -> tuple[int, int] | None:
    if not (cursor := cursor_of(after)):
        return None
    first, _, second = cursor.partition(".")
    at, post = moment(first), whole(second)
    if at is None or post is None:
        raise NotFound("Those posts do not exist. Read the thread from its end.")
    return at, post


@router.get("/search", response=shapes.Found, summary="Search")
def search(
    request: HttpRequest,
    q: Annotated[str, Query(min_length=1, max_length=400, pattern=r"^[^\x00]*$")],
    limit: Limit = 25,
    after: After = "",
) -> dict[str, Any]:
    """Posts that hold every word, and every phrase in double quotes word for word; and people by name or handle."""
    call = call_for(request, "read_case")
    try:
        found = desk_search.search(
            call.conn, call.asker.brand_id, q, call.now, cursor=cursor_of(after), limit=limit
        )
    except Refused as no:
        raise NotFound(str(no)) from no
    people = [asdict(one) for one in found.people]
    return {**page(request, found.hits, found.cursor), "people": people}
