"""What routing goes by: a queue's needs and bounds, a person's skills and shift, the rules of the brand."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from townhall.desk import routing as desk
from townhall.flow import staffing as acts
from townhall.kernel.clock import MINUTE
from townhall.kernel.errors import NotFound, Refused
from townhall.routing import settings as store
from townhall.routing import staffing
from townhall.routing.logic import Queue, Rules
from townhall.routing.logic.agent import MOST_CAPACITY
from townhall.routing.logic.levels import (
    read_levels,
    read_needs,
    read_numbers,
    write_levels,
    write_needs,
    write_numbers,
)
from townhall.routing.logic.shift import read_shift, write_shift
from townhall.routing.staffing import Profile
from townhall.web.pages.brand import Guest, guest


def _minutes(label: str, hint: str) -> forms.IntegerField:
    return forms.IntegerField(
        min_value=0, max_value=10_080, label=f"{label}, minutes", help_text=hint, initial=0
    )


class QueueForm(forms.Form):
    """A queue as it is set."""

    title = forms.CharField(max_length=80, label="Name")
    hands_out = forms.BooleanField(required=False, label="Hand out its cases automatically")
    needs = forms.CharField(
        required=False, label="Skills its cases need",
        help_text="A skill and a level from 1 to 5, with commas between. Before a colon stands the need it is for. Example:"
        " billing 2, complaint: retention 3 asks billing of every case and retention where it is a complaint.",
    )  # fmt: skip
    language = forms.ChoiceField(
        choices=[
            ("must", "only people who know it"),
            ("wish", "people who know it first"),
            ("any", "does not matter"),
        ],
        label="Language of the case",
    )
    stick_for = _minutes(
        "Wait for whoever answered this customer last",
        "Example: 5. It stops waiting this many minutes before the promise falls due. 0: goes to whoever is next.",
    )
    overflow_after = _minutes(
        "Overflow after", "A case that waited so long may go to people of the queues ticked below; at once where nobody able is on"
        " duty. 0: only then.",
    )  # fmt: skip
    relax_after = _minutes("Waive the skills after", "Then anybody of these queues may take it. 0: never.")
    silence_after = _minutes("Take an untouched case back after", "It goes to somebody else. 0: never.")
    usual_work = _minutes(
        "An answer usually takes", "Tells which promises can still be kept, where those go first."
    )

    def queue(self, slug: str, overflow_to: tuple[str, ...]) -> Queue:
        """The queue that was filled in. Raises ``Refused`` for skills that are not understood."""
        given: dict[str, Any] = self.cleaned_data
        return Queue(
            slug, given["title"].strip(), given["hands_out"], read_needs(given["needs"]), given["language"],
            given["overflow_after"] * MINUTE, overflow_to, given["relax_after"] * MINUTE,
            given["silence_after"] * MINUTE, given["stick_for"] * MINUTE, given["usual_work"] * MINUTE,
        )  # fmt: skip


class ProfileForm(forms.Form):
    """What somebody can do, and when they work."""

    capacity = forms.IntegerField(
        min_value=0, max_value=MOST_CAPACITY, label="Capacity",
        help_text="How much at once: a public case counts 1, a private one 3, unless the rules for all queues say otherwise.",
    )  # fmt: skip
    skills = forms.CharField(
        required=False,
        label="Skills",
        help_text="A skill and a level from 1 to 5, with commas between. Example: billing 3, fibre 2.",
    )
    languages = forms.CharField(
        required=False,
        label="Languages",
        help_text="A language's code and a level from 1 to 5. Example: en 5, pt 2.",
    )
    shift = forms.CharField(
        required=False, label="Shift", widget=forms.Textarea(attrs={"rows": 4}), strip=True,
        help_text="A line for days with their hours, or for one date. Example: mon-fri 09:00-12:30, 13:30-17:30 and below it"
        " 2026-12-25 off. Empty: no shift, on duty whenever here.",
    )  # fmt: skip

    def profile(self, queues: tuple[str, ...], zone: str) -> Profile:
        """The profile that was filled in. Raises ``Refused`` for what is not understood."""
        given: dict[str, Any] = self.cleaned_data
        return Profile(
            queues, given["capacity"], read_levels(given["skills"]), read_levels(given["languages"], languages=True),
            read_shift(given["shift"], zone),
        )  # fmt: skip


class RulesForm(forms.Form):
    """What holds for all queues."""

    order = forms.ChoiceField(
        choices=[("promise", "the oldest promise"), ("save", "what can still be kept in time")],
        label="Hand out first",
    )
    weights = forms.CharField(
        label="How much a case counts",
        help_text="Against people's capacity. Example: public 1, private 3, x/private 2. The closer name wins: a private case"
        " on X counts 2.",
    )
    tiers = forms.CharField(
        required=False,
        label="Serve tiers of customers earlier by, minutes",
        help_text="Example: gold 30, silver 10. A gold customer's case is handed out as if it fell due 30 minutes earlier.",
    )
    influence_from = forms.IntegerField(
        min_value=0, label="An author is influential from so many followers", help_text="0: not looked at."
    )
    reach_from = forms.IntegerField(
        min_value=0, label="or from so many likes and reposts of the post", help_text="0: not looked at."
    )
    influence_head_start = _minutes("Serve influential authors earlier by", "0: not at all.")
    absent_after = _minutes(
        "Take cases back from a person who has been away for",
        "Example: 15. 0: never; signing out always gives them back.",
    )

    def rules(self) -> Rules:
        """The rules that were filled in. Raises ``Refused`` for what is not understood."""
        given: dict[str, Any] = self.cleaned_data
        tiers = tuple((name, minutes * MINUTE) for name, minutes in read_numbers(given["tiers"], 1_440))
        return Rules(
            given["order"], read_numbers(given["weights"], acts.HEAVIEST), tiers, given["influence_from"],
            given["reach_from"], given["influence_head_start"] * MINUTE, given["absent_after"] * MINUTE,
        )  # fmt: skip


def _shown(
    request: HttpRequest, form: forms.Form, title: str, words: dict[str, Any], no: Refused | None
) -> HttpResponse:
    if no is not None:
        form.add_error(None, str(no))
    words |= {"form": form, "title": title}
    return render(request, "routing_settings.html", words, status=422 if form.errors else 200)


def queue(request: HttpRequest, slug: str) -> HttpResponse:
    """One queue's settings."""
    here = guest(request, "manage_routing")
    known = {one.slug: one for one in store.queues(here.conn, here.asker.brand_id)}
    if slug not in known:
        raise NotFound("This brand has no queue of that name.")
    form, no = QueueForm(request.POST or None, initial=_of_queue(known[slug])), None
    over = tuple(request.POST.getlist("overflow_to")) if request.method == "POST" else known[slug].overflow_to
    if request.method == "POST" and form.is_valid():
        try:
            acts.set_queue(here.conn, here.asker, form.queue(slug, over), here.now)
            messages.info(request, f"Saved. {form.cleaned_data['title']} is handed out by it from now on.")
            return redirect("routing")
        except Refused as refused:
            no = refused
    others = [(one.slug, one.title, one.slug in over) for one in known.values() if one.slug != slug]
    choices = {
        "name": "overflow_to", "legend": "Overflow to people of", "choices": others, "behind": "overflow_after", "save": "Save the queue",
    }  # fmt: skip
    return _shown(request, form, f"Queue {known[slug].title}", choices, no)


