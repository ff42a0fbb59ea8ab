"""Signed deliveries: the published vector, tampering, time, rotation, CloudEvents bodies, and replies going out."""

import asyncio
import base64
import hashlib
import hmac
import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.channels.line import CUT_BEFORE, PASS, SWALLOW, Line
from townhall.channels import CHANNELS
from townhall.channels.port import AccountRef, AccountSettings, Outgoing
from townhall.channels.webhook.parse import events, parse
from townhall.channels.webhook.signature import key_of, sign, verify
from townhall.kernel.clock import MINUTE, SECOND
from townhall.kernel.errors import BadSetting, ChannelUnavailable, NotSigned, OutOfWindow, Refused, TooLarge

SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
OTHER = "whsec_" + base64.b64encode(bytes(range(1, 33))).decode()
NOW = 1_772_359_200 * SECOND
SHOP = AccountRef(3, "shop", "https://b.example/shop", "webhook")
ACT = {
    "type": "Create", "actor": "https://s.example/ann",
    "object": {"id": "https://s.example/7", "type": "Note", "content": "Hello"},
}  # fmt: skip


def headers(
    body: bytes, *, name: str = "msg_1", stamp: int = NOW // SECOND, secret: str = SECRET
) -> dict[str, str]:
    return {
        "Webhook-Id": name,
        "Webhook-Timestamp": str(stamp),
        "Webhook-Signature": sign(secret, name, stamp, body),
    }


def event(**changes: object) -> dict[str, object]:
    return {
        "specversion": "1.0",
        "id": "e1",
        "source": "/shop",
        "type": "example.post",
        "data": ACT,
    } | changes


