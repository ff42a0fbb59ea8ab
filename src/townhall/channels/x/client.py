"""One account on X, over API v2. What it decides is in the pure modules beside it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any, TypeVar

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from townhall.channels.limits import Limits
from townhall.channels.outside import line_of
from townhall.channels.port import (
    AccountRef,
    AccountSettings,
    Deed,
    Outgoing,
    Page,
    Receipt,
    must_be_decided,
    must_be_released,
)
from townhall.channels.wire import Answer, Wire, garbled
from townhall.channels.x import reading
from townhall.channels.x.compose import (
    MAX_LENGTH,
    MESSAGE,
    READ,
    conversation_path,
    named,
    numeric,
    price,
    request_of,
    same_words,
)
from townhall.channels.x.deeds import HiddenAnswer, must_agree, request_of_deed
from townhall.channels.x.ids import id_at, instant_of, later
from townhall.channels.x.parse import parse
from townhall.channels.x.pictures import handed_in
from townhall.kernel.activity import Activity
from townhall.kernel.clock import MINUTE, SECOND, Clock, Instant
from townhall.kernel.errors import ChannelUnavailable, Refused

SETTLE: Instant = 2 * MINUTE
"""How long after an attempt X's own timeline may still not show it."""
SKEW: Instant = 2 * MINUTE
LOOK = 100
_T = TypeVar("_T")


class _Me(Struct):
    id: str
    username: str = ""


class _MeAnswer(Struct):
    data: _Me


class _Made(Struct):
    id: str = ""
    dm_event_id: str = ""


class _MadeAnswer(Struct):
    data: _Made


