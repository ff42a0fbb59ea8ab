"""A collection in one file, as Mastodon exports an account's posts (``outbox.json``). Pure."""

import re

import msgspec
from msgspec import Raw, Struct

from townhall.channels.activitystreams.parse import decoded
from townhall.channels.activitystreams.shapes import Actor
from townhall.kernel.errors import Refused


class _Collection(Struct, gc=False):
    type: str = ""
    orderedItems: list[Raw] | None = None
    items: list[Raw] | None = None


class _Owned(Struct, gc=False):
    actor: str | Actor | None = None


_STATED = re.compile(rb'"type"\s*:\s*"(?:Ordered)?Collection(?:Page)?"')
_collection = msgspec.json.Decoder(_Collection)
_owned = msgspec.json.Decoder(_Owned)


def is_outbox(first_line: bytes) -> bool:
    """Whether a file whose first line this is holds one collection rather than one item a line."""
    if first_line.strip() == b"{":
        return True
    try:
        return _is_collection(decoded(_collection, first_line).type)
    except Refused:  # too long to be whole, perhaps: what stands at its beginning decides
        stated = _STATED.search(first_line[:4096])
        return stated is not None and b'"orderedItems"' not in first_line[: stated.start()]


def read_outbox(whole: bytes) -> list[bytes]:
    """The exact bytes of each item, in the file's order. Raises ``Refused`` when it is not a collection."""
    found = decoded(_collection, whole)
    items = found.orderedItems if found.orderedItems is not None else found.items
    if items is None or not _is_collection(found.type):
        raise Refused("not a collection: it needs a type of OrderedCollection and orderedItems")
    return [bytes(item) for item in items]


def outbox_owner(items: list[bytes]) -> str:
    """Whose outbox it is: the actor of its items ("" when they differ or say nothing).

    Only its owner can export an outbox, so an import makes this the account's ``native_id`` and the posts are its own.
    """
    actors = {actor_id(item) for item in items}
    return actors.pop() if len(actors) == 1 else ""


def actor_id(item: bytes) -> str:
    """The id of who acts ("" when the item does not say or cannot be read)."""
    try:
        actor = decoded(_owned, item).actor
    except Refused:
        return ""
    return actor if isinstance(actor, str) else (actor.id or "" if actor else "")


def _is_collection(kind: str) -> bool:
    return kind.endswith(("Collection", "CollectionPage"))
