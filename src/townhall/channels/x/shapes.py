"""The shapes of X's API v2 and Activity API that we read, under their old names and their new.

Source: the OpenAPI description (``posts``) and the Activity API's published payloads (``tweets``).
"""

from typing import Any

from msgspec import Raw, Struct, field


class User(Struct, gc=False):
    """An account. ``public_metrics`` is an object of counts, where it was asked for."""

    id: str = ""
    username: str = ""
    name: str = ""
    public_metrics: Any = None


class WrappedUser(Struct, gc=False):
    """An account as some events carry it: bare, or inside ``data``."""

    id: str = ""
    username: str = ""
    name: str = ""
    public_metrics: Any = None
    data: User | None = None


class Media(Struct, gc=False):
    """A photo or video of ``includes``."""

    media_key: str = ""
    type: str = ""
    url: str | None = None
    preview_image_url: str | None = None
    alt_text: str | None = None


class Url(Struct, gc=False):
    """A shortened address in a text and what it stands for."""

    url: str = ""
    expanded_url: str | None = None
    media_key: str | None = None


class Mention(Struct, gc=False):
    """Somebody named in a text."""

    username: str = ""


class Entities(Struct, gc=False):
    """What X found in a text."""

    urls: list[Url] | None = None
    mentions: list[Mention] | None = None


class Reference(Struct, gc=False):
    """A post that this one answers, quotes or repeats."""

    id: str
    type: str = ""


class Attachments(Struct, gc=False):
    """Keys into ``includes.media``."""

    media_keys: list[str] | None = None


class Note(Struct, gc=False):
    """The whole text of a long post."""

    text: str = ""
    entities: Entities | None = None


class Post(Struct, gc=False):
    """A post."""

    id: str
    text: str = ""
    author_id: str = ""
    created_at: str | None = None
    conversation_id: str | None = None
    lang: str | None = None
    entities: Entities | None = None
    attachments: Attachments | None = None
    edit_history_post_ids: list[str] | None = None
    edit_history_tweet_ids: list[str] | None = None
    referenced_posts: list[Reference] | None = None
    referenced_tweets: list[Reference] | None = None
    note_post: Note | None = None
    note_tweet: Note | None = None


class Message(Struct, gc=False):
    """A direct message of API v2."""

    id: str
    event_type: str = ""
    text: str = ""
    sender_id: str = ""
    dm_conversation_id: str = ""
    created_at: str | None = None
    entities: Entities | None = None
    attachments: Attachments | None = None


class Includes(Struct, gc=False):
    """What an answer or event brings along."""

    users: list[WrappedUser] = []
    media: list[Media] = []
    posts: list[Post] = []
    tweets: list[Post] = []


class Kind(Struct, gc=False):
    """What tells an item's kind: an event of the Activity API, a message, or a post."""

    event_uuid: str | None = None
    event_type: str | None = None
    payload: Raw = Raw(b"null")
    dm_conversation_id: str | None = None
    includes: Includes | None = None


class Item(Struct, gc=False):
    """The outermost wrapper of every item."""

    data: Raw
    includes: Includes | None = None


class Gone(Struct, gc=False):
    """What is left of a deleted post."""

    id: str
    author_id: str = ""


class Target(Struct, gc=False):
    """Who a message of the Activity API goes to."""

    recipient_id: str = ""


class SentMedia(Struct, gc=False):
    """A photo or video of a message of the Activity API. ``url`` is its shortened address in the text.

    What lies at ``media_url_https`` opens only to requests signed for the account.
    """

    url: str | None = None
    media_url_https: str | None = None
    type: str = ""
    ext_alt_text: str | None = None


class Attachment(Struct, gc=False):
    """What is attached to a message of the Activity API; ``type`` says whether it is media."""

    type: str = ""
    media: SentMedia | None = None


class MessageData(Struct, gc=False):
    """What a message of the Activity API says and shows."""

    text: str = ""
    entities: Entities | None = None
    attachment: Attachment | None = None


class MessageCreate(Struct, gc=False):
    """A message of the Activity API."""

    sender_id: str
    target: Target = field(default_factory=Target)
    message_data: MessageData = field(default_factory=MessageData)


class MessageEvent(Struct, gc=False):
    """One event of a ``dm.received`` or ``dm.sent``."""

    id: str
    type: str = ""
    created_timestamp: str = ""
    message_create: MessageCreate | None = None


class Messages(Struct, gc=False):
    """The payload of ``dm.received`` and ``dm.sent``."""

    direct_message_events: list[MessageEvent] = []
    users: dict[str, WrappedUser] = {}


class Encrypted(Struct, gc=False):
    """The payload of ``chat.received`` and ``chat.sent``: who and when, but not what."""

    id: str
    sender_id: str
    conversation_id: str = ""
    created_at_msec: str = ""
