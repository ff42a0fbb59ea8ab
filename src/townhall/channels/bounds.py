"""What any network's item must keep to, whatever it says about itself. Pure."""

from datetime import datetime
from typing import Any

import msgspec
from msgspec.structs import replace

from townhall.kernel.activity import Activity, Media
from townhall.kernel.clock import Instant, from_datetime, from_iso
from townhall.kernel.errors import Refused, TooLarge

MAX_ITEM = 1 << 20
"""Bytes of one raw item."""
MAX_TEXT = 100_000
"""Bytes of UTF-8 in one text."""
MAX_ID = 2_048
"""Characters of an id, an address or a handle."""
MAX_PARTS = 1_000
MOST_FOLLOWERS = 1_000_000_000
"""Mentions, or media, of one post."""

_ESCAPED_NUL = b"\\u0000"


def instant(text: str, what: str) -> Instant:
    """An RFC 3339 time of the network. Refuses one without a zone, unreadable, or before 1970."""
    try:
        found = from_datetime(msgspec.convert(text, datetime, strict=True))
    except ValueError:
        found = _loosely(text, what)
    if found < 0:
        raise Refused(f"bad time in {what}: {text[:40]!r} is before 1970")
    return found


def _loosely(text: str, what: str) -> Instant:
    """ISO 8601 in its other forms, which some senders take for RFC 3339."""
    try:
        return from_iso(text)
    except (ValueError, OverflowError) as wrong:
        raise Refused(f"bad time in {what}: {text[:40]!r} is not an RFC 3339 time with a zone") from wrong


def web_address(text: str | None) -> str:
    """The address if a browser may be sent there (http or https), else ""."""
    if not text or len(text) > MAX_ID:
        return ""
    return text if text[:8].lower().startswith(("https://", "http://")) else ""


def checked_item(raw: bytes) -> bytes:
    """The item itself, unless it is too large to look at."""
    if len(raw) > MAX_ITEM:
        raise TooLarge(f"the item has {len(raw)} bytes, the most is {MAX_ITEM}")
    return raw


def followers(stated: Any) -> int:
    """How many follow somebody, as a network states it: -1 for what is no count, or is hidden."""
    plain = isinstance(stated, int) and not isinstance(stated, bool) and stated >= 0
    return min(stated, MOST_FOLLOWERS) if plain else -1


def has_nul(raw: bytes) -> bool:
    """Whether a JSON item may hold a NUL. One byte is looked for first: that is twenty times as fast."""
    return b"\\" in raw and b"\\u0000" in raw


def checked(activity: Activity, raw: bytes) -> Activity:
    """The activity within bounds. Refuses what is too large; a NUL becomes U+FFFD, since PostgreSQL stores none."""
    if len(raw) > MAX_ID:  # a smaller item has no room for anything too large
        _measure(activity)
    return _without_nul(activity) if has_nul(raw) else activity


def _measure(activity: Activity) -> None:
    if len(activity.text) * 4 > MAX_TEXT and len(activity.text.encode()) > MAX_TEXT:
        raise TooLarge(f"the text is longer than {MAX_TEXT} bytes")
    ids = (activity.object_id, activity.author_id, activity.conversation, activity.in_reply_to)
    if max(map(len, (*ids, activity.author_handle, activity.author_name))) > MAX_ID:
        raise TooLarge(f"an id or a name is longer than {MAX_ID} characters")
    if len(activity.mentions) > MAX_PARTS or len(activity.media) > MAX_PARTS:
        raise TooLarge(f"the post has more than {MAX_PARTS} mentions or media")


def _without_nul(activity: Activity) -> Activity:
    fields = msgspec.structs.asdict(activity)
    changed = {name: _clean(value) for name, value in fields.items() if isinstance(value, str)}
    media = tuple(Media(*map(_clean, msgspec.structs.astuple(one))) for one in activity.media)
    return replace(activity, **changed, media=media, mentions=tuple(map(_clean, activity.mentions)))


def _clean(text: str) -> str:
    return text.replace("\x00", "\ufffd")
