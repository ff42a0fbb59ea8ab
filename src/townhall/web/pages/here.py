"""Being here: said by a button, heard of with every page, and over with signing out."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.signals import user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from townhall.database.connect import for_brand
from townhall.flow import staffing as acts
from townhall.kernel.digits import whole
from townhall.people import store
from townhall.people.doors import Asker
from townhall.web.pages.brand import Guest, Visit, guest


@require_POST
def say(request: HttpRequest) -> HttpResponse:
    """Somebody says that they are here, or leave; a lead may say that a colleague has left."""
    here = guest(request, "read_routing")
    messages.info(request, said(request, here))
    return redirect("routing")


def said(request: HttpRequest, here: Guest) -> str:
    """Writes it, and says what follows."""
    who = whole(request.POST.get("staff", "")) or 0
    if request.POST.get("where") == "here":
        came = acts.be_here(here.conn, here.asker, here.now)
        return "You are here: cases may be given to you." if came else "You were here already."
    left = acts.be_away(here.conn, here.asker, here.now, who)
    whose = "their" if who not in (0, here.asker.staff_id) else "your"
    return f"Away: {whose} unanswered cases go back to their queues." if left else "That was so already."


@receiver(user_logged_out)
def leave(sender: Any, request: HttpRequest, user: Any, **more: Any) -> None:
    """Signing out ends being here, at every brand."""
    visit: Visit | None = getattr(request, "visit", None)
    if visit is None or user is None:
        return
    for brand in visit.brands:
        for_brand(visit.conn, brand.id)
        roles = store.roles_at(visit.conn, user.pk, brand.id)
        asker = Asker(staff_id=user.pk, name=user.name, brand_id=brand.id, brand_slug=brand.slug, roles=roles)
        acts.be_away(visit.conn, asker, visit.now)
    if visit.brand:
        for_brand(visit.conn, visit.brand.id)
