"""A fact: something that happened, in the past tense, kept for ever.

It travels in a CloudEvents 1.0 envelope. ``data`` holds pseudonymous ids only; what people wrote stays in
content, and the fact carries its salted hash (``content``: hex of SHA-256(salt || bytes), "" when there is none).
Fields are only ever added, with a default: stored facts are upcast on read and never rewritten.
"""

from typing import Any

import msgspec
from msgspec import Struct

from townhall.kernel.clock import Instant

VERSION = 1


class Fact(Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """One envelope. ``type`` like ``townhall.interaction.received``; ``subject`` like ``interaction/123``.

    ``time`` is when it happened (microseconds UTC), ``actor`` who did it (``staff/7``, ``system/worker``),
    ``brand`` the brand's id.
    """

    type: str
    subject: str
    time: Instant
    brand: int
    actor: str = "system"
    data: dict[str, Any] = {}
    content: str = ""
    v: int = VERSION


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Fact)


def encode(fact: Fact) -> bytes:
    """The exact bytes that are stored and hashed."""
    return _encoder.encode(fact)


def decode(stored: bytes) -> Fact:
    """A stored fact, upcast to today's shape. Raises ``msgspec.DecodeError`` on damaged bytes."""
    return _decoder.decode(stored)
