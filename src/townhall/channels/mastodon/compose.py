"""How a text goes out on Mastodon, and how long it counts. Pure.

Source: Mastodon's ``StatusLengthValidator``: an address counts 23, a mention counts without its server, and the rest
counts by grapheme. Its address pattern is Twitter's; ours takes any ``http(s)://`` up to the next space.
"""

import re
import unicodedata
from collections.abc import Sequence
from typing import Any

from townhall.channels.graphemes import count
from townhall.channels.port import Outgoing
from townhall.kernel.activity import Visibility

URL_LENGTH = 23
DEFAULT_LENGTH = 500
_URL = re.compile(r"https?://[^\s<>\"]{1,4096}", re.IGNORECASE)
_MENTION = re.compile(
    r"(?<![=/\w])@([a-zA-Z0-9_]+(?:[a-zA-Z0-9_.-]*[a-zA-Z0-9_])?)@[a-zA-Z0-9][a-zA-Z0-9.:-]*[a-zA-Z0-9]"
)
_WIRE: dict[Visibility, str] = {
    "public": "public", "unlisted": "unlisted", "followers": "private", "direct": "direct",
}  # fmt: skip


def length(text: str) -> int:
    """How much of the server's limit the text uses."""
    shortened = _MENTION.sub(r"@\1", _URL.sub("x" * URL_LENGTH, text))
    return count(shortened)


def wire_text(out: Outgoing) -> str:
    """What is posted: a person who is answered or written to must be named in it, or Mastodon does not tell them."""
    handle = out.recipient.lstrip("@")
    if not handle or re.search(rf"@{re.escape(handle)}(?![\w.@-]*\w)", out.text, re.IGNORECASE):
        return out.text
    return f"@{handle} {out.text}"


def wire_visibility(visibility: Visibility) -> str:
    """Mastodon's own word for who may see it."""
    return _WIRE[visibility]


def body_of(out: Outgoing, media: Sequence[str] = ()) -> dict[str, Any]:
    """The JSON of ``POST /api/v1/statuses``. ``media`` are the server's ids of pictures that were handed in."""
    body: dict[str, Any] = {"status": wire_text(out), "visibility": wire_visibility(out.visibility)}
    if out.in_reply_to:
        body["in_reply_to_id"] = out.in_reply_to
    if media:
        body["media_ids"] = list(media)
    return body


def same_words(one: str, other: str) -> bool:
    """Whether two texts say the same once the server has rendered one: spaces and a mention's server do not count."""
    return _bare(one) == _bare(other)


def _bare(text: str) -> str:
    plain = unicodedata.normalize("NFC", _MENTION.sub(r"@\1", text))
    return "".join(plain.split())
