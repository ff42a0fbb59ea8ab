"""Cases: the list, one of them, and what can be done with it."""

from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Query, Router
from pydantic import Field

from townhall.desk import conversation as desk_conversation
from townhall.desk import directory
from townhall.desk import inbox as desk_inbox
from townhall.desk.views import InboxFilter
from townhall.flow import cases as verbs
from townhall.flow.case_change import Done
from townhall.kernel.errors import Forbidden, NotFound, Refused
from townhall.web.api import case_shapes as shapes
from townhall.web.api.door import Call, call_for
from townhall.web.api.values import (
    USUAL,
    After,
    Given,
    GivenId,
    GivenTime,
    Id,
    Limit,
    PathId,
    Shape,
    Text,
    Word,
    cursor_of,
    page,
)

router = Router(tags=["Cases"])
Version = Annotated[
    int | None, Field(ge=1, le=(1 << 31) - 1, description="Do it only to this version of the case.")
]
_Assignee = Annotated[str, Query(pattern="^(mine|unassigned|mine_or_unassigned|all|[0-9]{1,18})$")]


class DoneShape(Shape):
    """An act that was done: the case's new version, and the change that an undo takes."""

    case: Id
    version: int
    change: Id


class Plainly(Given):
    """An act that needs nothing else."""

    version: Version = None


class Take(Plainly):
    """Hold a case; with ``force`` also one that a colleague holds."""

    force: bool = False


class Assign(Plainly):
    """Give a case to somebody; null puts it back for everybody."""

    staff_id: GivenId | None


class Snooze(Plainly):
    """Put a case aside until a moment."""

    until: GivenTime


class Move(Plainly):
    """Let a case wait in another queue."""

    queue: Word


class Close(Plainly):
    """Be done with a case."""

    seen_post: GivenId | None = None


class Merge(Plainly):
    """Let the case go into another one of the same brand."""

    into: GivenId


class Split(Plainly):
    """Give a post a case of its own."""

    post: GivenId


class Noted(Given):
    """A note for staff."""

    text: Text


@router.get("/cases", response=shapes.CasePage, summary="List cases")
def cases(
    request: HttpRequest,
    limit: Limit = USUAL,
    after: After = "",
    state: Literal["open", "waiting", "snoozed", "closed"] = "open",
    assignee: _Assignee = "all",
    queue: Word | None = None,
    channel: Word | None = None,
    language: Word | None = None,
    reason: Word | None = None,
    text: Word | None = None,
) -> dict[str, Any]:
    """The inbox: what is due first comes first, then what waits on others."""
    call = call_for(request, "read_case")
    wanted = InboxFilter(
        state=state, assignee=assignee, queue=queue or "", channel=channel or "", language=language or "",
        reason=reason or "", text=text or "",
    )  # fmt: skip
    try:
        found = desk_inbox.page(
            call.conn, call.asker.brand_id, wanted, cursor_of(after), call.now, staff=call.asker.staff_id,
            limit=limit,
        )  # fmt: skip
    except Refused as no:
        raise NotFound(str(no)) from no
    return page(request, found.rows, found.cursor)


@router.get("/cases/{case_id}", response=shapes.CaseWhole, summary="Read a case")
def case(request: HttpRequest, case_id: PathId) -> dict[str, Any]:
    """The case with its promises, person, notes and history; the posts are at its thread."""
    call = call_for(request, "read_case")
    view = desk_conversation.conversation(
        call.conn, call.asker.brand_id, case_id, call.asker.staff_id, call.now
    )
    names = (
        "case",
        "clock",
        "thread_id",
        "visibility",
        "holder",
        "person",
        "promises",
        "notes",
        "history",
        "seen_post",
    )
    return {**{name: getattr(view, name) for name in names}, "refusals": list(view.composer.refusals)}


