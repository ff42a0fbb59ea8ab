"""Articles of the brand's own help: read by whoever answers, written by leads, compliance and administrators."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from townhall.care import article_changes
from townhall.care import articles as store
from townhall.care.articles import Article
from townhall.care.logic.entry import LONGEST_TEXT, LONGEST_TITLE, LONGEST_URL, Entry, Wrong, entry_of
from townhall.desk import articles as desk
from townhall.flow import articles as acts
from townhall.kernel.errors import Conflict, NotFound, Refused
from townhall.web.pages.brand import Guest, guest

HISTORY = 10
SHOWN_REJECTS = 200
_PATIENCE = "SET LOCAL idle_in_transaction_session_timeout = '1min'"
"""Reading a large file on a busy machine takes longer than a page's transaction may usually idle."""
LONGEST_WORDS = 100
"""Characters of what is looked for in the list."""


class ArticleForm(forms.Form):
    """An article as somebody writes it."""

    title = forms.CharField(
        max_length=LONGEST_TITLE, label="Title", help_text="As your help names it. Its words count most."
    )
    url = forms.CharField(
        max_length=LONGEST_URL, label="Address", help_text="Where customers read it. It begins with https://.",
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off"}),
    )  # fmt: skip
    language = forms.CharField(
        max_length=16,
        required=False,
        label="Language",
        help_text="Such as en. Empty: it is read from the words.",
    )
    text = forms.CharField(
        max_length=LONGEST_TEXT, required=False, label="Text", widget=forms.Textarea(attrs={"rows": 12}),
        help_text="What it says, without markup. It is found by these words; customers are sent the title and the address.",
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """Holds the words to what an article is; what is wrong stands at its field."""
        given: dict[str, Any] = super().clean() or {}
        if not self.errors and isinstance(made := self.entry(), Wrong):
            self.add_error(made.field, made.why)
        return given

    def entry(self) -> Entry | Wrong:
        """The article that was filled in."""
        return entry_of(
            **{name: str(self.cleaned_data.get(name, "")) for name in ("title", "url", "text", "language")}
        )


class FileForm(forms.Form):
    """A file of articles."""

    file = forms.FileField(
        label="File", widget=forms.FileInput(attrs={"accept": ".csv,.jsonl,.ndjson,.json,.txt"}),
        help_text=(
            "CSV whose first line names the columns title, url, text and language, or one JSON object a line with these names."
            f" At most {acts.LARGEST_FILE >> 20} MB, in UTF-8."
        ),
    )  # fmt: skip


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """The list, by title; narrowed by words, and to those that are retired."""
    here = guest(request, "read_case")
    words = request.GET.get("q", "").strip()[:LONGEST_WORDS]
    retired = request.GET.get("state") == "retired"
    found = desk.listed(here.conn, here.asker.brand_id, words, request.GET.get("after", ""), retired=retired)
    return render(
        request, "articles.html",
        {"found": found, "words": words, "retired": retired, "after": request.GET.get("after", ""),
         "may_write": here.asker.may("manage_answers")},
    )  # fmt: skip


def add(request: HttpRequest) -> HttpResponse:
    """A new one is written."""
    here = guest(request, "manage_answers")
    form = ArticleForm(request.POST or None)
    if request.method == "POST" and _written(request, here, form, 0):
        return redirect("articles")
    return _form(request, form, None)


def one(request: HttpRequest, article_id: int) -> HttpResponse:
    """One article with what was done to it; those who may write change it here."""
    here = guest(request, "read_case")
    old = store.get(here.conn, here.asker.brand_id, article_id)
    if old is None:
        raise NotFound("That article does not exist.")
    may_write = here.asker.may("manage_answers")
    if request.method == "POST" and not may_write:
        guest(request, "manage_answers")
    form = ArticleForm(request.POST or None, initial=_of(old))
    if request.method == "POST" and _written(request, here, form, old.id):
        return redirect("articles")
    done = article_changes.newest(here.conn, here.asker.brand_id, old.id, HISTORY)
    return _form(request, form, old, done=done, may_write=may_write)


def _of(old: Article) -> dict[str, str]:
    tongue = "" if old.language == "und" else old.language
    return {"title": old.title, "url": old.url, "language": tongue, "text": old.text}


def _form(request: HttpRequest, form: ArticleForm, old: Article | None, **more: Any) -> HttpResponse:
    words = {"form": form, "old": old, "may_write": True, **more}
    return render(request, "article.html", words, status=422 if form.errors else 200)


def _written(request: HttpRequest, here: Guest, form: ArticleForm, instead: int) -> bool:
    """Whether it was kept; what was refused becomes an error of the form."""
    if not form.is_valid():
        return False
    entry = form.entry()
    try:
        kept = acts.write(here.conn, here.asker, entry, here.now, instead=instead)
    except (Conflict, Refused) as no:
        form.add_error("url" if isinstance(no, Conflict) else None, str(no))
        return False
    title = form.cleaned_data["title"]
    _said(
        request,
        f"“{title}” is {'changed' if instead else 'suggested'} from now on."
        if kept.change
        else "Nothing was changed.",
        kept.change,
    )
    return True


def _said(request: HttpRequest, words: str, change: int) -> None:
    messages.info(request, words, extra_tags=reverse("article_undo", args=[change]) if change else "")


@require_POST
def turn(request: HttpRequest, article_id: int, act: str) -> HttpResponse:
    """Retires one, or takes it back into use."""
    here = guest(request, "manage_answers")
    if act == "retire":
        kept = acts.retire(here.conn, here.asker, article_id, here.now)
        _said(
            request, "It is suggested no more. Replies that were sent with it stay as they are.", kept.change
        )
    elif act == "restore":
        kept = acts.restore(here.conn, here.asker, article_id, here.now)
        _said(request, "It is suggested again.", kept.change)
    else:
        raise NotFound("There is no such act.")
    return redirect("articles")


@require_POST
def undo(request: HttpRequest, change_id: int) -> HttpResponse:
    """Takes an act back, with all that was done at once with it."""
    here = guest(request, "manage_answers")
    alone = request.POST.get("alone") == "1"
    found = acts.undo(here.conn, here.asker, change_id, here.now, alone=alone)
    left = f" {found.left} were changed since and stay as they are." if found.left else ""
    messages.info(request, f"{'Undone' if found.done else 'Nothing was undone'}.{left}")
    return redirect("articles")


def take_in(request: HttpRequest) -> HttpResponse:
    """A file is handed in and taken at once; lines that became no article are told with their reasons."""
    here = guest(request, "manage_answers")
    form = FileForm(request.POST, request.FILES) if request.method == "POST" else FileForm()
    taken = None
    if request.method == "POST" and form.is_valid():
        here.conn.execute(_PATIENCE)
        try:
            taken = acts.take_in(here.conn, here.asker, form.cleaned_data["file"].read(), here.now)
        except (Conflict, Refused) as no:
            form.add_error("file", str(no))
    if "too_large" in request.GET:
        form = FileForm({})
        form.errors.clear()
        form.add_error(
            "file", f"That file is too large. At most {acts.LARGEST_FILE >> 20} MB; hand it in as several."
        )
    if taken and taken.change:
        _said(request, "The file was taken.", taken.change)
    words = {"form": form, "taken": taken, "shown": taken.rejects[:SHOWN_REJECTS] if taken else ()}
    return render(request, "articles_import.html", words, status=422 if form.errors else 200)


@require_GET
def beside(request: HttpRequest, case_id: int) -> HttpResponse:
    """The articles that answer a conversation, as they stand beside it."""
    here = guest(request, "read_case")
    found = desk.for_case(here.conn, here.asker.brand_id, case_id)
    if found is None:
        raise NotFound("That case does not exist.")
    words = {"found": found, "may_write": here.asker.may("manage_answers"), "may_put": here.asker.may("note")}
    return render(request, "parts/suggested.html", words)
