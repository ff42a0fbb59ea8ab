"""The frame in which a network's client hands pictures in, before the post that names them."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from townhall.channels.port import Enclosure
from townhall.kernel.errors import ChannelUnavailable

WHOLE_S = 20.0
"""Seconds for all pictures of one post: what is left of a call's time is for the post."""


async def each(
    pictures: Sequence[Enclosure],
    hand_in: Callable[[Enclosure], Awaitable[str]],
    who: str,
    whole_s: float = WHOLE_S,
) -> list[str]:
    """The ids that the network gives them, one after the other, in at most ``whole_s`` seconds together. ``who`` takes them.

    Raises ``ChannelUnavailable``, never ambiguous: nobody sees a picture before a post names it.
    """
    try:
        async with asyncio.timeout(whole_s):
            return [await hand_in(picture) for picture in pictures]
    except TimeoutError:
        raise ChannelUnavailable(f"{who} did not take the pictures within {whole_s:.0f} seconds") from None
