"""X by its API v2 against a stateful stand-in on loopback, every request held to the published description."""

from collections.abc import AsyncIterator

import msgspec
import pytest

from tests.channels.line import CUT_ANSWER, CUT_BEFORE, SWALLOW, Line
from tests.channels.x_shop import SHOP, Hand, client_for
from tests.channels.x_stand_in import XStandIn, description, violations_of
from townhall.channels.port import AccountSettings, Outgoing, Page
from townhall.channels.x.client import SETTLE, XClient
from townhall.channels.x.compose import MESSAGE, POST, POST_WITH_URL, READ
from townhall.channels.x.parse import parse
from townhall.kernel.clock import DAY, MINUTE, SECOND
from townhall.kernel.errors import ChannelUnavailable, Refused


@pytest.fixture
async def shop(x: XStandIn, clock: Hand) -> AsyncIterator[XClient]:
    client = client_for(x.url, clock, search="parcel", reads_messages=True)
    yield client
    await client.close()


def heard(page: Page) -> list[tuple[str, str]]:
    return [(a.verb, a.object_id) for item in page.items for a in parse(item, SHOP)]


def reply(text: str, **changes: object) -> Outgoing:
    base = {"decision_id": "d", "idempotency_key": "k", "account_id": 1, "text": text}
    return Outgoing(**(base | changes))  # type: ignore[arg-type]


async def test_who_am_i(x: XStandIn, clock: Hand) -> None:
    client = client_for(x.url, clock)
    assert await client.verify() == {"native_id": "1001", "handle": "shop", "max_length": 280}
    await client.close()


async def test_polling_walks_every_page_of_every_list_and_then_is_quiet(
    x: XStandIn, shop: XClient, clock: Hand
) -> None:
    x.page_size = 3
    page = await shop.poll("")
    assert page.items == [] and not page.more
    clock.now += MINUTE
    wanted = {x.post("2002", f"@shop question {n}") for n in range(8)} | {x.post("3003", "my parcel is lost")}
    wanted |= {x.post("1001", "We are open again"), x.message("2002", "1001", "hello")["id"]}
    found: set[str] = set()
    while True:
        page = await shop.poll(page.cursor)
        found |= {native_id for _, native_id in heard(page)}
        if not page.more:
            break
    assert found == wanted
    assert (await shop.poll(page.cursor)).items[1:] == []  # messages have no since_id: the newest comes again


async def test_a_crash_between_pages_repeats_and_loses_nothing(x: XStandIn, clock: Hand) -> None:
    client = client_for(x.url, clock)
    x.page_size = 2
    start = (await client.poll("")).cursor
    clock.now += MINUTE
    wanted = [("Create", x.post("2002", f"@shop {n}")) for n in range(5)]
    half = await client.poll(start)
    assert half.more
    late = ("Create", x.post("2002", "@shop while walking"))
    found, cursor, more = heard(half), half.cursor, True
    while more:
        page = await client.poll(cursor)
        found, cursor, more = found + heard(page), page.cursor, page.more
    found += heard(await client.poll(cursor))
    assert set(found) == {*wanted, late}
    await client.close()


async def test_an_aged_token_begins_the_walk_again(x: XStandIn, clock: Hand) -> None:
    client = client_for(x.url, clock)
    x.page_size = 2
    start = (await client.poll("")).cursor
    clock.now += MINUTE
    wanted = {("Create", x.post("2002", f"@shop {n}")) for n in range(3)}
    aged = (await client.poll(start)).cursor.replace("page-token-at-", "no-longer-known-")
    found, cursor, more = [], aged, True
    while more:
        page = await client.poll(cursor)
        found, cursor, more = found + heard(page), page.cursor, page.more
    assert set(found) == wanted
    await client.close()


async def test_a_quiet_search_never_asks_further_back_than_x_allows(
    x: XStandIn, shop: XClient, clock: Hand
) -> None:
    cursor = (await shop.poll("")).cursor
    clock.now += 9 * DAY
    lost = x.post("3003", "my parcel again")
    clock.now += MINUTE
    assert ("Create", lost) in heard(await shop.poll(cursor))


