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
    hands_out = forms.BooleanField(required=False, label="Hands its cases out by itself")
    needs = forms.CharField(
        required=False, label="Skills its cases need",
        help_text="Such as billing 2, complaint: retention 3. Levels go from 1 to 5; a reason before the colon limits it.",
    )  # fmt: skip
    language = forms.ChoiceField(
        choices=[("must", "must be known"), ("wish", "is wished for"), ("any", "does not matter")],
        label="The case's language",
    )
    stick_for = _minutes(
        "Waits for the same person", "0: whoever is next. Never into the last such minutes of a promise."
    )
    overflow_after = _minutes("Overflows after", "At once when nobody able is on duty. 0: only then.")
    relax_after = _minutes("Skills are waived after", "0: never.")
    silence_after = _minutes("Goes back when untouched for", "0: never.")
    usual_work = _minutes("An answer usually takes", "Decides what can still be kept, where that goes first.")

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
        min_value=0, max_value=MOST_CAPACITY, label="Room",
        help_text="Units at once: a public case takes one, a private one three, unless the brand's rules say otherwise.",
    )  # fmt: skip
    skills = forms.CharField(required=False, label="Skills", help_text="Such as billing 3, fibre 2.")
    languages = forms.CharField(required=False, label="Languages", help_text="Such as en 5, pt 2.")
    shift = forms.CharField(
        required=False, label="Shift", widget=forms.Textarea(attrs={"rows": 4}), strip=True,
        help_text="A line for days: mon-fri 09:00-12:30, 13:30-17:30. A date of its own: 2026-12-25 off. Empty: no shift.",
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
        choices=[("promise", "the oldest promise"), ("save", "what can still be kept")],
        label="First goes",
    )
    weights = forms.CharField(
        label="Room a case takes", help_text="Such as public 1, private 3, x/private 2: closer names win."
    )
    tiers = forms.CharField(
        required=False, label="Tiers count earlier by, minutes", help_text="Such as gold 30, silver 10."
    )
    influence_from = forms.IntegerField(
        min_value=0, label="Influence from, followers", help_text="0: not looked at."
    )
    reach_from = forms.IntegerField(
        min_value=0, label="or from, likes and reposts", help_text="0: not looked at."
    )
    influence_head_start = _minutes("Influence counts earlier by", "0: not at all.")
    absent_after = _minutes("Not heard of gives back after", "0: never; signing out always does.")

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
            messages.info(request, f"{form.cleaned_data['title']} is handed out so from now on.")
            return redirect("routing")
        except Refused as refused:
            no = refused
    others = [(one.slug, one.title, one.slug in over) for one in known.values() if one.slug != slug]
    choices = {"name": "overflow_to", "legend": "Overflows to", "choices": others}
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
            messages.info(request, f"{line.name} is given cases so from now on.")
            return redirect("routing")
        except Refused as refused:
            no = refused
    every = [(q.slug, q.title, q.slug in chosen) for q in store.queues(here.conn, here.asker.brand_id)]
    choices = {"name": "queues", "legend": "Takes cases of", "choices": every, "line": line}
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
            messages.info(request, "These rules hold from now on.")
            return redirect("routing")
        except Refused as refused:
            no = refused
    return _shown(request, form, "Rules for all queues", {"choices": []}, no)


def _of_rules(held: Rules) -> dict[str, Any]:
    return {
        "order": held.order, "weights": write_numbers(held.weights), "influence_from": held.influence_from,
        "tiers": write_numbers(tuple((name, early // MINUTE) for name, early in held.tiers)), "reach_from": held.reach_from,
        "influence_head_start": held.influence_head_start // MINUTE, "absent_after": held.absent_after // MINUTE,
    }  # fmt: skip
