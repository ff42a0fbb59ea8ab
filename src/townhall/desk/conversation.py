"""One conversation: everything the page needs, in a fixed number of queries."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace
from psycopg import Connection

from townhall.beside.logic.translation import Service
from townhall.care.logic import initials
from townhall.care.presence import STALE_AFTER, TYPING_FOR
from townhall.desk import conversation_sql as sql
from townhall.desk.clocks import Running, Timetables, clock_view, timetables
from townhall.desk.composing import composer
from townhall.desk.deeds import with_deeds
from townhall.desk.history import item
from townhall.desk.retention import with_fates
from townhall.desk.thread import post_views
from townhall.desk.views.clocks import ClockView, Holder
from townhall.desk.views.composer import ReleaseView
from townhall.desk.views.conversation import (
    Beside,
    CaseFacts,
    ConversationView,
    HistoryItem,
    IdentityView,
    NoteView,
    OtherThread,
    PersonView,
    PostView,
    PromiseView,
    Viewer,
)
from townhall.desk.ways import with_ways
from townhall.kernel.clock import DAY, Instant
from townhall.kernel.digits import moment, whole
from townhall.kernel.errors import NotFound, Refused
from townhall.outbound.store.pictures import read as pictures

POSTS = 200
OTHERS = 12
HISTORY = 50
RELEASES = 20
USUAL: Instant = 30 * DAY
"""What approvals usually wait is told from so long before now."""

Row = tuple[Any, ...]


def conversation(
    conn: Connection[Any], brand: int, case_id: int, staff: int, now: Instant, *, before: str = ""
) -> ConversationView:
    """The whole page for one reader. ``before`` is the cursor to earlier posts. Raises ``NotFound``. At most 17 queries, and
    two more where a post of a customer was deleted."""
    row = sql.case(conn, brand, case_id)
    if row is None:
        raise NotFound("That case does not exist.")
    ledger = sql.promises(conn, case_id)
    releases = tuple(_release(one) for one in sql.releases(conn, case_id, RELEASES, now - USUAL))
    promises = _promises(conn, brand, ledger, releases, now)
    thread = _thread(conn, brand, row, _matter(ledger), releases, before)
    person, others = _customer(conn, row, thread.posts)
    return ConversationView(
        case=CaseFacts(*(*row[:14], row[28], row[34])),
        clock=_clock(promises),
        thread_id=row[25],
        visibility=row[26],
        authors=len({post.author.id for post in thread.posts}),
        posts=thread.posts,
        earlier=thread.earlier,
        seen_post=max((post.id for post in thread.posts), default=row[13]),
        person=person,
        promises=promises,
        others=others,
        notes=tuple(NoteView(*note) for note in sql.notes(conn, case_id)),
        history=_history(conn, brand, case_id),
        viewers=viewers(conn, case_id, staff, now),
        composer=composer(conn, brand, staff, row, thread.posts, person, releases),
        releases=thread.releases,
        as_of=now,
        holder=Holder(row[14], row[27], initials(row[27])) if row[14] else None,
        beside=Beside(row[32], Service(**row[33]) if row[33] else None),
    )


class _Thread(Struct, frozen=True):
    """The posts with all that is known of them, the releases that stand under none, and the cursor to earlier posts."""

    posts: tuple[PostView, ...]
    releases: tuple[ReleaseView, ...]
    earlier: str


def _thread(
    conn: Connection[Any], brand: int, row: Row, matter: int, releases: tuple[ReleaseView, ...], before: str
) -> _Thread:
    found = sql.posts(conn, row[25], _before(before), POSTS)
    plain = post_views(found[:POSTS], sql.edits(conn, [p[0] for p in found]), matter, row[15])
    done = with_deeds(conn, brand, with_fates(conn, brand, plain), row[18], row[20])
    posts, waiting = with_ways(conn, brand, row[17], done, releases)
    earlier = f"{found[POSTS - 1][9]}.{found[POSTS - 1][0]}" if len(found) > POSTS else ""
    return _Thread(posts, waiting, earlier)


def _promises(
    conn: Connection[Any], brand: int, ledger: Sequence[Row], releases: Sequence[ReleaseView], now: Instant
) -> tuple[PromiseView, ...]:
    hours = timetables(conn, brand)
    held_since = min((one.made_at for one in releases if one.state == "held"), default=0)
    return tuple(promise_view(one, held_since, now, hours) for one in ledger)


def _matter(ledger: Sequence[Row]) -> int:
    """The post that the first open promise is about (0: none is open)."""
    return next((one[11] for one in ledger if not one[6] and not one[8]), 0)


def _history(conn: Connection[Any], brand: int, case_id: int) -> tuple[HistoryItem, ...]:
    names = sql.staff_names(conn, brand)
    return tuple(item(change, case_id, names) for change in sql.history(conn, case_id, HISTORY))


def promise_view(row: Row, held_since: Instant, now: Instant, hours: Timetables) -> PromiseView:
    """One stored promise (a row of ``conversation_sql.promises``) as a line of the ledger."""
    waits = not row[6] and not row[8]
    paused = waits and row[10] > 0
    due = row[3] if waits or row[6] else 0
    running = Running(
        due, row[1], row[4], row[5], paused, row[9], row[10], held_since if waits else 0, row[6]
    )
    return PromiseView(
        id=row[0], metric=row[1], clock=clock_view(running, now, hours), started_at=row[2], due_at=row[3],
        target=row[4], calendar=row[5], satisfied_at=row[6], satisfied_by=row[7], cancelled_at=row[8], cause=row[9],
    )  # fmt: skip


def _clock(promises: Sequence[PromiseView]) -> ClockView:
    """The open promise that falls due first; without one, the last that was kept."""
    waiting = [p for p in promises if not p.satisfied_at and not p.cancelled_at]
    if waiting:
        return min(waiting, key=lambda p: p.due_at).clock
    kept = [p for p in promises if p.satisfied_at]
    return kept[-1].clock if kept else ClockView("none")


def _before(cursor: str) -> tuple[Instant, int] | None:
    if not cursor:
        return None
    first, _, second = cursor.partition(".")
    at, id = moment(first), whole(second)
    if at is None or id is None:
        raise Refused("Those posts do not exist. Open the conversation again.")
    return at, id


def _customer(
    conn: Connection[Any], row: Row, posts: Sequence[PostView]
) -> tuple[PersonView, tuple[OtherThread, ...]]:
    """Whose case it is, and their other threads."""
    person = _person(sql.identities(conn, row[15]), row[15])
    mine = {i.id for i in person.identities} or {person.id}
    others = sql.other_threads(conn, list(mine), row[25], OTHERS)
    seen = others[0][7] if others else sum(post.author.id in mine for post in posts)
    return replace(person, posts=seen), tuple(OtherThread(*other[:7]) for other in others)


def _person(rows: Sequence[Row], customer: int) -> PersonView:
    """Their identities; how many posts are theirs is not counted yet."""
    identities = tuple(IdentityView(*row) for row in rows)
    if not identities:
        return PersonView(customer, "", "", (), 0, 0)
    own = identities[0]
    return PersonView(own.id, own.name, own.handle, identities, 0, min(i.first_seen for i in identities))


def _release(row: Row) -> ReleaseView:
    return replace(
        ReleaseView(*row), approvers=tuple(row[11]), able=tuple(row[12]), pictures=pictures(row[15])
    )


def viewers(conn: Connection[Any], case_id: int, staff: int, now: Instant) -> tuple[Viewer, ...]:
    """Colleagues who have the case open now, and whether they write. One query; whoever asks has found the case before."""
    rows = sql.viewers(conn, case_id, staff, now - STALE_AFTER, now - TYPING_FOR)
    return tuple(Viewer(row[0], row[1], initials(row[1]), row[2]) for row in rows)
