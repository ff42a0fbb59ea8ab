"""Releases: what is held, on its way or done; approving and returning; and stopping all that goes out."""

from typing import Annotated, Any, Literal

from django.http import HttpRequest
from msgspec.structs import asdict
from ninja import Query, Router, Status
from pydantic import StringConstraints

from townhall.desk import replies as desk_replies
from townhall.desk import stops as desk_stops
from townhall.desk.replies import ReplyView
from townhall.flow import outbound as door
from townhall.flow import outbound_approval, outbound_stop
from townhall.flow.outbound_outcome import Awaiting
from townhall.kernel.errors import Refused
from townhall.outbound.store.drafts import Draft
from townhall.web.api.door import call_for
from townhall.web.api.replies import DraftShape, HeldShape, ReleasedShape, answer
from townhall.web.api.values import (
    USUAL,
    After,
    Given,
    Id,
    Limit,
    MaybeId,
    MaybeText,
    MaybeTime,
    Page,
    PathId,
    Shape,
    Text,
    Time,
    Word,
    number_of,
    page,
)

router = Router(tags=["Going out"])
State = Literal["held", "released", "returned", "withdrawn", "expired"]
_CaseId = Annotated[int, Query(ge=1, le=(1 << 63) - 1)]


class Noticed(Shape):
    """A finding of the guard as it was kept. ``picture`` counts from 1: it is about what that one shows; 0: about the text."""

    kind: str
    start: int
    end: int
    reason: str
    picture: int


class PictureShape(Shape):
    """A picture that goes with a reply: ``digest`` is the SHA-256 of its bytes, ``alt`` what it shows. It is seen on the pages."""

    digest: str
    alt: str
    media_type: str
    width: int
    height: int
    size: int


class Release(Shape):
    """A reply with its decision. ``digest`` goes back with an approval; ``delivery`` is the state of its newest delivery."""

    id: Id
    case_id: Id
    thread_id: Id
    account_id: int
    channel: str
    kind: Literal["public", "private"]
    state: State
    delivery: str
    text: str
    version: int
    digest: str
    author: str
    author_id: MaybeId
    made_at: Time
    reply_to: MaybeId
    findings: list[Noticed]
    why: str
    approvers: list[str]
    expires_at: MaybeTime
    outcome: str
    ended_by: str
    remark: str
    not_before: MaybeTime
    attempts: int
    sent_at: MaybeTime
    native_id: str
    url: str
    error: str
    asked: bool
    asked_why: str
    editor: str
    pictures: list[PictureShape]


class ReleasePage(Page[Release]):
    """A page of replies, the newest first."""


class Approve(Given):
    """Approves the words with this digest, and no others."""

    digest: Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")]


class AwaitingShape(Shape):
    """The approval is kept: ``given`` of ``wanted``. It waits for another person with one of these roles."""

    outcome: Literal["awaiting"]
    release_id: Id
    approvers: list[str]
    given: int
    wanted: int
    expires_at: Time


class Return(Given):
    """Sends words back to their author, with a reason or with other words in their place; one of the two."""

    reason: MaybeText = ""
    text: MaybeText = ""


class Reword(Given):
    """New words for a reply that has not gone out."""

    text: Text
    version: int | None = None


class StopShape(Shape):
    """A stop in force; ``words`` say what it stops."""

    id: Id
    words: str
    cause: str
    stopped_by: str
    stopped_at: Time


class Stop(Given):
    """Stops what goes out. ``target`` names a channel, or an account by its id."""

    scope: Literal["everything", "brand", "channel", "account"]
    target: Word = ""
    cause: Text


class Stopped(Shape):
    """Nothing of it begins to go out any more; deliveries ``in_the_air``, and hidings and reports, had begun and may
    still arrive."""

    stop_id: Id
    in_the_air: list[Id]
    deeds_in_the_air: list[Id]


class Resumed(Shape):
    """The stop has ended."""

    resumed: bool


