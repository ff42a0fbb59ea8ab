"""How far each list of X has been read, and how a page of it becomes items. Pure.

X answers newest first, page by page back to ``since_id``. A list's mark therefore has three parts: what was read for good
(``since``), where the walk back stands (``token``), and the newest id that the walk began with (``high``), which becomes
``since`` only when the walk is done. A crash half-way repeats pages and loses none.
"""

from typing import Any

import msgspec
from msgspec import Raw, Struct

from townhall.channels.x.ids import id_at, later
from townhall.kernel.clock import DAY, HOUR, Instant

PAGE = 100
FIRST_PAGE = 10
"""Posts of the very first reading: each costs money."""
SEARCH_REACH: Instant = 7 * DAY - HOUR
"""Recent search takes no ``since_id`` older than seven days."""

_POST_FIELDS = "attachments,conversation_id,created_at,edit_controls,entities,id,lang,note_post,text"
POSTS = {
    "post.fields": _POST_FIELDS,
    "expansions": "attachments.media_keys,author_id,edit_history_post_ids,referenced_posts",
    "user.fields": "id,name,public_metrics,username",
    "media.fields": "alt_text,media_key,preview_image_url,type,url",
}
MESSAGES = {
    "event_types": "MessageCreate",
    "dm_event.fields": "attachments,created_at,dm_conversation_id,entities,event_type,id,text",
    "expansions": "attachments.media_keys,sender_id",
    "user.fields": "id,name,public_metrics,username",
    "media.fields": "alt_text,media_key,preview_image_url,type,url",
}


class Mark(Struct, frozen=True, array_like=True):
    """How far one list has been read."""

    since: str = ""
    token: str = ""
    high: str = ""

    def after(self, newest: str, next_token: str, now: Instant) -> "Mark":
        """The mark once a page is read. The very first reading takes one page and does not walk back."""
        high = later(self.high, newest)
        if next_token and self.since:
            return Mark(self.since, next_token, high)
        return Mark(later(high, self.since) or id_at(now - HOUR))


class Listed(Struct, frozen=True):
    """A page of a list: whole items oldest first, what goes on, and how many posts were paid for."""

    items: list[bytes]
    ids: list[str]
    next_token: str
    paid: int


class _Named(Struct, gc=False):
    id: str = ""
    media_key: str = ""


class _Brought(Struct, gc=False):
    users: list[Raw] = []
    media: list[Raw] = []
    posts: list[Raw] = []
    tweets: list[Raw] = []


class _Meta(Struct, gc=False):
    next_token: str | None = None


class Problem(Struct, gc=False):
    """Why something asked for is not in the answer."""

    type: str = ""
    resource_id: str = ""
    value: str = ""


class _Page(Struct, gc=False):
    data: list[Raw] | None = None
    includes: _Brought | None = None
    meta: _Meta | None = None
    errors: list[Problem] | None = None


class _Parts(Struct, gc=False):
    id: str
    author_id: str = ""
    sender_id: str = ""
    attachments: dict[str, Any] | None = None
    edit_history_post_ids: list[str] | None = None
    edit_history_tweet_ids: list[str] | None = None


class _Along(Struct, frozen=True):
    """What a page brings besides what was asked for, each by its id or key."""

    users: dict[str, bytes]
    media: dict[str, bytes]
    posts: dict[str, bytes]


_page = msgspec.json.Decoder(_Page)
_parts = msgspec.json.Decoder(_Parts)
_named = msgspec.json.Decoder(_Named)
_marks = msgspec.json.Decoder(dict[str, Mark])


def marks_of(cursor: str) -> dict[str, Mark]:
    """The marks in a kept cursor; an empty or foreign one starts anew."""
    try:
        marks = _marks.decode(cursor) if cursor else {}
    except ValueError:
        return {}
    return marks if all(_is_number(mark.since) and _is_number(mark.high) for mark in marks.values()) else {}


def cursor_of(marks: dict[str, Mark]) -> str:
    """As it is kept between readings."""
    return msgspec.json.encode(marks, order="deterministic").decode()


def listed(body: bytes) -> Listed:
    """A page as items, each with its own author, media and earlier versions and with X's exact bytes.

    Raises ``ValueError``. What X sends along is paid for like what was asked for.
    """
    page = _page.decode(body)
    brought = page.includes or _Brought()
    along = _Along(
        {_named.decode(one).id: bytes(one) for one in brought.users},
        {_named.decode(one).media_key: bytes(one) for one in brought.media},
        {_named.decode(one).id: bytes(one) for one in [*brought.posts, *brought.tweets]},
    )
    things = [(bytes(one), _parts.decode(one)) for one in page.data or ()]
    if not all(parts.id and _is_number(parts.id) for _, parts in things):
        raise ValueError("an id that is no number")
    items = [_whole(raw, parts, along) for raw, parts in reversed(things)]
    token = (page.meta.next_token if page.meta else None) or ""
    paid = len(things) + len(brought.posts) + len(brought.tweets)
    return Listed(items, [parts.id for _, parts in things], token, paid)


def gone(body: bytes) -> list[str]:
    """Which of the posts asked for are no more. One that is only hidden from us is not among them."""
    problems = _page.decode(body).errors or ()
    return [one.resource_id or one.value for one in problems if one.type.endswith("/resource-not-found")]


def deletion(native_id: str) -> bytes:
    """A deletion found by looking again, in the shape in which X would have told it."""
    return msgspec.json.encode({"data": {"event_type": "post.delete", "payload": {"id": native_id}}})


def _is_number(native_id: str) -> bool:
    return not native_id or (native_id.isascii() and native_id.isdigit() and len(native_id) <= 19)


def _whole(raw: bytes, parts: _Parts, along: _Along) -> bytes:
    history = parts.edit_history_post_ids or parts.edit_history_tweet_ids or ()
    versions = [along.posts[one] for one in dict.fromkeys(history) if one != parts.id and one in along.posts]
    shown = dict.fromkeys(key for one in (parts, *map(_parts.decode, versions)) for key in _media_keys(one))
    who = along.users.get(parts.author_id or parts.sender_id, b"")
    media = b",".join(along.media[key] for key in shown if key in along.media)
    posts = b',"posts":[' + b",".join(versions) + b"]" if versions else b""
    return b'{"data":' + raw + b',"includes":{"users":[' + who + b'],"media":[' + media + b"]" + posts + b"}}"


def _media_keys(parts: _Parts) -> list[str]:
    return (parts.attachments or {}).get("media_keys") or []
