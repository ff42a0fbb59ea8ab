"""How many bytes of pictures calls to networks may hold open at once, so that a full outbox does not fill the memory."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

MOST = 64 << 20
"""Bytes: the pictures of one reply at their largest, four of 16 MB."""


class PictureSpace:
    """What calls with pictures share. One that alone asks for more than all there is goes by itself."""

    def __init__(self, most: int = MOST) -> None:
        self._most = self._free = most
        self._changed = asyncio.Condition()

    @asynccontextmanager
    async def taken(self, size: int, within: float) -> AsyncIterator[None]:
        """Holds ``size`` bytes until the block ends. Raises ``TimeoutError`` when they were not free ``within`` so many seconds."""
        size = min(size, self._most)
        async with asyncio.timeout(within), self._changed:
            await self._changed.wait_for(lambda: self._free >= size)
            self._free -= size
        try:
            yield
        finally:
            self._free += size
            async with self._changed:
                self._changed.notify_all()
