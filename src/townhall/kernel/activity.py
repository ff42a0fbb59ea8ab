"""A post or an act on one, as every channel hands it over. Names follow ActivityStreams 2.0.

Source: W3C ActivityStreams 2.0 Vocabulary. One flat struct, because the pipeline decodes thousands a second;
``gc=False`` keeps the collector out of it (no field can form a cycle).
"""

from typing import Literal

from msgspec import Struct

from townhall.kernel.clock import Instant

Verb = Literal["Create", "Update", "Delete", "Like", "Announce", "Flag"]
Visibility = Literal["public", "unlisted", "followers", "direct"]
AuthorKind = Literal["Person", "Organization", "Service"]


class Media(Struct, frozen=True, gc=False):
    """A photo, video or sound: where it is, what it is, and its author's own alt text ("" if none)."""

    url: str
    media_type: str = ""
    alt: str = ""
    blurhash: str = ""


class Activity(Struct, frozen=True, gc=False, kw_only=True, array_like=True):
    """One act on one post. ``object_id`` is the network's immutable id of the post concerned.

    ``published`` is the network's time of the post (microseconds UTC; 0 when the network gave none),
    ``happened`` that of this act (an edit, a deletion, a like; equals ``published`` for a Create).
    ``conversation`` is the network's own conversation key ("" when it has none).
    ``own`` says that the author is the brand's own account. ``author_followers`` is how many follow them as the network
    said it with this act (-1: it did not). Packed as an array: new fields only ever at the end.
    """

    verb: Verb
    object_id: str
    author_id: str = ""
    author_handle: str = ""
    author_name: str = ""
    author_kind: AuthorKind = "Person"
    own: bool = False
    published: Instant = 0
    happened: Instant = 0
    text: str = ""
    conversation: str = ""
    in_reply_to: str = ""
    visibility: Visibility = "public"
    url: str = ""
    language: str = ""
    media: tuple[Media, ...] = ()
    mentions: tuple[str, ...] = ()
    author_followers: int = -1

    def conversation_key(self) -> str:
        """What decides the shard, for ever: the conversation, else the parent, else the post itself."""
        return self.conversation or self.in_reply_to or self.object_id
