"""Writing a draft of the policy: begun from a version or a starter, kept as one types, checked beside."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from townhall.desk import policy_versions
from townhall.flow import policy_versions as acts
from townhall.kernel.digits import whole
from townhall.kernel.errors import Conflict, Refused
from townhall.policy import library
from townhall.web.pages.brand import Guest, guest

OPEN = ("draft", "in_review", "reviewed")
"""States in which a text may still change."""


@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    """A new draft, from a version of the brand's (the one in force unless named) or from the starter policy."""
    here = guest(request, "write_policy")
    if name := request.POST.get("starter", ""):
        text = library.source(name)
        made = acts.draft(here.conn, here.asker, text, here.now, note=f"From the starter policy {name}")
    else:
        source = _source(here, request.POST.get("from", ""))
        made = acts.draft(here.conn, here.asker, source.source, here.now, based_on=source.line.number)
    return redirect("policy_edit", made.number)


def _source(here: Guest, number: str) -> policy_versions.VersionView:
    if not number:
        return policy_versions.active(here.conn, here.asker)
    if (version := whole(number)) is None:
        raise Refused("A version has a number.")
    return policy_versions.version(here.conn, here.asker, version)


@require_GET
def page(request: HttpRequest, number: int) -> HttpResponse:
    """The editor. A version that was in force is read only: a new draft is written from it."""
    here = guest(request, "write_policy")
    found = policy_versions.version(here.conn, here.asker, number)
    if found.line.state not in OPEN:
        messages.info(request, "This version stands as it is. Write a draft from it.")
        return redirect("policy_version", number)
    words = {"version": found.line, "source": found.source, "lines": found.source.count("\n") + 1}
    return render(request, "policy_edit.html", words)


@require_POST
def keep(request: HttpRequest, number: int) -> JsonResponse:
    """Keeps the text. Its answer names the digest to send with the next one; 409 when somebody else changed it."""
    here = guest(request, "write_policy")
    text, seen = request.POST.get("text", "").replace("\r\n", "\n"), request.POST.get("seen", "")
    try:
        kept = acts.rewrite(here.conn, here.asker, number, text, here.now, seen=seen)
    except (Conflict, Refused) as no:
        return JsonResponse({"error": str(no)}, status=no.status)
    return JsonResponse({"digest": kept.digest, "at": here.now // 1000})
