"""Pictures handed in to a Mastodon server before the post that names them.

Source: Mastodon API documentation, media: 200 when the picture is ready, 202 while the server still works on it, then 206
until it is.
"""

import asyncio
from collections.abc import Sequence

import msgspec
from msgspec import Struct

from townhall.channels.handing import WHOLE_S, each
from townhall.channels.port import Enclosure
from townhall.channels.wire import Answer, Wire, garbled

PAUSES = (0.2, 0.5, 1.0, 2.0)
"""Seconds between two looks whether the server is done; the last one again and again."""


class _Attached(Struct):
    id: str
    url: str | None = None


async def handed_in(
    wire: Wire,
    token: str,
    pictures: Sequence[Enclosure],
    whole_s: float = WHOLE_S,
    pauses: Sequence[float] = PAUSES,
) -> list[str]:
    """The server's ids of the pictures, ready to be named by a post. Raises ``ChannelUnavailable``, never ambiguous."""
    return await each(pictures, lambda picture: _one(wire, token, picture, pauses), "the server", whole_s)


async def _one(wire: Wire, token: str, picture: Enclosure, pauses: Sequence[float]) -> str:
    told = {"description": picture.alt}
    answer = await wire.hand_in(
        "/api/v2/media", "media", token, "file", picture.data, picture.media_type, told
    )
    found, looks = _read(answer), 0
    while answer.status in (202, 206) or not found.url:
        await asyncio.sleep(pauses[min(looks, len(pauses) - 1)])
        answer, looks = await wire.get(f"/api/v1/media/{found.id}", "read", token), looks + 1
        found = _read(answer)
    return found.id


def _read(answer: Answer) -> _Attached:
    try:
        found = msgspec.json.decode(answer.body, type=_Attached)
    except (ValueError, RecursionError) as wrong:
        raise garbled(answer, wrong, writes=False) from wrong
    if not found.id.isalnum():
        raise garbled(answer, ValueError("no id"), writes=False)
    return found
