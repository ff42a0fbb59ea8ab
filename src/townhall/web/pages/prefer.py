"""A person's own settings, and the brand they are at."""

from zoneinfo import available_timezones

from django import forms
from django.contrib import messages
from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from townhall.web.pages import settings_index
from townhall.web.pages.keys import KEYS, own_keys
from townhall.web.pages.label_words import LANGUAGES

ZONES = tuple(sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/")))
"""Time zones as a person chooses one."""


def known_zone(name: str) -> None:
    """Refuses a name that is no IANA time zone."""
    if name and name not in available_timezones():
        raise forms.ValidationError("That is no time zone. Write it like Europe/London.")


class PreferenceForm(forms.ModelForm):  # type: ignore[type-arg]
    """How the pages look and speak to this person."""

    theme = forms.ChoiceField(
        choices=[("", "As the system"), ("light", "Light"), ("dark", "Dark")], required=False, label="Theme"
    )
    density = forms.ChoiceField(
        choices=[
            ("", "Two lines"),
            ("compact", "Compact"),
            ("relaxed", "Relaxed"),
        ],
        required=False,
        label="Rows",
    )
    zone = forms.CharField(
        required=False,
        label="Time zone",
        help_text="Type a city and choose, such as Europe/London. Empty: the brand’s own.",
        validators=[known_zone],
        widget=forms.TextInput(attrs={"list": "zones", "autocomplete": "off"}),
    )
    reads = forms.ChoiceField(
        choices=[("", "The brand’s own"), *LANGUAGES], required=False, label="Language",
        help_text="What others write is translated to it, where the brand has a service for that.",
    )  # fmt: skip
    single_keys = forms.BooleanField(
        required=False, label="Single keys", help_text="j, k, e and the like. Ctrl K works without them."
    )

    advice = forms.BooleanField(
        required=False, label="Suggestions while I write",
        help_text="One quiet line after a pause of a second and a half. They never hold a reply.",
    )  # fmt: skip

    class Meta:
        model = get_user_model()
        fields = ("theme", "density", "zone", "reads", "single_keys", "advice")


def page(request: HttpRequest) -> HttpResponse:
    """Shows and keeps them."""
    form = PreferenceForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.info(request, "Kept.")
        return redirect("settings")
    asker = request.visit.asker  # type: ignore[attr-defined]
    words = {
        "form": form,
        "zones": ZONES,
        "own": settings_index.listed(settings_index.OWN, asker),
        "shared": settings_index.listed(settings_index.SHARED, asker),
    }
    return render(request, "settings.html", words, status=422 if form.errors else 200)


def keys(request: HttpRequest) -> HttpResponse:
    """A person's own single keys: each act has one, and may have another."""
    wrong, user = "", request.user
    kept: dict[str, str] = user.own_keys  # type: ignore[union-attr]
    if request.method == "POST":
        given = {} if request.POST.get("do") == "usual" else request.POST.dict()
        chosen, wrong = own_keys({name.removeprefix("key "): one for name, one in given.items()})
        if not wrong:
            user.own_keys = chosen  # type: ignore[union-attr]
            user.save()
            messages.info(request, "Kept." if chosen else "The usual keys hold again.")
            return redirect("own_keys")
        kept = {key: request.POST.get(f"key {key}", key) for key in KEYS}
    lines = [(key, what, kept.get(key, key)) for key, what in KEYS.items()]
    return render(request, "keys.html", {"lines": lines, "wrong": wrong}, status=422 if wrong else 200)


@require_POST
def switch(request: HttpRequest) -> HttpResponse:
    """Goes to another brand that this person has a seat at."""
    visit = request.visit  # type: ignore[attr-defined]
    wanted = request.POST.get("brand", "")
    if any(str(brand.id) == wanted for brand in visit.brands):
        request.session["brand"] = int(wanted)
    return redirect("home")
