"""The short way for the plainest item there is: a public ``Create`` of a ``Note`` in plain text. Pure.

Most traffic is of this shape, and reading it strictly costs half of reading it tolerantly. The shape forbids every
field that it does not name, so that nothing is overlooked: what does not fit, or is wrong, takes the long way and is
judged there. A test holds both ways to the same result.
"""

from datetime import UTC, datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from townhall.channels.bounds import MAX_ID, has_nul
from townhall.channels.port import AccountRef
from townhall.kernel.activity import Activity

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_Public = Literal["https://www.w3.org/ns/activitystreams#Public"]
_Id = Annotated[str, Meta(min_length=1)]
_Moment = Annotated[datetime, Meta(tz=True)]


class _Actor(Struct, gc=False, forbid_unknown_fields=True):
    id: _Id
    type: Literal["Person", "Organization", "Service"]
    preferredUsername: _Id


class _Mention(Struct, gc=False, forbid_unknown_fields=True):
    type: Literal["Mention"]
    name: _Id
    href: str = ""


class _Note(Struct, gc=False, forbid_unknown_fields=True):
    id: _Id
    type: Literal["Note"]
    published: _Moment
    mediaType: Literal["text/plain"]
    content: str
    to: list[_Public]
    attributedTo: str = ""
    context: str = ""
    inReplyTo: str = ""
    tag: list[_Mention] = []
    cc: list[_Public] = []


class _Act(Struct, gc=False, forbid_unknown_fields=True):
    type: Literal["Create"]
    actor: _Actor
    object: _Note
    published: str = ""
    id: str = ""
    to: list[_Public] = []
    cc: list[_Public] = []
    context: Literal["https://www.w3.org/ns/activitystreams", ""] = msgspec.field(name="@context", default="")


_decode = msgspec.json.Decoder(_Act).decode


def plain(raw: bytes, account: AccountRef) -> Activity | None:
    """The activity if the item is of the plain shape and small, else ``None``."""
    if len(raw) > MAX_ID or has_nul(raw):
        return None
    try:
        act = _decode(raw)
    except (ValueError, RecursionError):
        return None
    note, actor = act.object, act.actor
    since = note.published - _EPOCH
    if not note.to or since.days < 0:
        return None
    published = (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
    kind = actor.type
    return Activity(
        verb="Create",
        object_id=note.id,
        author_id=actor.id,
        author_handle=actor.preferredUsername,
        author_kind=kind,
        own=kind == "Organization" or actor.id == account.native_id,
        published=published,
        happened=published,
        text=note.content,
        conversation=note.context,
        in_reply_to=note.inReplyTo,
        mentions=_names(note.tag),
    )


def _names(tags: list[_Mention]) -> tuple[str, ...]:
    if len(tags) == 1:
        return (tags[0].name.removeprefix("@"),)
    return tuple([tag.name.removeprefix("@") for tag in tags])
