"""Pictures of a draft: brought, taken out, told in words, looked at. By none of it anything leaves the house.

A picture is drawn anew before it comes here (``channels.redrawn``), and lies sealed.
"""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from msgspec import Struct
from msgspec.structs import replace
from psycopg import Connection

from townhall.channels.carried import Carried
from townhall.channels.port import Enclosure
from townhall.channels.redrawn import Redrawn
from townhall.flow.outbound_gather import carries, place_of
from townhall.kernel.clock import Instant
from townhall.kernel.errors import Broken, NotFound, Refused
from townhall.outbound.logic.fitting import overfull
from townhall.outbound.logic.words import Picture
from townhall.outbound.store import drafts, pictures
from townhall.outbound.store.drafts import Draft
from townhall.outbound.store.pictures import Stored
from townhall.outbound.store.releases import Release
from townhall.people.doors import Asker, require
from townhall.vault import open_sealed, seal

MAX_ALT = 5_000
"""Characters of what a picture shows, kept while somebody types: beyond every network."""
STRAYED = "The pictures of this draft were changed elsewhere. Look at them, then send."


class Shown(Struct, frozen=True):
    """A picture to look at."""

    media_type: str
    data: bytes


def room(conn: Connection[Any], asker: Asker, case_id: int, kind: str, more: int = 1) -> Carried:
    """What so many more pictures may be there. Raises ``Forbidden``, ``NotFound``, or ``Refused`` where they do not fit."""
    place = place_of(conn, asker, case_id)
    if kind == "note":
        raise Refused("A note carries no pictures.")
    there, mine = carries(place, kind == "private"), drafts.mine(conn, case_id, asker.staff_id, kind)
    if why := overfull((len(mine.pictures) if mine else 0) + more, there.most):
        raise Refused(f"{why} Take out what it cannot." if there.most else why)
    return there


def attach(
    conn: Connection[Any], kek: bytes, asker: Asker, draft: Draft, made: Sequence[Redrawn], now: Instant
) -> Draft:
    """The draft, saved just before, with these pictures too, each once; all of them or none.

    Raises as ``room`` does, and ``Refused`` where one of them is there already.
    """
    fresh = {sha256(one.data).hexdigest(): one for one in made}
    if not fresh:
        return draft
    room(conn, asker, draft.case_id, draft.kind, len(fresh))
    if any(one.digest in fresh for one in draft.pictures):
        raise Refused(
            "This picture is here already."
            if len(fresh) == 1
            else "One of these pictures is here already, so none was added."
        )
    more = [_added(conn, kek, asker, draft, one, digest, now) for digest, one in fresh.items()]
    return drafts.put_pictures(conn, draft, [*draft.pictures, *more])


def _added(
    conn: Connection[Any], kek: bytes, asker: Asker, draft: Draft, made: Redrawn, digest: str, now: Instant
) -> Picture:
    stored = Stored(
        brand_id=asker.brand_id, case_id=draft.case_id, staff_id=asker.staff_id, digest=digest, media_type=made.media_type,
        sealed=seal(kek, made.data, _label(digest)), made_at=now,
    )  # fmt: skip
    small = seal(kek, made.small, _label(digest))
    return Picture(
        id=pictures.add(conn, stored, small), digest=digest, media_type=made.media_type, width=made.width, height=made.height,
        size=len(made.data),
    )  # fmt: skip


def detach(conn: Connection[Any], asker: Asker, draft: Draft, picture_id: int) -> Draft:
    """The draft, saved just before, without that picture. One that is gone already stays gone."""
    require(asker, "reply")
    left = drafts.put_pictures(conn, draft, [one for one in draft.pictures if one.id != picture_id])
    pictures.drop_unused(conn, draft.case_id)
    return left


def described(conn: Connection[Any], draft: Draft, alts: Mapping[int, str]) -> Draft:
    """The draft with what its pictures show in these words, by their ids; of others nothing changes."""
    if any(len(words) > MAX_ALT for words in alts.values()):
        raise Refused(f"What a picture shows is told in at most {MAX_ALT:,} characters.")
    told = tuple(replace(one, alt=alts.get(one.id, one.alt)) for one in draft.pictures)
    return draft if told == draft.pictures else drafts.put_pictures(conn, draft, told)


def strayed(draft: Draft, shown: Sequence[int]) -> str:
    """Why what its author saw of the pictures is not what would go ("" when it is)."""
    return "" if [one.id for one in draft.pictures] == list(shown) else STRAYED


def look(conn: Connection[Any], kek: bytes, asker: Asker, picture_id: int, *, small: bool) -> Shown:
    """A picture of a reply of the brand that was handed in and not taken back, or one that the asker brought; ``small``: the
    small one of it. Raises ``Forbidden``, ``NotFound`` or ``Broken``."""
    require(asker, "read_case")
    found = pictures.many(conn, [picture_id], small=small).get(picture_id)
    if found is None or found.brand_id != asker.brand_id:
        raise NotFound("There is no such picture.")
    if found.staff_id != asker.staff_id and not pictures.sent_or_held(conn, found):
        raise NotFound("There is no such picture.")
    return Shown(found.media_type, open_sealed(kek, found.sealed, _label(found.digest)))


def enclosures(conn: Connection[Any], kek: bytes, release: Release) -> tuple[Enclosure, ...]:
    """The pictures of a release as they go out, in order. Raises ``Broken`` unless their bytes are those that were released."""
    if not release.pictures:
        return ()
    stored = pictures.many(conn, [one.id for one in release.pictures])
    return tuple(_enclosed(kek, one, stored.get(one.id)) for one in release.pictures)


def _enclosed(kek: bytes, released: Picture, stored: Stored | None) -> Enclosure:
    if stored is None:
        raise Broken("a picture that was released is not here any more: nothing was sent")
    data = open_sealed(kek, stored.sealed, _label(released.digest))
    if sha256(data).hexdigest() != released.digest:
        raise Broken("a stored picture is not what was released: nothing was sent")
    return Enclosure(data, stored.media_type, released.alt)


def _label(digest: str) -> bytes:
    return b"picture " + digest.encode()
