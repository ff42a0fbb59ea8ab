"""The one-time link that makes the first administrator."""

from typing import Any

from allauth.account.models import EmailAddress
from django import forms
from django.contrib.auth import login
from django.contrib.auth.password_validation import validate_password
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from townhall.people import store
from townhall.people.models import Staff
from townhall.web.pages import errors

_GONE = "This link was used, has run out or was replaced by a newer one. Run townhall up on the host: it prints a new one."


class FirstForm(forms.Form):
    """Name, address, password."""

    name = forms.CharField(
        max_length=120, label="Your name", widget=forms.TextInput({"autocomplete": "name"})
    )
    email = forms.EmailField(label="E-mail", widget=forms.EmailInput({"autocomplete": "username"}))
    password = forms.CharField(
        label="Password",
        help_text="At least 12 characters. Add a passkey after this and you will not need it again.",
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )

    def clean_password(self) -> str:
        """Refuses short, common and guessable ones."""
        validate_password(self.cleaned_data["password"])
        return str(self.cleaned_data["password"])

    def clean_email(self) -> str:
        """Refuses an address that is taken."""
        address = str(self.cleaned_data["email"]).lower()
        if Staff.objects.filter(email=address).exists():
            raise forms.ValidationError("Somebody has that address already.")
        return address


def first_administrator(request: HttpRequest, secret: str) -> HttpResponse:
    """Shows the form; a good one spends the link, makes the account and signs it in."""
    visit = request.visit  # type: ignore[attr-defined]
    if not store.first_link_holds(visit.conn, secret):
        return errors.show(request, 404, _GONE)
    form = FirstForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return render(request, "first.html", {"form": form}, status=422 if form.errors else 200)
    return _make(request, form.cleaned_data, secret)


def _make(request: HttpRequest, given: dict[str, Any], secret: str) -> HttpResponse:
    visit = request.visit  # type: ignore[attr-defined]
    if not store.use_first_link(visit.conn, secret):
        return errors.show(request, 404, _GONE)
    staff = Staff.objects.create_user(given["email"], given["name"], given["password"], operator=True)
    EmailAddress.objects.create(user=staff, email=staff.email, primary=True, verified=True)
    seats_wanted(staff.pk)
    login(request, staff, backend="allauth.account.auth_backends.AuthenticationBackend")
    return redirect("start")


def seats_wanted(staff_id: int) -> None:
    """Seats at every brand, on the connection that knows the new account before it is committed."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT seat_operator_everywhere(%s)", [staff_id])
