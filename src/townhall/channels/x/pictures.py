"""Pictures handed in to X before the post or message that names them, each with what it shows in words.

Source: X API v2, ``POST /2/media/upload`` in one piece, ``GET`` of the same while X works on it, ``POST /2/media/metadata``.
"""

import asyncio
from collections.abc import Sequence

import msgspec
from msgspec import Struct

from townhall.channels.handing import each
from townhall.channels.port import Enclosure
from townhall.channels.wire import Answer, Wire, garbled
from townhall.channels.x.compose import numeric
from townhall.kernel.errors import ChannelUnavailable, Refused

PAUSES = (1.0, 5.0)
"""Seconds between two looks whether X is done: at least, and at most whatever X asks for."""


class _Working(Struct):
    state: str = ""
    check_after_secs: int = 1


class _Taken(Struct):
    id: str
    processing_info: _Working | None = None


class _TakenAnswer(Struct):
    data: _Taken


async def handed_in(
    wire: Wire, token: str, pictures: Sequence[Enclosure], private: bool, pauses: tuple[float, float] = PAUSES
) -> list[str]:
    """X's ids of the pictures, ready to be named. Raises ``ChannelUnavailable``, never ambiguous."""
    return await each(pictures, lambda picture: _one(wire, token, picture, private, pauses), "X")


async def _one(wire: Wire, token: str, picture: Enclosure, private: bool, pauses: tuple[float, float]) -> str:
    kind = {"media_category": "dm_image" if private else "tweet_image"}
    taken = _read(
        await wire.hand_in("/2/media/upload", "media", token, "media", picture.data, picture.media_type, kind)
    )
    while (working := taken.processing_info) and working.state != "succeeded":
        if working.state == "failed":
            raise ChannelUnavailable("X could not read the picture", permanent=True)
        await asyncio.sleep(min(max(working.check_after_secs, pauses[0]), pauses[1]))
        taken = _read(await wire.get("/2/media/upload", "media look", token, media_id=taken.id))
    told = {"id": taken.id, "metadata": {"alt_text": {"text": picture.alt}}}
    await wire.post("/2/media/metadata", "media words", token, told, writes=False)
    return taken.id


def _read(answer: Answer) -> _Taken:
    try:
        taken = msgspec.json.decode(answer.body, type=_TakenAnswer).data
        numeric(taken.id)
    except (ValueError, RecursionError, Refused) as wrong:
        raise garbled(answer, wrong, writes=False) from wrong
    return taken
