"""ActivityStreams 2.0 to our words. Pure; refuses with a precise reason and raises nothing else.

``parse`` takes one item, ``read_lines`` a block of NDJSON, ``read_outbox`` splits a Mastodon ``outbox.json``.
An object without an act around it counts as created (ActivityPub 6.2.1). An act that names several objects
gives one activity each. An ``Organization`` is the brand's own account: files are imported by the brand itself.
"""

from typing import Any, TypeVar

import msgspec

from townhall.channels.activitystreams.plain import plain
from townhall.channels.activitystreams.shapes import Act, Actor, KeyAct, KeyThing, Link, Ref, Thing
from townhall.channels.activitystreams.words import attached, language_of, mentioned, visible, words
from townhall.channels.bounds import MAX_PARTS, checked, checked_item, instant, web_address
from townhall.channels.port import AccountRef
from townhall.kernel.activity import Activity, AuthorKind
from townhall.kernel.clock import Instant
from townhall.kernel.errors import Refused, TooLarge

NOBODY = AccountRef()
_VERBS = frozenset({"Create", "Update", "Delete", "Like", "Announce", "Flag"})
_POSTS = frozenset(
    {"Note", "Article", "Question", "Page", "Image", "Video", "Audio", "Document", "Event", "Review"}
)
_ACTORS = frozenset({"Person", "Organization", "Service", "Application", "Group"})
_KINDS: dict[str, AuthorKind] = {
    "Person": "Person", "Organization": "Organization", "Service": "Service", "Application": "Service",
}  # fmt: skip

_act = msgspec.json.Decoder(Act)
_thing = msgspec.json.Decoder(Thing)
_key = msgspec.json.Decoder(KeyAct)
_T = TypeVar("_T")


def parse(raw: bytes, account: AccountRef = NOBODY) -> list[Activity]:
    """What one item says, usually one activity. Raises ``Refused`` with the reason."""
    short = plain(raw, account)
    return [short] if short is not None else parse_fully(raw, account)


def parse_fully(raw: bytes, account: AccountRef) -> list[Activity]:
    """The same the long way, for every shape."""
    act = decoded(_act, checked_item(raw))
    kind = type_of(act.type)
    if kind not in _VERBS:
        return [_bare(raw, kind, account)]
    found = act.object if isinstance(act.object, list) else (act.object,)
    if not found or len(found) > MAX_PARTS:
        raise Refused("no object: the act does not say what it is about")
    return [checked(_one(act, kind, thing, account), raw) for thing in found]


def parse_lines(block: bytes, account: AccountRef = NOBODY) -> list[Activity]:
    """Every activity of a block of NDJSON; blank lines are passed over. Raises at the first bad line."""
    return [activity for line in block.split(b"\n") if line.strip() for activity in parse(line, account)]


def read_lines(lines: list[bytes], account: AccountRef = NOBODY) -> list[list[Activity] | Refused]:
    """For each line, what it says or why it is refused. Never raises."""
    return [_read(line, account) for line in lines]


def conversation_key(raw: bytes) -> str:
    """``Activity.conversation_key`` of the item without reading the rest of it. Raises ``Refused``."""
    act = decoded(_key, checked_item(raw))
    thing = act.object[0] if isinstance(act.object, list) and act.object else act.object
    if isinstance(thing, str):
        return _cleaned(thing)
    found = thing if isinstance(thing, KeyThing) else act
    key = _id(found.context) or _id(found.conversation) or _id(_first(found.inReplyTo)) or found.id
    if not key:
        raise Refused("no id: neither the object nor its conversation has one")
    return _cleaned(key)


def decoded(decoder: msgspec.json.Decoder[_T], raw: bytes) -> _T:
    """The item in its shape, or ``Refused`` saying what is wrong with it and where."""
    try:
        return decoder.decode(raw)
    except msgspec.ValidationError as wrong:
        raise Refused(f"not the expected shape: {wrong}") from wrong
    except RecursionError as wrong:
        raise TooLarge("the item is nested too deep") from wrong
    except ValueError as wrong:
        raise Refused(f"not JSON: {wrong}") from wrong


