"""Hiding and reporting on the networks: X against the stand-in and its description, Mastodon against the documented
shape of a report (the mock server knows none), the webhook by what arrives."""

import json
from typing import Any

import msgspec
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.channels.line import CUT_BEFORE, SWALLOW, Line
from tests.channels.test_webhook import SECRET
from tests.channels.x_shop import Hand, client_for
from tests.channels.x_stand_in import XStandIn, serving
from townhall.channels import CHANNELS
from townhall.channels.activitystreams.client import FileClient
from townhall.channels.mastodon.client import MastodonClient
from townhall.channels.port import AccountRef, AccountSettings, Deed
from townhall.channels.webhook.client import WebhookClient
from townhall.channels.webhook.signature import verify
from townhall.channels.x.client import XClient
from townhall.kernel.errors import ChannelUnavailable, Refused


def deed(kind: str, post: str, **more: Any) -> Deed:
    return Deed(decision_id="d", idempotency_key="k", account_id=1, kind=kind, post=post, **more)  # type: ignore[arg-type]


async def test_a_reply_to_us_is_hidden_on_x_and_shown_again(x: XStandIn, shop: XClient) -> None:
    ours = x.post("1001", "We are open")
    rude = x.post("2002", "@shop you fools", ours)
    await shop.act(deed("hide", rude))
    await shop.act(deed("hide", rude))
    assert x.hidden == {rude}
    await shop.act(deed("unhide", rude))
    assert x.hidden == set()


async def test_what_is_not_under_our_post_x_refuses_for_good(x: XStandIn, shop: XClient) -> None:
    elsewhere = x.post("2002", "the shop is bad")
    with pytest.raises(ChannelUnavailable) as caught:
        await shop.act(deed("hide", elsewhere))
    assert caught.value.permanent and not caught.value.ambiguous and x.hidden == set()


async def test_an_unclear_hiding_is_harmless_to_repeat(x: XStandIn, clock: Hand) -> None:
    rude = x.post("2002", "@shop you fools", x.post("1001", "We are open"))
    async with Line("127.0.0.1", x.port) as line:
        client = client_for(line.url, clock)
        for fate, there in ((CUT_BEFORE, set[str]()), (SWALLOW, {rude})):
            line.then(fate)
            with pytest.raises(ChannelUnavailable) as caught:
                await client.act(deed("hide", rude))
            assert caught.value.ambiguous and x.hidden == there
        await client.act(deed("hide", rude))
        await client.close()
    assert x.hidden == {rude}


async def test_an_answer_that_says_otherwise_is_no_success(x: XStandIn, shop: XClient) -> None:
    rude = x.post("2002", "@shop you fools", x.post("1001", "We are open"))
    x.stubborn = True
    with pytest.raises(ChannelUnavailable, match="not hidden") as caught:
        await shop.act(deed("hide", rude))
    assert caught.value.permanent


async def test_nothing_is_done_without_a_decision(x: XStandIn, shop: XClient) -> None:
    for wrong in ({"decision_id": ""}, {"idempotency_key": ""}, {"kind": "report"}, {"post": "1/../2"}):
        with pytest.raises(Refused):
            await shop.act(msgspec.structs.replace(deed("hide", "12"), **wrong))
    assert x.requests == []


class Moderators:
    """A server that takes reports as Mastodon's documentation has them, and refuses every other shape."""

    def __init__(self) -> None:
        self.reports: list[dict[str, Any]] = []

    async def take(self, request: Request) -> Response:
        said = await request.json()
        known = {
            "account_id": str,
            "status_ids": list,
            "comment": str,
            "forward": bool,
            "category": str,
            "rule_ids": list,
        }
        wrong = [name for name, value in said.items() if not isinstance(value, known.get(name, ()))]
        if (
            wrong
            or not said.get("account_id")
            or said.get("category") not in ("spam", "legal", "violation", "other")
        ):
            return JSONResponse({"error": f"Validation failed: {wrong}"}, 422)
        if request.headers.get("authorization") != "Bearer bob_token":
            return JSONResponse({"error": "The access token is invalid"}, 401)
        self.reports.append(said)
        return JSONResponse({"id": str(len(self.reports)), "action_taken": False, **said})

    def app(self) -> Starlette:
        return Starlette(routes=[Route("/api/v1/reports", self.take, methods=["POST"])])


