"""Where a fact says its content lies, and whether what lies there is what the fact vouches for.

A fact with ``content`` names its place in ``data``: ``{"delivery": id, "item": n}`` for a raw delivery,
``{"block": id, "item": n}`` for a content block. A fact whose type ends in ``.erased`` names what was destroyed on
purpose: ``{"delivery" or "block": id, "items": [n, …]}``, without ``items`` the whole block.
"""

from collections.abc import Mapping, Sequence

import msgspec
from msgspec import Struct

from townhall.journal.logic.salted import Item

KINDS = ("delivery", "block")
_CONTENT, _ERASED = b'"content":"', b'.erased"'


class Reference(Struct, frozen=True):
    """Fact ``ordinal`` vouches that item ``item`` of ``kind`` ``id`` hashes to ``hash`` (hex)."""

    ordinal: int
    kind: str
    id: int
    item: int
    hash: str


class Erasure(Struct, frozen=True):
    """Content destroyed on purpose; ``items`` empty for all of it."""

    kind: str
    id: int
    items: tuple[int, ...]


class _Data(Struct, frozen=True, gc=False):
    delivery: int | None = None
    block: int | None = None
    item: int = 0
    items: tuple[int, ...] = ()


class _Fact(Struct, frozen=True, gc=False):
    type: str
    data: _Data = _Data()
    content: str = ""


_decode = msgspec.json.Decoder(_Fact).decode


def references(blobs: Sequence[bytes]) -> tuple[list[Reference], list[Erasure]]:
    """What a block's facts vouch for and what they declare erased. Other facts are not decoded.

    A fact whose ``data`` uses these names for something else is passed over.
    """
    vouched: list[Reference] = []
    erased: list[Erasure] = []
    for ordinal, blob in enumerate(blobs):
        if _CONTENT not in blob and _ERASED not in blob:
            continue
        try:
            fact = _decode(blob)
        except msgspec.ValidationError:
            continue
        data = fact.data
        kind, number = ("delivery", data.delivery) if data.delivery is not None else ("block", data.block)
        if number is None:
            continue
        if fact.content:
            vouched.append(Reference(ordinal, kind, number, data.item, fact.content))
        elif fact.type.endswith(".erased"):
            erased.append(Erasure(kind, number, data.items))
    return vouched, erased


def unmet(
    vouched: Sequence[Reference], found: Mapping[tuple[str, int], Sequence[Item] | str]
) -> tuple[list[Reference], tuple[Reference, str] | None]:
    """References whose content is gone, and the first whose content is wrong, with what is wrong.

    ``found``: the items of each content block, or what is wrong with it; one that is gone is not in it.
    """
    gone: list[Reference] = []
    for reference in vouched:
        items = found.get((reference.kind, reference.id))
        if isinstance(items, str):
            return gone, (reference, items)
        if items is None:
            gone.append(reference)
        elif not 0 <= reference.item < len(items):
            return gone, (reference, f"it holds {len(items)} items only")
        elif items[reference.item].raw is None:
            gone.append(reference)
        elif items[reference.item].hash != reference.hash:
            return gone, (reference, "it is not what was written")
    return gone, None
