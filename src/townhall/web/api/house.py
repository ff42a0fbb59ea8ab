"""Who asks, and how the house is."""

from typing import Any

from django.http import HttpRequest
from ninja import Router
from pydantic import Field

from townhall.desk.brand_status import BrandStatus, brand_status
from townhall.people.logic import ACTS
from townhall.web.api.door import Call, call_for
from townhall.web.api.values import Id, Shape

router = Router(tags=["House"])


class TokenShape(Shape):
    """The token in use."""

    id: Id
    name: str


class BrandShape(Shape):
    """The token's brand. In ``observe`` nothing can be sent."""

    id: int
    slug: str
    name: str
    zone: str
    state: str


class StaffShape(Shape):
    """The person a token speaks for."""

    id: Id
    name: str


class WhoAmI(Shape):
    """Whom the token speaks for, and what it may do."""

    token: TokenShape
    brand: BrandShape
    staff: StaffShape | None
    roles: list[str]
    acts: list[str]


class CheckpointShape(Shape):
    """The last signed checkpoint of the record; ``at`` is empty before the first."""

    size: int
    at: str


class QueueShape(Shape):
    """How many wait, and for how long the oldest has (null: not told)."""

    waiting: int
    oldest_seconds: float | None


class ChannelShape(Shape):
    """One account and how its reading goes."""

    brand: str
    channel: str
    handle: str
    state: str
    lag_seconds: float
    message: str
    open_gaps: int


class StatusShape(Shape):
    """What is kept of the brand, what waits, how its channels are. ``facts`` and ``checkpoint`` are of the whole house."""

    interactions: int
    threads: int
    cases: int
    facts: int
    checkpoint: CheckpointShape
    queues: dict[str, QueueShape] = Field(
        description="By name: pipeline, search, journal, outbound, doubtful, approval."
    )
    channels: list[ChannelShape]


@router.get("/whoami", response=WhoAmI, summary="Who am I")
def whoami(request: HttpRequest) -> dict[str, Any]:
    """The token, its brand, and each act that its roles allow."""
    call: Call = request.call  # type: ignore[attr-defined]
    asker, program = call.asker, call.program
    return {
        "token": {"id": program.token_id, "name": program.name},
        "brand": call.brand,
        "staff": {"id": asker.staff_id, "name": asker.name} if asker.staff_id else None,
        "roles": sorted(asker.roles),
        "acts": [act for act in ACTS if asker.may(act)],
    }


@router.get("/status", response=StatusShape, summary="Status")
def status(request: HttpRequest) -> BrandStatus:
    """The same figures as ``townhall status --json``, of this brand."""
    call = call_for(request, "read_live")
    return brand_status(call.conn, call.asker.brand_id)
