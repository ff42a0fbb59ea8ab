"""What stands beside a conversation and comes from the brand's own systems. It is asked for after the page is there."""

from collections.abc import Sequence
from typing import Literal

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET
from msgspec import Struct

from townhall.beside import store
from townhall.beside.ask import Answer, ask
from townhall.beside.logic.panel import Identity, Panel, Unreadable, read
from townhall.beside.remembered import Remembered
from townhall.desk import beside as desk
from townhall.flow import own_systems
from townhall.kernel.clock import MINUTE, Instant
from townhall.kernel.errors import NotFound
from townhall.web.hands import keys, worker_hand
from townhall.web.pages.account import inside
from townhall.web.pages.brand import Guest, done_first, guest


class Shown(Struct, frozen=True):
    """What the panel says: what is known, that nobody is known, or that it could not be learnt. ``why`` is for those who
    set the system up, ``at`` when it was asked."""

    state: Literal["known", "unknown", "failed", "busy"]
    at: Instant
    panel: Panel | None = None
    why: str = ""


_remembered: Remembered[Shown] = Remembered(MINUTE, 1_000)


@require_GET
def panel(request: HttpRequest, case_id: int) -> HttpResponse:
    """What the brand's own system knows of the case's customer; for htmx the part alone."""
    here = guest(request, "read_case")
    system = store.one(here.conn, here.asker.brand_id, "panel")
    if system is None:
        raise NotFound("No system of your own is set up.")
    who = desk.accounts_of(here.conn, here.asker.brand_id, case_id)
    key = (here.asker.brand_id, system.set_at, case_id, who)
    found = None if request.GET.get("again") else _remembered.get(key, here.now)
    if found is None:
        answer = asked(request, here, case_id, who)
        found = shown_of(answer, here.now)
        if found.state in ("known", "unknown"):
            _remembered.keep(key, found, here.now)
        if found.state != "busy":
            store.note(here.conn, here.asker.brand_id, "panel", here.now, answer.why_kept or found.why)
    alone = bool(request.headers.get("HX-Request"))
    words = {"system": system, "shown": found, "case_id": case_id}
    drawn = render(request, "parts/own_system.html" if alone else "own_system.html", words)
    drawn.headers["Vary"] = "HX-Request"
    return drawn


def asked(request: HttpRequest, here: Guest, case: int, who: Sequence[Identity]) -> Answer:
    """What became of the question about these accounts, asked outside of any transaction."""
    brand, now = (here.brand.id, here.brand.slug), here.now

    def work() -> Answer:
        with worker_hand() as conn:
            question = own_systems.panel_question(conn, keys(), brand, case, tuple(who), now)
        return ask(question, inside()) if question else Answer("unreachable", why="it is not set up any more")

    return done_first(request, work)


def shown_of(answer: Answer, now: Instant) -> Shown:
    """An answer as the panel shows it."""
    if answer.state != "answered":
        return Shown("busy" if answer.state == "busy" else "failed", now, why=answer.why)
    found = read(answer.body)
    if isinstance(found, Unreadable):
        return Shown("failed", now, why=f"its answer cannot be read: {found.why}")
    return Shown("known" if found.known else "unknown", now, found)
