"""What one was told, by which ways one is told outside, and who is told next."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from townhall.desk import duty, telling
from townhall.flow import duty as duty_acts
from townhall.flow import notify_ways
from townhall.kernel.digits import whole
from townhall.kernel.errors import Refused
from townhall.web.hands import keys
from townhall.web.pages.account import inside
from townhall.web.pages.brand import guest


class WayForm(forms.Form):
    """A way to reach the reader outside the pages."""

    way = forms.ChoiceField(choices=[("email", "E-mail"), ("webhook", "Signed webhook")], label="By")
    address = forms.CharField(
        max_length=300, label="Address", help_text="An e-mail address, or the webhook's https:// address."
    )
    urgent_only = forms.BooleanField(
        required=False, label="Urgent only", help_text="Alarms and approvals, not hand-overs."
    )


def page(request: HttpRequest) -> HttpResponse:
    """The reader's own notifications, and how they are told; a way is added here."""
    here = guest(request, "read_live")
    form = WayForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        made = notify_ways.add_way(
            here.conn, keys().kek, here.asker, given["way"], given["address"].strip(), here.now,
            urgent_only=given["urgent_only"], inside=inside(),
        )  # fmt: skip
        shown = f" The secret that signs, shown only now: {made.secret}" if made.secret else ""
        messages.info(request, f"You are told at {given['address'].strip()} from now on.{shown}")
        return redirect("notices")
    words = {
        "notices": duty.notices(here.conn, here.asker.brand_id, here.asker.staff_id),
        "ways": telling.ways(here.conn, here.asker.brand_id, here.asker.staff_id),
        "form": form,
    }
    return render(request, "notices.html", words, status=422 if form.errors else 200)


@require_GET
def news(request: HttpRequest) -> JsonResponse:
    """What the reader was not told yet on this page: open notices after ``after``, urgent ones first, ten at most."""
    here = guest(request, "read_live")
    after = whole(request.GET.get("after", "0"))
    if after is None:
        raise Refused("That is no place to go on from.")
    found = duty.notices(here.conn, here.asker.brand_id, here.asker.staff_id, limit=200)
    waiting = [one for one in found if not one.acknowledged_at]
    fresh = [
        {"id": one.id, "title": one.title, "url": one.url, "count": one.count, "urgent": one.urgent}
        for one in waiting
        if one.last_at // 1000 > after
    ]
    return JsonResponse({"waiting": len(waiting), "fresh": fresh[:10], "as_of": here.now // 1000})


@require_POST
def acknowledge(request: HttpRequest, notice_id: int) -> HttpResponse:
    """Marks one as seen by this person."""
    here = guest(request, "read_live")
    notify_ways.acknowledge(here.conn, here.asker, notice_id, here.now)
    return redirect("notices")


@require_POST
def stop_way(request: HttpRequest, way_id: int) -> HttpResponse:
    """Stops telling the reader by that way."""
    here = guest(request, "read_live")
    notify_ways.stop_way(here.conn, here.asker, way_id, here.now)
    messages.info(request, "You are told there no more.")
    return redirect("notices")


def order(request: HttpRequest) -> HttpResponse:
    """Who is on call: read by everybody, set by leads and administrators."""
    here = guest(request, "read_live")
    if request.method == "POST":
        seen = _numbers(request.POST.get("seen", ""))
        wanted = moved(seen, request.POST.get("do", ""))
        duty_acts.set_order(here.conn, here.asker, seen, wanted, here.now)
        messages.info(request, "Kept. It holds from the next notification on.")
        return redirect("duty")
    known = telling.watchers(here.conn, here.asker.brand_id)
    words = {
        "on": [one for one in known if one.rank],
        "off": sorted((one for one in known if not one.rank), key=lambda one: "lead" not in one.roles),
        "seen": ",".join(str(one.staff_id) for one in known if one.rank),
        "may_set": here.asker.may("order_duty"),
    }
    return render(request, "duty.html", words)


def moved(order: list[int], act: str) -> list[int]:
    """The order after one act: ``on 7``, ``off 7``, ``up 7``. Raises ``Refused`` on anything else."""
    word, _, number = act.partition(" ")
    staff = whole(number)
    if staff is None or word not in ("on", "off", "up") or (word != "on") != (staff in order):
        raise Refused("Choose whom to put on call, take off call or move up. Nothing was changed.")
    rest = [one for one in order if one != staff]
    if word == "off":
        return rest
    place = len(rest) if word == "on" else max(order.index(staff) - 1, 0)
    return [*rest[:place], staff, *rest[place:]]


def _numbers(text: str) -> list[int]:
    numbers = [whole(word) for word in text.split(",") if word]
    found = [number for number in numbers if number is not None]
    if len(found) < len(numbers):
        raise Refused("The page does not say which order it showed. Open it again.")
    return found
