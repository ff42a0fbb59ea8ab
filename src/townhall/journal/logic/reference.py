"""Where a fact says its content lies, and whether what lies there is what the fact vouches for.

A fact with ``content`` names its place in ``data``: ``{"delivery": id, "item": n}`` for a raw delivery,
``{"block": id, "item": n}`` for a content block. A fact whose type ends in ``.erased`` names what was destroyed on
purpose: ``{"delivery" or "block": id, "items": [n, …]}``, without ``items`` the whole block.
"""

from collections.abc import Mapping, Sequence

import msgspec
from msgspec import Struct

KINDS = ("delivery", "block")


Reference = tuple[int, str, int, int, str]
"""Fact ``ordinal`` vouches that of ``kind`` number ``id`` the item ``item`` hashes to ``hash`` (hex). A plain tuple:
there is one for nearly every fact."""


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
    """What a block's facts vouch for and what they declare erased.

    A fact whose ``data`` uses these names for something else is passed over.
    """
    vouched: list[Reference] = []
    erased: list[Erasure] = []
    for ordinal, blob in enumerate(blobs):
        try:
            fact = _decode(blob)
        except msgspec.DecodeError:
            continue
        data = fact.data
        kind, number = "delivery", data.delivery
        if number is None:
            kind, number = "block", data.block
        if number is None:
            continue
        if fact.content:
            vouched.append((ordinal, kind, number, data.item, fact.content))
        elif fact.type.endswith(".erased"):
            erased.append(Erasure(kind, number, data.items))
    return vouched, erased


def unmet(
    vouched: Sequence[Reference], found: Mapping[tuple[str, int], Sequence[str] | str]
) -> tuple[list[Reference], tuple[Reference, str] | None]:
    """References whose content is gone, and the first whose content is wrong, with what is wrong.

    ``found``: of each content block the hashes of its items ("" for an erased one), or in words what is wrong with
    it; one that is gone is not in it.
    """
    gone: list[Reference] = []
    for reference in vouched:
        _, kind, number, item, digest = reference
        hashes = found.get((kind, number))
        if hashes is None:
            gone.append(reference)
        elif isinstance(hashes, str):
            return gone, (reference, hashes)
        elif not 0 <= item < len(hashes):
            return gone, (reference, f"it holds {len(hashes)} items only")
        elif hashes[item] != digest:
            if hashes[item]:
                return gone, (reference, "it is not what was written")
            gone.append(reference)
    return gone, None
