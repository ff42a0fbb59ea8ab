"""Saying what a post is: beside it in the thread, and in the list of posts where the reading is least sure."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST
from msgspec import Struct

from townhall.desk import labels as desk
from townhall.desk.labels import Mark, Place
from townhall.enrich.logic.heads import HEADS, Head
from townhall.enrich.store.labels import Label, Read
from townhall.flow import labels as acts
from townhall.flow.labels import Understood
from townhall.kernel.digits import whole
from townhall.kernel.errors import Refused
from townhall.web.hands import keys, worker_hand
from townhall.web.pages.brand import Guest, guest

SHOWN = 20
_MOST_KEYS = 9


class Line(Struct, frozen=True):
    """One head of a post: what was read, what the reader says of it, and what others say."""

    head: Head
    read: Read
    mine: Label | None
    others: tuple[Label, ...]

    @property
    def unsure(self) -> bool:
        """Whether what was read is less than certain."""
        return self.read.said != "" and not self.head.is_sure(self.read.said, self.read.chance)


def understood(here: Guest, post: int) -> Understood:
    """What was read of a post, from the record."""
    with worker_hand() as conn:
        return acts.understood(conn, keys().kek, here.asker, post)


def lines(here: Guest, seen: Understood, mark: Mark) -> list[Line]:
    """The heads of a post in their order."""
    me = here.asker.staff_id
    return [
        Line(
            head, seen.heads[name],
            next((one for one in mark.labels if one.head == name and one.staff == me), None),
            tuple(one for one in mark.labels if one.head == name and one.staff != me),
        )
        for name, head in HEADS.items()
    ]  # fmt: skip


@require_GET
def read(request: HttpRequest, post_id: int) -> HttpResponse:
    """What was understood of a post, with a way to correct each part; for htmx the part alone."""
    here = guest(request, "read_case")
    return shown(request, here, understood(here, post_id))


def shown(request: HttpRequest, here: Guest, seen: Understood, *, said: bool = False) -> HttpResponse:
    """The part of a page, or a page of its own. ``said``: somebody just said something, so the chips beside the post change too."""
    marks = desk.marks(here.conn, here.asker, [seen.interaction])
    mark = marks.get(seen.interaction, Mark())
    words: dict[str, Any] = {
        "post_id": seen.interaction,
        "lines": lines(here, seen, mark),
        "mark": mark,
        "said": said,
        "may_label": here.asker.may("label"),
        "read_by": next(iter(seen.heads.values())).read_by,
    }
    alone = bool(request.headers.get("HX-Request"))
    return render(request, "parts/read.html" if alone else "read.html", words)


@require_POST
def label(request: HttpRequest, post_id: int) -> HttpResponse:
    """Says what a post is (``answer`` is ``head:value``, or ``head:`` when the reader cannot say), or takes it back (``undo``)."""
    here = guest(request, "label")
    seen = understood(here, post_id)
    given = request.POST.get("undo", "")
    head, _, value = request.POST.get("answer", "").partition(":")
    made = 0
    if given:
        if (label_id := whole(given)) is None:
            raise Refused("That label does not exist. Nothing was changed.")
        acts.take_back(here.conn, here.asker, label_id, here.now)
    elif value:
        made = acts.give(here.conn, here.asker, seen, head, value, here.now)
    else:
        acts.pass_over(here.conn, here.asker, head, post_id)
    then = request.POST.get("then", "")
    if not request.headers.get("HX-Request"):
        return redirect("unsure") if then == "list" else redirect("post_read", post_id)
    if then not in ("list", "question"):
        return shown(request, here, seen, said=True)
    mark = desk.marks(here.conn, here.asker, [post_id]).get(post_id, Mark())
    words = {
        "post_id": post_id, "head": head, "value": value, "made": made, "then": then, "inline": then == "question",
        "mark": mark,
    }  # fmt: skip
    return render(request, "parts/answered.html", words)


@require_GET
def unsure(request: HttpRequest) -> HttpResponse:
    """Posts of the last weeks where a head is least sure, in turns over the heads."""
    here = guest(request, "label")
    head = request.GET.get("head", "")
    if head and head not in HEADS:
        raise Refused("There is no such part of understanding. Choose one from the list.")
    found, following = desk.least_sure(
        here.conn, here.asker, place_of(request.GET.get("after", "")), SHOWN, head
    )
    words = {
        "asked": found,
        "stand": desk.standing(here.conn, here.asker),
        "following": after_of(following),
        "head": head,
        "heads": HEADS,
        "most_keys": _MOST_KEYS,
    }
    return render(request, "unsure.html", words)


def after_of(place: Place | None) -> str:
    """Where a page ended, as it stands in a link."""
    return f"{place[0]}.{place[1]}.{place[2]}" if place else ""


def place_of(after: str) -> Place | None:
    """The place of a link. Raises ``Refused`` for one that no page ended at."""
    if not after:
        return None
    turn, _, rest = after.partition(".")
    head, _, post = rest.partition(".")
    at, number = whole(turn), whole(post)
    if at is None or number is None or head not in HEADS:
        raise Refused("That page does not exist. Start from the top of the list.")
    return at, head, number
