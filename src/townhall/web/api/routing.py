"""Who is here, what queues go by, why a case is with whom, and a lead's own decision."""

from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Path, Router
from pydantic import Field, StringConstraints

from townhall.desk import routing as desk
from townhall.flow import routing as acts
from townhall.flow import staffing
from townhall.flow.case_change import Done
from townhall.kernel.clock import MINUTE
from townhall.kernel.errors import Forbidden, NotFound
from townhall.routing import settings
from townhall.routing.logic import Queue
from townhall.routing.logic.levels import read_needs, write_needs
from townhall.web.api.cases import DoneShape, Version
from townhall.web.api.door import call_for
from townhall.web.api.values import Given, GivenId, Id, MaybeId, MaybeTime, PathId, Shape, Time, Word

router = Router(tags=["Routing"])
Minutes = Annotated[int, Field(ge=0, le=10_080, description="Minutes; 0 switches it off.")]
Reason = Annotated[
    str, StringConstraints(min_length=1, max_length=300, pattern=r"^[^\x00]*[^\s\x00][^\x00]*$")
]
Slug = Annotated[str, Path(max_length=200, pattern=r"^[^\x00/]+$", description="The queue's short name.")]


class AgentShape(Shape):
    """Somebody who answers. ``load`` and ``capacity`` are units of room; ``skills`` and ``languages`` have levels 1 to 5."""

    staff_id: Id
    name: str
    where: Literal["here", "off_shift", "not_heard", "away", "never"]
    since: MaybeTime
    load: int
    capacity: int
    queues: list[str]
    skills: str
    languages: str


class WaitingShape(Shape):
    """A queue: what waits, since when the oldest, the next deadline that can be kept, who is on duty with what room."""

    slug: str
    title: str
    hands_out: bool
    waiting: int
    oldest: MaybeTime
    next_due: MaybeTime
    missed: int
    here: int
    room: int


class RoutingShape(Shape):
    """People and queues now."""

    as_of: Time
    people: list[AgentShape]
    queues: list[WaitingShape]


class QueueSettings(Shape):
    """What a queue goes by. Times are minutes, 0 is off; ``needs`` is written like ``billing 2, complaint: retention 3``."""

    slug: str
    title: str
    hands_out: bool
    needs: str
    language: Literal["must", "wish", "any"]
    overflow_to: list[str]
    overflow_after: int
    relax_after: int
    silence_after: int
    stick_for: int
    usual_work: int


class SetQueue(Given):
    """All that a queue goes by; what is left out is off."""

    title: Annotated[
        str, StringConstraints(min_length=1, max_length=80, pattern=r"^[^\x00]*[^\s\x00][^\x00]*$")
    ]
    hands_out: bool = False
    needs: Word = ""
    language: Literal["must", "wish", "any"] = "wish"
    overflow_to: Annotated[list[Word], Field(max_length=50)] = []
    overflow_after: Minutes = 0
    relax_after: Minutes = 0
    silence_after: Minutes = 0
    stick_for: Minutes = 0
    usual_work: Minutes = 0


class ConsideredShape(Shape):
    """One person considered, in words."""

    staff_id: Id
    name: str
    chosen: bool
    words: str


class PastShape(Shape):
    """What became of the case: given by routing, decided by a lead (``override``), or gone back to its queue."""

    kind: Literal["given", "override", "returned"]
    staff_id: MaybeId
    name: str
    reason: str
    by: str
    at: Time


class CaseRoutingShape(Shape):
    """Why a case is with whom; ``planned`` when nobody holds it and this is what routing would do now."""

    case_id: Id
    queue: str
    holder_id: MaybeId
    words: str
    planned: bool
    considered: list[ConsideredShape]
    others: int
    past: list[PastShape]


class Presence(Given):
    """Here, or not."""

    here: bool


class PresenceShape(Shape):
    """Whether the person is here now."""

    here: bool


class Override(Given):
    """A decision of a lead: to somebody, or with null back to the queue."""

    staff_id: GivenId | None
    reason: Reason
    version: Version = None


@router.get("/routing", response=RoutingShape, summary="Who is here and what waits")
def routing(request: HttpRequest) -> dict[str, Any]:
    """People with their load against their room, queues with what waits."""
    call = call_for(request, "read_routing")
    found = desk.view(call.conn, call.asker.brand_id, call.now)
    queues = [
        {"slug": q.queue.slug, "title": q.queue.title, "hands_out": q.queue.hands_out}
        | {name: getattr(q, name) for name in ("waiting", "oldest", "next_due", "missed", "here", "room")}
        for q in found.queues
    ]
    return {"as_of": found.as_of, "people": found.people, "queues": queues}


@router.put("/routing/presence", response=PresenceShape, summary="Be here, or leave")
def presence(request: HttpRequest, given: Presence) -> dict[str, bool]:
    """The person the token speaks for is here and may be given cases, or leaves and gives back what they owe."""
    call = call_for(request, "reply")
    if not call.asker.staff_id:
        raise Forbidden("A program is nowhere. Use a token that speaks for a person.")
    if given.here:
        staffing.be_here(call.conn, call.asker, call.now)
    else:
        staffing.be_away(call.conn, call.asker, call.now)
    return {"here": given.here}


@router.get("/routing/queues/{slug}", response=QueueSettings, summary="Read a queue's settings")
def queue(request: HttpRequest, slug: Slug) -> dict[str, Any]:
    """What the queue goes by."""
    call = call_for(request, "read_routing")
    found = next((q for q in settings.queues(call.conn, call.asker.brand_id) if q.slug == slug), None)
    if found is None:
        raise NotFound("This brand has no queue of that name.")
    return _shown(found)


@router.put("/routing/queues/{slug}", response=QueueSettings, summary="Set a queue")
def set_queue(request: HttpRequest, slug: Slug, given: SetQueue) -> dict[str, Any]:
    """Sets what the queue goes by, from now on."""
    call = call_for(request, "manage_routing")
    found = Queue(
        slug, given.title.strip(), given.hands_out, read_needs(given.needs), given.language, given.overflow_after * MINUTE,
        tuple(given.overflow_to), given.relax_after * MINUTE, given.silence_after * MINUTE, given.stick_for * MINUTE,
        given.usual_work * MINUTE,
    )  # fmt: skip
    staffing.set_queue(call.conn, call.asker, found, call.now)
    return _shown(found)


def _shown(found: Queue) -> dict[str, Any]:
    minutes = ("overflow_after", "relax_after", "silence_after", "stick_for", "usual_work")
    return {
        "slug": found.slug, "title": found.title, "hands_out": found.hands_out, "needs": write_needs(found.needs),
        "language": found.language, "overflow_to": list(found.overflow_to),
        **{name: getattr(found, name) // MINUTE for name in minutes},
    }  # fmt: skip


@router.get("/cases/{case_id}/routing", response=CaseRoutingShape, summary="Why a case is with whom")
def explain(request: HttpRequest, case_id: PathId) -> desk.CaseRouting:
    """Who was considered and why each was not chosen, and what became of the case before."""
    call = call_for(request, "read_routing")
    return desk.explained(call.conn, call.asker.brand_id, case_id, call.now)


@router.post("/cases/{case_id}/override", response=DoneShape, summary="Decide who holds a case")
def override(request: HttpRequest, case_id: PathId, given: Override) -> Done:
    """A lead decides, whatever routing would; the reason is kept for ever."""
    call = call_for(request, "override_routing")
    staff = int(given.staff_id or 0)
    return acts.override(call.conn, call.asker, case_id, staff, given.reason, call.now, version=given.version)