def _of_queue(queue: Queue) -> dict[str, Any]:
    minutes = ("overflow_after", "relax_after", "silence_after", "stick_for", "usual_work")
    return {
        "title": queue.title, "hands_out": queue.hands_out, "needs": write_needs(queue.needs), "language": queue.language,
        **{name: getattr(queue, name) // MINUTE for name in minutes},
    }  # fmt: skip


def person(request: HttpRequest, staff_id: int) -> HttpResponse:
    """One person's queues, room, skills, languages and shift."""
    here = guest(request, "manage_routing")
    line = _person(here, staff_id)
    profile = next(
        (s.profile for s in staffing.seats(here.conn, here.asker.brand_id) if s.staff == staff_id), Profile()
    )
    form, no = ProfileForm(request.POST or None, initial=_of_profile(profile)), None
    chosen = tuple(request.POST.getlist("queues")) if request.method == "POST" else profile.queues
    if request.method == "POST" and form.is_valid():
        try:
            acts.set_profile(here.conn, here.asker, staff_id, form.profile(chosen, here.brand.zone), here.now)
            messages.info(request, f"Saved. {line.name} is given cases by it from now on.")
            return redirect("routing")
        except Refused as refused:
            no = refused
    every = [(q.slug, q.title, q.slug in chosen) for q in store.queues(here.conn, here.asker.brand_id)]
    choices = {
        "name": "queues", "legend": "Takes cases of", "choices": every, "line": line, "behind": "capacity",
        "save": "Save this person",
    }  # fmt: skip
    return _shown(request, form, line.name, choices, no)


def _person(here: Guest, staff_id: int) -> desk.PersonLine:
    people = desk.people_of(here.conn, here.asker.brand_id, here.now)
    found = next((one for one in people if one.staff_id == staff_id), None)
    if found is None:
        raise NotFound("Nobody of that number answers for this brand.")
    return found


def _of_profile(profile: Profile) -> dict[str, Any]:
    return {
        "capacity": profile.capacity, "skills": write_levels(profile.skills), "languages": write_levels(profile.languages),
        "shift": write_shift(profile.shift),
    }  # fmt: skip


def rules(request: HttpRequest) -> HttpResponse:
    """What holds for all queues of the brand."""
    here = guest(request, "manage_routing")
    held, no = store.rules(here.conn, here.asker.brand_id), None
    form = RulesForm(request.POST or None, initial=_of_rules(held))
    if request.method == "POST" and form.is_valid():
        try:
            acts.set_rules(here.conn, here.asker, form.rules(), here.now)
            messages.info(request, "Saved. The rules hold from now on.")
            return redirect("routing")
        except Refused as refused:
            no = refused
    return _shown(request, form, "Rules for all queues", {"choices": [], "save": "Save the rules"}, no)


def _of_rules(held: Rules) -> dict[str, Any]:
    return {
        "order": held.order, "weights": write_numbers(held.weights), "influence_from": held.influence_from,
        "tiers": write_numbers(tuple((name, early // MINUTE) for name, early in held.tiers)), "reach_from": held.reach_from,
        "influence_head_start": held.influence_head_start // MINUTE, "absent_after": held.absent_after // MINUTE,
    }  # fmt: skip
