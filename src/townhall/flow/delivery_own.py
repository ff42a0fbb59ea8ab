"""Our own sent post as an ActivityStreams ``Create``: it comes in like any other, so that there is one path."""

import msgspec

from townhall.channels.port import Receipt
from townhall.intake.store import Account
from townhall.kernel.clock import to_iso
from townhall.outbound.store.releases import Release

_PUBLIC = "https://www.w3.org/ns/activitystreams#Public"
_NO_CONVERSATION = frozenset({"mastodon"})
"""Networks whose own reading names no conversation. Ours must name none either: one post, one conversation key."""


def own_post(account: Account, release: Release, receipt: Receipt) -> bytes:
    """The post as the account's own act, under the network's id, so that reading it back later is a repeat."""
    author = account.native_id or account.handle
    note = {
        "type": "Note",
        "id": receipt.native_id,
        "mediaType": "text/plain",
        "content": release.text,
        "published": to_iso(receipt.at),
        **_audience(release, author),
    }
    if release.in_reply_to:
        note["inReplyTo"] = release.in_reply_to
    if release.conversation and account.channel not in _NO_CONVERSATION:
        note["context"] = release.conversation
    if receipt.url:
        note["url"] = receipt.url
    actor = {"type": "Organization", "id": author, "preferredUsername": account.handle}
    return msgspec.json.encode({"type": "Create", "actor": actor, "object": note})


def _audience(release: Release, author: str) -> dict[str, list[str]]:
    if release.visibility == "public":
        return {"to": [_PUBLIC]}
    if release.visibility == "unlisted":
        return {"to": [f"{author}/followers"], "cc": [_PUBLIC]}
    if release.visibility == "followers":
        return {"to": [f"{author}/followers"]}
    return {"to": [release.recipient]}
