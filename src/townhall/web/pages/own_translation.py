"""Settings of the service that translates: where it is, its key, which language staff read, and whether it answers."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from townhall.beside import store
from townhall.beside.ask import Answer, ask
from townhall.beside.logic.panel import Unreadable
from townhall.beside.logic.translation import AUTO, Offer, code_of, read_languages, read_translated
from townhall.flow import own_systems
from townhall.flow import translating as acts
from townhall.kernel.errors import NotFound, Refused
from townhall.web.hands import keys, worker_hand
from townhall.web.pages.account import inside
from townhall.web.pages.brand import Guest, done_first, guest
from townhall.web.pages.label_words import LANGUAGES, tongue
from townhall.web.pages.own_checks import Check, checks
from townhall.web.pages.translating import asked

TRIED = "Guten Tag. Wo ist mein Paket?"
"""What *Try it* has translated."""


class ServiceForm(forms.Form):
    """The service. Its key is never shown again, not even after a mistake."""

    name = forms.CharField(
        label="Name", help_text="As staff call it: “Translated from German by …”.", max_length=own_systems.LONGEST_NAME
    )  # fmt: skip
    address = forms.CharField(
        label="Address", help_text="Where the service begins. Example: https://translate.example, where it answers at https://translate.example/translate.",
        max_length=own_systems.LONGEST_ADDRESS,
    )  # fmt: skip
    secret = forms.CharField(
        label="Key", required=False, max_length=200, widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text="Only if the service asks for one. Left empty, a key that is set stays.",
    )  # fmt: skip
    reads = forms.ChoiceField(
        label="Your staff read",
        choices=LANGUAGES,
        help_text="Each person may choose another in their own settings.",
    )


def page(request: HttpRequest) -> HttpResponse:
    """Shows and sets it."""
    here = guest(request, "manage_systems")
    match request.POST.get("do", "") if request.method == "POST" else None:
        case None:
            return shown(request, here)
        case "put":
            return _put(request, here)
        case "try":
            return _tried(request, here)
        case "let_go":
            with worker_hand() as conn:
                own_systems.let_go(conn, here.asker, "translation", here.now)
            messages.info(request, "Nothing is translated any more, and the key is destroyed here.")
            return redirect("translation")
    raise Refused("Choose what to do with the service. Nothing was changed.")


def shown(
    request: HttpRequest, here: Guest, form: ServiceForm | None = None, tried: list[Check] | None = None
) -> HttpResponse:
    """The page, with the form as it was filled in and refused, and what a try has shown."""
    system = store.one(here.conn, here.asker.brand_id, "translation")
    first = {"name": "our translation service", "reads": "en"}
    if system:
        first = {"name": system.name, "address": system.address, "reads": system.settings["reads"]}
    form = form or ServiceForm(initial=first)
    names = sorted(map(tongue, system.settings["languages"])) if system else []
    words = {"system": system, "form": form, "checks": tried, "languages": names, "whole_s": acts.WHOLE_S}
    return render(request, "own_translation.html", words, status=422 if form.errors else 200)


def _put(request: HttpRequest, here: Guest) -> HttpResponse:
    form = ServiceForm(request.POST)
    if not form.is_valid():
        return shown(request, here, form)
    wanted = {name: str(form.cleaned_data[name]) for name in ("name", "address", "secret")}
    given = own_systems.Given(inside=inside(), **wanted)
    try:
        with worker_hand() as conn:
            _, access = acts.check_service(conn, keys(), here.asker, given)
        answer = _languages(request, here, access)
        known = read_languages(answer.body) if answer.state == "answered" else Unreadable(answer.why)
        if isinstance(known, Unreadable):
            raise Refused(f"It did not name its languages at {access.address}/languages: {known.why}.")
        with worker_hand() as conn:
            acts.put_service(conn, keys(), here.asker, given, known, form.cleaned_data["reads"], here.now)
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return shown(request, here, form)
    messages.info(request, f"It translates from now on, and knows {len(known)} languages.")
    return redirect("translation")


def _languages(request: HttpRequest, here: Guest, access: store.Access) -> Answer:
    question = acts.languages_question(here.brand.id, access.address, outside=access.outside)
    return done_first(request, lambda: ask(question, inside()))


def _tried(request: HttpRequest, here: Guest) -> HttpResponse:
    system = store.one(here.conn, here.asker.brand_id, "translation")
    if system is None:
        raise NotFound("No translation service is set up.")
    target = code_of(system.settings["reads"], system.settings["languages"])
    answer = asked(request, here.brand.id, TRIED, Offer(AUTO, target))
    found = read_translated(answer.body) if answer.state == "answered" else None
    why = found.why if isinstance(found, Unreadable) else ""
    store.note(here.conn, here.brand.id, "translation", here.now, why or answer.why_kept)
    words = f"“{TRIED}” became “{found.text[:80]}”." if found and not isinstance(found, Unreadable) else ""
    return shown(request, here, tried=checks(answer, why, acts.WHOLE_S, "It took a text.", words))
