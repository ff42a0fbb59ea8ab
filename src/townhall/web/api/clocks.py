"""Clocks: why promises were missed, and acts that move a case's clock beside closing and putting aside."""

from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Query, Router
from pydantic import Field, StringConstraints

from townhall.flow import cases as verbs
from townhall.flow.case_change import Done
from townhall.flow.why_missed import why_missed
from townhall.kernel.clock import DAY, MINUTE
from townhall.policy.logic import PRIORITIES
from townhall.routing.logic.attribution import WORDS
from townhall.web.api.cases import DoneShape, Plainly
from townhall.web.api.door import call_for
from townhall.web.api.values import PathId, Shape

router = Router(tags=["Clocks"])
Reason = Annotated[str, StringConstraints(max_length=verbs.LONGEST_REASON)]


class Wait(Plainly):
    """``over``: it waits no longer. ``reason`` says for whom and what."""

    over: bool = False
    reason: Reason = ""


class Prioritise(Plainly):
    """How urgent the case is from now on."""

    priority: Literal["urgent", "high", "normal", "low"]
    reason: Reason = ""


class CauseShape(Shape):
    """One cause. Minutes are working minutes; each percentage adds up to 100 over all causes."""

    cause: str
    meaning: str
    minutes: int
    minutes_percent: float
    promises: int
    promises_percent: float


class MissedShape(Shape):
    """The promises that fell due in the last days and were missed, by what their cases waited for."""

    days: int
    missed: int = Field(description="At most 5,000, those that fell due last.")
    causes: list[CauseShape]


@router.get("/missed", response=MissedShape, summary="Why promises were missed")
def missed(request: HttpRequest, days: Annotated[int, Query(ge=1, le=366)] = 7) -> dict[str, Any]:
    """Split by cause, in working minutes and in promises."""
    call = call_for(request, "read_live")
    found = why_missed(call.conn, call.asker, call.now - days * DAY, call.now, call.now)
    causes = [
        {
            "cause": cause, "meaning": WORDS[cause], "minutes": spent // MINUTE,
            "minutes_percent": found.time_share[cause] / 10, "promises": found.promises[cause],
            "promises_percent": found.promise_share[cause] / 10,
        }
        for cause, spent in found.time.items()
    ]  # fmt: skip
    return {"days": days, "missed": sum(found.promises.values()), "causes": causes}


@router.post("/cases/{case_id}/wait", response=DoneShape, summary="Wait for somebody outside")
def wait(request: HttpRequest, case_id: PathId, given: Wait) -> Done:
    """Where the policy lets that count, the case's clock stands still meanwhile."""
    call = call_for(request, "assign")
    return verbs.wait(
        call.conn, call.asker, case_id, call.now, version=given.version, over=given.over, why=given.reason
    )


@router.post("/cases/{case_id}/priority", response=DoneShape, summary="Set a case's priority")
def prioritise(request: HttpRequest, case_id: PathId, given: Prioritise) -> Done:
    """A shorter target holds from now; nothing is rewritten."""
    call = call_for(request, "assign")
    number = PRIORITIES.index(given.priority)
    return verbs.prioritise(
        call.conn, call.asker, case_id, number, call.now, version=given.version, why=given.reason
    )