async def test_edits_deletions_and_media_when_looked_at_again(
    x: XStandIn, shop: XClient, clock: Hand
) -> None:
    photo = {"media_key": "3_1", "type": "photo", "url": "https://pbs.example/1.jpg", "alt_text": "A box"}
    first, gone = x.post("2002", "@shop look", media=photo), x.post("2002", "@shop oops")
    page = await shop.look_again([first, gone])
    assert [a.media[0].alt for a in parse(page.items[1], SHOP)] == ["A box"]
    clock.now += MINUTE
    second = x.edit(first, "@shop look closer")
    x.delete(gone)
    page = await shop.look_again([second, gone])
    assert heard(page) == [("Create", first), ("Update", first), ("Delete", gone)]


@pytest.mark.parametrize("by", ["reading", "looking again at the first", "looking again at the last"])
async def test_every_version_of_an_edited_post_is_told_with_its_own_words(
    x: XStandIn, clock: Hand, by: str
) -> None:
    client = client_for(x.url, clock)
    cursor = (await client.poll("")).cursor
    clock.now += MINUTE
    photo = {"media_key": "3_1", "type": "photo", "url": "https://pbs.example/1.jpg", "alt_text": "A box"}
    first = last = x.post("2002", "@shop first words", media=photo)
    began = clock.now
    for words in ("@shop second words", "@shop third words"):
        clock.now += MINUTE
        last = x.edit(last, words)
    asked = {"looking again at the first": first, "looking again at the last": last}
    page = await (client.look_again([asked[by]]) if by in asked else client.poll(cursor))
    told = [(a.verb, a.object_id, a.text, a.happened - began) for i in page.items for a in parse(i, SHOP)]
    assert told == [
        ("Create", first, "@shop first words", 0),
        ("Update", first, "@shop second words", MINUTE),
        ("Update", first, "@shop third words", 2 * MINUTE),
    ]
    assert [len(a.media) for i in page.items for a in parse(i, SHOP)] == [1, 0, 0]
    assert page.cost_micro_usd == 3 * READ
    await client.close()


async def test_a_post_that_is_answered_is_paid_for_and_is_no_version(
    x: XStandIn, shop: XClient, clock: Hand
) -> None:
    asked = x.post("3003", "Who sells lanterns?")
    cursor = (await shop.poll("")).cursor
    clock.now += MINUTE
    named = x.post("2002", "@shop does", asked)
    page = await shop.poll(cursor)
    told = [(a.verb, a.object_id, a.in_reply_to) for i in page.items for a in parse(i, SHOP)]
    assert told == [("Create", named, asked)]
    assert page.cost_micro_usd == 2 * READ


async def test_a_reply_and_a_message_arrive_and_are_paid_for(x: XStandIn, shop: XClient) -> None:
    asked = x.post("2002", "@shop where is my parcel?")
    receipt = await shop.send(reply("On its way", in_reply_to=asked))
    assert x.posts[receipt.native_id]["referenced_posts"] == [{"type": "replied_to", "id": asked}]
    assert (receipt.cost_micro_usd, receipt.url) == (POST, f"https://x.com/shop/status/{receipt.native_id}")
    linked = await shop.send(reply("See https://shop.example/track", in_reply_to=asked))
    private = await shop.send(reply("Your code is inside", visibility="direct", recipient="2002"))
    assert x.messages[-1]["id"] == private.native_id
    assert shop.spent_micro_usd == sum((POST, POST_WITH_URL, MESSAGE))
    assert linked.cost_micro_usd == POST_WITH_URL


async def test_reading_is_paid_for_by_the_post(x: XStandIn, shop: XClient, clock: Hand) -> None:
    cursor = (await shop.poll("")).cursor
    clock.now += MINUTE
    for n in range(3):
        x.post("2002", f"@shop {n}")
    assert (await shop.poll(cursor)).cost_micro_usd == 3 * READ


async def test_nothing_leaves_without_a_decision(x: XStandIn, shop: XClient) -> None:
    for wrong in ({"decision_id": ""}, {"text": "x" * 281}, {"visibility": "unlisted"}):
        with pytest.raises(Refused):
            await shop.send(msgspec.structs.replace(reply("fine"), **wrong))
    assert x.requests == []


