"""The inbox: what next, and is anybody drowning."""

from typing import Any
from urllib.parse import urlencode

import msgspec
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from townhall.care import notes
from townhall.desk import inbox as desk_inbox
from townhall.desk.views import ConversationView, InboxFilter, InboxPage
from townhall.desk.views.inbox import GroupKey
from townhall.flow import cases
from townhall.kernel.digits import whole
from townhall.kernel.errors import Refused
from townhall.people import store
from townhall.web.pages.brand import Guest, guest
from townhall.web.pages.gathering import offered, suggested

TITLES: dict[GroupKey, str] = {
    "missed": "Missed",
    "soon": "Due in 15 min",
    "later": "Later",
    "waiting": "Waiting on others",
    "snoozed": "Put aside",
    "closed": "Done",
}
WORK: tuple[GroupKey, ...] = ("missed", "soon", "later")
"""The groups of what waits for us."""
ASSIGNEES = (
    ("mine_or_unassigned", "Mine, unassigned"),
    ("mine", "Mine"),
    ("unassigned", "Unassigned"),
    ("all", "Everybody's"),
)
STATES = (("open", "Open"), ("snoozed", "Snoozed"), ("waiting", "Waiting"), ("closed", "Done"))
WORDS = (
    ("text", "Words"),
    ("queue", "Queue"),
    ("channel", "Channel"),
    ("reason", "Reason"),
    ("language", "Language"),
    ("incident", "Incident"),
)
_TEXTS = tuple(name for name, _ in WORDS)


def home(request: HttpRequest) -> HttpResponse:
    """The first page for this person: set-up without a brand, the inbox for who works it, else the live page."""
    asker = request.visit.asker  # type: ignore[attr-defined]
    if asker is None:
        return redirect("start")
    return redirect("inbox" if asker.may("read_case") else "live")


def filter_of(given: Any) -> InboxFilter:
    """The filter in an address. Raises ``Refused`` on a value that no filter has."""
    texts = {name: given.get(name, "").strip() for name in _TEXTS}
    texts["incident"] = incident_of(texts["incident"])
    assignee, state = given.get("assignee") or "mine_or_unassigned", given.get("state") or "open"
    if assignee not in dict(ASSIGNEES) and whole(assignee) is None:
        raise Refused("Whose cases: mine, unassigned, everybody's or one person's.")
    if state not in dict(STATES):
        raise Refused("A case is open, snoozed, waiting or done.")
    return InboxFilter(assignee=assignee, state=state, **texts)


def incident_of(words: str) -> str:
    """The number of an incident in digits, of "4", "INC 4" or "INC4" ("" of nothing). Raises ``Refused``."""
    number = words.upper().removeprefix("INC").strip().lstrip("0")
    if words and not (number.isdecimal() and number.isascii() and len(number) < 10):
        raise Refused("An incident is named by its number, such as INC 4.")
    return number


def query_of(wanted: InboxFilter, **more: str) -> str:
    """The filter as the query of an address, with what differs from the usual only."""
    usual = InboxFilter(assignee="mine_or_unassigned")
    parts = {
        name: str(getattr(wanted, name))
        for name in ("assignee", "state", *_TEXTS)
        if getattr(wanted, name) != getattr(usual, name)
    }
    words = urlencode({**parts, **{name: value for name, value in more.items() if value}})
    return f"?{words}" if words else ""


def listing(here: Guest, wanted: InboxFilter, cursor: str, view: ConversationView | None) -> dict[str, Any]:
    """What the list shows: groups with their rows, the filter in words, where more is."""
    page = desk_inbox.page(
        here.conn, here.asker.brand_id, wanted, cursor, here.now, staff=here.asker.staff_id
    )
    return {
        "page": _worded(page),
        "grouped": grouped(page, bool(cursor)),
        "keep": query_of(wanted),
        "more_url": "/inbox/" + query_of(wanted, cursor=page.cursor, part="rows"),
        "narrowed": sum(bool(getattr(wanted, name)) for name in _TEXTS),
        "looser": [] if page.rows or page.cursor else loosened(here, wanted),
        "choices": choices(wanted),
        "colleagues": store.seats(here.conn, here.asker.brand_id),
        "idle": wanted.state == "open" and not any(g.count for g in page.groups if g.key in WORK),
        "urgent": next((group.count for group in page.groups if group.key == "missed"), 0),
        "view": view,
        "open_case": view.case.id if view else 0,
        **offered(here),
        **({} if cursor else suggested(here)),
    }


def grouped(page: InboxPage, continued: bool) -> list[dict[str, Any]]:
    """Heads in their fixed order, each with its rows of this page; a continued page shows only heads it has rows of."""
    rows = {key: [row for row in page.rows if row.group == key] for key in TITLES}
    heads = {head.key: head for head in page.groups}
    return [
        {
            "key": key,
            "head": heads.get(key),
            "title": title,
            "rows": rows[key],
            "next": rows[key][0].clock.due_at if key == "later" and rows[key] and not continued else 0,
        }
        for key, title in TITLES.items()
        if rows[key] or (key in heads and not continued)
    ]


