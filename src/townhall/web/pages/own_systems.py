"""Settings of a brand's own systems: where they are, the secret shared with them, and whether they answer."""

from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from townhall.beside import store
from townhall.beside.logic.panel import Identity, Unreadable, read
from townhall.flow import own_systems as acts
from townhall.kernel.errors import Refused
from townhall.web.hands import keys, worker_hand
from townhall.web.pages.account import inside
from townhall.web.pages.beside import asked, shown_of
from townhall.web.pages.brand import Guest, guest
from townhall.web.pages.own_checks import Check, checks

NOBODY = (Identity("example", "nobody@example.invalid", "0", False),)
"""Whom *Try it* asks about: an account that cannot be."""


class PanelForm(forms.Form):
    """The system behind the panel. Its secret is never shown again, not even after a mistake."""

    name = forms.CharField(
        label="Name", help_text="As staff call it: it stands above the panel.", max_length=acts.LONGEST_NAME
    )
    address = forms.CharField(
        label="Address", help_text="Where the question is sent, such as https://crm.example/townhall.",
        max_length=acts.LONGEST_ADDRESS,
    )  # fmt: skip
    secret = forms.CharField(
        label="Shared secret", required=False, max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text="Paste your own (whsec_…) or leave it empty: the first time one is made and shown once, later the one that is set stays.",
    )  # fmt: skip


def page(request: HttpRequest) -> HttpResponse:
    """Shows and sets them."""
    here = guest(request, "manage_systems")
    if request.method != "POST":
        return shown(request, here)
    wanted = request.POST.get("do", "")
    if wanted == "try":
        return _tried(request, here)
    if wanted == "put":
        return _put(request, here)
    if wanted not in _ACTS:
        raise Refused("Choose what to do with the system. Nothing was changed.")
    messages.info(request, _ACTS[wanted](here))
    return redirect("own_systems")


def shown(
    request: HttpRequest, here: Guest, form: PanelForm | None = None, tried: list[Check] | None = None
) -> HttpResponse:  # fmt: skip
    """The page, with the form as it was filled in and refused, and what a try has shown."""
    system = store.one(here.conn, here.asker.brand_id, "panel")
    first = {"name": system.name, "address": system.address} if system else {"name": "Orders"}
    form = form or PanelForm(initial=first)
    words = {"system": system, "form": form, "checks": tried, "whole_s": acts.PANEL_S}
    return render(request, "own_systems.html", words, status=422 if form.errors else 200)


def _tried(request: HttpRequest, here: Guest) -> HttpResponse:
    answer = asked(request, here, 0, NOBODY)
    store.note(
        here.conn, here.asker.brand_id, "panel", here.now, answer.why_kept or shown_of(answer, here.now).why
    )
    found = read(answer.body) if answer.state == "answered" else None
    why = found.why if isinstance(found, Unreadable) else ""
    tried = checks(
        answer,
        why,
        acts.PANEL_S,
        "It took the signed question.",
        "Its answer is one that the panel can show.",
    )
    return shown(request, here, tried=tried)


def _put(request: HttpRequest, here: Guest) -> HttpResponse:
    form = PanelForm(request.POST)
    if not form.is_valid():
        return shown(request, here, form)
    given = acts.Given(inside=inside(), **form.cleaned_data)
    try:
        with worker_hand() as conn:
            made = acts.put_panel(conn, keys(), here.asker, given, here.now)
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return shown(request, here, form)
    messages.info(request, f"It is asked from now on.{_once(made)}")
    return redirect("own_systems")


def _once(secret: str) -> str:
    return f" The shared secret, shown only now: {secret}" if secret else ""


def _renew(here: Guest) -> str:
    with worker_hand() as conn:
        return _once(acts.renew_secret(conn, keys(), here.asker, here.now)).strip()


def _let_go(here: Guest) -> str:
    with worker_hand() as conn:
        acts.let_go(conn, here.asker, "panel", here.now)
    return "It is asked no more, and its secret is destroyed here."


_ACTS: dict[str, Callable[[Guest], str]] = {"renew_secret": _renew, "let_go": _let_go}
