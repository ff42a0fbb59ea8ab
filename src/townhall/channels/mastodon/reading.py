"""How far an account has been read, and what one answer of the server adds to it. Pure.

A cursor has two marks, ``n=…&s=…``: the newest notification and the newest of the account's own posts.
Marks are the server's own ids; they are compared by the server alone (``min_id``), since not all servers count upward.
"""

import re
from urllib.parse import parse_qsl, urlencode, urlsplit

import msgspec
from msgspec import Raw, Struct

from townhall.kernel.clock import SECOND, Instant, from_iso

PAGE = 40
_PREVIOUS = re.compile(r'<([^>]{1,2048})>\s*;\s*rel="prev"')


class Marks(Struct, frozen=True):
    """The newest notification and the newest own post that were read ("" before the first reading)."""

    notification: str = ""
    status: str = ""

    def cursor(self) -> str:
        """As it is kept between readings."""
        return urlencode({"n": self.notification, "s": self.status})


class _Entity(Struct, gc=False):
    id: str
    created_at: str = ""


_list = msgspec.json.Decoder(list[Raw])
_entity = msgspec.json.Decoder(_Entity)


def marks_of(cursor: str) -> Marks:
    """The marks in a kept cursor; an empty or foreign one starts anew."""
    found = dict(parse_qsl(cursor))
    return Marks(found.get("n", ""), found.get("s", ""))


def entities(body: bytes) -> list[bytes]:
    """The exact bytes of each entity of a list, oldest first (servers answer newest first). Raises ``ValueError``."""
    return [bytes(one) for one in reversed(_list.decode(body))]


def newest(link: str, items: list[bytes], mark: str) -> str:
    """The mark after these items: what the server says is before its page, else the last item's id."""
    if not items:
        return mark
    previous = _PREVIOUS.search(link)
    stated = dict(parse_qsl(urlsplit(previous[1]).query)).get("min_id", "") if previous else ""
    return stated or _entity.decode(items[-1]).id


def lag_s(items: list[bytes], now: Instant) -> float:
    """How old the newest item is, in seconds; 0 when there is none or it states no time."""
    if not items:
        return 0.0
    stated = _entity.decode(items[-1]).created_at
    try:
        return max(0.0, (now - from_iso(stated)) / SECOND)
    except (ValueError, OverflowError):
        return 0.0


def event_item(name: str, data: bytes) -> bytes:
    """A stream's event as one item: a notification is itself; an edit or a deletion keeps its event's name."""
    if name == "notification":
        return data
    payload = msgspec.json.encode(data.decode()) if name == "delete" else data
    return b'{"event":' + msgspec.json.encode(name) + b',"payload":' + payload + b"}"
