"""Content apart from proof: each item behind its own random salt, so that its hash tells nothing once both are gone.

Frame: the count, each length (uint32, little-endian), each salt (16 bytes), then the exact bytes. An item that was
erased keeps its place with the length ``GONE`` and a salt of zeros.
"""

import struct
from collections.abc import Sequence
from hashlib import sha256

from msgspec import Struct

from townhall.journal.logic.tree import Damaged

SALT = 16
GONE = 0xFFFFFFFF
_NO_SALT = bytes(SALT)


class Item(Struct, frozen=True, gc=False):
    """``raw`` is None once erased; ``hash`` is hex of SHA-256(salt || raw), "" once erased."""

    raw: bytes | None
    hash: str


def enframe(items: Sequence[bytes | None], salts: bytes) -> tuple[bytes, list[str]]:
    """The frame and each item's hash. ``salts``: 16 random bytes an item, one behind the other."""
    lengths = [GONE if item is None else len(item) for item in items]
    parts = _split(salts, len(items))
    kept = b"".join([_NO_SALT if raw is None else salt for raw, salt in zip(items, parts, strict=True)])
    head = struct.pack(f"<{len(items) + 1}I", len(items), *lengths)
    hashes = [_hash(salt, raw) for salt, raw in zip(parts, items, strict=True)]
    return head + kept + b"".join([item for item in items if item is not None]), hashes


def unframe_salted(framed: bytes) -> list[Item]:
    """What a frame holds. Raises ``Damaged`` when lengths and bytes disagree."""
    return [Item(raw, _hash(salt, raw)) for salt, raw in _parts(framed)]


def hashes_in(framed: bytes) -> list[str]:
    """Only the hashes, "" for what was erased: a third cheaper, for checking. Raises ``Damaged``."""
    return ["" if raw is None else sha256(salt + raw).hexdigest() for salt, raw in _parts(framed)]


def _parts(framed: bytes) -> list[tuple[bytes, bytes | None]]:
    if len(framed) < 4:
        raise Damaged("the content is cut")
    (count,) = struct.unpack_from("<I", framed)
    place = 4 + (4 + SALT) * count
    if place > len(framed):
        raise Damaged("the content's lengths are cut")
    parts: list[tuple[bytes, bytes | None]] = []
    salts = _split(framed[4 + 4 * count : place], count)
    for length, salt in zip(struct.unpack_from(f"<{count}I", framed, 4), salts, strict=True):
        if length == GONE:
            parts.append((salt, None))
        else:
            end = place + length
            parts.append((salt, framed[place:end]))
            place = end
    if place != len(framed):
        raise Damaged(f"the content holds {len(framed)} bytes where its lengths add up to {place}")
    return parts


def _hash(salt: bytes, raw: bytes | None) -> str:
    return "" if raw is None else sha256(salt + raw).hexdigest()


def _split(salts: bytes, count: int) -> list[bytes]:
    return [salts[n : n + SALT] for n in range(0, SALT * count, SALT)]
