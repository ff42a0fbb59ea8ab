"""From public to private: a polite public line through the one door, and the author's words wait as a private draft."""

from typing import Any

from msgspec.structs import replace
from psycopg import Connection

from townhall import journal
from townhall.care import store as cases
from townhall.channels import CHANNELS
from townhall.desk import lines
from townhall.desk.reply_place import Place
from townhall.flow.outbound import Composed, save_draft, submit
from townhall.flow.outbound_facts import fact_of_case
from townhall.flow.outbound_gather import place_of
from townhall.flow.outbound_outcome import Held, Outcome, Released
from townhall.kernel.clock import Instant
from townhall.kernel.errors import Refused
from townhall.outbound.logic.journey import HOLD_WINDOW
from townhall.outbound.logic.moving import why_not_move
from townhall.outbound.store import drafts
from townhall.people.doors import Asker


def move_to_private(
    conn: Connection[Any],
    asker: Asker,
    composed: Composed,
    now: Instant,
    *,
    force: bool = False,
    again: bool = False,
    window: Instant = HOLD_WINDOW,
) -> Outcome:
    """Says in public that one goes on in private. What the asker was writing in public becomes their private draft.

    Without a text the brand's own line is said. The line is judged like every other text, and may be held or refused; then the
    draft of the line is kept. ``again``: the public draft is such a line already. Raises ``Refused`` where nothing can be moved.
    """
    place = place_of(conn, asker, composed.case_id, composed.reply_to)
    if why := _why_not(place):
        raise Refused(why)
    cases.case(conn, asker.brand_id, composed.case_id, lock=True)
    if not again:
        _carry_over(conn, asker, composed, now)
    text = composed.text if composed.text.strip() else _line(conn, place)
    said = replace(composed, kind="public", text=text, pictures=composed.pictures if again else ())
    outcome = submit(conn, asker, said, now, force=force, window=window)
    if isinstance(outcome, Released | Held):
        told = fact_of_case(
            "townhall.case.moved_private", asker.brand_id, composed.case_id, asker.actor, now,
            release=outcome.release_id,
        )  # fmt: skip
        journal.append(conn, [told])
    return outcome


def _why_not(place: Place) -> str:
    card = CHANNELS[place.channel].card
    by_hand = card.to_them(place.to_native, place.to_handle, place.account_server)
    return why_not_move(place.post_visibility == "direct", card.private_reply, by_hand)


def _line(conn: Connection[Any], place: Place) -> str:
    account = lines.Speaker(place.channel, place.account_native, place.account_handle, place.account_server)
    return lines.line(lines.stored(conn, place.brand_id), account, place.language, place.to_name)


def _carry_over(conn: Connection[Any], asker: Asker, composed: Composed, now: Instant) -> None:
    """The half-written public answer, with its pictures, goes below what is written in private already, so that the line
    overwrites nothing."""
    mine = {one.kind: one for one in drafts.of(conn, composed.case_id, asker.staff_id, lock=True)}
    public, private = mine.get("public"), mine.get("private")
    begun, there = public.text.strip() if public else "", private.text.rstrip() if private else ""
    said = not begun or begun == composed.text.strip() or begun in there
    if public is None or (said and not public.pictures):
        return
    kept = there if said else f"{there}\n\n{begun}" if there else begun
    draft = save_draft(
        conn, asker, composed.case_id, "private", kept, now, reply_to=composed.reply_to,
        seen_post=composed.seen_post, seen_version=composed.seen_version,
    )  # fmt: skip
    if public.pictures:
        drafts.put_pictures(conn, draft, [*draft.pictures, *public.pictures])
        drafts.put_pictures(conn, public, [])
