"""The clock ledger of a case: each promise in one line, and everything that happened to it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET
from msgspec import Struct

from townhall.desk.ledger import ledger
from townhall.desk.views.ledger import LedgerEntry, Pause
from townhall.flow.clock_story import story
from townhall.flow.recompute import book
from townhall.web.pages.brand import guest
from townhall.web.pages.words import brief, plainly, span


class Line(Struct, frozen=True):
    """A promise in one line, and its details."""

    words: str
    entry: LedgerEntry


@require_GET
def page(request: HttpRequest, case_id: int) -> HttpResponse:
    """The ledger, oldest promise first."""
    here = guest(request, "read_case")
    turns = story(here.conn, book(here.conn), case_id, here.now)
    found = ledger(here.conn, here.asker.brand_id, case_id, here.now, turns)
    zone = request.user.zone or here.brand.zone  # type: ignore[union-attr]
    lines = [Line(line(entry, zone, here.now), entry) for entry in found.entries]
    return render(request, "clock_ledger.html", {"ledger": found, "lines": lines})


def line(entry: LedgerEntry, zone: str, now: int) -> str:
    """``First response by 14:41; waited 12 min for approval; met at 14:05``."""
    promise = entry.promise
    parts = [f"{plainly(promise.metric)} by {brief(promise.due_at, zone, now)}"]
    parts += [_pause(one) for one in entry.pauses]
    if promise.satisfied_at:
        kept = "met" if promise.satisfied_at <= promise.due_at else "answered late,"
        parts.append(f"{kept} at {brief(promise.satisfied_at, zone, now)}")
    elif promise.cancelled_at:
        why = f": {plainly(promise.cause).lower()}" if promise.cause else ""
        parts.append(f"ended {brief(promise.cancelled_at, zone, now)}{why}")
    elif promise.due_at < now and not any(one.runs for one in entry.pauses):
        parts.append(f"missed {span(now - promise.due_at)} ago")
    return "; ".join(parts)


def _pause(one: Pause) -> str:
    verb = "waits" if one.runs else "waited"
    return f"{verb} {span(one.length)} for {plainly(one.cause).lower() or 'no stated cause'}"
