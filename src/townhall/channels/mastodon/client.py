"""One account on one Mastodon server, over its client API. What it decides is in the pure modules beside it."""

from collections.abc import AsyncIterator, Callable
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from townhall.channels.limits import Limits
from townhall.channels.mastodon import reading, sent
from townhall.channels.mastodon.compose import DEFAULT_LENGTH, body_of, length, wire_text
from townhall.channels.mastodon.deeds import report_of
from townhall.channels.mastodon.pictures import handed_in
from townhall.channels.mastodon.stream import follow
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
from townhall.channels.wire import Answer, Wire, garbled
from townhall.kernel.clock import Clock, Instant, from_datetime
from townhall.kernel.errors import ChannelUnavailable, NotFound, Refused

_T = TypeVar("_T")
LOOK = 20
"""How many posts one call looks at again."""


class _Posted(Struct):
    id: str
    created_at: sent.Moment
    url: str | None = None
    uri: str | None = None


class _Reported(Struct):
    id: str = ""


class MastodonClient:
    """See ``ChannelClient``. Reads with ``read``, posts with ``write:statuses``, hands pictures in with ``write:media``."""

    def __init__(self, settings: AccountSettings, clock: Clock) -> None:
        self.settings = settings
        self.clock = clock
        self.wire = Wire(settings.base_url, clock, Limits(), settings.timeout_s, line_of(settings))
        self._max_length = DEFAULT_LENGTH
        self._me = settings.account.native_id

    async def verify(self) -> dict[str, Any]:
        """``native_id``, ``handle``, ``max_length``, ``streaming`` (the address to stream from), ``title``, and what it states of
        pictures."""
        me = _read(await self._get("/api/v1/accounts/verify_credentials"), _dict)
        instance = _read(await self._get("/api/v2/instance"), _dict)
        configuration = instance.get("configuration") or {}
        statuses, media = configuration.get("statuses") or {}, configuration.get("media_attachments") or {}
        self._max_length = _stated(statuses, "max_characters") or DEFAULT_LENGTH
        self._me = str(me.get("id", ""))
        return {
            "native_id": self._me,
            "handle": str(me.get("acct", "")),
            "max_length": self._max_length,
            "title": str(instance.get("title", "")),
            "streaming": str((configuration.get("urls") or {}).get("streaming") or ""),
            "max_pictures": _stated(statuses, "max_media_attachments"),
            "picture_bytes": _stated(media, "image_size_limit"),
            "alt_length": _stated(media, "description_limit"),
        }

    async def poll(self, cursor: str) -> Page:
        """Notifications, then the account's own posts, after ``cursor``; each at most one page of 40."""
        marks = reading.marks_of(cursor)
        heard, notification = await self._after(
            "/api/v1/notifications", marks.notification, include_filtered="true"
        )
        path = f"/api/v1/accounts/{await self._myself()}/statuses"
        said, status = await self._after(path, marks.status)
        more = bool(cursor) and reading.PAGE in (len(heard), len(said))
        lag = reading.lag_s(heard or said, self.clock())
        return Page(heard + said, reading.Marks(notification, status).cursor(), more, lag)

    def stream(self, cursor: str) -> AsyncIterator[Page]:
        """Events at once, and a reading from the cursor every ``poll_s`` that proves none was missed."""
        return follow(self, cursor)

    async def look_again(self, native_ids: list[str]) -> Page:
        """The posts as they stand now; one that is gone comes as a deletion. Nobody tells us of strangers' deletions."""
        items = []
        for native_id in native_ids[:LOOK]:
            try:
                items.append((await self._get(f"/api/v1/statuses/{_safe(native_id)}", "statuses")).body)
            except NotFound:
                items.append(reading.event_item("delete", native_id.encode()))
        return Page(items, "", len(native_ids) > LOOK)

    async def send(self, out: Outgoing) -> Receipt:
        """Posts with the release's own ``Idempotency-Key``: within an hour the server takes a repeat for the first, whichever
        pictures it names."""
        must_be_released(out)
        self._refuse(out)
        media = await handed_in(self.wire, self.settings.token, out.pictures)
        answer = await self.wire.post(
            "/api/v1/statuses",
            "post",
            self.settings.token,
            body_of(out, media),
            {"idempotency-key": out.idempotency_key},
        )
        return _receipt(_read(answer, _posted, writes=True))

    async def find_sent(
        self, out: Outgoing, since: Instant, known: frozenset[str] = frozenset()
    ) -> Receipt | None:
        """Looks through the account's own posts back to ``since``. ``known`` are posts that other releases made."""
        path, before = f"/api/v1/accounts/{await self._myself()}/statuses", ""
        while True:
            params = {"max_id": before} if before else {}
            page = _read(
                await self._get(path, limit=reading.PAGE, exclude_reblogs="true", **params), sent.statuses
            )
            for status in page:
                if (
                    status.id not in known
                    and sent.may_be(status, out, since)
                    and await self._is_same(status, out)
                ):
                    return Receipt(status.id, status.url or "", from_datetime(status.created_at))
            if not page or sent.is_before(page[-1], since):
                return None
            before = page[-1].id

    async def act(self, deed: Deed) -> Receipt:
        """Reports a post. Mastodon has neither a key against repeats nor a list of one's own reports to read back."""
        must_be_decided(deed)
        answer = await self.wire.post("/api/v1/reports", "report", self.settings.token, report_of(deed))
        return Receipt(_read(answer, _reported, writes=True).id, "", self.clock())

    async def close(self) -> None:
        """Lets the connections go."""
        await self.wire.close()

    async def _is_same(self, status: sent.Sent, out: Outgoing) -> bool:
        """Compares with what was first posted: an edit since must not look like nothing was sent."""
        if status.edited_at:
            history = _read(await self._get(f"/api/v1/statuses/{_safe(status.id)}/history"), sent.history)
            return bool(history) and sent.says(history[0].content, wire_text(out))
        return sent.says(status.content, wire_text(out))

    async def _after(self, path: str, mark: str, **params: str) -> tuple[list[bytes], str]:
        after = {"min_id": mark} if mark else {}
        answer = await self._get(path, limit=reading.PAGE, **after, **params)
        items = _read(answer, reading.entities)
        return items, _read(answer, lambda _: reading.newest(answer.headers.get("link", ""), items, mark))

    async def _myself(self) -> str:
        if not self._me:
            await self.verify()
        return _safe(self._me)

    async def _get(self, path: str, bucket: str = "read", **params: Any) -> Answer:
        try:
            return await self.wire.get(path, bucket, self.settings.token, **params)
        except ChannelUnavailable as wrong:
            if bucket == "statuses" and wrong.permanent and ("404" in str(wrong) or "410" in str(wrong)):
                raise NotFound("the post is gone") from wrong
            raise

    def _refuse(self, out: Outgoing) -> None:
        if out.visibility == "direct" and not (out.recipient or "@" in out.text):
            raise Refused("a direct message needs a recipient")
        if (used := length(wire_text(out))) > self._max_length:
            raise Refused(f"the text counts {used}, this server takes {self._max_length}")


_dict = msgspec.json.Decoder(dict[str, Any]).decode
_posted = msgspec.json.Decoder(_Posted).decode
_reported = msgspec.json.Decoder(_Reported).decode


def _read(answer: Answer, decode: Callable[[bytes], _T], *, writes: bool = False) -> _T:
    try:
        return decode(answer.body)
    except (ValueError, RecursionError) as wrong:
        raise garbled(answer, wrong, writes=writes) from wrong


def _stated(part: Any, name: str) -> int:
    """A limit as the server states it; 0 for none, or for what is no count."""
    found = part.get(name) if isinstance(part, dict) else None
    plain = isinstance(found, int) and not isinstance(found, bool) and 0 < found < 1 << 31
    return found if plain and isinstance(found, int) else 0


def _receipt(posted: _Posted) -> Receipt:
    return Receipt(posted.id, posted.url or posted.uri or "", from_datetime(posted.created_at))


def _safe(native_id: str) -> str:
    """An id that can only be one part of a path."""
    if not native_id.isalnum():
        raise Refused(f"{native_id[:40]!r} is not an id of this network")
    return native_id