def _worded(page: InboxPage) -> dict[str, Any]:
    plain = {name: getattr(page, name) for name in page.__struct_fields__}
    plain["behind"] = [
        {**msgspec.structs.asdict(one), "lag_minutes": round(one.lag_seconds / 60)} for one in page.behind
    ]
    plain["saved"] = [
        {"id": one.id, "name": one.name, "shared": one.shared, "url": f"/inbox/{query_of(one.filter)}"}
        for one in page.saved
    ]
    return plain


def loosened(here: Guest, wanted: InboxFilter) -> list[dict[str, Any]]:
    """For a filter that shows nothing: each part of it in words, with what the list would show without it and where.

    One query a part, seven at most.
    """
    titles, usual = dict(WORDS), InboxFilter()
    words = {name: f"{titles[name]}: {getattr(wanted, name)}" for name in _TEXTS}
    words |= {
        "assignee": dict(ASSIGNEES).get(wanted.assignee, "One person's"),
        "state": dict(STATES)[wanted.state],
    }
    less = [
        (said, msgspec.structs.replace(wanted, **{name: getattr(usual, name)}))
        for name, said in words.items()
        if getattr(wanted, name) != getattr(usual, name)
    ]
    return [
        {"words": said, "url": "/inbox/" + query_of(one), "count": count, "more": more}
        for said, one in less
        for count, more in [desk_inbox.count(here.conn, here.asker.brand_id, one, staff=here.asker.staff_id)]
    ]


def choices(wanted: InboxFilter) -> dict[str, Any]:
    """What the filter's controls offer."""
    words = [(name, label, getattr(wanted, name)) for name, label in WORDS]
    return {"assignee": ASSIGNEES, "state": STATES, "words": words}


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """The list; with ``part=rows`` only the rows after a cursor."""
    here = guest(request, "read_case")
    words = listing(here, filter_of(request.GET), request.GET.get("cursor", ""), None)
    if request.GET.get("part") == "rows":
        answer = render(request, "parts/rows.html", words)
        answer.headers["X-Mark"] = words["page"]["mark"]
        return answer
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": request.get_full_path()})
    return render(request, "inbox.html", words)


@require_GET
def news(request: HttpRequest) -> JsonResponse:
    """How many rows are new since a mark: the list itself is not touched."""
    here = guest(request, "read_case")
    wanted, mark = filter_of(request.GET), request.GET.get("mark", "")
    fresh = desk_inbox.news(here.conn, here.asker.brand_id, wanted, mark, staff=here.asker.staff_id)
    return JsonResponse({"fresh": fresh, "as_of": here.now // 1000})


@require_POST
def next_case(request: HttpRequest) -> HttpResponse:
    """Opens the most urgent case that nobody else holds, within the filter that is set."""
    here = guest(request, "reply")
    wanted = filter_of(request.POST)
    return redirect(next_url(here, wanted, whole(request.POST.get("after", "")) or 0))


def next_url(here: Guest, wanted: InboxFilter, after: int) -> str:
    """Where *Next* leads: the most urgent case of the filter that nobody else holds, else the list."""
    case_id = desk_inbox.next_case(
        here.conn, here.asker.brand_id, wanted, here.now, here.asker.staff_id, after
    )
    return f"/case/{case_id}/{query_of(wanted)}" if case_id else f"/inbox/{query_of(wanted)}"


@require_POST
def keep_filter(request: HttpRequest) -> HttpResponse:
    """Keeps the filter that is set under a name."""
    here = guest(request, "read_case")
    name, wanted = request.POST.get("keep", "").strip(), filter_of(request.POST)
    notes.save_filter(
        here.conn, here.asker.brand_id, here.asker.staff_id, name, msgspec.to_builtins(wanted),
        shared=request.POST.get("shared") == "1",
    )  # fmt: skip
    messages.info(request, f"Kept as “{name}”. It stands below the filter.")
    return redirect("/inbox/" + query_of(wanted))


@require_POST
def drop_filter(request: HttpRequest, filter_id: int) -> HttpResponse:
    """Forgets a filter of one's own."""
    here = guest(request, "read_case")
    notes.drop_filter(here.conn, here.asker.brand_id, here.asker.staff_id, filter_id)
    messages.info(request, "The filter is forgotten.")
    return redirect("/inbox/" + query_of(filter_of(request.GET)))


@require_POST
def many(request: HttpRequest) -> HttpResponse:
    """Gives the selected cases to one person: at most a page of them; what is closed or theirs is passed over."""
    here = guest(request, "assign")
    chosen = [case for one in request.POST.getlist("case")[:200] if (case := whole(one)) is not None]
    to = whole(request.POST.get("to", ""))
    if not chosen or to is None:
        raise Refused("Select cases with x, then choose who holds them. Nothing was changed.")
    done = cases.assign_many(here.conn, here.asker, chosen, to, here.now)
    left = f"; {len(chosen) - len(done)} were theirs already or done" if len(done) < len(chosen) else ""
    messages.info(request, f"{len(done)} case{'' if len(done) == 1 else 's'} handed over{left}.")
    return redirect("/inbox/" + query_of(filter_of(request.GET)))
