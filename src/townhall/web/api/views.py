"""The live page as data, and frozen to be sent on."""

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Path, Router
from pydantic import Field, StringConstraints

from townhall.analytics import frozen as store
from townhall.analytics.frozen import Frozen
from townhall.analytics.periods import PeriodName, period_named
from townhall.desk import live as desk_live
from townhall.desk.views import LiveView
from townhall.flow import frozen
from townhall.web.api.breakdowns import PeriodQuery, TableShape, shown
from townhall.web.api.door import call_for
from townhall.web.api.metrics import FigureShape, words_of_figure
from townhall.web.api.values import Given, GivenId, Id, MaybeId, MaybeTime, Shape, Time

router = Router(tags=["Live page"])
ViewId = Annotated[str, Path(pattern="^[A-Za-z0-9_-]{1,64}$", description="Its unguessable id.")]


class ItemShape(Shape):
    """One thing that needs somebody. ``owner`` is empty while nobody has it."""

    id: Id
    kind: str
    text: str
    owner: str
    raised_at: Time
    acknowledged_by: str
    acknowledged_at: MaybeTime


class LiveShape(Shape):
    """The live page: verdict, at most three items, at most seven figures, the tables below them. ``judged``: false before
    the first post, when ``all_right`` says nothing. ``young``: there is no "usual" before 14 days of data."""

    as_of: Time
    period: str
    all_right: bool
    judged: bool
    young: bool
    items: list[ItemShape]
    figures: list[FigureShape]
    tables: list[TableShape]


class SendView(Given):
    """``to``: ids of colleagues who are told; none only keeps the view."""

    period: PeriodName = ""
    note: Annotated[str, StringConstraints(max_length=frozen.LONGEST_NOTE, pattern=r"^[^\x00]*$")] = ""
    to: Annotated[list[GivenId], Field(max_length=frozen.MOST_TOLD)] = []


class ViewShape(Shape):
    """A frozen view. ``digest`` is the SHA-256 of what was kept; the record holds it too."""

    id: str
    url: str
    maker_id: MaybeId
    maker: str
    made_at: Time
    expires_at: Time
    period: str
    note: str
    digest: str


class WholeViewShape(ViewShape):
    """A frozen view with the page as it stood, and why promises were missed."""

    live: LiveShape
    causes: TableShape


@router.get("/live", response=LiveShape, summary="Read the live page")
def live_page(request: HttpRequest, period: PeriodQuery = "") -> dict[str, Any]:
    """Everything on it at one moment."""
    call = call_for(request, "read_live")
    return _live(desk_live.live(call.conn, call.asker.brand_id, call.now, period_named(period)))


@router.post("/views", response={201: ViewShape}, summary="Freeze the live page and send it")
def send_view(request: HttpRequest, given: SendView) -> tuple[int, dict[str, Any]]:
    """The page as it stands is kept for 30 days, without customers' words."""
    call = call_for(request, "read_live")
    to = [int(one) for one in given.to]
    made = frozen.send(call.conn, call.asker, period_named(given.period), given.note, to, call.now)
    return 201, _view(made)


@router.get("/views", response=list[ViewShape], summary="List frozen views")
def views(request: HttpRequest) -> list[dict[str, Any]]:
    """Those of the brand that have not expired, at most 200, the newest first."""
    call = call_for(request, "read_live")
    found = store.standing(call.conn, call.asker.brand_id, call.now, frozen.MOST_STANDING)
    return [_view(one) for one in found]


@router.get("/views/{view_id}", response=WholeViewShape, summary="Read a frozen view")
def view(request: HttpRequest, view_id: ViewId) -> dict[str, Any]:
    """As it stood."""
    call = call_for(request, "read_live")
    found = frozen.read(call.conn, call.asker, view_id, call.now)
    body = frozen.opened(found)
    return {**_view(found), "live": _live(body.view), "causes": shown(body.causes)}


@router.delete("/views/{view_id}", response={204: None}, summary="Delete a frozen view")
def delete_view(request: HttpRequest, view_id: ViewId) -> tuple[int, None]:
    """Only who froze it can."""
    call = call_for(request, "read_live")
    frozen.delete(call.conn, call.asker, view_id, call.now)
    return 204, None


def _view(one: Frozen) -> dict[str, Any]:
    return {
        "id": one.id, "url": f"/figures/sent/{one.id}/", "maker_id": one.maker, "maker": one.maker_name,
        "made_at": one.made_at, "expires_at": one.expires_at, "period": one.period, "note": one.note,
        "digest": one.digest,
    }  # fmt: skip


def _live(view: LiveView) -> dict[str, Any]:
    return {
        "as_of": view.as_of, "period": view.period, "all_right": view.verdict.all_right,
        "judged": view.verdict.judged, "young": view.young,
        "items": view.items, "figures": [words_of_figure(one, view.as_of) for one in view.figures],
        "tables": [shown(one) for one in view.tables],
    }  # fmt: skip
