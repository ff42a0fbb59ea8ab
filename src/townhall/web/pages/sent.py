"""Live pages frozen and sent on: the form, the frozen page, the list of those that stand."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from townhall.analytics import frozen as store
from townhall.analytics.periods import PERIODS, period_named
from townhall.flow import frozen
from townhall.kernel.clock import DAY
from townhall.web.pages.brand import Guest, guest
from townhall.web.pages.breakdowns import laid_out
from townhall.web.pages.live import asked, words_of


class SendForm(forms.Form):
    """Who is told, and with which words."""

    to = forms.TypedMultipleChoiceField(
        coerce=int, required=False, widget=forms.CheckboxSelectMultiple, label="Colleagues",
        help_text="Each is told in Townhall and by the ways they chose. Choose nobody, and it is kept without telling anybody.",
    )  # fmt: skip
    note = forms.CharField(
        max_length=frozen.LONGEST_NOTE, required=False, widget=forms.Textarea(attrs={"rows": 3}), label="Note",
        help_text="It stands above the figures.",
    )  # fmt: skip

    def __init__(self, here: Guest, *given: Any) -> None:
        super().__init__(*given)
        self.fields["to"].choices = [  # type: ignore[attr-defined]
            (one.staff_id, f"{one.name}, {', '.join(one.roles)}")
            for one in frozen.colleagues(here.conn, here.asker)
        ]


def send(request: HttpRequest) -> HttpResponse:
    """The form; sent, it freezes the page as it stands at that moment."""
    here = guest(request, "read_live")
    if request.method == "POST":
        form = SendForm(here, request.POST)
        if form.is_valid():
            given, period = form.cleaned_data, period_named(request.POST.get("period", ""))
            made = frozen.send(here.conn, here.asker, period, given["note"], given["to"], here.now)
            told = len(given["to"])
            messages.info(
                request,
                f"Frozen. {told} {'colleague is' if told == 1 else 'colleagues are'} told."
                if told
                else "Frozen. Nobody is told; the address opens it.",
            )
            return redirect("sent_view", made.id)
    else:
        form = SendForm(here)
    posted = request.POST.get("period", "")
    period = PERIODS[posted] if form.errors and posted in PERIODS else asked(request)
    words = {"form": form, "period": period, "days": frozen.KEPT_FOR // DAY}
    return render(request, "send.html", words, status=422 if form.errors else 200)


def page(request: HttpRequest, view_id: str) -> HttpResponse:
    """A frozen page, marked as such above everything."""
    here = guest(request, "read_live")
    kept = frozen.read(here.conn, here.asker, view_id, here.now)
    body = frozen.opened(kept)
    words = {
        **words_of(body.view),
        "kept": kept,
        "mine": frozen.is_maker(here.asker, kept),
        "causes": laid_out(body.causes, PERIODS[body.view.period]),
        "frozen": True,
        "now": kept.made_at,
    }
    return render(request, "sent_view.html", words)


def listing(request: HttpRequest) -> HttpResponse:
    """Those of the brand that have not expired."""
    here = guest(request, "read_live")
    found = store.standing(here.conn, here.asker.brand_id, here.now, frozen.MOST_STANDING)
    lines = [
        {"view": one, "period": PERIODS[one.period], "mine": frozen.is_maker(here.asker, one)}
        for one in found
    ]
    return render(request, "sent.html", {"lines": lines, "days": frozen.KEPT_FOR // DAY})


@require_POST
def delete(request: HttpRequest, view_id: str) -> HttpResponse:
    """Its maker takes it back."""
    here = guest(request, "read_live")
    frozen.delete(here.conn, here.asker, view_id, here.now)
    messages.info(request, "Deleted. Its address leads nowhere from now on.")
    return redirect("sent")
