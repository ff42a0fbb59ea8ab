"""The routing view: who is here, what waits, why a case went to whom, and a lead's own decision."""

from collections.abc import Iterable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from townhall.desk import routing as desk
from townhall.desk.clocks import Running, clock_view
from townhall.desk.views import ClockView
from townhall.flow import routing as acts
from townhall.flow.case_change import CaseMoved
from townhall.kernel.clock import Instant
from townhall.kernel.digits import whole
from townhall.kernel.errors import Refused
from townhall.web.pages.brand import guest


def clock_of(due: Instant, since: Instant, now: Instant) -> ClockView:
    """A deadline as the clock that every page draws; its ring empties from ``since`` on."""
    return clock_view(Running(due=due, target=max(0, due - since)), now, {})


def by_danger(queues: Iterable[desk.QueueLine]) -> list[desk.QueueLine]:
    """Queues in the order in which they need somebody: with what is missed first, then by the next deadline."""
    return sorted(queues, key=lambda one: (not one.missed, not one.next_due, one.next_due, one.queue.slug))


def page(request: HttpRequest) -> HttpResponse:
    """People with their load, queues with what waits, the next cases with what would become of them, and the last ones."""
    here = guest(request, "read_routing")
    found = desk.view(here.conn, here.asker.brand_id, here.now)
    mine = next((one for one in found.people if one.staff_id == here.asker.staff_id), None)
    words = {
        "view": found,
        "mine": mine,
        "am_here": mine is not None and mine.where in ("here", "off_shift", "not_heard"),
        "may_answer": here.asker.may("reply"),
        "may_set": here.asker.may("manage_routing"),
        "quiet": [line.queue for line in found.queues if not line.waiting],
        "queues": [
            (q, clock_of(q.next_due, q.oldest, here.now)) for q in by_danger(found.queues) if q.waiting
        ],
        "lines": [(line, clock_of(line.due, line.since, here.now)) for line in found.lines],
    }
    return render(request, "routing.html", words)


def case(request: HttpRequest, case_id: int) -> HttpResponse:
    """Everybody considered for one case and why; a lead may decide otherwise here, with a reason."""
    here = guest(request, "read_routing")
    refused = ""
    if request.method == "POST":
        try:
            return redirect("routing_case", override(request, case_id))
        except (Refused, CaseMoved) as no:
            refused = str(no)
    found = desk.explained(here.conn, here.asker.brand_id, case_id, here.now)
    words = {
        "found": found,
        "clock_view": clock_of(found.due, found.since, here.now),
        "refused": refused,
        "typed": request.POST.get("reason", ""),
        "may_override": here.asker.may("override_routing") and found.state in ("open", "waiting", "snoozed"),
        "people": desk.people_of(here.conn, here.asker.brand_id, here.now),
    }
    return render(request, "routing_case.html", words, status=422 if refused else 200)


def override(request: HttpRequest, case_id: int) -> int:
    """Writes a lead's decision. Gives the case."""
    here = guest(request, "override_routing")
    chosen, seen = whole(request.POST.get("staff", "")), whole(request.POST.get("version", ""))
    if chosen is None or seen is None:
        raise Refused("Choose who holds the case. Nothing was changed.")
    reason = request.POST.get("reason", "")
    acts.override(here.conn, here.asker, case_id, chosen, reason, here.now, version=seen)
    messages.info(request, "Decided, with your reason. It can be undone in the case's history.")
    return case_id
