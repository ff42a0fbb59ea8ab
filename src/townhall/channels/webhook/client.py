"""Answers to a generic webhook: one signed POST to the operator's own address."""

from collections.abc import AsyncIterator
from typing import Any

import msgspec

from townhall.channels.limits import Limits
from townhall.channels.outside import line_of
from townhall.channels.port import (
    AccountSettings,
    Deed,
    Outgoing,
    Page,
    Receipt,
    must_be_decided,
    must_be_released,
)
from townhall.channels.webhook.card import CARD
from townhall.channels.webhook.compose import event_of, event_of_deed
from townhall.channels.webhook.signature import key_of, signed
from townhall.channels.wire import Answer, Wire
from townhall.kernel.clock import Clock, Instant
from townhall.kernel.errors import ChannelUnavailable, Refused


class WebhookClient:
    """Pushes out what was released; what comes in arrives by itself, so there is nothing to poll."""

    def __init__(self, settings: AccountSettings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._wire = (
            Wire(settings.base_url, clock, Limits(), settings.timeout_s, line_of(settings))
            if settings.base_url
            else None
        )

    async def verify(self) -> dict[str, Any]:
        """The account as it was set up, once its secret is seen to be one."""
        key_of(self._settings.secret)
        account = self._settings.account
        return {"native_id": account.native_id, "handle": account.handle, "max_length": CARD.max_length}

    async def poll(self, cursor: str) -> Page:
        """Nothing: deliveries are pushed."""
        return Page([], cursor)

    async def stream(self, cursor: str) -> AsyncIterator[Page]:
        """Ends at once: deliveries are pushed."""
        nothing: tuple[Page, ...] = ()
        for page in nothing:
            yield page

    async def send(self, out: Outgoing) -> Receipt:
        """Posts a CloudEvent once. Its ``webhook-id`` is the idempotency key, the same on every attempt."""
        must_be_released(out)
        if out.pictures:
            raise Refused("this channel sends text only: take the pictures out, or put a link in the text")
        if len(out.text) > CARD.max_length:
            raise Refused(f"the text counts {len(out.text)}, this channel takes {CARD.max_length}")
        now = self._clock()
        return await self._told(out.idempotency_key, event_of(out, self._settings.account, now), now)

    async def act(self, deed: Deed) -> Receipt:
        """Tells the operator's system once what is to be done, as a CloudEvent with a ``webhook-id`` of its own."""
        must_be_decided(deed)
        now = self._clock()
        return await self._told(deed.idempotency_key, event_of_deed(deed, self._settings.account, now), now)

    async def _told(self, key: str, body: bytes, now: Instant) -> Receipt:
        if self._wire is None:
            raise Refused("this webhook has no address for replies: set base_url")
        kind = {"content-type": "application/cloudevents+json"}
        headers = kind | signed(self._settings.secret, key, now, body)
        answer = await self._wire.post("", "post", "", body, headers)
        return Receipt(_named(answer) or key, "", now)

    async def find_sent(
        self, out: Outgoing, since: Instant, known: frozenset[str] = frozenset()
    ) -> Receipt | None:
        """Cannot be answered here: raises ``ChannelUnavailable``, ambiguous and permanent, so that a person decides."""
        raise ChannelUnavailable("a webhook cannot be read back", permanent=True, ambiguous=True)

    async def look_again(self, native_ids: list[str]) -> Page:
        """Nothing: there is nowhere to look."""
        return Page([], "")

    async def close(self) -> None:
        """Lets the connections go."""
        if self._wire is not None:
            await self._wire.close()


def _named(answer: Answer) -> str:
    """The receiver's own id for it, when it answers with one."""
    try:
        said = msgspec.json.decode(answer.body)
    except (ValueError, RecursionError):
        return ""
    return str(said["id"])[:2048] if isinstance(said, dict) and isinstance(said.get("id"), str | int) else ""