def bob(url: str, clock: Hand) -> MastodonClient:
    ref = AccountRef(1, "bob", "", "mastodon")
    return MastodonClient(AccountSettings(account=ref, base_url=url, token="bob_token"), clock)


async def test_a_report_reaches_mastodons_moderators(clock: Hand) -> None:
    moderators = Moderators()
    async with serving(moderators.app()) as port:
        client = bob(f"http://127.0.0.1:{port}", clock)
        receipt = await client.act(deed("report", "77", author="9", comment="Sells fakes.", category="spam"))
        await client.close()
    assert receipt.native_id == "1"
    assert moderators.reports == [
        {
            "account_id": "9",
            "status_ids": ["77"],
            "comment": "Sells fakes.",
            "category": "spam",
            "forward": False,
        }
    ]


async def test_an_unclear_report_is_ambiguous_and_others_are_refused(clock: Hand) -> None:
    moderators = Moderators()
    async with serving(moderators.app()) as port, Line("127.0.0.1", port) as line:
        client = bob(line.url, clock)
        line.then(SWALLOW)
        with pytest.raises(ChannelUnavailable) as caught:
            await client.act(deed("report", "77", author="9"))
        assert caught.value.ambiguous and len(moderators.reports) == 1
        for wrong in ({"kind": "hide"}, {"author": ""}, {"post": "7/7"}, {"comment": "x" * 1001}):
            with pytest.raises(Refused):
                await client.act(msgspec.structs.replace(deed("report", "77", author="9"), **wrong))
        await client.close()
    assert len(moderators.reports) == 1


@pytest.mark.parametrize(("kind", "type_"), [("hide", "Block"), ("unhide", "Undo"), ("report", "Flag")])
async def test_the_operators_system_is_told_by_a_signed_event(clock: Hand, kind: str, type_: str) -> None:
    told: list[tuple[dict[str, str], bytes]] = []

    async def take(request: Request) -> Response:
        told.append((dict(request.headers), await request.body()))
        return Response(status_code=202)

    ref = AccountRef(3, "shop", "https://b.example/shop", "webhook")
    async with serving(Starlette(routes=[Route("/", take, methods=["POST"])])) as port:
        settings = AccountSettings(account=ref, base_url=f"http://127.0.0.1:{port}", secret=SECRET)
        client = WebhookClient(settings, clock)
        await client.act(
            deed(kind, "https://s.example/7", author="ann", comment="Sells fakes.", category="spam")
        )
        await client.close()
    [(headers, body)] = told
    verify(headers, body, [SECRET], clock.now)
    event = json.loads(body)
    assert (event["type"], event["subject"], event["id"]) == (
        f"townhall.post.{kind}",
        "https://s.example/7",
        "k",
    )
    assert event["data"]["type"] == type_ and headers["webhook-id"] == "k"
    assert ("Sells fakes." in body.decode()) == (kind == "report"), "the comment is the report's alone"


async def test_a_webhook_without_an_address_and_a_file_offer_nothing(clock: Hand) -> None:
    ref = AccountRef(3, "shop", "", "webhook")
    for client in (
        WebhookClient(AccountSettings(account=ref, secret=SECRET), clock),
        FileClient(AccountSettings(account=ref), clock),
    ):
        with pytest.raises(Refused):
            await client.act(deed("hide", "https://s.example/7"))


@pytest.mark.parametrize(
    ("channel", "address", "offered"),
    [
        ("x", "https://api.example", {"hide", "unhide"}), ("mastodon", "https://m.example", {"report"}),
        ("webhook", "https://o.example", {"hide", "unhide", "report"}), ("webhook", "", set()),
        ("activitystreams", "", set()),
    ],
)  # fmt: skip
def test_cards_say_what_is_offered(channel: str, address: str, offered: set[str]) -> None:
    card = CHANNELS[channel].card
    assert {kind for kind in ("hide", "unhide", "report") if not card.why_not(kind, address)} == offered
    assert all("Not offered here" in card.why_not(kind, address) for kind in {"hide", "report"} - offered)
