"""Is a delivery what it says it is? Signature, age and size, by the rules of its channel. Pure."""

from collections.abc import Callable, Mapping
from hashlib import sha256

from townhall.channels.port import AccountSettings
from townhall.channels.webhook import parse as cloud_events
from townhall.channels.webhook import signature as standard
from townhall.channels.x import parse as x_events
from townhall.channels.x import signature as x
from townhall.kernel.clock import Instant
from townhall.kernel.errors import NotFound

MAX_BODY = 1 << 20
"""Bytes of one delivery."""
Checked = tuple[str, tuple[bytes, ...]]
"""The delivery's own id, and its items."""


def check(settings: AccountSettings, headers: Mapping[str, str], body: bytes, now: Instant) -> Checked:
    """The delivery's id and items. Raises ``NotSigned``, ``OutOfWindow``, ``TooLarge``, ``Refused`` or ``NotFound``."""
    return _rule(settings)(settings, headers, body, now)


def challenge(settings: AccountSettings, token: str) -> bytes:
    """The answer to a network's challenge. Raises ``NotFound`` for channels that have none, ``Refused``."""
    if settings.account.kind != "x" or not settings.secret:
        raise NotFound("this channel asks no challenge")
    return x.crc_answer(settings.secret, token)


def _rule(
    settings: AccountSettings,
) -> Callable[[AccountSettings, Mapping[str, str], bytes, Instant], Checked]:
    found = {"webhook": _standard, "x": _x}.get(settings.account.kind)
    if found is None or not settings.secret:
        raise NotFound("this account takes no deliveries")
    return found


def _standard(settings: AccountSettings, headers: Mapping[str, str], body: bytes, now: Instant) -> Checked:
    name = standard.verify(headers, body, settings.secret.split(), now)
    return name, tuple(event.data for event in cloud_events.events(body))


def _x(settings: AccountSettings, headers: Mapping[str, str], body: bytes, now: Instant) -> Checked:
    x.verify(headers, body, settings.secret)
    return x_events.event_key(body) or digest_of(body), (body,)


def digest_of(body: bytes) -> str:
    """A name for a delivery that brings none: the digest of its bytes."""
    return sha256(body).hexdigest()
