"""A released text as a CloudEvent around an ActivityStreams ``Create``. Pure."""

import msgspec

from townhall.channels.port import AccountRef, Deed, DeedKind, Outgoing
from townhall.kernel.activity import Visibility
from townhall.kernel.clock import Instant, to_iso

DEED_TYPES: dict[DeedKind, str] = {
    "hide": "townhall.post.hide", "unhide": "townhall.post.unhide", "report": "townhall.post.report",
}  # fmt: skip
EVENT_TYPE = "townhall.reply.released"
_PUBLIC = "https://www.w3.org/ns/activitystreams#Public"
_WIDE: dict[Visibility, tuple[list[str], list[str]]] = {
    "public": ([_PUBLIC], []), "unlisted": ([], [_PUBLIC]), "followers": (["followers"], []), "direct": ([], []),
}  # fmt: skip


def event_of(out: Outgoing, account: AccountRef, now: Instant) -> bytes:
    """The exact body that is signed and posted."""
    to, cc = _WIDE[out.visibility]
    people = [out.recipient] if out.recipient else []
    note = {
        "id": f"urn:townhall:{out.idempotency_key}", "type": "Note", "mediaType": "text/plain", "content": out.text,
        "inReplyTo": out.in_reply_to or None, "context": out.conversation or None, "to": to + people, "cc": cc,
    }  # fmt: skip
    act = {
        "@context": "https://www.w3.org/ns/activitystreams", "type": "Create", "published": to_iso(now),
        "actor": {"id": account.native_id or account.handle, "type": "Organization", "preferredUsername": account.handle},
        "to": to + people, "cc": cc, "object": {name: value for name, value in note.items() if value},
    }  # fmt: skip
    return msgspec.json.encode(
        {
            "specversion": "1.0", "id": out.idempotency_key, "source": f"/accounts/{account.id}", "type": EVENT_TYPE,
            "time": to_iso(now), "datacontenttype": "application/activity+json", "data": act,
        }
    )  # fmt: skip


def event_of_deed(deed: Deed, account: AccountRef, now: Instant) -> bytes:
    """What is to be done about a post, as a CloudEvent: a report is an ActivityStreams ``Flag``, hiding a ``Block``
    of that one post, and showing it again an ``Undo`` of that."""
    act: dict[str, object] = {"type": "Flag" if deed.kind == "report" else "Block", "object": deed.post}
    if deed.kind == "unhide":
        act = {"type": "Undo", "object": act}
    act |= {
        "@context": "https://www.w3.org/ns/activitystreams", "published": to_iso(now),
        "actor": {"id": account.native_id or account.handle, "type": "Organization", "preferredUsername": account.handle},
    }  # fmt: skip
    if deed.kind == "report":
        act |= {"content": deed.comment, "category": deed.category}
    return msgspec.json.encode(
        {
            "specversion": "1.0", "id": deed.idempotency_key, "source": f"/accounts/{account.id}",
            "type": DEED_TYPES[deed.kind], "subject": deed.post, "time": to_iso(now),
            "datacontenttype": "application/activity+json", "data": act,
        }
    )  # fmt: skip
