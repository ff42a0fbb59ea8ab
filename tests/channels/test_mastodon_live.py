"""A round trip on a real Mastodon-compatible server over loopback, through a line that fails on command."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from itertools import count

import httpx
import msgspec
import pytest
from mastodon_mock.testing.server import MockServer

from tests.channels.line import CUT_ANSWER, CUT_BEFORE, CUT_REQUEST, DELAY, DUPLICATE, REFUSE, SWALLOW, Line
from townhall.channels.mastodon.around import items
from townhall.channels.mastodon.card import CARD
from townhall.channels.mastodon.client import MastodonClient
from townhall.channels.mastodon.parse import parse
from townhall.channels.port import AccountRef, AccountSettings, Outgoing, Page, Receipt
from townhall.kernel.clock import SECOND, system_clock
from townhall.kernel.errors import ChannelUnavailable, Refused

KEYS = count(1)


def settings(base_url: str, token: str = "bob_token", **changes: object) -> AccountSettings:
    return AccountSettings(
        account=AccountRef(1, "bob", "", "mastodon"), base_url=base_url, token=token, **changes
    )  # type: ignore[arg-type]


@pytest.fixture
async def bob(line: Line) -> AsyncIterator[MastodonClient]:
    client = MastodonClient(settings(line.url, poll_s=0.2, timeout_s=30.0), system_clock)
    yield client
    await client.close()


async def as_alice(server: MockServer, method: str, path: str, **body: object) -> dict[str, object]:
    async with httpx.AsyncClient(
        base_url=server.base_url, headers={"authorization": "Bearer alice_token"}
    ) as alice:
        answer = await alice.request(method, path, json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()


async def says(server: MockServer, text: str, **more: object) -> str:
    return str((await as_alice(server, "POST", "/api/v1/statuses", status=text, **more))["id"])


def reply(text: str, to: str = "", **changes: object) -> Outgoing:
    key = f"key-{next(KEYS)}"
    base = {"decision_id": "d", "idempotency_key": key, "account_id": 1, "text": text, "in_reply_to": to}
    return Outgoing(**(base | changes))  # type: ignore[arg-type]


def heard(page: Page, me: AccountRef = AccountRef(1, "bob")) -> list[tuple[str, str]]:
    return [(a.verb, a.object_id) for item in page.items for a in parse(item, me)]


async def all_after(client: MastodonClient, cursor: str) -> tuple[list[tuple[str, str]], str]:
    found, more = [], True
    while more:
        page = await client.poll(cursor)
        found, cursor, more = found + heard(page), page.cursor, page.more
    return found, cursor


async def test_who_am_i_and_how_long_may_it_be(bob: MastodonClient) -> None:
    known = await bob.verify()
    assert (known["handle"], known["max_length"]) == ("bob", 500)


async def test_what_was_said_around_a_post_is_told_in_order(server: MockServer) -> None:
    before = await says(server, "Is it only me?")
    asked = await says(server, "@bob is it the mast?", in_reply_to_id=before)
    after = await says(server, "Same here.", in_reply_to_id=asked)
    async with httpx.AsyncClient(
        base_url=server.base_url, headers={"authorization": "Bearer bob_token"}
    ) as bob:
        told = (await bob.get(CARD.around.format(id=asked))).content
    acts = [act for item in items(told) for act in parse(item, AccountRef(1, "bob"))]
    assert [(act.object_id, act.own) for act in acts] == [(before, False), (after, False)]


async def test_polling_gives_each_mention_once_in_order_over_several_pages(
    bob: MastodonClient, server: MockServer
) -> None:
    cursor = (await bob.poll("")).cursor
    posted = [await says(server, f"@bob question {n}") for n in range(45)]
    found, cursor = await all_after(bob, cursor)
    assert found == [("Create", native_id) for native_id in posted]
    assert (await all_after(bob, cursor))[0] == []


async def test_a_reply_arrives_and_comes_back_as_our_own(bob: MastodonClient, server: MockServer) -> None:
    cursor = (await bob.poll("")).cursor
    asked = await says(server, "@bob where is my parcel?")
    receipt = await bob.send(reply("On its way", asked, recipient="alice"))
    there = await as_alice(server, "GET", f"/api/v1/statuses/{receipt.native_id}")
    assert (there["in_reply_to_id"], "On its way" in str(there["content"])) == (asked, True)
    page = await bob.poll(cursor)
    own = [
        a.own
        for item in page.items
        for a in parse(item, AccountRef(1, "bob"))
        if a.object_id == receipt.native_id
    ]
    assert own == [True]


async def test_direct_messages_both_ways(bob: MastodonClient, server: MockServer) -> None:
    cursor = (await bob.poll("")).cursor
    asked = await says(server, "@bob my order is 1234", visibility="direct")
    page = await bob.poll(cursor)
    assert [a.visibility for item in page.items for a in parse(item, AccountRef())] == ["direct"]
    receipt = await bob.send(reply("Thank you", asked, visibility="direct", recipient="alice"))
    there = await as_alice(server, "GET", f"/api/v1/statuses/{receipt.native_id}")
    assert there["visibility"] == "direct"
    with pytest.raises(Refused, match="recipient"):
        await bob.send(reply("To nobody", visibility="direct"))


async def test_edits_and_deletions_are_seen_when_looked_at_again(
    bob: MastodonClient, server: MockServer
) -> None:
    kept, gone = await says(server, "@bob a"), await says(server, "@bob b")
    await as_alice(server, "PUT", f"/api/v1/statuses/{kept}", status="@bob changed")
    await as_alice(server, "DELETE", f"/api/v1/statuses/{gone}")
    page = await bob.look_again([kept, gone])
    assert heard(page) == [("Create", kept), ("Update", kept), ("Delete", gone)]


async def test_nothing_leaves_without_a_decision_or_beyond_the_limit(bob: MastodonClient, line: Line) -> None:
    await bob.verify()
    before = len(line.requests)
    for wrong in ({"decision_id": ""}, {"idempotency_key": ""}, {"text": " "}, {"text": "x" * 501}):
        with pytest.raises(Refused):
            await bob.send(msgspec.structs.replace(reply("fine"), **wrong))
    assert len(line.requests) == before


@pytest.mark.parametrize(
    ("fate", "ambiguous", "there"),
    [(REFUSE, True, False), (CUT_REQUEST, True, False), (SWALLOW, True, True), (CUT_ANSWER, True, True)],
)
async def test_after_an_unclear_answer_the_channel_tells(
    bob: MastodonClient, line: Line, fate: str, ambiguous: bool, there: bool
) -> None:
    await bob.verify()
    out, since = reply(f"Read me back after {fate} & <so on>"), system_clock()
    line.then(fate)
    with pytest.raises(ChannelUnavailable) as caught:
        await bob.send(out)
    assert (caught.value.ambiguous, caught.value.permanent) == (ambiguous, False)
    found = await bob.find_sent(out, since)
    assert (found is not None) is there
    if found is not None:
        assert await bob.find_sent(out, since, frozenset({found.native_id})) is None


async def test_an_edit_on_the_site_does_not_hide_what_was_sent(
    bob: MastodonClient, server: MockServer
) -> None:
    out, since = reply("First words"), system_clock()
    receipt = await bob.send(out)
    async with httpx.AsyncClient(
        base_url=server.base_url, headers={"authorization": "Bearer bob_token"}
    ) as site:
        await site.put(f"/api/v1/statuses/{receipt.native_id}", json={"status": "Second words"})
    found = await bob.find_sent(out, since)
    assert found is not None and found.native_id == receipt.native_id


async def test_a_server_that_is_away_took_nothing_for_certain() -> None:
    async with Line("127.0.0.1", 1) as line:
        dead = MastodonClient(settings(f"http://127.0.0.1:{line.port}"), system_clock)
    with pytest.raises(ChannelUnavailable) as caught:
        await dead.send(reply("Hello"))
    assert not caught.value.ambiguous and not caught.value.permanent
    await dead.close()


async def test_a_lost_token_is_permanent_and_says_so(line: Line) -> None:
    stranger = MastodonClient(settings(line.url, token="nobody"), system_clock)
    with pytest.raises(ChannelUnavailable, match="connect the account again") as caught:
        await stranger.verify()
    assert caught.value.permanent
    await stranger.close()


async def test_a_used_up_limit_is_waited_for_and_not_asked_again(
    bob: MastodonClient, line: Line, server: MockServer
) -> None:
    await bob.verify()
    rule = {"match": {"path": "/api/v1/notifications"}, "effect": {"type": "ratelimit"}, "count": 1}
    await as_alice(server, "POST", "/api/v1/_mock/faults", **rule)
    with pytest.raises(ChannelUnavailable) as caught:
        await bob.poll("")
    assert caught.value.retry_at > system_clock()
    before = len(line.requests)
    with pytest.raises(ChannelUnavailable, match="used up"):
        await bob.poll("")
    assert len(line.requests) == before


async def send_once(client: MastodonClient, out: Outgoing, tries: int = 12) -> Receipt:
    """What an outbox does: after an unclear answer it reads back before it tries again."""
    since = system_clock()
    for _ in range(tries):
        try:
            return await client.send(out)
        except ChannelUnavailable as wrong:
            if wrong.ambiguous and (found := await find(client, out, since)):
                return found
    raise AssertionError("never got through")


async def find(client: MastodonClient, out: Outgoing, since: int) -> Receipt | None:
    for _ in range(12):
        try:
            return await client.find_sent(out, since)
        except ChannelUnavailable:
            continue
    raise AssertionError("never read back")


async def test_every_text_arrives_exactly_once_through_a_bad_line(server: MockServer) -> None:
    asked = await says(server, "@bob a storm is coming")
    texts = [f"Answer {n} to the storm" for n in range(25)]
    async with Line("127.0.0.1", server.port, seed=7, trouble=0.5) as storm:
        client = MastodonClient(settings(storm.url, timeout_s=30.0), system_clock)
        receipts = [await send_once(client, reply(text, asked)) for text in texts]
        await client.close()
    assert len(storm.seen) >= 6, f"the storm was too mild: {storm.seen}"
    context = await as_alice(server, "GET", f"/api/v1/statuses/{asked}/context")
    posted = Counter(str(one["id"]) for one in context["descendants"])  # type: ignore[attr-defined]
    assert posted == Counter(receipt.native_id for receipt in receipts)
    assert len(posted) == len(texts)


async def test_the_stream_fills_the_gap_then_follows_and_says_when_it_breaks(
    bob: MastodonClient, line: Line, server: MockServer
) -> None:
    cursor = (await bob.poll("")).cursor
    missed = await says(server, "@bob before the stream")
    stream = bob.stream(cursor)
    first = await asyncio.wait_for(anext(stream), 60)
    assert heard(first) == [("Create", missed)]
    live = await says(server, "@bob during the stream")
    seen: list[tuple[str, str]] = []
    while ("Create", live) not in seen:
        page = await asyncio.wait_for(anext(stream), 60)
        seen += heard(page)
    await line.cut_all()
    with pytest.raises(ChannelUnavailable):
        while True:
            page = await asyncio.wait_for(anext(stream), 60)
    lost = await says(server, "@bob while the line was down")
    resumed = bob.stream(page.cursor)
    back = await asyncio.wait_for(anext(resumed), 60)
    assert ("Create", lost) in heard(back)
    await resumed.aclose()  # type: ignore[attr-defined]


async def test_delays_and_duplicates_on_the_line_change_nothing(bob: MastodonClient, line: Line) -> None:
    line.then(DELAY, DUPLICATE)
    await bob.verify()
    out, since = reply("Only once, whatever the line does"), system_clock() - SECOND
    line.then(DUPLICATE, DELAY)
    receipt = await bob.send(out)
    assert await bob.find_sent(out, since, frozenset({receipt.native_id})) is None
    line.then(CUT_BEFORE)
    with pytest.raises(ChannelUnavailable) as caught:
        await bob.poll("")
    assert not caught.value.ambiguous


async def test_a_server_without_streaming_is_read_by_polling(server: MockServer, bob: MastodonClient) -> None:
    from townhall.channels.mastodon import stream

    _, cursor = await all_after(bob, "")
    real = stream.streaming_base
    stream.streaming_base = lambda base, stated: f"{base}/api/v1/no_such_thing"
    try:
        found = False
        pages = bob.stream(cursor)
        await anext(pages)
        said = await says(server, "@bob do you read this without a stream?")
        async with asyncio.timeout(30):
            async for page in pages:
                found = any(said in native for _, native in heard(page))
                if found:
                    break
    finally:
        stream.streaming_base = real
    assert found
