"""From an empty installation to the first real post: six steps in one list, each left and resumed at will."""

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET
from msgspec import Struct

from townhall.database.connect import for_brand
from townhall.desk import judged, setup
from townhall.flow.opening import furnish
from townhall.kernel.errors import Forbidden
from townhall.people import store
from townhall.web.pages.brand import guest


class Step(Struct, frozen=True):
    """One line of the list. ``minutes`` is what it usually takes; ``act`` is what its button says, "" where it has none, and
    ``until`` then says what it waits for; ``other`` is a second way to the same end."""

    title: str
    what: str
    minutes: int
    done: bool
    url: str
    act: str
    other_url: str = ""
    other: str = ""
    until: str = ""


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


_IN_FORCE = (
    "A policy is in force. Starter policies by trade are there to compare, each on five of your own posts."
)
_NONE_YET = "No policy is in force yet, so nothing is promised. Starter policies by trade, each on five of your own posts."


def steps(done: setup.Progress) -> list[Step]:
    """The list; the last step appears when the others are done."""
    first = [
        Step("Your brand and its hours", "Name, time zone, working hours.", 2, done.brand, "/start/brand/",
             "" if done.brand else "Name your brand"),
        Step("One channel",
             "A file needs nothing. Mastodon needs a token. X needs a paid plan and the network's review, which takes days."
             " A signed webhook needs an address that the internet reaches.", 5, done.channel, "/channels/",
             "See channels" if done.channel else "Connect a channel", "/channels/import/", "Import a file"),
        Step("See your posts judged", "Your newest 200, with what was understood of each and what the policy decided.", 1,
             done.posts, "/start/posts/", "See your posts" if done.channel else "", until="after a channel"),
        Step("Who answers", "Invite colleagues and give them roles.", 3, done.people, "/people/",
             "See people" if done.people else "Invite colleagues"),
        Step("What is answered, and how fast", _IN_FORCE if done.policy else _NONE_YET, 10, done.policy,
             "/policy/starters/", "Compare starters" if done.policy else "Choose a policy"),
        Step("Promises and alarms", "Who is told when a promise is about to be missed.", 3, done.alarms, "/duty/",
             "Change who is on call" if done.alarms else "Choose who is on call"),
    ]  # fmt: skip
    if not all(step.done for step in first):
        return first
    leave = Step(
        "Leave observe-only",
        "From then on replies can be sent.",
        1,
        done.live,
        "/channels/#observe",
        "Let the brand answer",
    )
    return [*first, leave]


def page(request: HttpRequest) -> HttpResponse:
    """The list with what is done."""
    visit = request.visit  # type: ignore[attr-defined]
    done = setup.progress(visit.conn, visit.asker) if visit.asker else setup.Progress()
    listed = steps(done)
    following = next((step for step in listed if not step.done), None)
    return render(request, "start.html", {"steps": listed, "following": following})


@require_GET
def posts(request: HttpRequest) -> HttpResponse:
    """The newest posts, each with what was understood of it and what was decided: the first value of a set-up."""
    here = guest(request, "read_case")
    shown = judged.judged(here.conn, here.asker)
    answered = sum(one.answered for one in shown)
    words = {"posts": shown, "answered": answered, "silent": len(shown) - answered}
    return render(request, "start_posts.html", words)


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
