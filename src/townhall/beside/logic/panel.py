"""The panel of a brand's own system: what is asked about a person, and the answer, read strictly and within bounds. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta, Struct

from townhall.kernel.clock import Instant, from_datetime, to_iso

EVENT = "townhall.panel"
MOST_BYTES = 64 << 10
"""Of an answer."""
MOST_SECTIONS = 8
MOST_ROWS = 20
"""In one section."""
LONGEST = 300
"""Characters of a value."""
_FIRST, _LAST = 1970, 2199
"""The years that a moment may lie in."""

Title = Annotated[str, Meta(min_length=1, max_length=60)]


class Identity(Struct, frozen=True):
    """One account of the person. ``verified``: it wrote here itself, so its network vouches for it; others are thought to be theirs."""

    network: str
    handle: str
    native_id: str
    verified: bool


class TextRow(Struct, frozen=True, tag_field="kind", tag="text"):
    """Words."""

    label: Title
    value: Annotated[str, Meta(max_length=LONGEST)]


class NumberRow(Struct, frozen=True, tag_field="kind", tag="number"):
    """A number."""

    label: Title
    value: Annotated[float, Meta(ge=-1e15, le=1e15)]


class MoneyRow(Struct, frozen=True, tag_field="kind", tag="money"):
    """A sum as written, so that no cent is lost, with its currency (ISO 4217)."""

    label: Title
    value: Annotated[str, Meta(pattern=r"^-?[0-9]{1,12}(\.[0-9]{1,4})?$")]
    currency: Annotated[str, Meta(pattern=r"^[A-Z]{3}$")]


class MomentRow(Struct, frozen=True, tag_field="kind", tag="moment"):
    """A moment (RFC 3339 with its zone)."""

    label: Title
    value: Annotated[datetime, Meta(tz=True)]


class LinkRow(Struct, frozen=True, tag_field="kind", tag="link"):
    """An https address, shown as ``text``, or as its host where there is none."""

    label: Title
    value: Annotated[str, Meta(min_length=1, max_length=2_000)]
    text: Annotated[str, Meta(max_length=80)] = ""


AnyRow = TextRow | NumberRow | MoneyRow | MomentRow | LinkRow


class Part(Struct, frozen=True):
    """A section as it is sent."""

    title: Title
    rows: Annotated[tuple[AnyRow, ...], Meta(max_length=MOST_ROWS)]


class Sent(Struct, frozen=True):
    """The whole answer as it is sent. Fields that we do not know are passed over."""

    known: bool
    state: Annotated[str, Meta(max_length=40)] = ""
    sections: Annotated[tuple[Part, ...], Meta(max_length=MOST_SECTIONS)] = ()


class Row(Struct, frozen=True):
    """A line of the panel: ``words`` to show, a moment in its stead (0: none), and where a link leads ("" for nowhere)."""

    label: str
    words: str
    at: Instant = 0
    href: str = ""


class Section(Struct, frozen=True):
    """Lines under one title."""

    title: str
    rows: tuple[Row, ...]


class Panel(Struct, frozen=True):
    """What the system knows of the person. ``known`` is whether it knows them at all; ``state`` one word for all of it."""

    known: bool
    state: str
    sections: tuple[Section, ...]


class Unreadable(Struct, frozen=True):
    """Why an answer cannot be shown, for whoever wrote the system."""

    why: str


_reader = msgspec.json.Decoder(Sent)


def question(brand: str, case: int, who: Sequence[Identity], now: Instant) -> bytes:
    """The exact body that is signed and sent: the brand's short name, the case's number and the person's accounts."""
    data = {"brand": brand, "case": case, "identities": who}
    return msgspec.json.encode({"type": EVENT, "timestamp": to_iso(now), "data": data})


def read(body: bytes) -> Panel | Unreadable:
    """The panel in an answer, or why it is none."""
    try:
        sent = _reader.decode(body)
        return Panel(sent.known, _clean(sent.state), tuple(map(_section, sent.sections)))
    except RecursionError:
        return Unreadable("it is nested too deeply")
    except ValueError as wrong:
        return Unreadable(str(wrong))


def _section(part: Part) -> Section:
    return Section(_clean(part.title), tuple(map(_row, part.rows)))


def _row(row: AnyRow) -> Row:
    label = _clean(row.label)
    match row:
        case TextRow():
            return Row(label, _clean(row.value))
        case NumberRow():
            return Row(label, number_words(row.value))
        case MoneyRow():
            return Row(label, f"{_grouped(row.value)} {row.currency}")
        case MomentRow():
            return Row(label, "", _instant(label, row.value))
        case LinkRow():
            host = _host(label, row.value)
            return Row(label, _clean(row.text) or host, href=row.value)
    raise ValueError(f"{label}: no such kind of row")


def number_words(value: float) -> str:
    """A number with its thousands apart and at most six digits behind the point."""
    if value.is_integer():
        return f"{int(value):,}"
    shown = f"{value:,.6f}".rstrip("0").rstrip(".")
    return "0" if shown == "-0" else shown


def _grouped(sum_: str) -> str:
    whole, point, cents = sum_.partition(".")
    return f"{'-' if whole.startswith('-') else ''}{int(whole.lstrip('-')):,}{point}{cents}"


def _instant(label: str, moment: datetime) -> Instant:
    if not _FIRST < moment.year <= _LAST:
        raise ValueError(f"{label}: the moment is not between {_FIRST + 1} and {_LAST}")
    return from_datetime(moment)


def _host(label: str, address: str) -> str:
    """The host of a link, once the link is seen to be one that a browser may be sent to."""
    try:
        where = urlsplit(address)
        host, _ = where.hostname, where.port
    except ValueError:
        host = None
    plain = address.isascii() and address.isprintable() and not any(sign in address for sign in " \"'<>\\`")
    if not plain or not host or where.scheme != "https" or where.username or where.password:
        raise ValueError(
            f"{label}: a link is an https:// address of a host, without a name and password in it"
        )
    return host


def _clean(text: str) -> str:
    """One line of signs that can be seen: a control sign becomes a space, one that turns the writing about is left out."""
    seen = (" " if sign < " " or "\x7f" <= sign <= "\x9f" else sign for sign in text if sign not in _TURNING)
    return " ".join("".join(seen).split())


_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
