"""People and roles: what can this person do and why; and tokens for programs."""

import secrets
from typing import Any

from allauth.account.models import EmailAddress
from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from townhall.flow import people as people_acts
from townhall.kernel.clock import DAY
from townhall.kernel.errors import NotFound, Refused
from townhall.people import store
from townhall.people.logic import ROLES, acts_of
from townhall.people.models import Membership, Staff
from townhall.web.pages.brand import Guest, guest


class InviteForm(forms.Form):
    """Somebody new, with the roles they start with."""

    name = forms.CharField(max_length=120, label="Name")
    email = forms.EmailField(label="E-mail")
    roles = forms.MultipleChoiceField(
        choices=[(role, role.capitalize()) for role in ROLES],
        widget=forms.CheckboxSelectMultiple,
        label="Roles",
    )


def page(request: HttpRequest) -> HttpResponse:
    """Everybody with a seat; an invitation makes the account and shows its first password once."""
    here = guest(request, "manage_people")
    form = InviteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        messages.info(request, invite(here, form.cleaned_data))
        return redirect("people")
    words = {
        "seats": store.seats(here.conn, here.asker.brand_id),
        "form": form,
        "tokens": store.tokens(here.conn, here.asker.brand_id),
        "roles": ROLES,
    }
    return render(request, "people.html", words, status=422 if form.errors else 200)


def invite(here: Guest, given: dict[str, Any]) -> str:
    """A seat for the address. A new account gets a password; the sentence that is given back shows it, once."""
    people, address = Staff.objects, given["email"].lower()
    staff, said = people.filter(email=address).first(), f"{address} has a seat now."
    if staff is None:
        password = secrets.token_urlsafe(12)
        staff = people.create_user(address, given["name"], password)
        EmailAddress.objects.create(user=staff, email=address, primary=True, verified=True)
        said = f"{address} can sign in with the password {password}, shown only now."
    seat_on_the_same_connection(here.asker.brand_id, staff.pk, frozenset(given["roles"]))
    people_acts.say_roles(here.conn, here.asker, staff.pk, frozenset(given["roles"]), here.now)
    return said


def seat_on_the_same_connection(brand_id: int, staff_id: int, roles: frozenset[str]) -> None:
    """Writes the seat beside the account, which only that connection sees before it is committed."""
    Membership.objects.update_or_create(
        staff_id=staff_id, brand_id=brand_id, defaults={"roles": sorted(roles)}
    )


def one(request: HttpRequest, staff_id: int) -> HttpResponse:
    """What one person can do and by which role; their roles are set here."""
    here = guest(request, "manage_people")
    seat = next((s for s in store.seats(here.conn, here.asker.brand_id) if s.staff_id == staff_id), None)
    if seat is None:
        raise NotFound("Nobody of that number has a seat at this brand.")
    if request.method == "POST":
        return _set_roles(request, here, seat)
    words = {"seat": seat, "acts": acts_of(frozenset(seat.roles)), "roles": ROLES}
    return render(request, "person.html", words)


def _set_roles(request: HttpRequest, here: Guest, seat: store.Seat) -> HttpResponse:
    wanted = frozenset(request.POST.getlist("roles"))
    if seat.staff_id == here.asker.staff_id and "admin" not in wanted:
        raise Refused("You cannot take your own administrator's role away. Ask another administrator.")
    people_acts.set_roles(here.conn, here.asker, seat.staff_id, wanted, here.now)
    messages.info(request, f"{seat.name} has these roles now: {', '.join(sorted(wanted)) or 'none'}.")
    return redirect("people")


@require_POST
def tokens(request: HttpRequest) -> HttpResponse:
    """Makes or ends a program's token; a new secret is shown once."""
    here = guest(request, "manage_tokens")
    if ended := request.POST.get("end"):
        people_acts.end_token(here.conn, here.asker, int(ended), here.now)
        return redirect("people")
    roles = frozenset(request.POST.getlist("roles"))
    if not roles or not request.POST.get("name", "").strip():
        raise Refused("A token needs a name and at least one role.")
    name = request.POST["name"].strip()
    secret = people_acts.make_token(here.conn, here.asker, name, roles, here.now + 90 * DAY, here.now)
    messages.info(request, f"The token, shown only now: {secret}")
    return redirect("people")
