"""The body of a delivery: CloudEvents 1.0 in JSON, one or a batch, whose ``data`` is an ActivityStreams act. Pure.

Source: CNCF CloudEvents 1.0.2 and its JSON event format. ``source`` and ``id`` together name an event for ever.
"""

import base64
import binascii

import msgspec
from msgspec import Raw, Struct

from townhall.channels.activitystreams import parse as activitystreams
from townhall.channels.activitystreams.parse import decoded
from townhall.channels.bounds import MAX_ID
from townhall.channels.port import AccountRef
from townhall.kernel.activity import Activity
from townhall.kernel.errors import Refused, TooLarge

MAX_EVENTS = 1_000
MAX_BODY = 4 << 20
"""Bytes of one delivery."""


class Event(Struct, frozen=True, gc=False):
    """One event of a delivery: what names it, its type, and the exact bytes of its data."""

    source: str
    id: str
    type: str
    data: bytes


class _Envelope(Struct, gc=False):
    specversion: str
    id: str
    source: str
    type: str
    data: Raw = Raw(b"")
    data_base64: str | None = None


_one = msgspec.json.Decoder(_Envelope)
_many = msgspec.json.Decoder(list[_Envelope])


def events(body: bytes) -> list[Event]:
    """The events of a delivery in order. Raises ``Refused`` for the whole delivery when one envelope is wrong."""
    if len(body) > MAX_BODY:
        raise TooLarge(f"the delivery has {len(body)} bytes, the most is {MAX_BODY}")
    found = decoded(_many, body) if body.lstrip()[:1] == b"[" else [decoded(_one, body)]
    if len(found) > MAX_EVENTS:
        raise TooLarge(f"the delivery has {len(found)} events, the most is {MAX_EVENTS}")
    return [_event(envelope) for envelope in found]


def parse(raw: bytes, account: AccountRef) -> list[Activity]:
    """What a delivery, one event, or the bare data of one says. Raises ``Refused`` with the reason."""
    if raw.lstrip()[:1] != b"[" and b'"specversion"' not in raw:
        return activitystreams.parse(raw, account)
    return [activity for event in events(raw) for activity in activitystreams.parse(event.data, account)]


def _event(envelope: _Envelope) -> Event:
    if envelope.specversion != "1.0":
        raise Refused(f"specversion must be 1.0, not {envelope.specversion[:20]!r}")
    if not (envelope.id and envelope.source and envelope.type):
        raise Refused("a CloudEvent needs an id, a source and a type that are not empty")
    if max(len(envelope.id), len(envelope.source), len(envelope.type)) > MAX_ID:
        raise TooLarge(f"an attribute of the event is longer than {MAX_ID} characters")
    return Event(envelope.source, envelope.id, envelope.type, _data(envelope))


def _data(envelope: _Envelope) -> bytes:
    if bytes(envelope.data) not in (b"", b"null"):
        return bytes(envelope.data)
    try:
        return base64.b64decode(envelope.data_base64 or "", validate=True)
    except (binascii.Error, ValueError) as wrong:
        raise Refused("data_base64 is not base64") from wrong
