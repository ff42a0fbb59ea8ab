"""Texts that come back to their authors as drafts: taken back, returned, edited by an approver, or out of time."""

from typing import Any

from msgspec.structs import replace
from psycopg import Connection

from townhall.kernel.clock import Instant
from townhall.kernel.errors import NotFound
from townhall.outbound.store import drafts
from townhall.outbound.store.drafts import Draft
from townhall.outbound.store.releases import Release
from townhall.people.doors import Asker, require


def back_to_draft(conn: Connection[Any], release: Release, remark: str, now: Instant) -> Draft:
    """The text of a release as its author's draft, with the remark of whoever sent it back.

    What an approver had put into it before is still known to be theirs.
    """
    return _kept(conn, _draft(release, remark, now, release.earlier_text, release.editor_id, release.editor))


def returned(
    conn: Connection[Any], release: Release, remark: str, editor: Asker, text: str, now: Instant
) -> Draft:
    """A returned text as its author's draft: as it was handed in, or as ``editor`` rewrote it (``text``, "" when not).

    What was handed in stays beside it, so that the author sees the difference and can have their own words back.
    """
    if not text:
        draft = _draft(release, remark, now, release.text, release.editor_id, release.editor)
    else:
        draft = replace(_draft(release, remark, now, release.text, editor.staff_id, editor.name), text=text)
    return _kept(conn, draft)


def own_words(conn: Connection[Any], asker: Asker, case_id: int, kind: str, now: Instant) -> Draft:
    """The author's draft as they handed it in, without what an approver put into it. Raises ``NotFound``."""
    require(asker, "reply")
    mine = drafts.mine(conn, case_id, asker.staff_id, kind, lock=True)
    if mine is None or not mine.editor or mine.brand_id != asker.brand_id:
        raise NotFound("Nobody edited a draft of yours here.")
    own = replace(mine, text=mine.earlier, earlier="", editor_id=0, editor="", saved_at=now)
    kept = drafts.save(conn, own, None, came_back=True)
    assert kept
    return kept


def _draft(release: Release, remark: str, now: Instant, earlier: str, editor_id: int, editor: str) -> Draft:
    return Draft(
        0, release.brand_id, release.case_id, release.author_id, release.author, release.kind, release.reply_to,
        release.text, release.seen_post, 0, 0, remark, now, earlier, editor_id, editor, release.pictures,
    )  # fmt: skip


def _kept(conn: Connection[Any], back: Draft) -> Draft:
    """Keeps it; what its author has begun meanwhile stands below it, so that nothing of theirs is lost."""
    meanwhile = drafts.mine(conn, back.case_id, back.staff_id, back.kind, lock=True)
    if meanwhile:
        begun = meanwhile.text.strip()
        text = f"{back.text}\n\n{begun}" if begun and begun not in back.text else back.text
        here = {one.id for one in back.pictures}
        fresh = (one for one in meanwhile.pictures if one.id not in here)
        back = replace(back, text=text, pictures=(*back.pictures, *fresh))
    kept = drafts.save(conn, back, None, came_back=True)
    assert kept
    return kept