@pytest.mark.parametrize("visibility", ["public", "direct"])
async def test_an_unclear_answer_is_settled_only_by_what_is_there(
    x: XStandIn, clock: Hand, visibility: str
) -> None:
    out = reply("Once & only once <3", visibility=visibility, recipient="2002")
    async with Line("127.0.0.1", x.port) as line:
        client = client_for(line.url, clock)
        await client.verify()
        for fate, there in ((CUT_BEFORE, False), (SWALLOW, True), (CUT_ANSWER, True)):
            since = clock()
            line.then(fate)
            with pytest.raises(ChannelUnavailable) as caught:
                await client.send(out)
            assert caught.value.ambiguous
            if there:
                found = await client.find_sent(out, since)
                assert found is not None and found.at >= since
            else:
                await not_there(client, out, since, clock)
            clock.now += 10 * MINUTE
        await client.close()
    assert len(x.posts) + len(x.messages) == 2


async def not_there(client: XClient, out: Outgoing, since: int, clock: Hand) -> None:
    with pytest.raises(ChannelUnavailable) as caught:
        await client.find_sent(out, since)
    assert caught.value.retry_at == since + SETTLE and not caught.value.permanent
    clock.now += SETTLE
    with pytest.raises(ChannelUnavailable) as caught:
        await client.find_sent(out, since)
    assert caught.value.permanent and caught.value.ambiguous


@pytest.mark.parametrize(("after", "posted"), [(True, 1), (False, 0)])
async def test_a_server_error_is_ambiguous_whether_it_posted_or_not(
    x: XStandIn, shop: XClient, after: bool, posted: int
) -> None:
    x.fail("/2/tweets", 503, after=after)
    with pytest.raises(ChannelUnavailable) as caught:
        await shop.send(reply("Hello"))
    assert caught.value.ambiguous and len(x.posts) == posted


async def test_a_refusal_by_x_is_certain(x: XStandIn, shop: XClient) -> None:
    with pytest.raises(ChannelUnavailable) as caught:
        await shop.send(reply("Hello", in_reply_to="5"))
    assert caught.value.permanent and not caught.value.ambiguous


async def test_limits_are_obeyed_to_the_second(x: XStandIn, clock: Hand) -> None:
    client = client_for(x.url, clock)
    reset = clock() // SECOND + 600
    x.limits["/2/users/1001/mentions"] = (1, reset)
    cursor = (await client.poll("")).cursor
    asked = len(x.requests)
    with pytest.raises(ChannelUnavailable) as caught:
        await client.poll(cursor)
    assert (caught.value.retry_at, len(x.requests)) == (reset * SECOND, asked)
    clock.now = reset * SECOND
    x.limits["/2/users/1001/mentions"] = (0, reset + 900)
    with pytest.raises(ChannelUnavailable) as caught:
        await client.poll(cursor)
    assert caught.value.retry_at == (reset + 900) * SECOND
    clock.now = (reset + 900) * SECOND
    x.limits.clear()
    await client.poll(cursor)
    await client.close()


async def test_a_lost_token_is_permanent(x: XStandIn, clock: Hand) -> None:
    settings = AccountSettings(account=SHOP, base_url=x.url, token="old")
    client = XClient(settings, clock)
    with pytest.raises(ChannelUnavailable, match="connect the account again") as caught:
        await client.poll("")
    assert caught.value.permanent
    await client.close()


@pytest.mark.skipif(description() is None, reason="the OpenAPI description of X is not among the data sets")
def test_the_description_is_a_real_judge() -> None:
    assert violations_of("GET", "/2/users/1/mentions", {"since_id": "5", "max_results": "10"}, b"") == []
    assert violations_of("GET", "/2/users/1/mentions", {"since": "5"}, b"")
    assert violations_of("GET", "/2/users/1/mentions", {"max_results": "3"}, b"")
    assert violations_of("GET", "/2/users/1/mentions", {"expansions": "nonsense"}, b"")
    assert violations_of("POST", "/2/tweets", {}, b'{"txt":"x"}')
    assert violations_of("GET", "/2/nowhere", {}, b"")
