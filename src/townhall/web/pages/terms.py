"""Words and hosts of the brand: what its texts must not, must and may say, and which links are its own."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from townhall.flow import terms as acts
from townhall.flow.manner import set_manner
from townhall.kernel.clock import DAY
from townhall.kernel.errors import Refused
from townhall.outbound.logic.advice import Manner
from townhall.outbound.logic.words import Term
from townhall.outbound.store import manner as store_manner
from townhall.outbound.store import terms as store
from townhall.web.pages.brand import guest

KINDS = (
    ("forbidden", "Forbidden", "A reply that says one is held or blocked."),
    ("required", "Required", "A reply that lacks one is held or blocked."),
    ("allowed", "Allowed", "The guard lets them pass, even where it would stop."),
)


class TermForm(forms.Form):
    """Words with their reason. Which of them are held, and which blocked, is chosen here."""

    kind = forms.ChoiceField(choices=[(name, title) for name, title, _ in KINDS], label="These words are")
    words = forms.CharField(
        max_length=acts.LONGEST, label="Words", help_text="Upper and lower case are the same."
    )
    trigger = forms.CharField(
        max_length=acts.LONGEST, required=False, label="Only when the text says",
        help_text="For required words: empty means always.",
    )  # fmt: skip
    severity = forms.ChoiceField(
        choices=[("hold", "Held for approval"), ("block", "Blocked: nobody can approve it")],
        label="Then a reply is",
    )
    reason = forms.CharField(max_length=acts.LONGEST, label="Reason", help_text="The author reads it.")

    def term(self) -> Term:
        """The term that was filled in."""
        given: dict[str, Any] = {name: str(value).strip() for name, value in self.cleaned_data.items()}
        return Term(given["kind"], given["words"], given["reason"], given["severity"], given["trigger"])


def page(request: HttpRequest) -> HttpResponse:
    """Both lists; a new term is added here."""
    here = guest(request, "read_approvals")
    form = TermForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        acts.add_term(here.conn, here.asker, form.term(), here.now)
        messages.info(request, f"“{form.term().words}” is {form.term().kind} from now on.")
        return redirect("terms")
    kept = store.terms(here.conn, here.asker.brand_id)
    words = {
        "groups": [
            (title, what, [one for one in kept if one.term.kind == name]) for name, title, what in KINDS
        ],
        "kept": kept,
        "hosts": store.domains(here.conn, here.asker.brand_id),
        "waved": store.dismissed_since(here.conn, here.asker.brand_id, here.now - 30 * DAY),
        "form": form,
        "manner": store_manner.get(here.conn, here.asker.brand_id),
        "may_write": here.asker.may("manage_policy"),
    }
    return render(request, "terms.html", words, status=422 if form.errors else 200)


@require_POST
def end(request: HttpRequest, term_id: int) -> HttpResponse:
    """Ends a term."""
    here = guest(request, "manage_policy")
    acts.end_term(here.conn, here.asker, term_id, here.now)
    messages.info(request, "Ended. Texts are no longer held to it.")
    return redirect("terms")


@require_POST
def manner(request: HttpRequest) -> HttpResponse:
    """Sets how answers begin and end."""
    here = guest(request, "manage_policy")
    given = {
        name: tuple(one.strip() for one in request.POST.get(name, "").split(",") if one.strip())
        for name in ("greetings", "sign_offs")
    }
    set_manner(here.conn, here.asker, Manner(**given), here.now)
    messages.info(request, "Kept. Authors are advised by it; nothing is held for it.")
    return redirect("terms")


@require_POST
def hosts(request: HttpRequest) -> HttpResponse:
    """Adds a host of the brand's own, or takes one away."""
    here = guest(request, "manage_policy")
    if gone := request.POST.get("drop", ""):
        acts.drop_host(here.conn, here.asker, gone, here.now)
        messages.info(request, f"Links to {gone} are judged like a stranger's from now on.")
    elif typed := request.POST.get("host", "").strip():
        host = acts.add_host(here.conn, here.asker, typed, here.now)
        messages.info(request, f"Links to {host}, and to hosts below it, count as your own from now on.")
    else:
        raise Refused("Write a host such as shop.example.org.")
    return redirect("terms")
