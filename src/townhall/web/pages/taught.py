"""The models that read a brand's posts: which, how good, what they could learn from; putting one to use and going back."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from townhall.analytics.logic.interval import share
from townhall.desk import models as desk
from townhall.enrich.learning.tried import LEAST_LABELS
from townhall.enrich.logic.heads import HEADS
from townhall.enrich.measured import measured
from townhall.enrich.store.models import OwnModel
from townhall.flow import lessons
from townhall.flow import model_use as acts
from townhall.kernel.digits import whole
from townhall.kernel.errors import Conflict, NotFound, Refused
from townhall.web.pages.brand import Guest, guest
from townhall.web.pages.label_words import head_title

SHOWN = 20


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """Every head: what reads it, what is labelled, what waits to be put to use; and what was done last."""
    here = guest(request, "read_models")
    words = {
        "view": desk.view(here.conn, here.asker),
        "checked": {name: checked(name) for name in HEADS},
        "least": LEAST_LABELS,
        "may_teach": here.asker.may("teach_models"),
    }
    return render(request, "models.html", words)


def checked(head: str) -> list[str]:
    """How right Townhall's model was on each checked set, where it was sure: ``75.6 %, 74.5 to 76.7, of 6,565 posts``."""
    found = [(share(one.right, one.rows), one.rows) for one in measured(head)]
    return [
        f"{one.percent:g} %, {one.low:g} to {one.high:g}, of {rows:,} posts" for one, rows in found if one
    ]


@require_GET
def head(request: HttpRequest, head: str) -> HttpResponse:
    """One head: its versions with their figures, the newest first."""
    here = guest(request, "read_models")
    return shown(request, here, head)


def shown(
    request: HttpRequest, here: Guest, head: str, *, refused: str = "", status: int = 200
) -> HttpResponse:
    """The page of a head. ``refused`` is why the last act was not done."""
    if head not in HEADS:
        raise NotFound("That page does not exist.")
    after = whole(request.GET.get("after", "0"))
    if after is None:
        raise Refused("That page does not exist.")
    found, following = desk.versions(here.conn, here.asker, after, SHOWN, head)
    view = desk.view(here.conn, here.asker)
    line = next(one for one in view.heads if one.name == head)
    words: dict[str, Any] = {
        "line": line,
        "checked": checked(head),
        "versions": [(one, _why_not(one, line.in_use)) for one in found],
        "following": following,
        "least": LEAST_LABELS,
        "wish": lessons.wished(here.conn, here.asker).get(head),
        "may_teach": here.asker.may("teach_models"),
        "refused": refused,
        "typed": request.POST.get("reason", ""),
        "acts": [act for act in view.acts if act.head == head],
    }
    return render(request, "model_head.html", words, status=status)


def _why_not(one: OwnModel, rival: OwnModel | None) -> str:
    return acts.why_not(one, rival) if one.state == "candidate" else ""


@require_POST
def act(request: HttpRequest, head: str) -> HttpResponse:
    """Asks for a new version (``teach``), puts one to use (``activate``), or goes back to one (``back``; 0 is Townhall's own). Says what holds now."""
    here = guest(request, "teach_models")
    reason = request.POST.get("reason", "")
    try:
        if request.POST.get("teach"):
            lessons.ask(here.conn, here.asker, head, here.now)
            said = "Asked. The version stands here as a candidate when it has learnt, within a minute or two."
        elif number := request.POST.get("activate", ""):
            acts.activate(here.conn, here.asker, head, _number(number), here.now, reason=reason)
            said = (
                f"Version {number} of {head_title(head)} reads from now on, on every post within two seconds."
            )
        else:
            number = request.POST.get("back", "")
            acts.roll_back(here.conn, here.asker, head, _number(number), reason, here.now)
            said = "Townhall’s model reads again." if number == "0" else f"Version {number} reads again."
    except (Refused, Conflict) as no:
        return shown(request, here, head, refused=str(no), status=no.status)
    messages.info(request, said)
    return redirect("model_head", head)


def _number(given: str) -> int:
    version = whole(given)
    if version is None:
        raise Refused("Choose a version. Nothing was changed.")
    return version
