"""X's webhook proof: the challenge it sends us, and the signature on what it delivers. Pure.

Source: X's documentation of webhooks: both are ``sha256=`` and the base64 of HMAC-SHA256 with the app's consumer
secret, over the token or over the raw body. There is no signed time: a repeat is known by ``event_key``.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping

from townhall.kernel.errors import NotSigned, Refused

HEADER = "x-twitter-webhooks-signature"


def crc_answer(consumer_secret: str, crc_token: str) -> bytes:
    """The JSON body that answers ``GET ?crc_token=…``. It may be asked at any time."""
    if not crc_token or len(crc_token) > 1_024:
        raise Refused("crc_token is missing or too long")
    return json.dumps({"response_token": sign(consumer_secret, crc_token.encode())}).encode()


def sign(consumer_secret: str, body: bytes) -> str:
    """The signature of a body."""
    digest = hmac.new(consumer_secret.encode(), body, hashlib.sha256).digest()
    return "sha256=" + base64.b64encode(digest).decode()


def verify(headers: Mapping[str, str], body: bytes, consumer_secret: str) -> None:
    """Raises ``NotSigned`` unless X signed the body with this app's secret. Header names may come in any case."""
    given = next((value for name, value in headers.items() if name.lower() == HEADER), "")
    expected = sign(consumer_secret, body)
    if not consumer_secret or not hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode()):
        raise NotSigned("no valid x-twitter-webhooks-signature: check the app's consumer secret")
