"""Mastodon's entities to our words: a ``Notification``, a ``Status``, or a stream event around either. Pure.

Source: Mastodon API documentation, entities Status, Notification, MediaAttachment, and the streaming events.
Ids are the server's own (a reply needs them). Mastodon names no conversation, so a thread is found by its parents.
A post that was edited before it was read gives two activities: that it was created, and that it was changed.
"""

from typing import Any

import msgspec
from msgspec import Raw, Struct

from townhall.channels.activitystreams.parse import decoded
from townhall.channels.bounds import checked, checked_item, followers, instant, web_address
from townhall.channels.markup import to_text
from townhall.channels.port import AccountRef
from townhall.kernel.activity import Activity, AuthorKind, Media, Verb, Visibility
from townhall.kernel.errors import Refused

_VISIBILITY: dict[str, Visibility] = {
    "public": "public", "unlisted": "unlisted", "private": "followers", "direct": "direct",
}  # fmt: skip
_ACTS: dict[str, Verb] = {"favourite": "Like", "reblog": "Announce"}
_SPEAKS = frozenset({"mention", "status", "quote"})


class _Account(Struct, gc=False):
    id: str
    acct: str = ""
    display_name: str = ""
    bot: bool | None = False
    followers_count: Any = None


class _Mention(Struct, gc=False):
    acct: str = ""


class _Media(Struct, gc=False):
    type: str = ""
    url: str | None = None
    remote_url: str | None = None
    description: str | None = None
    blurhash: str | None = None


class _Option(Struct, gc=False):
    title: str = ""


class _Poll(Struct, gc=False):
    options: list[_Option] = []


class _Original(Struct, gc=False):
    id: str
    created_at: str = ""


class _Status(Struct, gc=False):
    id: str
    created_at: str
    account: _Account
    content: str | None = ""
    edited_at: str | None = None
    in_reply_to_id: str | None = None
    visibility: str = "public"
    spoiler_text: str | None = ""
    language: str | None = None
    url: str | None = None
    reblog: _Original | None = None
    mentions: list[_Mention] = []
    media_attachments: list[_Media] = []
    poll: _Poll | None = None


class _Notification(Struct, gc=False):
    type: str
    created_at: str
    account: _Account | None = None
    status: _Status | None = None


class _Envelope(Struct, gc=False):
    event: str | None = None
    payload: Raw = Raw(b"null")
    type: str | None = None


_envelope = msgspec.json.Decoder(_Envelope)
_status = msgspec.json.Decoder(_Status)
_notification = msgspec.json.Decoder(_Notification)
_id = msgspec.json.Decoder(str | int)
_text = msgspec.json.Decoder(str)


def parse(raw: bytes, account: AccountRef) -> list[Activity]:
    """What one item says; an empty list when it is not about a post. Raises ``Refused`` with the reason."""
    envelope = decoded(_envelope, checked_item(raw))
    if envelope.event is not None:
        return _event(envelope.event, bytes(envelope.payload), account)
    if envelope.type is not None:
        return _noticed(raw, decoded(_notification, raw), account)
    return _posted(raw, decoded(_status, raw), account)


def _event(event: str, payload: bytes, account: AccountRef) -> list[Activity]:
    if event == "delete":
        gone = str(decoded(_id, payload))
        if not gone:
            raise Refused("no id: the deletion does not say of what")
        return [checked(Activity(verb="Delete", object_id=gone), payload)]
    if payload[:1] == b'"':  # the WebSocket form carries the entity as a string of JSON
        payload = decoded(_text, payload).encode()
    if event == "status.update":
        status = decoded(_status, payload)
        return [_changed(payload, status, account)]
    if event == "notification":
        return _noticed(payload, decoded(_notification, payload), account)
    if event == "update":
        return _posted(payload, decoded(_status, payload), account)
    return []


def _noticed(raw: bytes, notice: _Notification, account: AccountRef) -> list[Activity]:
    status = notice.status
    if status is None:
        return []
    if notice.type in _SPEAKS:
        return _posted(raw, status, account)
    if notice.type == "update":
        return [_changed(raw, status, account)]
    if notice.type in _ACTS and notice.account is not None:
        return [
            _acted(
                raw,
                _ACTS[notice.type],
                notice.account,
                status.id,
                status.created_at,
                notice.created_at,
                account,
            )
        ]
    return []


def _posted(raw: bytes, status: _Status, account: AccountRef) -> list[Activity]:
    if status.reblog is not None:
        first = status.reblog
        return [
            _acted(raw, "Announce", status.account, first.id, first.created_at, status.created_at, account)
        ]
    created = _said(raw, "Create", status, account, status.created_at)
    return [created, _changed(raw, status, account)] if status.edited_at else [created]


def _changed(raw: bytes, status: _Status, account: AccountRef) -> Activity:
    return _said(raw, "Update", status, account, status.edited_at or status.created_at)


def _said(raw: bytes, verb: Verb, status: _Status, account: AccountRef, happened: str) -> Activity:
    if not status.id:
        raise Refused("no id: the status has none")
    who = status.account
    activity = Activity(
        verb=verb,
        object_id=status.id,
        author_id=who.id,
        author_handle=who.acct,
        author_name=who.display_name,
        author_kind=_kind(who),
        author_followers=followers(who.followers_count),
        own=_is_own(who, account),
        published=instant(status.created_at, "created_at"),
        happened=instant(happened, "created_at"),
        text=_words(status),
        in_reply_to=status.in_reply_to_id or "",
        visibility=_VISIBILITY.get(status.visibility, "direct"),
        url=web_address(status.url),
        language=status.language or "",
        media=tuple(
            _media(one) for one in status.media_attachments if web_address(one.url or one.remote_url)
        ),
        mentions=tuple(one.acct for one in status.mentions),
    )
    return checked(activity, raw)


def _acted(
    raw: bytes, verb: Verb, who: _Account, object_id: str, published: str, happened: str, account: AccountRef
) -> Activity:
    activity = Activity(
        verb=verb,
        object_id=object_id,
        author_id=who.id,
        author_handle=who.acct,
        author_name=who.display_name,
        author_kind=_kind(who),
        author_followers=followers(who.followers_count),
        own=_is_own(who, account),
        published=instant(published, "created_at") if published else 0,
        happened=instant(happened, "created_at"),
    )
    return checked(activity, raw)


def _words(status: _Status) -> str:
    """The warning, the text and the answers of a poll, as a reader sees them."""
    options = "\n".join(f"- {option.title}" for option in status.poll.options) if status.poll else ""
    return "\n\n".join(
        part for part in (status.spoiler_text or "", to_text(status.content or ""), options) if part
    )


def _media(one: _Media) -> Media:
    kind = {"image": "image/*", "gifv": "video/mp4", "video": "video/*", "audio": "audio/*"}.get(one.type, "")
    return Media(web_address(one.url or one.remote_url), kind, one.description or "", one.blurhash or "")


def _kind(who: _Account) -> AuthorKind:
    return "Service" if who.bot else "Person"


def _is_own(who: _Account, account: AccountRef) -> bool:
    if account.native_id:
        return who.id == account.native_id
    return bool(account.handle) and who.acct.lower() == account.handle.lower()