def type_of(stated: str | list[str] | None) -> str:
    """The type, or the first of several that we know."""
    if isinstance(stated, str):
        return stated
    known = [kind for kind in stated or () if kind in _VERBS or kind in _POSTS or kind in _ACTORS]
    if not known:
        raise Refused("no type: the item does not say what it is")
    return known[0]


def _read(line: bytes, account: AccountRef) -> list[Activity] | Refused:
    try:
        return parse(line, account)
    except Refused as why:
        return why


def _bare(raw: bytes, kind: str, account: AccountRef) -> Activity:
    if kind not in _POSTS:
        raise Refused(f"the type {kind[:40]!r} is neither a post nor an act on one that is kept")
    thing = decoded(_thing, raw)
    return checked(_one(Act(type="Create", to=thing.to, cc=thing.cc), "Create", thing, account), raw)


def _one(act: Act, verb: Any, thing: str | Thing | None, account: AccountRef) -> Activity:
    if not isinstance(thing, Thing):
        thing = Thing(id=thing)
    if not thing.id:
        raise Refused("no id: the object has none")
    if verb == "Update" and thing.type is not None and type_of(thing.type) in _ACTORS:
        raise Refused("an Update of an actor changes no post")
    author, handle, name, kind = _author(act.actor or thing.attributedTo, thing.attributedTo)
    published, happened = _times(act, thing, verb)
    says = verb in ("Create", "Update")
    addressed = act if thing.to is None and thing.cc is None else thing
    return Activity(
        verb=verb,
        object_id=thing.id,
        author_id=author,
        author_handle=handle,
        author_name=name,
        author_kind=kind,
        own=kind == "Organization" or author == account.native_id,
        published=published,
        happened=happened,
        text=words(thing) if says else "",
        conversation=_id(thing.context) or _id(thing.conversation),
        in_reply_to=_id(_first(thing.inReplyTo)),
        visibility=visible(addressed.to, addressed.cc),
        url=_address(thing.url) if thing.url else "",
        language=language_of(thing) if thing.contentMap else "",
        media=attached(thing) if says and thing.attachment else (),
        mentions=mentioned(thing.tag) if thing.tag else (),
    )


def _times(act: Act, thing: Thing, verb: str) -> tuple[Instant, Instant]:
    """When the post was published, and when this act happened: the most exact time that is stated."""
    published = instant(thing.published, "object.published") if thing.published else 0
    stated = act.published or act.updated
    if verb == "Create":
        published = published or (instant(stated, "published") if stated else 0)
        return published, published
    if verb == "Update" and thing.updated:
        return published, instant(thing.updated, "object.updated")
    if verb == "Delete" and thing.deleted:
        return published, instant(thing.deleted, "object.deleted")
    return published, instant(stated, "published") if stated else 0


def _author(
    actor: str | Actor | list[str | Actor] | None, attributed: str | Actor | list[str | Actor] | None
) -> tuple[str, str, str, AuthorKind]:
    who = _first(actor)
    if isinstance(who, str) and isinstance(attributed, Actor) and attributed.id == who:
        who = attributed
    if isinstance(who, str) and who:
        return who, _last_part(who), "", "Person"
    if not isinstance(who, Actor) or not who.id:
        raise Refused("no actor: the item does not say whose it is")
    kind = who.type if isinstance(who.type, str) else type_of(who.type or "Person")
    return who.id, who.preferredUsername or _last_part(who.id), who.name or "", _KINDS.get(kind, "Person")


def _last_part(address: str) -> str:
    return address.rstrip("/").rsplit("/", 1)[-1].lstrip("@")


def _first(one_or_many: Any) -> Any:
    """The first of several, or the one there is."""
    if isinstance(one_or_many, list):
        return one_or_many[0] if one_or_many else None
    return one_or_many


def _id(ref: str | Ref | None) -> str:
    if isinstance(ref, str):
        return ref
    return (ref.id or "") if isinstance(ref, Ref) else ""


def _address(stated: str | Link | list[str | Link]) -> str:
    found = _first(stated)
    return web_address(found.href if isinstance(found, Link) else found)


def _cleaned(key: str) -> str:
    return key.replace("\x00", "\ufffd")
