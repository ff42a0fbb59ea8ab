"""What a post on X says, who says it and what it shows. Pure.

X escapes ``&``, ``<`` and ``>`` in its texts and shortens every address; both are undone, because a person and a
phishing check must see where an address leads.
"""

from collections.abc import Iterable
from typing import Any

from msgspec.structs import replace

from townhall.channels.bounds import followers, web_address
from townhall.channels.port import AccountRef
from townhall.channels.x.shapes import (
    Attachments,
    Entities,
    Includes,
    MessageData,
    Post,
    Url,
    User,
    WrappedUser,
)
from townhall.kernel.activity import Media

_KINDS = {"photo": "image/*", "video": "video/*", "animated_gif": "video/mp4"}


class Cast:
    """Who appears in an item, and whose account reads it."""

    def __init__(self, account: AccountRef, includes: Includes) -> None:
        self.account = account
        self.includes = includes
        self._users = {user.id: user for user in map(_bare, includes.users)}

    def joined(self, users: Iterable[WrappedUser]) -> "Cast":
        """The same with more people known."""
        return Cast(self.account, replace(self.includes, users=[*self.includes.users, *users]))

    def author(self, native_id: str) -> dict[str, Any]:
        """The author's fields of an ``Activity``."""
        user = self._users.get(native_id, User(native_id))
        metrics = user.public_metrics if isinstance(user.public_metrics, dict) else {}
        return {
            "author_id": native_id, "author_handle": user.username, "author_name": user.name, "own": self.is_own(native_id),
            "author_followers": followers(metrics.get("followers_count")),
        }  # fmt: skip

    def is_own(self, native_id: str) -> bool:
        """Whether this is the brand's account."""
        return bool(native_id) and native_id == self.account.native_id


def text_of(post: Post) -> str:
    """The whole text as its author wrote it, with addresses in full and without the links to its own media."""
    note = post.note_post or post.note_tweet
    text, entities = (
        (note.text, note.entities or post.entities) if note and note.text else (post.text, post.entities)
    )
    for url in (entities.urls if entities else None) or ():
        text = _in_full(text, url)
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").rstrip()


def language(stated: str | None) -> str:
    """X's language tag, unless it says that there is none (``und``, ``q…``)."""
    return stated if stated and stated != "und" and not stated.startswith("q") else ""


def attached(attachments: Attachments | None, includes: Includes) -> tuple[Media, ...]:
    """The photos and videos that came along."""
    wanted = (attachments.media_keys if attachments else None) or ()
    known = {one.media_key: one for one in includes.media}
    shown = [known[key] for key in wanted if key in known]
    return tuple(
        Media(place, _KINDS.get(one.type, ""), one.alt_text or "")
        for one in shown
        if (place := web_address(one.url) or web_address(one.preview_image_url))
    )


def shown_with(text: str, said: MessageData) -> tuple[str, tuple[Media, ...]]:
    """The text of a message of the Activity API without the link to its own photo or video, and that photo or video."""
    sent = said.attachment.media if said.attachment else None
    if sent is None or not (place := web_address(sent.media_url_https)):
        return text, ()
    links = [
        sent.url,
        *(one.expanded_url for one in (said.entities or Entities()).urls or () if one.url == sent.url),
    ]
    for link in filter(None, links):
        text = text.replace(link, "")
    return text.rstrip(), (Media(place, _KINDS.get(sent.type, ""), sent.ext_alt_text or ""),)


def _in_full(text: str, url: Url) -> str:
    if not url.url:
        return text
    if url.media_key:
        return text.replace(url.url, "")
    full = web_address(url.expanded_url)
    return text.replace(url.url, full) if full and len(text) < 100_000 else text


def _bare(user: WrappedUser) -> User:
    return user.data or User(user.id, user.username, user.name, user.public_metrics)
