"""What others said in a thread on its network: asked for when somebody opens it, shown and not kept."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET
from msgspec import Struct

from townhall.beside.ask import Answer, ask
from townhall.beside.remembered import Remembered
from townhall.channels.port import AccountRef
from townhall.desk import around as desk
from townhall.desk.around import Place
from townhall.flow import surroundings
from townhall.flow.surroundings import Heard
from townhall.kernel.clock import MINUTE, Instant
from townhall.kernel.errors import NotFound
from townhall.web.hands import keys, worker_hand
from townhall.web.pages.account import inside
from townhall.web.pages.brand import done_first, guest


class Shown(Struct, frozen=True):
    """``posts`` are none where the network did not answer as it should; ``at`` is when it was asked."""

    at: Instant
    posts: tuple[Heard, ...] | None


_remembered: Remembered[Shown] = Remembered(MINUTE, 200)
SHOWN = 40
"""Posts shown at most, the newest."""


@require_GET
def around(request: HttpRequest, case_id: int) -> HttpResponse:
    """The posts of the case's thread that are not here; for htmx the part alone."""
    here = guest(request, "read_case")
    place = desk.place(here.conn, here.asker.brand_id, case_id)
    found = None if request.GET.get("again") else _remembered.get(place, here.now)
    if found is None:
        answer, account = _asked(request, place)
        said = surroundings.heard(answer.body, account) if answer.state == "answered" else None
        found = Shown(here.now, said)
        if said is not None:
            _remembered.keep(place, found, here.now)
    known = desk.here(here.conn, place, [one.native_id for one in found.posts or ()])
    others = [one for one in found.posts or () if one.native_id not in known][-SHOWN:]
    alone = bool(request.headers.get("HX-Request"))
    drawn = render(
        request,
        "parts/around.html" if alone else "around.html",
        {"shown": found, "others": others, "case_id": case_id},
    )
    drawn.headers["Vary"] = "HX-Request"
    return drawn


def _asked(request: HttpRequest, place: Place) -> tuple[Answer, AccountRef]:
    def work() -> tuple[Answer, AccountRef] | None:
        with worker_hand() as conn:
            asked = surroundings.question(conn, keys(), place)
        return (ask(asked[0], inside()), asked[1]) if asked else None

    done = done_first(request, work)
    if done is None:
        raise NotFound("This network does not tell the rest of a thread.")
    return done