@router.get("/releases", response=ReleasePage, summary="List releases")
def releases(
    request: HttpRequest,
    limit: Limit = USUAL,
    after: After = "",
    state: State | None = None,
    case: _CaseId | None = None,
) -> dict[str, Any]:
    """Replies of the brand, the newest first."""
    call = call_for(request, "read_approvals")
    found, following = desk_replies.replies(
        call.conn, call.asker.brand_id, number_of(after), limit, state=state or "", case_id=case or 0
    )
    return page(request, found, str(following or ""))


@router.get("/releases/{release_id}", response=Release, summary="Read a release")
def release(request: HttpRequest, release_id: PathId) -> ReplyView:
    """One reply: its words, the decision about them, and where its delivery stands."""
    call = call_for(request, "read_approvals")
    return desk_replies.reply(call.conn, call.asker.brand_id, release_id)


@router.post("/releases/{release_id}/withdraw", response=DraftShape, summary="Withdraw a reply")
def withdraw(request: HttpRequest, release_id: PathId) -> Draft:
    """Takes one's own reply back before it leaves; its text is a draft again."""
    call = call_for(request, "reply")
    return door.withdraw(call.conn, call.asker, release_id, call.now)


@router.patch(
    "/releases/{release_id}", response={201: ReleasedShape, 202: HeldShape}, summary="Reword a reply"
)
def reword(request: HttpRequest, release_id: PathId, given: Reword) -> Any:
    """New words for one's own reply; an approval of the old words is void."""
    call = call_for(request, "reply")
    outcome = door.edit(call.conn, call.asker, release_id, given.text, call.now, version=given.version)
    return answer(call, outcome)


@router.post(
    "/releases/{release_id}/approve",
    response={200: ReleasedShape, 202: AwaitingShape},
    summary="Approve a reply",
)
def approve(request: HttpRequest, release_id: PathId, given: Approve) -> Any:
    """Lets held words go. Only somebody else than their author approves, with a token that speaks for a person. A reply with
    pictures is approved on the page, where they are seen.

    202: the approval is kept, and others have to approve as well, each another person."""
    call = call_for(request, "approve")
    if desk_replies.reply(call.conn, call.asker.brand_id, release_id).pictures:
        raise Refused("This reply has pictures. Approve it on the page, where they are seen.")
    digest = bytes.fromhex(given.digest)
    done = outbound_approval.approve(call.conn, call.asker, release_id, digest, call.now)
    if isinstance(done, Awaiting):
        return Status(202, {"outcome": "awaiting", **asdict(done), "approvers": sorted(done.approvers)})
    return Status(200, {"outcome": "released", **asdict(done)})


@router.post("/releases/{release_id}/return", response=Release, summary="Return a reply")
def send_back(request: HttpRequest, release_id: PathId, given: Return) -> ReplyView:
    """Gives held words back to their author, with the reason or edited: their draft then. Nothing goes out by it, and whoever
    edited cannot approve."""
    call = call_for(request, "approve")
    outbound_approval.send_back(call.conn, call.asker, release_id, given.reason, call.now, text=given.text)
    return desk_replies.reply(call.conn, call.asker.brand_id, release_id)


@router.get("/stops", response=list[StopShape], summary="List stops")
def stops(request: HttpRequest) -> Any:
    """The stops in force that touch the brand."""
    call = call_for(request, "stop_outbound")
    return desk_stops.stops(call.conn, call.asker.brand_id)


@router.post("/stops", response={201: Stopped}, summary="Stop outbound")
def stop(request: HttpRequest, given: Stop) -> Status[Any]:
    """Nothing of it begins to go out from this moment."""
    call = call_for(request, "stop_outbound")
    done = outbound_stop.stop(call.conn, call.asker, given.scope, given.cause, call.now, target=given.target)
    return Status(201, done)


@router.post("/stops/{stop_id}/resume", response=Resumed, summary="Resume outbound")
def resume(request: HttpRequest, stop_id: PathId) -> dict[str, bool]:
    """Ends a stop. What was due meanwhile needs a new time; nothing goes out by itself."""
    call = call_for(request, "resume_outbound")
    outbound_stop.resume(call.conn, call.asker, stop_id, call.now)
    return {"resumed": True}
