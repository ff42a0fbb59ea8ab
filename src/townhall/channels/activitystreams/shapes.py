"""The shapes of ActivityStreams 2.0 that we read, as tolerant as the vocabulary: one, many, an id or the thing.

Source: W3C ActivityStreams 2.0 Core and Vocabulary. What is not named here is skipped by the decoder, not kept.
"""

from msgspec import Struct


class Ref(Struct, gc=False):
    """Anything of which only the id matters."""

    id: str | None = None


class Link(Struct, gc=False):
    """A ``Link``: an address and what is behind it."""

    href: str | None = None
    mediaType: str | None = None


class Actor(Struct, gc=False):
    """Who acts."""

    id: str | None = None
    type: str | list[str] | None = None
    preferredUsername: str | None = None
    name: str | None = None


class Tag(Struct, gc=False):
    """A mention or a hashtag."""

    type: str | list[str] | None = None
    name: str | None = None
    href: str | None = None


class Attachment(Struct, gc=False):
    """A photo, video or sound; ``name`` is its alternative text."""

    url: str | Link | list[str | Link] | None = None
    href: str | None = None
    mediaType: str | None = None
    name: str | None = None
    summary: str | None = None
    blurhash: str | None = None


class Option(Struct, gc=False):
    """One answer of a ``Question``."""

    name: str | None = None


class Thing(Struct, gc=False):
    """The object of an act: a ``Note``, ``Article``, ``Question``, ``Tombstone``, or whatever has an id."""

    id: str | None = None
    type: str | list[str] | None = None
    attributedTo: str | Actor | list[str | Actor] | None = None
    published: str | None = None
    updated: str | None = None
    deleted: str | None = None
    mediaType: str | None = None
    name: str | None = None
    summary: str | None = None
    content: str | None = None
    contentMap: dict[str, str] | None = None
    context: str | Ref | None = None
    conversation: str | Ref | None = None
    inReplyTo: str | Ref | list[str | Ref] | None = None
    to: str | Ref | list[str | Ref] | None = None
    cc: str | Ref | list[str | Ref] | None = None
    tag: str | Tag | list[str | Tag] | None = None
    attachment: str | Attachment | list[str | Attachment] | None = None
    url: str | Link | list[str | Link] | None = None
    oneOf: list[Option] | None = None
    anyOf: list[Option] | None = None


class Act(Struct, gc=False):
    """The act itself, in its wrapper."""

    id: str | None = None
    type: str | list[str] | None = None
    actor: str | Actor | list[str | Actor] | None = None
    object: str | Thing | list[str | Thing] | None = None
    published: str | None = None
    updated: str | None = None
    to: str | Ref | list[str | Ref] | None = None
    cc: str | Ref | list[str | Ref] | None = None


class KeyThing(Struct, gc=False):
    """What of the object decides the shard."""

    id: str | None = None
    context: str | Ref | None = None
    conversation: str | Ref | None = None
    inReplyTo: str | Ref | list[str | Ref] | None = None


class KeyAct(Struct, gc=False):
    """What of an act decides the shard; a bare object carries the same names itself."""

    id: str | None = None
    object: str | KeyThing | list[str | KeyThing] | None = None
    context: str | Ref | None = None
    conversation: str | Ref | None = None
    inReplyTo: str | Ref | list[str | Ref] | None = None
