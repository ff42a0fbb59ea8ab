"""Standard Webhooks signatures: HMAC-SHA256 over ``id.timestamp.body``. Pure: ``now`` is handed in.

Source: Standard Webhooks specification 1.0, sections on metadata and signature schemes. Only the symmetric
scheme ``v1`` is read; signatures of other schemes beside it are passed over, as the specification asks.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable, Mapping

from townhall.kernel.clock import MINUTE, SECOND, Instant
from townhall.kernel.errors import BadSetting, NotSigned, OutOfWindow

TOLERANCE: Instant = 5 * MINUTE
"""How far a signed time may be from ours, either way."""
MAX_SIGNATURES = 16
_PREFIX = "whsec_"


def verify(headers: Mapping[str, str], body: bytes, secrets: Iterable[str], now: Instant) -> str:
    """The delivery's id when one of the secrets signed it. Header names may come in any case.

    Raises ``NotSigned`` without a valid signature and ``OutOfWindow`` when the signed time is not within ``TOLERANCE``.
    Several secrets let one be rotated. The signature is judged before the time, so that an unsigned delivery learns nothing.
    """
    given = {name.lower(): value for name, value in headers.items()}
    name, stamp = given.get("webhook-id", ""), given.get("webhook-timestamp", "")
    if not name or len(name) > 256 or not stamp or not given.get("webhook-signature"):
        raise NotSigned("webhook-id, webhook-timestamp and webhook-signature are needed")
    if not _is_signed(_signatures(given["webhook-signature"]), name, stamp, body, secrets):
        raise NotSigned(
            "no signature matches: check the secret, and that the body was not changed on its way"
        )
    if abs(_seconds(stamp) * SECOND - now) > TOLERANCE:
        raise OutOfWindow(
            "the signed time is more than 5 minutes from ours: send it again with a fresh signature"
        )
    return name


def sign(secret: str, name: str, stamp: int, body: bytes) -> str:
    """The ``webhook-signature`` of a body. ``stamp`` is in whole seconds since the epoch, UTC."""
    return "v1," + base64.b64encode(_digest(key_of(secret), name, str(stamp), body)).decode()


def signed(secret: str, name: str, now: Instant, body: bytes) -> dict[str, str]:
    """The three headers of a body that is sent now; ``name`` is its id."""
    stamp = now // SECOND
    return {
        "webhook-id": name, "webhook-timestamp": str(stamp), "webhook-signature": sign(secret, name, stamp, body),
    }  # fmt: skip


def key_of(secret: str) -> bytes:
    """The key inside a ``whsec_…`` secret. Raises ``BadSetting`` unless it is base64 of 24 to 64 bytes."""
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not 24 <= len(key) <= 64:
        raise BadSetting("the webhook secret must be whsec_ and the base64 of 24 to 64 random bytes")
    return key


def _is_signed(given: list[bytes], name: str, stamp: str, body: bytes, secrets: Iterable[str]) -> bool:
    expected = [_digest(key_of(secret), name, stamp, body) for secret in secrets]
    # Every pair is compared, so that the time taken tells nothing about which one matched.
    matches = [hmac.compare_digest(one, other) for one in expected for other in given]
    return any(matches)


def _digest(key: bytes, name: str, stamp: str, body: bytes) -> bytes:
    head = f"{name}.{stamp}.".encode("utf-8", "surrogatepass")
    return hmac.new(key, head + body, hashlib.sha256).digest()


def _signatures(header: str) -> list[bytes]:
    found = []
    for part in header.split(" ")[:MAX_SIGNATURES]:
        scheme, _, value = part.partition(",")
        if scheme == "v1":
            try:
                found.append(base64.b64decode(value, validate=True))
            except (binascii.Error, ValueError):
                continue
    return found


def _seconds(stamp: str) -> int:
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 12):
        raise OutOfWindow("webhook-timestamp must be whole seconds since 1970")
    return int(stamp)