def test_the_vector_of_the_specification() -> None:
    secret, name, stamp = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330
    body = b'{"test": 2432232314}'
    assert sign(secret, name, stamp, body) == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@given(
    st.binary(max_size=100),
    st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=20),
)
def test_what_was_signed_is_taken(body: bytes, name: str) -> None:
    assert verify(headers(body, name=name), body, [OTHER, SECRET], NOW) == name
    by_hand = hmac.new(bytes(range(32)), f"{name}.{NOW // SECOND}.".encode() + body, hashlib.sha256).digest()
    assert sign(SECRET, name, NOW // SECOND, body) == "v1," + base64.b64encode(by_hand).decode()


@given(st.binary(min_size=1, max_size=60), st.integers(0, 479))
def test_one_changed_bit_is_refused(body: bytes, place: int) -> None:
    bent = bytearray(body)
    bent[place // 8 % len(body)] ^= 1 << place % 8
    with pytest.raises(NotSigned):
        verify(headers(body), bytes(bent), [SECRET], NOW)


@pytest.mark.parametrize("missing", ["Webhook-Id", "Webhook-Timestamp", "Webhook-Signature"])
def test_every_header_is_needed(missing: str) -> None:
    given_headers = headers(b"{}")
    del given_headers[missing]
    with pytest.raises(NotSigned):
        verify(given_headers, b"{}", [SECRET], NOW)


@pytest.mark.parametrize("changed", [{"Webhook-Id": "msg_2"}, {"Webhook-Timestamp": str(NOW // SECOND + 1)}])
def test_id_and_time_are_signed_too(changed: dict[str, str]) -> None:
    with pytest.raises(NotSigned):
        verify(headers(b"{}") | changed, b"{}", [SECRET], NOW)


@pytest.mark.parametrize("drift", [5 * MINUTE + SECOND, -5 * MINUTE - SECOND])
def test_a_replay_is_out_of_its_window(drift: int) -> None:
    verify(headers(b"{}"), b"{}", [SECRET], NOW + drift // 2)
    with pytest.raises(OutOfWindow):
        verify(headers(b"{}"), b"{}", [SECRET], NOW + drift)


def test_several_signatures_and_foreign_schemes() -> None:
    good = headers(b"{}")
    good["Webhook-Signature"] = (
        f"v1a,AAAA v1,!!! v1,{base64.b64encode(b'x' * 32).decode()} {good['Webhook-Signature']}"
    )
    assert verify(good, b"{}", [SECRET], NOW) == "msg_1"
    with pytest.raises(NotSigned):
        verify(headers(b"{}"), b"{}", [], NOW)
    with pytest.raises(OutOfWindow):
        verify(
            {**headers(b"{}"), "Webhook-Timestamp": "soon", "Webhook-Signature": _signed_soon()},
            b"{}",
            [SECRET],
            NOW,
        )


def _signed_soon() -> str:
    digest = hmac.new(key_of(SECRET), b"msg_1.soon.{}", hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode()


@pytest.mark.parametrize(
    "secret", ["", "whsec_", "whsec_###", "whsec_" + base64.b64encode(b"short").decode()]
)
def test_a_weak_secret_is_a_bad_setting(secret: str) -> None:
    with pytest.raises(BadSetting, match="whsec_"):
        key_of(secret)


def test_one_event_a_batch_and_bare_data() -> None:
    single = json.dumps(event()).encode()
    assert [a.text for a in parse(single, SHOP)] == ["Hello"]
    assert [e.id for e in events(json.dumps([event(), event(id="e2")]).encode())] == ["e1", "e2"]
    assert parse(json.dumps(ACT).encode(), SHOP) == parse(single, SHOP)
    assert parse(events(single)[0].data, SHOP) == parse(single, SHOP)
    packed = event(data=None, data_base64=base64.b64encode(json.dumps(ACT).encode()).decode())
    assert parse(json.dumps({k: v for k, v in packed.items() if v}).encode(), SHOP) == parse(single, SHOP)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"nonsense", "not JSON"),
        (b"{}", "specversion"),
        (json.dumps(event(specversion="0.3")).encode(), "specversion must be 1.0"),
        (json.dumps(event(id="")).encode(), "not empty"),
        (json.dumps(event(data=None, data_base64="*")).encode(), "base64"),
        (json.dumps([event(), {}]).encode(), "specversion"),
    ],
)
def test_a_wrong_envelope_is_refused_whole(body: bytes, reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        events(body)


def test_too_many_or_too_much() -> None:
    with pytest.raises(TooLarge):
        events(json.dumps([event()] * 1_001).encode())
    with pytest.raises(TooLarge):
        events(b" " * (4 << 20) + b"{}")


class Receiver:
    """A loopback receiver that checks what it gets as the other side would."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        named = dict((line.split(": ", 1)[0].lower(), line.split(": ", 1)[1])
                     for line in head.split("\r\n")[1:] if ": " in line)  # fmt: skip
        self.got.append((named, await reader.readexactly(int(named["content-length"]))))
        writer.write(b'HTTP/1.1 202 Accepted\r\ncontent-length: 11\r\nconnection: close\r\n\r\n{"id":"r1"}')
        await writer.drain()
        writer.close()


async def test_a_reply_goes_out_signed_and_an_unclear_one_stays_unclear() -> None:
    receiver = Receiver()
    server = await asyncio.start_server(receiver, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    out = Outgoing(
        decision_id="d1",
        idempotency_key="k1",
        account_id=3,
        text="On its way",
        in_reply_to="https://s.example/7",
    )
    async with Line("127.0.0.1", port, plan=[PASS, CUT_BEFORE, SWALLOW]) as line:
        settings = AccountSettings(account=SHOP, base_url=line.url, secret=SECRET)
        client = CHANNELS["webhook"].make_client(settings, lambda: NOW)
        receipt = await client.send(out)
        assert (receipt.native_id, receipt.at) == ("r1", NOW)
        for _ in range(2):
            with pytest.raises(ChannelUnavailable) as caught:
                await client.send(out)
            assert caught.value.ambiguous and not caught.value.permanent
        with pytest.raises(ChannelUnavailable) as caught:
            await client.find_sent(out, NOW)
        assert caught.value.ambiguous and caught.value.permanent
        with pytest.raises(Refused, match="decision"):
            await client.send(msgspec.structs.replace(out, decision_id=""))
        await client.close()
    server.close()
    sent, body = receiver.got[0]
    assert len(receiver.got) == 2 and receiver.got[1][0]["webhook-id"] == "k1"
    assert verify(sent, body, [SECRET], NOW) == "k1"
    assert [(a.text, a.in_reply_to, a.own) for a in parse(body, SHOP)] == [
        ("On its way", "https://s.example/7", True)
    ]
