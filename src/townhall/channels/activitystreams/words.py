"""What an ActivityStreams object says: its text, language, media, mentions, and who may see it. Pure."""

from townhall.channels.activitystreams.shapes import Attachment, Link, Ref, Tag, Thing
from townhall.channels.bounds import MAX_TEXT, web_address
from townhall.channels.markup import to_text
from townhall.kernel.activity import Media, Visibility
from townhall.kernel.errors import TooLarge

_PUBLIC = frozenset({"https://www.w3.org/ns/activitystreams#Public", "as:Public", "Public"})
_ONLY_PUBLIC = ["https://www.w3.org/ns/activitystreams#Public"]
Audience = str | Ref | list[str | Ref] | None


def words(thing: Thing) -> str:
    """The text: title and warning first, then the content, then the answers of a ``Question``."""
    content = thing.content
    if content is None:
        content = next(iter((thing.contentMap or {"": ""}).values()), "")
    if len(content) > 4 * MAX_TEXT:
        raise TooLarge(f"the content is longer than {4 * MAX_TEXT} characters of markup")
    if ("<" in content or "&" in content) and thing.mediaType in (None, "text/html", "application/xhtml+xml"):
        content = to_text(content)
    if not (thing.name or thing.summary or thing.oneOf or thing.anyOf):
        return content
    options = [f"- {option.name or ''}" for option in (thing.oneOf or thing.anyOf or ())]
    summary = to_text(thing.summary) if thing.summary else ""
    return "\n\n".join(part for part in (thing.name or "", summary, content, "\n".join(options)) if part)


def language_of(thing: Thing) -> str:
    """The language that the sender states for the content ("" when none, or when several and none is it)."""
    stated = thing.contentMap or {}
    matching = [tag for tag, content in stated.items() if thing.content is None or content == thing.content]
    return matching[0] if matching and len(matching[0]) <= 35 else ""


def visible(to: Audience, cc: Audience) -> Visibility:
    """Who may see it. Public in ``to`` is public, in ``cc`` unlisted; a followers' list is followers; people are direct.

    An item that names no audience at all is taken as public: files of public posts leave it out.
    """
    if (to == _ONLY_PUBLIC) or (to is None and cc is None):
        return "public"
    wide, narrow = _ids(to), _ids(cc)
    if not _PUBLIC.isdisjoint(wide):
        return "public"
    if not _PUBLIC.isdisjoint(narrow):
        return "unlisted"
    return "followers" if any(name.endswith("/followers") for name in wide + narrow) else "direct"


def mentioned(tags: str | Tag | list[str | Tag]) -> tuple[str, ...]:
    """The handles (else the ids) of who is mentioned, without the leading ``@``."""
    found = tags if isinstance(tags, list) else [tags]
    return tuple([_handle(tag) for tag in found if isinstance(tag, Tag) and tag.type == "Mention"])


def attached(thing: Thing) -> tuple[Media, ...]:
    """The media that a browser can fetch, each with its author's own alternative text."""
    stated = thing.attachment if isinstance(thing.attachment, list) else [thing.attachment]
    return tuple(_media(one) for one in stated if _place(one))


def _handle(tag: Tag) -> str:
    name = tag.name or tag.href or ""
    return name[1:] if name.startswith("@") else name


def _media(stated: str | Attachment | None) -> Media:
    if not isinstance(stated, Attachment):
        return Media(_place(stated))
    return Media(
        _place(stated), stated.mediaType or "", stated.name or stated.summary or "", stated.blurhash or ""
    )


def _place(stated: str | Attachment | None) -> str:
    if not isinstance(stated, Attachment):
        return web_address(stated)
    found = stated.url or stated.href
    one = (found[0] if found else None) if isinstance(found, list) else found
    return web_address(one.href if isinstance(one, Link) else one)


def _ids(audience: Audience) -> list[str]:
    found = audience if isinstance(audience, list) else [audience]
    return [one if isinstance(one, str) else (one.id or "") for one in found if one is not None]
