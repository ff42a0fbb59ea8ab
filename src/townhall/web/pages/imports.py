"""Files of posts: handed in here, read in the background, each with how far it is and what of it was refused."""

from typing import Any

import msgspec
from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_POST

from townhall.flow import uploading
from townhall.intake import uploads
from townhall.kernel.errors import TownhallError
from townhall.web.hands import keys, worker_hand
from townhall.web.pages.brand import Guest, guest
from townhall.web.pages.sealing import Parcelled, Sealing, too_large

SHOWN = 20
_PATIENCE = "SET LOCAL idle_in_transaction_session_timeout = '5min'"
"""Sealing a large file on a busy machine takes longer than a page's transaction may usually idle."""


class ImportForm(forms.Form):
    """The file, and the account that its posts came to."""

    file = forms.FileField(
        label="File",
        help_text=f"An archive of posts: a Mastodon outbox.json, or ActivityStreams with one activity a line. It may be packed by gzip or Zstandard. At most {uploading.MOST >> 20} MB.",
        widget=forms.FileInput(attrs={"accept": ".ndjson,.jsonl,.json,.gz,.zst"}),
    )
    channel = forms.RegexField(
        r"^[\w.@-]{1,80}$",
        label="Account",
        help_text="The account that the posts came to. A new name creates an account.",
        initial="import",
        error_messages={"invalid": "Letters, digits, dots, dashes and @ only."},
    )


@csrf_exempt
def page(request: HttpRequest) -> HttpResponse:
    """The list with a form above it. The token of the form is checked once its file is taken by our own hands."""
    here = guest(request, "manage_accounts")
    hand = Sealing(request)
    if request.method == "POST":
        here.conn.execute(_PATIENCE)
        request.upload_handlers = [hand]
    try:
        answer: HttpResponse = _page(request)
    finally:
        hand.drop_unless_kept()
    return answer


@csrf_protect
def _page(request: HttpRequest) -> HttpResponse:
    here = guest(request, "manage_accounts")
    form = (
        ImportForm(request.POST or None, request.FILES or None) if request.method == "POST" else ImportForm()
    )
    if request.method == "POST" and _handed_in(here, form):
        messages.info(
            request, "The file is kept and will be read in the background. You can leave this page."
        )
        return redirect("imports")
    if "too_large" in request.GET:
        form = ImportForm({})
        form.errors.clear()
        form.add_error("file", too_large() + ".")
    return _shown(request, here, form)


def _handed_in(here: Guest, form: ImportForm) -> bool:
    """Whether it was kept; what was refused becomes an error of the form."""
    if not form.is_valid():
        return False
    given: dict[str, Any] = form.cleaned_data
    file: Parcelled = given["file"]
    try:
        with worker_hand() as conn:
            uploading.hand_in(
                conn, here.asker, here.brand, given["channel"], file.parcel, str(file.name)[:200], here.now
            )
    except TownhallError as refusal:
        form.add_error("file", f"{refusal}.".replace("..", "."))
        return False
    file.parcel.kept = True
    return True


def _shown(request: HttpRequest, here: Guest, form: ImportForm) -> HttpResponse:
    found = uploads.newest(here.conn, here.asker.brand_id, SHOWN)
    words = {
        "form": form,
        "found": found,
        "works": any(one.of.is_open for one in found),
        "most": uploading.MOST,
    }
    if request.headers.get("HX-Request"):
        return render(request, "parts/imports.html", words)
    return render(request, "imports.html", words, status=422 if form.errors else 200)


@require_POST
def stop(request: HttpRequest, upload_id: int) -> HttpResponse:
    """Calls one off; what was taken stays."""
    here = guest(request, "manage_accounts")
    with worker_hand() as conn:
        uploading.call_off(conn, here.asker, upload_id, here.now)
    messages.info(request, "Called off. What was taken before stays; the same file can be handed in again.")
    return redirect("imports")


@require_GET
def rejects(request: HttpRequest, upload_id: int) -> HttpResponse:
    """What could not be taken, one JSON object a line: number, reason, and what stood there."""
    here = guest(request, "manage_accounts")
    found = uploading.rejects(here.conn, keys(), here.asker, upload_id)
    body = b"".join(msgspec.json.encode(one) + b"\n" for one in found)
    answer = HttpResponse(body, content_type="application/x-ndjson")
    answer["Content-Disposition"] = f'attachment; filename="rejects-{upload_id}.ndjson"'
    answer["Cache-Control"] = "no-store"
    return answer
