"""The client of a channel that is only files: it has nobody to ask and sends nothing."""

from collections.abc import AsyncIterator
from typing import Any

from townhall.channels.port import (
    AccountSettings,
    Deed,
    Outgoing,
    Page,
    Receipt,
    must_be_decided,
    must_be_released,
)
from townhall.kernel.clock import Clock, Instant
from townhall.kernel.errors import Refused


class FileClient:
    """Answers every reading with nothing new and refuses every sending."""

    def __init__(self, settings: AccountSettings, clock: Clock) -> None:
        self._account = settings.account

    async def verify(self) -> dict[str, Any]:
        """The account as it was set up; a file has no other."""
        return {"native_id": self._account.native_id, "handle": self._account.handle, "max_length": 0}

    async def poll(self, cursor: str) -> Page:
        """Nothing: files come in by import."""
        return Page([], cursor)

    async def stream(self, cursor: str) -> AsyncIterator[Page]:
        """Ends at once: files come in by import."""
        nothing: tuple[Page, ...] = ()
        for page in nothing:
            yield page

    async def send(self, out: Outgoing) -> Receipt:
        """Always ``Refused``."""
        must_be_released(out)
        raise Refused("this channel is a file: it can be read and not answered")

    async def find_sent(
        self, out: Outgoing, since: Instant, known: frozenset[str] = frozenset()
    ) -> Receipt | None:
        """Certainly not there: nothing was ever sent."""
        return None

    async def act(self, deed: Deed) -> Receipt:
        """Always ``Refused``."""
        must_be_decided(deed)
        raise Refused("this channel is a file: nothing can be done on it")

    async def look_again(self, native_ids: list[str]) -> Page:
        """Nothing: there is nowhere to look."""
        return Page([], "")

    async def close(self) -> None:
        """Holds nothing open."""
