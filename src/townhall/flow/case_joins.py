"""Two cases become one, or one becomes two. The earlier deadline always survives."""

from typing import Any

from msgspec.structs import replace
from psycopg import Connection

from townhall.care import logic, store
from townhall.flow import posts
from townhall.flow.case_change import ClockAct, Done, Held, Write, allowed, hold, settle, write
from townhall.flow.case_clock import adoption, cancel_open, promised
from townhall.kernel.clock import Instant
from townhall.kernel.errors import Refused
from townhall.people.doors import Asker
from townhall.policy.logic.targets import RESPONSES
from townhall.routing.ledger import Commitment

SNIPPET = 160
"""How much of a post the list shows, in code points."""


def merge(
    conn: Connection[Any],
    asker: Asker,
    case_id: int,
    into_id: int,
    now: Instant,
    *,
    version: int | None = None,
) -> Done:
    """The case goes into another; the other then owes what is due first of the two."""
    first, second = sorted((case_id, into_id))
    holds = {first: hold(conn, asker, first, version=version if first == case_id else None)}
    if second != first:
        holds[second] = hold(conn, asker, second, version=version if second == case_id else None)
    gone, kept = holds[case_id], holds[into_id]
    after = allowed(logic.merge(gone.case, kept.case, now))
    cause = f"merged_into/{into_id}"
    before, ended = cancel_open(gone.promises, now, cause)
    was, adopted = _adopt(conn, before, kept, now)
    others = [p for p in kept.promises if p.id not in {a.id for a in adopted}]
    stays = settle(replace(kept.case, state="open", snoozed_until=0), [*others, *adopted])
    events = [ClockAct(after, "close", cause), *(adoption(stays, owed) for owed in _owed(before) if adopted)]
    done = Write(
        "merge", "merged", [gone.case, kept.case], [after, stays], [*before, *was], [*ended, *adopted],
        events, {"into": into_id},
    )  # fmt: skip
    return write(conn, asker, done, now)


def _adopt(
    conn: Connection[Any], leaving: list[Commitment], kept: Held, now: Instant
) -> tuple[list[Commitment], list[Commitment]]:
    """What the case that stays owes after a merge: its own promise with the earlier deadline, or a new one."""
    owed, own = _owed(leaving), _owed(kept.promises)
    if not owed:
        return [], []
    earliest = owed[0]
    if not own:
        return [], [replace(earliest, id=store.fresh_id(conn, now), case=kept.case.id)]
    first = own[0]
    return ([first], [replace(first, due=earliest.due)]) if earliest.due < first.due else ([], [])


def _owed(promises: list[Commitment]) -> list[Commitment]:
    """The open promise of an answer that falls due first, if there is one."""
    answers = [p for p in promises if p.is_open() and p.metric in RESPONSES]
    return sorted(answers, key=lambda p: (p.due, p.id))[:1]


def split(
    conn: Connection[Any],
    asker: Asker,
    case_id: int,
    post_id: int,
    now: Instant,
    *,
    version: int | None = None,
) -> Done:
    """Another person's post of the same thread becomes a case of its own, with a promise like this case's.

    Gives the new case. Raises ``Refused`` for a post of the case's own customer, of ours, or of somebody who has an
    open case in this thread already.
    """
    held = hold(conn, asker, case_id, version=version)
    post = posts.post(conn, asker.brand_id, post_id)
    if post.thread != held.case.thread or post.direction == "out":
        raise Refused("Only a post by somebody else in this thread can become a case of its own.")
    if post.author == held.case.customer:
        raise Refused("That post is by the person this case is about already.")
    if store.open_case_of(conn, post.thread, post.author):
        raise Refused("That person has an open case in this thread already.")
    new_id = store.fresh_id(conn, now)
    store.copy_for(conn, case_id, new_id, post.author, post.id, post.text[:SNIPPET], post.published)
    made = _like(conn, held, new_id, post, now)
    fresh = store.case(conn, asker.brand_id, new_id, lock=True)
    blank = replace(fresh, state="merged", merged_into=case_id)
    done = Write(
        "split", "split", [blank, held.case], [settle(fresh, made), held.case], [], made,
        [adoption(fresh, owed) for owed in made], {"from": case_id, "post": post.id},
    )  # fmt: skip
    return write(conn, asker, done, now)


def _like(conn: Connection[Any], held: Held, case: int, post: posts.Post, now: Instant) -> list[Commitment]:
    """The first promise of a split-off case: by the same target and calendar as the case it came from."""
    if not held.promises:
        return []
    return [
        promised(
            conn, held.promises[0], post.published, now, case=case, post=post.id, metric="first_response"
        )
    ]