@router.post("/cases/{case_id}/take", response=DoneShape, summary="Take a case")
def take(request: HttpRequest, case_id: PathId, given: Take) -> Done:
    """The person the token speaks for holds the case. A token of a program itself cannot."""
    call = call_for(request, "assign")
    if not call.asker.staff_id:
        raise Forbidden(
            "A program holds no case. Assign it to somebody, or use a token that speaks for a person."
        )
    return verbs.take(call.conn, call.asker, case_id, call.now, version=given.version, force=given.force)


@router.post("/cases/{case_id}/assign", response=DoneShape, summary="Assign a case")
def assign(request: HttpRequest, case_id: PathId, given: Assign) -> Done:
    """Somebody holds the case, and is told so."""
    call = call_for(request, "assign")
    staff_id = int(given.staff_id or 0)
    if staff_id and staff_id not in _seated(call):
        raise NotFound("Nobody with a seat at this brand has that id.")
    return verbs.assign(call.conn, call.asker, case_id, staff_id, call.now, version=given.version)


def _seated(call: Call) -> set[int]:
    return {one.staff_id for one in directory.colleagues(call.conn, call.asker.brand_id)}


@router.post("/cases/{case_id}/snooze", response=DoneShape, summary="Put a case aside")
def snooze(request: HttpRequest, case_id: PathId, given: Snooze) -> Done:
    """It comes back at that moment, or before its promise falls due."""
    call = call_for(request, "assign")
    return verbs.snooze(call.conn, call.asker, case_id, given.until, call.now, version=given.version)


@router.post("/cases/{case_id}/move", response=DoneShape, summary="Move a case")
def move(request: HttpRequest, case_id: PathId, given: Move) -> Done:
    """It waits in another queue, for anybody there."""
    call = call_for(request, "assign")
    if given.queue not in {one.slug for one in directory.queues(call.conn, call.asker.brand_id)}:
        raise NotFound("This brand has no queue of that name.")
    return verbs.move(call.conn, call.asker, case_id, given.queue, call.now, version=given.version)


@router.post("/cases/{case_id}/close", response=DoneShape, summary="Close a case")
def close(request: HttpRequest, case_id: PathId, given: Close) -> Done:
    """The case is done; an open promise ends as cancelled."""
    call = call_for(request, "assign")
    seen = int(given.seen_post or 0)
    return verbs.close(call.conn, call.asker, case_id, call.now, version=given.version, seen_post=seen)


@router.post("/cases/{case_id}/reopen", response=DoneShape, summary="Reopen a case")
def reopen(request: HttpRequest, case_id: PathId, given: Plainly) -> Done:
    """The case is open again, and owes what its closing left unanswered."""
    call = call_for(request, "assign")
    return verbs.reopen(call.conn, call.asker, case_id, call.now, version=given.version)


@router.post("/cases/{case_id}/merge", response=DoneShape, summary="Merge a case into another")
def merge(request: HttpRequest, case_id: PathId, given: Merge) -> Done:
    """The two become one, with the earlier deadline."""
    call = call_for(request, "assign")
    return verbs.merge(call.conn, call.asker, case_id, int(given.into), call.now, version=given.version)


@router.post("/cases/{case_id}/split", response=DoneShape, summary="Split a post off")
def split(request: HttpRequest, case_id: PathId, given: Split) -> Done:
    """A post gets a case of its own."""
    call = call_for(request, "assign")
    return verbs.split(call.conn, call.asker, case_id, int(given.post), call.now, version=given.version)


@router.post("/cases/{case_id}/notes", response=DoneShape, summary="Write a note")
def note(request: HttpRequest, case_id: PathId, given: Noted) -> Done:
    """A note for staff beside the case."""
    call = call_for(request, "note")
    return verbs.note(call.conn, call.asker, case_id, given.text, call.now)


@router.post("/changes/{change_id}/undo", response=DoneShape, summary="Undo an act")
def undo(request: HttpRequest, change_id: PathId) -> Done:
    """Takes one act back exactly, or says what stands on it since."""
    call = call_for(request, "note", "assign")
    return verbs.undo(call.conn, call.asker, change_id, call.now)
