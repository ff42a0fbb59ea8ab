"""X's posts, messages and Activity API events to our words. Pure.

An edited post is a new post with its own id on X; to us each later version that came along is an ``Update`` of the first
id in the edit history, and the ``Create`` comes with them in case the first version was never seen. Its words are those of
the oldest version that came. Ids carry their time, so that the first one's is known even where its words are not.
"""

from functools import partial
from typing import Literal

import msgspec

from townhall.channels.activitystreams.parse import decoded
from townhall.channels.bounds import checked, checked_item, instant
from townhall.channels.port import AccountRef
from townhall.channels.x import shapes
from townhall.channels.x.ids import instant_of
from townhall.channels.x.words import Cast, attached, language, shown_with, text_of
from townhall.kernel.activity import Activity, Media
from townhall.kernel.clock import Instant
from townhall.kernel.errors import Refused

ENCRYPTED = "[An encrypted message. X lets nobody but its own apps read it.]"
_POSTS = frozenset(
    {"post.create", "post.mention.create", "post.reply.create", "post.quote.create", "post.repost.create"}
)
_MESSAGES = frozenset({"dm.received", "dm.sent"})
_CHATS = frozenset({"chat.received", "chat.sent"})

_item = msgspec.json.Decoder(shapes.Item)
_kind = msgspec.json.Decoder(shapes.Kind)
_post = msgspec.json.Decoder(shapes.Post)
_gone = msgspec.json.Decoder(shapes.Gone)
_message = msgspec.json.Decoder(shapes.Message)
_messages = msgspec.json.Decoder(shapes.Messages)
_encrypted = msgspec.json.Decoder(shapes.Encrypted)


def parse(raw: bytes, account: AccountRef) -> list[Activity]:
    """What one item says; an empty list when it is not about a post or message. Raises ``Refused`` with the reason."""
    item = decoded(_item, checked_item(raw))
    data = bytes(item.data)
    kind = decoded(_kind, data)
    payload = bytes(kind.payload)
    cast = Cast(account, item.includes or kind.includes or shapes.Includes())
    if kind.event_uuid is not None or payload != b"null":
        found = _happening(kind.event_type or "", payload, cast)
    elif kind.dm_conversation_id is not None or kind.event_type is not None:
        found = _written(decoded(_message, data), cast)
    else:
        found = _posted(decoded(_post, data), cast)
    return [checked(activity, raw) for activity in found]


def event_key(raw: bytes) -> str:
    """What names a delivered event for ever, to know a repeat ("" when it has no such name)."""
    return decoded(_kind, bytes(decoded(_item, checked_item(raw)).data)).event_uuid or ""


def _happening(event: str, payload: bytes, cast: Cast) -> list[Activity]:
    if event in _POSTS:
        return _posted(decoded(_post, payload), cast)
    if event == "post.delete":
        gone = decoded(_gone, payload)
        _must(gone.id)
        return [
            Activity(
                verb="Delete", object_id=gone.id, author_id=gone.author_id, own=cast.is_own(gone.author_id)
            )
        ]
    if event in _MESSAGES:
        return _delivered(decoded(_messages, payload), cast)
    if event in _CHATS:
        return [_sealed(decoded(_encrypted, payload), cast)]
    return []


def _posted(post: shapes.Post, cast: Cast) -> list[Activity]:
    _must(post.id)
    references = post.referenced_posts or post.referenced_tweets or []
    made = _made(post)
    repeated = next((one.id for one in references if one.type == "retweeted"), "")
    if repeated:
        who = cast.author(post.author_id)
        return [
            Activity(
                verb="Announce", object_id=repeated, published=instant_of(repeated), happened=made, **who
            )
        ]
    answered = next((one.id for one in references if one.type == "replied_to"), "")
    first, versions = _history(post, cast.includes)
    began = instant_of(first) or made if versions[0].id != first else _made(versions[0])
    tell = partial(_said, post, first, answered, cast)
    later = [tell("Update", one, began, _made(one)) for one in versions if one.id != first]
    return [tell("Create", versions[0], began, began), *later]


def _history(post: shapes.Post, includes: shapes.Includes) -> tuple[str, list[shapes.Post]]:
    """The id of the first version, and every version that came, oldest first."""
    ids = {post.id, *(post.edit_history_post_ids or post.edit_history_tweet_ids or ())}
    came = {one.id: one for one in (*includes.posts, *includes.tweets) if one.id in ids} | {post.id: post}
    return min(ids, key=_age), sorted(came.values(), key=lambda one: _age(one.id))


def _age(native_id: str) -> tuple[int, str]:
    """Orders ids as the numbers they are."""
    return len(native_id), native_id


def _made(post: shapes.Post) -> Instant:
    return instant(post.created_at, "created_at") if post.created_at else instant_of(post.id)


def _said(
    post: shapes.Post,
    first: str,
    answered: str,
    cast: Cast,
    verb: Literal["Create", "Update"],
    version: shapes.Post,
    published: Instant,
    happened: Instant,
) -> Activity:
    who = cast.author(post.author_id)
    return Activity(
        verb=verb,
        object_id=first,
        published=published,
        happened=happened,
        text=text_of(version),
        conversation=post.conversation_id or "",
        in_reply_to=answered,
        url=f"https://x.com/{who['author_handle'] or 'i'}/status/{version.id}",
        language=language(version.lang),
        media=attached(version.attachments, cast.includes),
        mentions=tuple(
            one.username for one in (version.entities or shapes.Entities()).mentions or () if one.username
        ),
        **who,
    )


def _written(message: shapes.Message, cast: Cast) -> list[Activity]:
    if message.event_type not in ("", "MessageCreate"):
        return []
    _must(message.id)
    made = instant(message.created_at, "created_at") if message.created_at else instant_of(message.id)
    text = text_of(shapes.Post(id=message.id, text=message.text, entities=message.entities))
    media = attached(message.attachments, cast.includes)
    return [_private(message.id, message.sender_id, message.dm_conversation_id, text, made, cast, media)]


def _delivered(messages: shapes.Messages, cast: Cast) -> list[Activity]:
    cast = cast.joined(messages.users.values())
    found = []
    for event in messages.direct_message_events:
        if event.message_create is None:
            continue
        _must(event.id)
        said, sender = event.message_create.message_data, event.message_create.sender_id
        pair = sorted((sender, event.message_create.target.recipient_id), key=lambda one: (len(one), one))
        text, media = shown_with(
            text_of(shapes.Post(id=event.id, text=said.text, entities=said.entities)), said
        )
        made = _milliseconds(event.created_timestamp)
        found.append(_private(event.id, sender, "-".join(pair), text, made, cast, media))
    return found


def _sealed(message: shapes.Encrypted, cast: Cast) -> Activity:
    _must(message.id)
    made = _milliseconds(message.created_at_msec)
    return _private(message.id, message.sender_id, message.conversation_id, ENCRYPTED, made, cast)


def _private(
    native_id: str,
    sender: str,
    conversation: str,
    text: str,
    made: Instant,
    cast: Cast,
    media: tuple[Media, ...] = (),
) -> Activity:
    return Activity(
        verb="Create", object_id=native_id, published=made, happened=made, text=text, conversation=conversation,
        visibility="direct", media=media, **cast.author(sender),
    )  # fmt: skip


def _must(native_id: str) -> None:
    if not native_id:
        raise Refused("no id: the item has none")


def _milliseconds(stated: str) -> Instant:
    return int(stated) * 1000 if stated.isascii() and stated.isdigit() and len(stated) <= 14 else 0
