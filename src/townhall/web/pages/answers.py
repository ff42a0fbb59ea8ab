"""Stored answers: read by whoever answers, written by leads, compliance and administrators."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from townhall.desk.answers import StoredAnswer, answers
from townhall.flow import answers as acts
from townhall.outbound.logic.moving import USUAL
from townhall.web.pages.brand import guest


class AnswerForm(forms.Form):
    """An answer with its name."""

    name = forms.CharField(max_length=80, label="Name", help_text="As it is chosen in the reply box.")
    text = forms.CharField(
        max_length=acts.LONGEST, label="Text", widget=forms.Textarea(attrs={"rows": 4}),
        help_text="{name} becomes the customer's first name. Every reply is still judged by the guard.",
    )  # fmt: skip
    language = forms.CharField(
        max_length=8,
        required=False,
        label="Language",
        help_text="Its code, such as en. Leave it empty for any language.",
    )
    purpose = forms.ChoiceField(
        choices=[("", "In the reply box"), ("to_private", "Said in public when a thread moves to private")],
        required=False, label="Used", help_text=(
            "The line is one for each language; {link} becomes the network's way to write to you in private, where it has one."
        ),
    )  # fmt: skip


def page(request: HttpRequest) -> HttpResponse:
    """The list; one is written, or written anew, here."""
    here = guest(request, "read_case")
    kept = answers(here.conn, here.asker.brand_id)
    old = next((one for one in kept if str(one.id) == request.GET.get("edit", "")), None)
    form = AnswerForm(request.POST or None, initial=_of(old))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        acts.store_answer(
            here.conn, here.asker, given["name"], given["text"], here.now,
            language=given["language"], purpose=given["purpose"], instead=old.id if old else 0,
        )  # fmt: skip
        messages.info(request, f"“{given['name']}” is offered from now on.")
        return redirect("answers")
    lines = {one.language.casefold() for one in kept if one.purpose}
    usual = [] if "" in lines else [(tongue, text) for tongue, text in USUAL.items() if tongue not in lines]
    words = {
        "answers": kept,
        "usual": usual,
        "offered": sum(not one.purpose for one in kept),
        "old": old,
        "form": form,
        "may_write": here.asker.may("manage_answers"),
    }
    return render(request, "answers.html", words, status=422 if form.errors else 200)


def _of(old: StoredAnswer | None) -> dict[str, Any]:
    if old is None:
        return {}
    return {"name": old.name, "text": old.text, "language": old.language, "purpose": old.purpose}


@require_POST
def retire(request: HttpRequest, answer_id: int) -> HttpResponse:
    """Offers it no more."""
    here = guest(request, "manage_answers")
    acts.retire_answer(here.conn, here.asker, answer_id, here.now)
    messages.info(request, "It is offered no more. Replies that were written with it stay as they are.")
    return redirect("answers")
