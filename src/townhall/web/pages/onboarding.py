"""From an empty installation to the first real post: six steps in one list, each left and resumed at will."""

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from msgspec import Struct

from townhall.database.connect import for_brand
from townhall.desk import setup
from townhall.flow.opening import furnish
from townhall.kernel.errors import Forbidden
from townhall.people import store


class Step(Struct, frozen=True):
    """One line of the list. ``minutes`` is what it usually takes."""

    title: str
    what: str
    minutes: int
    done: bool
    url: str
    act: str


class BrandForm(forms.Form):
    """Name, short name, zone."""

    name = forms.CharField(max_length=80, label="Name", help_text="As customers know it.")
    slug = forms.RegexField(
        r"^[a-z0-9][a-z0-9-]{0,62}$",
        label="Short name",
        help_text="Small letters, digits and dashes; it stays.",
    )
    zone = forms.CharField(
        label="Time zone", initial="Europe/London", help_text="Its working hours are counted in it."
    )

    def clean_zone(self) -> str:
        """Refuses a name that is no IANA time zone."""
        if self.cleaned_data["zone"] not in available_timezones():
            raise forms.ValidationError("That is no time zone. Write it like Europe/London.")
        return str(self.cleaned_data["zone"])


def steps(done: setup.Progress) -> list[Step]:
    """The list; the last step appears when the others are done."""
    first = [
        Step("Your brand and its hours", "Name, time zone, working hours.", 2, done.brand, "/start/brand/", "Name it"),
        Step("One channel", "A file needs nothing. Mastodon needs a token. X needs a paid plan and its review.", 5,
             done.channel, "/channels/", "Connect"),
        Step("See your posts judged", "The first posts, with language, reason and priority.", 1, done.posts,
             "/inbox/?assignee=all", "Look"),
        Step("Who answers", "Invite colleagues and give them roles.", 3, done.people, "/people/", "Invite"),
        Step("What is answered, and how fast", "A starter policy is in force until you write your own.", 10, done.policy,
             "/figures/", "Look"),
        Step("Promises and alarms", "Who is told when a promise is about to be missed.", 3, done.alarms, "/settings/",
             "Choose"),
    ]  # fmt: skip
    if not all(step.done for step in first[:4]):
        return first
    leave = Step(
        "Leave observe-only",
        "From then on replies can be sent.",
        1,
        done.live,
        "/channels/#observe",
        "Decide",
    )
    return [*first, leave]


def page(request: HttpRequest) -> HttpResponse:
    """The list with what is done."""
    visit = request.visit  # type: ignore[attr-defined]
    done = setup.progress(visit.conn, visit.asker) if visit.asker else setup.Progress()
    listed = steps(done)
    following = next((step for step in listed if not step.done), None)
    return render(request, "start.html", {"steps": listed, "following": following})


def brand(request: HttpRequest) -> HttpResponse:
    """Makes a brand, which only observes."""
    if not request.user.operator:  # type: ignore[union-attr]
        raise Forbidden("Only an operator of the installation makes a brand.")
    form = BrandForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return render(request, "start_brand.html", {"form": form}, status=422 if form.errors else 200)
    given: dict[str, Any] = form.cleaned_data
    visit = request.visit  # type: ignore[attr-defined]
    made = store.found_brand(
        visit.conn, given["slug"], given["name"], given["zone"], int(request.user.pk or 0)
    )
    for_brand(visit.conn, made)
    furnish(visit.conn, made, given["zone"], visit.now, f"staff/{request.user.pk}")
    request.session["brand"] = made
    return redirect("start")
