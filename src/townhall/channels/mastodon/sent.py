"""Is one of the account's own posts the one that we may have sent? Pure."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from townhall.channels.markup import to_text
from townhall.channels.mastodon.compose import same_words, wire_visibility
from townhall.channels.port import Outgoing
from townhall.kernel.clock import MINUTE, Instant, from_datetime

SKEW: Instant = 5 * MINUTE
"""How far a server's clock may be behind ours."""


Moment = Annotated[datetime, Meta(tz=True)]
"""A time with its zone, or the entity is not read."""


class Sent(Struct, gc=False):
    """One of the account's own posts."""

    id: str
    created_at: Moment
    content: str = ""
    visibility: str = "public"
    in_reply_to_id: str | None = None
    edited_at: str | None = None
    url: str | None = None


class Version(Struct, gc=False):
    """One version of an edited post, the first one first."""

    content: str = ""


statuses = msgspec.json.Decoder(list[Sent]).decode
history = msgspec.json.Decoder(list[Version]).decode


def may_be(status: Sent, out: Outgoing, since: Instant) -> bool:
    """Whether all but the words fit."""
    return (
        not is_before(status, since)
        and (status.in_reply_to_id or "") == out.in_reply_to
        and status.visibility == wire_visibility(out.visibility)
    )


def is_before(status: Sent, since: Instant) -> bool:
    """Whether it was there before the attempt, with a margin for the server's clock."""
    return from_datetime(status.created_at) < since - SKEW


def says(content: str, text: str) -> bool:
    """Whether the server's HTML is what it makes of our text."""
    return same_words(to_text(content), text)
