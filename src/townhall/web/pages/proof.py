"""A fresh proof before what is very sensitive: whoever proved themselves too long ago does so again, and what they
were about to do then goes on by itself.

Asked before approving words that the guard noticed something in, releasing a stop, putting a policy in force or back,
and leaving observe-only. Programs have no person to ask: their token is the proof.
"""

import os
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from townhall.kernel.clock import MINUTE, SECOND, Instant, system_clock
from townhall.kernel.errors import TownhallError
from townhall.web.pages import errors

DEFAULT_MINUTES = 15
KEPT: Instant = 10 * MINUTE
"""How long an act waits for its proof."""
_LONGEST = 64 << 10
_WAITS = "act_that_waits"


class ProofWanted(TownhallError):
    """The person has to show again that it is they."""

    status = 403


def require_fresh(request: HttpRequest) -> None:
    """Lets somebody through who signed in, or proved themselves again, lately. Raises ``ProofWanted``."""
    if not is_fresh(request, system_clock()):
        raise ProofWanted("Show again that it is you. Nothing was changed.")


def is_fresh(request: HttpRequest, now: Instant) -> bool:
    """Whether the last proof in this session is young enough; always, where the setting is 0 minutes."""
    from allauth.account.authentication import get_authentication_records  # needs Django to be ready

    minutes = int(os.environ.get("TOWNHALL_STEP_UP_MINUTES") or DEFAULT_MINUTES)
    proofs = [float(one.get("at", 0)) for one in get_authentication_records(request, request.user)]
    return not minutes or now - int(max(proofs, default=0.0) * SECOND) <= minutes * MINUTE


def ask(request: HttpRequest) -> HttpResponse:
    """Keeps the act, and leads to the proof."""
    fields = [(name, value) for name, values in request.POST.lists() for value in values if name != "csrfmiddlewaretoken"]  # fmt: skip
    if sum(len(name) + len(value) for name, value in fields) > _LONGEST:
        return errors.show(request, 413, "Sign out and in again, then repeat this.")
    request.session[_WAITS] = {"path": request.get_full_path(), "fields": fields, "at": system_clock()}
    methods = _methods(request)
    if not methods:
        return render(request, "prove.html", {"back": request.headers.get("Referer", "/")})
    return redirect(f"{methods[0]['url']}?{urlencode({'next': reverse('proved')})}")


@require_GET
def proved(request: HttpRequest) -> HttpResponse:
    """What waited goes on: the form is sent by itself, or by its button where no script runs."""
    waits: dict[str, Any] | None = request.session.pop(_WAITS, None)
    if not waits or system_clock() - waits["at"] > KEPT:
        messages.info(request, "What you were about to do waited too long. Nothing was changed; do it again.")
        return redirect("home")
    return render(request, "proved.html", {"path": waits["path"], "fields": waits["fields"]})


def _methods(request: HttpRequest) -> list[dict[str, Any]]:
    from allauth.account.adapter import get_adapter

    found: list[dict[str, Any]] = get_adapter().get_reauthentication_methods(request.user)
    return found
