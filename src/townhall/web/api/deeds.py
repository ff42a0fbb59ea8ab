"""What is done about posts on their networks: hiding, showing again, reporting; approving and deciding about it."""

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router, Status
from pydantic import StringConstraints

from townhall.channels.port import DeedKind
from townhall.desk import deeds as desk_deeds
from townhall.desk.views.deeds import DeedView
from townhall.flow import deed_approval
from townhall.flow import deeds as verbs
from townhall.flow.deeds import Verdict, Wish
from townhall.kernel.errors import NotFound
from townhall.outbound.logic.deed import LONGEST_COMMENT, Category, State
from townhall.web.api.door import Call, call_for
from townhall.web.api.values import (
    USUAL,
    After,
    Given,
    Id,
    Limit,
    MaybeId,
    MaybeTime,
    Page,
    PathId,
    Shape,
    Text,
    Time,
    number_of,
    page,
)

router = Router(tags=["Going out"])


class Deed(Shape):
    """One act about a post. ``rule`` decided it, or ``by`` did. ``digest`` goes back with an approval, of which ``wanted``
    are needed and those of ``given`` stand. ``error`` says why it was left, failed or refused."""

    id: Id
    post_id: Id
    case_id: MaybeId
    kind: DeedKind
    state: State
    rule: str
    reason: str
    by: str
    made_at: Time
    done_at: MaybeTime
    not_before: MaybeTime
    error: str
    comment: str
    category: str
    digest: str
    approvers: list[str]
    wanted: int
    given: list[str]
    channel: str
    account_handle: str


class DeedPage(Page[Deed]):
    """A page of deeds, the newest first."""


class Want(Given):
    """What is to be done. ``reason`` stays in the house; the ``comment`` of a report goes out with it."""

    kind: DeedKind
    reason: Annotated[str, StringConstraints(min_length=1, max_length=verbs.LONGEST_REASON)]
    comment: Annotated[str, StringConstraints(max_length=LONGEST_COMMENT)] = ""
    category: Category = "other"


class ApproveDeed(Given):
    """Approves the act with this digest, and no other."""

    digest: Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")]


class RefuseDeed(Given):
    """It is not done, and why."""

    reason: Text


class ResolveDeed(Given):
    """What became of it: it is done, it is to be done again, or it is dropped."""

    verdict: Verdict


@router.get("/deeds", response=DeedPage, summary="List deeds")
def deeds(
    request: HttpRequest, limit: Limit = USUAL, after: After = "", state: State | None = None
) -> dict[str, Any]:
    """What rules and people wanted done about posts on their networks, the newest first."""
    call = call_for(request, "read_approvals")
    states = (state,) if state else ()
    found, following = desk_deeds.deeds(
        call.conn, call.asker.brand_id, number_of(after), limit, states=states
    )
    return page(request, found, str(following or ""))


@router.post(
    "/interactions/{interaction_id}/deeds", response={201: Deed}, summary="Hide, show again or report a post"
)
def want_deed(request: HttpRequest, interaction_id: PathId, given: Want) -> Status[Any]:
    """Through the door: at once where nothing holds it, after approval where the rule about the post wants one."""
    call = call_for(request, "moderate")
    wish = Wish(
        post_id=interaction_id, kind=given.kind, reason=given.reason, comment=given.comment,
        category=given.category,
    )  # fmt: skip
    return Status(201, _shown(call, verbs.want(call.conn, call.asker, wish, call.now).id))


@router.post("/deeds/{deed_id}/take-back", response=Deed, summary="Take a deed back")
def take_back_deed(request: HttpRequest, deed_id: PathId) -> DeedView:
    """Nothing is done after all, while nothing of it can have reached the network."""
    call = call_for(request, "moderate")
    verbs.take_back(call.conn, call.asker, deed_id, call.now)
    return _shown(call, deed_id)


@router.post("/deeds/{deed_id}/resolve", response=Deed, summary="Decide about a deed")
def resolve_deed(request: HttpRequest, deed_id: PathId, given: ResolveDeed) -> DeedView:
    """What is in doubt, overdue or failed goes on as somebody who looked there says."""
    call = call_for(request, "moderate")
    verbs.resolve(call.conn, call.asker, deed_id, given.verdict, call.now)
    return _shown(call, deed_id)


@router.post("/deeds/{deed_id}/approve", response=Deed, summary="Approve a deed")
def approve_deed(request: HttpRequest, deed_id: PathId, given: ApproveDeed) -> DeedView:
    """One approval, by somebody else than who wanted it, with a token that speaks for a person."""
    call = call_for(request, "approve")
    deed_approval.approve(call.conn, call.asker, deed_id, bytes.fromhex(given.digest), call.now)
    return _shown(call, deed_id)


@router.post("/deeds/{deed_id}/refuse", response=Deed, summary="Refuse a deed")
def refuse_deed(request: HttpRequest, deed_id: PathId, given: RefuseDeed) -> DeedView:
    """It is not done, for this reason."""
    call = call_for(request, "approve")
    deed_approval.refuse(call.conn, call.asker, deed_id, given.reason, call.now)
    return _shown(call, deed_id)


def _shown(call: Call, deed_id: int) -> DeedView:
    found, _ = desk_deeds.deeds(call.conn, call.asker.brand_id, deed_id + 1, 1)
    if not found or found[0].id != deed_id:
        raise NotFound("There is no such act.")
    return found[0]
