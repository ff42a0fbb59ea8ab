"""Pictures on X: handed in, told in words, named by the post; each request held to the published description."""

import pytest

from tests.channels.line import CUT_BEFORE, SWALLOW, Line
from tests.channels.test_x_live import reply
from tests.channels.x_shop import Hand, client_for
from tests.channels.x_stand_in import XStandIn, description, violations_of
from townhall.channels.limits import Limits
from townhall.channels.port import Enclosure
from townhall.channels.wire import Wire
from townhall.channels.x.client import XClient
from townhall.channels.x.pictures import handed_in
from townhall.kernel.errors import ChannelUnavailable, Refused

RED = Enclosure(b"\xff\xd8\xff red", "image/jpeg", "A red wall")
BLUE = Enclosure(b"\x89PNG blue", "image/png", "A blue wall, 12 m²")


def shown(post: dict[str, object]) -> list[tuple[str, str]]:
    return [(one["media"], one["alt"]) for one in post["pictures"]]  # type: ignore[index, attr-defined]


async def test_a_reply_with_pictures_arrives_with_their_words_in_order(x: XStandIn, shop: XClient) -> None:
    asked = x.post("2002", "@shop which wall?")
    receipt = await shop.send(reply("This one", in_reply_to=asked, pictures=(RED, BLUE)))
    assert shown(x.posts[receipt.native_id]) == [
        (RED.data.decode("latin-1"), RED.alt),
        (BLUE.data.decode("latin-1"), BLUE.alt),
    ]


async def test_a_message_with_a_picture_and_without_words(x: XStandIn, shop: XClient) -> None:
    out = reply("", visibility="direct", recipient="2002", pictures=(RED,))
    await shop.send(out)
    (message,) = x.messages
    assert message["text"] == "" and shown(message) == [(RED.data.decode("latin-1"), RED.alt)]


async def test_it_waits_while_x_works_and_says_when_x_cannot_read_it(x: XStandIn, clock: Hand) -> None:
    wire = Wire(x.url, clock, Limits(), 10.0)
    x.works_on = 2
    assert await handed_in(wire, "token-1001", [RED], False, (0.0, 0.0)) == list(x.media)
    assert x.requests.count(("GET", "/2/media/upload")) == 2
    x.works_on = -1
    with pytest.raises(ChannelUnavailable, match="could not read") as no:
        await handed_in(wire, "token-1001", [RED], False, (0.0, 0.0))
    assert no.value.permanent and not no.value.ambiguous
    await wire.close()


@pytest.mark.skipif(description() is None, reason="the published description is not here")
def test_a_form_is_held_to_the_description_too() -> None:
    def wrong(**form: str) -> list[str]:
        return violations_of("POST", "/2/media/upload", {}, b"", form)

    assert wrong(media="x", media_category="tweet_image") == []
    assert (
        wrong(media="x")
        and wrong(media="x", media_category="painting")
        and wrong(media="x", media_category="dm_image", a="b")
    )


@pytest.mark.parametrize("path", ["/2/media/upload", "/2/media/metadata"])
@pytest.mark.parametrize("status", [500, 503, 429, 403])
@pytest.mark.parametrize("after", [True, False])
async def test_a_failure_before_the_post_is_certain(
    x: XStandIn, shop: XClient, path: str, status: int, after: bool
) -> None:
    x.fail(path, status, after=after)
    with pytest.raises(ChannelUnavailable) as no:
        await shop.send(reply("This one", pictures=(RED,)))
    assert not no.value.ambiguous and not x.posts and no.value.permanent == (status == 403)


async def test_a_line_cut_between_picture_and_post_repeats_the_picture_and_finds_the_post(
    x: XStandIn, clock: Hand
) -> None:
    async with Line("127.0.0.1", x.port) as line:
        client = client_for(line.url, clock)
        out = reply("This one", pictures=(RED,))
        line.then("pass", "pass", CUT_BEFORE)
        with pytest.raises(ChannelUnavailable):
            await client.send(out)
        line.then("pass", "pass", SWALLOW)
        with pytest.raises(ChannelUnavailable) as lost:
            await client.send(out)
        assert lost.value.ambiguous and len(x.posts) == 1 and len(x.media) == 2
        line.then()
        found = await client.find_sent(out, clock.now)
        assert found and [found.native_id] == list(x.posts)
        await client.close()


async def test_nothing_is_handed_in_for_what_x_cannot_do(x: XStandIn, shop: XClient) -> None:
    for wrong in (reply("x" * 281, pictures=(RED,)), reply("x", visibility="followers", pictures=(RED,))):
        with pytest.raises(Refused):
            await shop.send(wrong)
    assert x.requests == []
