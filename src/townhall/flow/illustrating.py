"""A draft kept with its pictures in one act: with those that are brought, without the one that is taken out. Nothing leaves by it."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from psycopg import Connection

from townhall.channels.redrawn import Redrawn
from townhall.flow.outbound import Composed, discard_draft, save_draft
from townhall.flow.picturing import attach, detach
from townhall.kernel.clock import Instant
from townhall.kernel.errors import Refused
from townhall.outbound.store import drafts
from townhall.outbound.store.drafts import Draft
from townhall.people.doors import Asker


class Illustrated(Struct, frozen=True):
    """The draft as it is kept (``None``: nothing is left of it), and why what was brought was not added ("": it was)."""

    draft: Draft | None
    why: str = ""


def kept(conn: Connection[Any], asker: Asker, written: Composed, now: Instant) -> Draft | None:
    """What is written, kept as a draft; none where nothing is written and no picture is there: then it is gone."""
    if not written.text.strip() and not written.pictures:
        there = drafts.mine(conn, written.case_id, asker.staff_id, written.kind)
        if there is None or not there.pictures:
            discard_draft(conn, asker, written.case_id, written.kind)
            return None
    return _unless_empty(conn, asker, _saved(conn, asker, written, now))


def illustrated(
    conn: Connection[Any],
    kek: bytes,
    asker: Asker,
    written: Composed,
    made: Sequence[Redrawn],
    gone: int,
    now: Instant,
) -> Illustrated:
    """The same, with these pictures, all of them or none, and without the one whose id is ``gone`` (0: none)."""
    draft, why = _saved(conn, asker, written, now), ""
    try:
        draft = attach(conn, kek, asker, draft, made, now)
    except Refused as no:
        why = str(no)
    if gone:
        draft = detach(conn, asker, draft, gone)
    return Illustrated(_unless_empty(conn, asker, draft), why)


def _saved(conn: Connection[Any], asker: Asker, written: Composed, now: Instant) -> Draft:
    return save_draft(
        conn, asker, written.case_id, written.kind, written.text, now, reply_to=written.reply_to,
        seen_post=written.seen_post, seen_version=written.seen_version, alts=dict(written.pictures),
    )  # fmt: skip


def _unless_empty(conn: Connection[Any], asker: Asker, draft: Draft) -> Draft | None:
    if draft.text.strip() or draft.pictures:
        return draft
    discard_draft(conn, asker, draft.case_id, draft.kind)
    return None