class XClient:
    """See ``ChannelClient``. ``spent_micro_usd`` is what its calls have cost so far."""

    def __init__(self, settings: AccountSettings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._wire = Wire(settings.base_url, clock, Limits(), settings.timeout_s, line_of(settings))
        self._me = settings.account
        self.spent_micro_usd = 0

    async def verify(self) -> dict[str, Any]:
        """``native_id``, ``handle``, ``max_length``."""
        answer = await self._get("/2/users/me", "me", **{"user.fields": "id,name,username"})
        me = _read(answer, _me).data
        self._me = replace(self._me, native_id=numeric(me.id), handle=me.username)
        return {"native_id": me.id, "handle": me.username, "max_length": MAX_LENGTH}

    async def poll(self, cursor: str) -> Page:
        """One page of each list: mentions, own posts, what the search finds, and messages when they are asked for."""
        marks, newest = reading.marks_of(cursor), ""
        items: list[bytes] = []
        before = self.spent_micro_usd
        for name, path, params in await self._lists():
            try:
                page, marks[name] = await self._walk(name, path, params, marks.get(name, reading.Mark()))
            except ChannelUnavailable:
                if not items:
                    raise
                break  # what came is kept; the list that failed is asked again and says so by itself
            items, newest = items + page.items, later(newest, max(page.ids, key=int, default=""))
        paid = self.spent_micro_usd - before
        more = any(mark.token for mark in marks.values())
        lag = max(0.0, (self._clock() - instant_of(newest)) / SECOND) if newest else 0.0
        return Page(items, reading.cursor_of(marks), more, lag, paid)

    async def stream(self, cursor: str) -> AsyncIterator[Page]:
        """Readings every ``poll_s``. What is faster on X is its webhook, which comes to our own door."""
        while True:
            page = await self.poll(cursor)
            cursor = page.cursor
            yield page
            if not page.more:
                await asyncio.sleep(self._settings.poll_s)

    async def look_again(self, native_ids: list[str]) -> Page:
        """The posts as they stand now; one that is gone comes as a deletion."""
        if not native_ids:
            return Page([], "")
        ids = ",".join(numeric(one) for one in native_ids[:LOOK])
        answer = await self._get("/2/tweets", "look", ids=ids, **reading.POSTS)
        page = _read(answer, reading.listed)
        self.spent_micro_usd += page.paid * READ
        items = page.items + [reading.deletion(one) for one in _read(answer, reading.gone)]
        return Page(items, "", len(native_ids) > LOOK, 0.0, page.paid * READ)

    async def send(self, out: Outgoing) -> Receipt:
        """Posts once, its pictures handed in before. X has no idempotency key, so nothing is tried again here."""
        must_be_released(out)
        path, body = request_of(out)
        if out.pictures:
            private = out.visibility == "direct"
            media = await handed_in(self._wire, self._settings.token, out.pictures, private)
            body |= named(media, private)
        bucket = "message" if out.visibility == "direct" else "post"
        answer = await self._wire.post(path, bucket, self._settings.token, body)
        made = _read(answer, _made, writes=True).data
        native_id, cost = made.id or made.dm_event_id, price(out)
        if not native_id:
            raise garbled(answer, ValueError("no id"), writes=True)
        self.spent_micro_usd += cost
        return Receipt(native_id, self._address(out, native_id), instant_of(native_id) or self._clock(), cost)

    async def find_sent(
        self, out: Outgoing, since: Instant, known: frozenset[str] = frozenset()
    ) -> Receipt | None:
        """The post if it is there. X shows no proof of absence, so "not there" is never ``None`` but an ambiguous
        ``ChannelUnavailable``: with ``retry_at`` while it may still appear, permanent once a person must decide."""
        found, paid = await (
            self._messages_since(out, since) if out.visibility == "direct" else self._posts_since(since)
        )
        for one in found:
            if one.own and one.object_id not in known and _fits(one, out, since):
                place = self._address(out, one.object_id)
                return Receipt(one.object_id, place, one.published, price(out), paid)
        settled = since + SETTLE
        if self._clock() < settled:
            raise ChannelUnavailable(
                "X does not show it yet", ambiguous=True, retry_at=settled, cost_micro_usd=paid
            )
        raise ChannelUnavailable(
            "X does not show it, which proves nothing: look there",
            permanent=True,
            ambiguous=True,
            cost_micro_usd=paid,
        )

    async def act(self, deed: Deed) -> Receipt:
        """Hides a reply to us, or shows it again. Doing it twice is doing it once, and X says what holds after it."""
        must_be_decided(deed)
        path, body = request_of_deed(deed)
        answer = await self._wire.put(path, "hide", self._settings.token, body)
        must_agree(deed, _read(answer, _hidden, writes=True))
        return Receipt("", "", self._clock())

    async def close(self) -> None:
        """Lets the connections go."""
        await self._wire.close()

    async def _lists(self) -> list[tuple[str, str, dict[str, Any]]]:
        me = await self._myself()
        lists = [
            ("mentions", f"/2/users/{me}/mentions", reading.POSTS),
            ("own", f"/2/users/{me}/tweets", reading.POSTS),
        ]
        if self._settings.search:
            lists.append(
                ("search", "/2/tweets/search/recent", reading.POSTS | {"query": self._settings.search})
            )
        if self._settings.reads_messages:
            lists.append(("messages", "/2/dm_events", reading.MESSAGES))
        return lists

    async def _walk(
        self, name: str, path: str, params: dict[str, Any], mark: reading.Mark
    ) -> tuple[reading.Listed, reading.Mark]:
        now = self._clock()
        since = (
            later(mark.since, id_at(now - reading.SEARCH_REACH))
            if name == "search" and mark.since
            else mark.since
        )
        wanted = params | {"max_results": reading.PAGE if since else reading.FIRST_PAGE}
        if since and name != "messages":
            wanted["since_id"] = since
        if mark.token:
            wanted["next_token" if name == "search" else "pagination_token"] = mark.token
        try:
            page = _read(await self._get(path, name, **wanted), reading.listed)
        except ChannelUnavailable as wrong:
            if (
                mark.token and wrong.permanent
            ):  # tokens age; the walk begins again from what was read for good
                return await self._walk(name, path, params, reading.Mark(mark.since))
            raise
        self.spent_micro_usd += page.paid * (MESSAGE if name == "messages" else READ)
        newest = max(page.ids, key=int, default="")
        done = name == "messages" and any(int(one) <= int(since or 0) for one in page.ids)
        return page, mark.after(newest, "" if done else page.next_token, now)

    async def _posts_since(self, since: Instant) -> tuple[list[Activity], int]:
        """Our posts since then, and what reading them cost."""
        path, token, found, paid = f"/2/users/{await self._myself()}/tweets", "", [], 0
        while True:
            more = {"pagination_token": token} if token else {}
            wanted = reading.POSTS | {"since_id": id_at(since - SKEW), "max_results": reading.PAGE} | more
            try:
                page = _read(await self._get(path, "own", **wanted), reading.listed)
            except ChannelUnavailable as wrong:
                wrong.cost_micro_usd += paid
                raise
            paid += page.paid * READ
            self.spent_micro_usd += page.paid * READ
            found += self._parsed(page)
            if not (token := page.next_token):
                return found, paid

    async def _messages_since(self, out: Outgoing, since: Instant) -> tuple[list[Activity], int]:
        await self._myself()
        path = f"{conversation_path(out)}/dm_events"
        answer = await self._get(path, "conversation", **(reading.MESSAGES | {"max_results": 20}))
        page = _read(answer, reading.listed)
        self.spent_micro_usd += page.paid * MESSAGE
        return self._parsed(page), page.paid * MESSAGE

    def _parsed(self, page: reading.Listed) -> list[Activity]:
        me = AccountRef(self._me.id, self._me.handle, self._me.native_id, "x")
        return [activity for item in page.items for activity in parse(item, me) if activity.verb == "Create"]

    async def _myself(self) -> str:
        if not self._me.native_id:
            await self.verify()
        return numeric(self._me.native_id)

    async def _get(self, path: str, bucket: str, **params: Any) -> Answer:
        return await self._wire.get(path, bucket, self._settings.token, **params)

    def _address(self, out: Outgoing, native_id: str) -> str:
        return (
            "" if out.visibility == "direct" else f"https://x.com/{self._me.handle or 'i'}/status/{native_id}"
        )


_me = msgspec.json.Decoder(_MeAnswer).decode
_made = msgspec.json.Decoder(_MadeAnswer).decode
_hidden = msgspec.json.Decoder(HiddenAnswer).decode


def _fits(one: Activity, out: Outgoing, since: Instant) -> bool:
    return (
        one.published >= since - SKEW
        and same_words(one.text, out.text)
        and (out.visibility == "direct" or one.in_reply_to == out.in_reply_to)
    )


def _read(answer: Answer, decode: Callable[[bytes], _T], *, writes: bool = False) -> _T:
    try:
        return decode(answer.body)
    except (ValueError, RecursionError, Refused) as wrong:
        raise garbled(answer, wrong, writes=writes) from wrong
