"""Rate limits as networks state them in headers: how many calls are left, and when the window starts again. Pure.

Mastodon states the reset as an RFC 3339 time, X as seconds since 1970; both may add ``retry-after``.
"""

from collections.abc import Mapping

from townhall.kernel.clock import HOUR, SECOND, Instant, from_iso
from townhall.kernel.errors import ChannelUnavailable

LONGEST: Instant = 24 * HOUR
"""No network's window is longer; a reset beyond it is a mistake and is cut to it."""


class Limits:
    """What is known of each bucket of calls. A bucket is whatever the network counts apart."""

    def __init__(self) -> None:
        self._resets: dict[str, Instant] = {}

    def learn(self, bucket: str, headers: Mapping[str, str], now: Instant) -> None:
        """Takes note of an answer's headers (names in lower case)."""
        wait = headers.get("retry-after", "")
        remaining = headers.get("x-ratelimit-remaining", headers.get("x-rate-limit-remaining", ""))
        reset = headers.get("x-ratelimit-reset", headers.get("x-rate-limit-reset", ""))
        if wait.isascii() and wait.isdigit():
            self._resets[bucket] = min(now + int(wait[:9]) * SECOND, now + LONGEST)
        elif remaining == "0" and (at := _moment(reset)) > now:
            self._resets[bucket] = min(at, now + LONGEST)

    def until(self, bucket: str, now: Instant) -> Instant:
        """When the bucket may be asked again; 0 when it may be asked now."""
        at = self._resets.get(bucket, 0)
        return at if at > now else 0

    def check(self, bucket: str, now: Instant) -> None:
        """Raises ``ChannelUnavailable`` with ``retry_at`` while the bucket is empty, and spends no call on it."""
        if at := self.until(bucket, now):
            raise ChannelUnavailable(f"the network's limit for {bucket} is used up", retry_at=at)


def _moment(stated: str) -> Instant:
    if stated.isascii() and stated.isdigit():
        return int(stated[:12]) * SECOND
    try:
        return from_iso(stated)
    except (ValueError, OverflowError):
        return 0
