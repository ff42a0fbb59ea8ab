"""What becomes of posts that their authors deleted: the firm's choice by channel, and exceptions in a conversation."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from townhall.archive.logic import LONGEST, fault
from townhall.channels import CHANNELS
from townhall.channels.cards import asks
from townhall.desk import retention as desk
from townhall.flow import retention as acts
from townhall.kernel.errors import Conflict, Refused
from townhall.web.given import given_number
from townhall.web.pages.brand import Guest, guest
from townhall.web.pages.conversation import Changed, back, show
from townhall.web.pages.inbox import filter_of, query_of
from townhall.web.pages.retention_words import CHOICES
from townhall.web.pages.words import network

_NONE = ("", "Choose one")


class ChoiceForm(forms.Form):
    """The firm's choice for a channel."""

    channel = forms.ChoiceField(
        label="Channel", choices=lambda: [_NONE, *((kind, network(kind)) for kind in CHANNELS)]
    )
    choice = forms.ChoiceField(label="A post that its author deletes", choices=[_NONE, *CHOICES.items()])
    basis = forms.CharField(
        label="Because", required=False, max_length=LONGEST,
        help_text="Whoever reads the case reads it, such as: the records law asks us to keep complaints for four years. Needed to"
        " keep showing.",
    )  # fmt: skip

    def clean(self) -> dict[str, object]:
        """What is kept says why: the page names the field, before the act would refuse it."""
        given: dict[str, object] = self.cleaned_data
        choice, basis = str(given.get("choice", "")), str(given.get("basis", ""))
        if choice and (why := fault(choice, basis, must=choice == "keep")):
            self.add_error("basis", why)
        return given


def page(request: HttpRequest) -> HttpResponse:
    """What each network asks, what the firm chose, on what basis, and who chose what before; compliance chooses here."""
    here = guest(request, "read_case")
    if request.method != "POST":
        first = request.GET.get("channel", "")
        return shown(request, here, ChoiceForm(initial={"channel": first if first in CHANNELS else ""}))
    form = ChoiceForm(request.POST)
    if not form.is_valid():
        return shown(request, here, form)
    channel, choice = form.cleaned_data["channel"], form.cleaned_data["choice"]
    try:
        acts.choose(
            here.conn, here.asker, channel, choice, form.cleaned_data["basis"], given_number(request, "seen", "0"), here.now
        )  # fmt: skip
    except (Refused, Conflict) as no:
        form.add_error(None, str(no))
        return shown(request, here, form)
    word = "shown on to those who may read the case" if choice == "keep" else "withheld"
    messages.info(
        request, f"{network(channel)}: deleted posts are {word} from now on, those deleted so far too."
    )
    return redirect("retention")


def shown(request: HttpRequest, here: Guest, form: ChoiceForm) -> HttpResponse:
    """The page, with the form as it was filled in and refused."""
    made = desk.made(here.conn, here.asker.brand_id)
    lines = desk.choices(here.conn, here.asker.brand_id)
    words = {
        "lines": [{"line": one, "asks": asks_of(one.channel)} for one in lines],
        "connected": any(one.accounts for one in lines),
        "made": made,
        "seen": made[0].id if made else 0,
        "form": form,
        "may_decide": here.asker.may("decide_deleted"),
    }
    return render(request, "retention.html", words, status=422 if form.errors else 200)


def asks_of(channel: str) -> str:
    """What a channel's terms ask when an author deletes a post, in words."""
    return asks(CHANNELS[channel].card) if channel in CHANNELS else "not known here"


@require_POST
def decide(request: HttpRequest, case_id: int, post_id: int) -> HttpResponse:
    """Shows one deleted post of the conversation, or withholds it, against the firm's choice and with a reason."""
    here = guest(request, "decide_deleted")
    choice = request.POST.get("choice", "")
    try:
        made = acts.exempt(here.conn, here.asker, post_id, choice, request.POST.get("reason", ""), here.now)
    except (Refused, Conflict) as no:
        return show(request, here, case_id, changed=Changed("Not done", str(no), ()), status=no.status)
    said = (
        "Shown to those who may read this case." if choice == "keep" else "Withheld. Nobody here is shown it."
    )
    undo = reverse("deleted_undo", args=[case_id, made]) + query_of(filter_of(request.GET))
    messages.info(request, said, extra_tags=undo)
    return back(request, case_id)


@require_POST
def undo(request: HttpRequest, case_id: int, exemption_id: int) -> HttpResponse:
    """Takes an exception back: the firm's choice holds for that post again."""
    here = guest(request, "decide_deleted")
    acts.take_back(here.conn, here.asker, exemption_id, here.now)
    messages.info(request, "Taken back. The firm's choice holds for that post again.")
    return back(request, case_id)
