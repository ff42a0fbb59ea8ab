"""A block of facts: what is stored of it, and the header that the tree binds.

Body: zstd of a frame. Frame: the count, then each length (all uint32, little-endian), then the exact bytes.
``marks`` are the first four bytes of each leaf hash: they prove nothing, the root does; they let a check say
*which* fact of a damaged block is the broken one. ``seal`` hashes marks and compressed body as stored, so that a
changed byte shows even where decompression would not care.
"""

import struct
import threading
from collections.abc import Sequence
from hashlib import sha256
from itertools import pairwise

import zstandard
from msgspec import Struct

from townhall.journal.logic.tree import Damaged, leaf_hash, leaf_hashes, root_of
from townhall.kernel.clock import Instant

VERSION = 1
MARK = 4
MAX_FRAME = 64 << 20
"""The largest frame that is written or opened, bytes: a changed length must not exhaust memory."""

_HEADER = struct.Struct(">BqIq32s32s")
_own = threading.local()


class Block(Struct, frozen=True):
    """What is stored of a block, without its number and time."""

    facts: int
    root: bytes
    seal: bytes
    marks: bytes
    body: bytes


def make_block(blobs: Sequence[bytes]) -> Block:
    """The block of these encoded facts. Raises ``ValueError`` when there are none or more than ``MAX_FRAME``."""
    if not blobs:
        raise ValueError("a block holds at least one fact")
    framed = frame(blobs)
    if len(framed) > MAX_FRAME:
        raise ValueError(f"a block holds at most {MAX_FRAME} bytes, not {len(framed)}")
    leaves = leaf_hashes(blobs)
    marks = b"".join([leaf[:MARK] for leaf in leaves])
    body = squeeze(framed)
    return Block(len(blobs), root_of(leaves), seal_of(marks, body), marks, body)


def seal_of(marks: bytes, body: bytes) -> bytes:
    """SHA-256 over marks and compressed body, the marks' length first so that no byte can change sides."""
    return sha256(struct.pack(">I", len(marks)) + marks + body).digest()


def header_leaf(block_id: int, facts: int, written_at: Instant, root: bytes, seal: bytes) -> bytes:
    """The leaf of the tree for one block: its number, count, time (microseconds UTC), root and seal."""
    return leaf_hash(_HEADER.pack(VERSION, block_id, facts, written_at, root, seal))


def frame(blobs: Sequence[bytes]) -> bytes:
    """Count, lengths, bytes."""
    return struct.pack(f"<{len(blobs) + 1}I", len(blobs), *map(len, blobs)) + b"".join(blobs)


def unframe(framed: bytes) -> list[bytes]:
    """The exact bytes that ``frame`` took. Raises ``Damaged``."""
    ends = _ends(framed)
    if ends[-1] != len(framed):
        raise Damaged(f"the frame holds {len(framed)} bytes where its lengths add up to {ends[-1]}")
    return [framed[start:end] for start, end in pairwise(ends)]


def unframe_start(framed: bytes) -> list[bytes]:
    """Of a frame whose end is missing, the facts that are whole. Raises ``Damaged`` when even the lengths are."""
    ends = _ends(framed)
    return [framed[s:e] for s, e in pairwise(ends) if e <= len(framed)]


def _ends(framed: bytes) -> list[int]:
    if len(framed) < 4:
        raise Damaged("the frame is cut")
    (count,) = struct.unpack_from("<I", framed)
    end = 4 * count + 4
    if end > len(framed):
        raise Damaged("the frame's lengths are cut")
    ends = [end]
    for length in struct.unpack_from(f"<{count}I", framed, 4):
        end += length
        ends.append(end)
    return ends


def squeeze(plain: bytes) -> bytes:
    """zstd, level 1, content size in the frame."""
    try:
        compressor = _own.compressor
    except AttributeError:
        compressor = _own.compressor = zstandard.ZstdCompressor(level=1)
    return compressor.compress(plain)  # type: ignore[no-any-return]


def unsqueeze(packed: bytes) -> bytes:
    """What ``squeeze`` took. Raises ``Damaged``, also when the stated size is beyond ``MAX_FRAME``."""
    try:
        if zstandard.frame_content_size(packed) > MAX_FRAME:
            raise Damaged("the stored bytes claim an impossible size")
        return zstandard.ZstdDecompressor().decompress(packed, allow_extra_data=False)
    except (zstandard.ZstdError, MemoryError) as problem:
        raise Damaged("the stored bytes cannot be decompressed") from problem


def unsqueeze_start(packed: bytes) -> bytes:
    """As much as can be decompressed of damaged bytes."""
    reader = zstandard.ZstdDecompressor().stream_reader(packed)
    parts: list[bytes] = []
    try:
        while part := reader.read(1 << 14):
            parts.append(part)
    except zstandard.ZstdError:
        pass
    return b"".join(parts)


def first_changed(blobs: Sequence[bytes], marks: bytes) -> int:
    """The first ordinal whose leaf hash does not begin as marked; ``len(blobs)`` when all do."""
    for ordinal, blob in enumerate(blobs):
        if leaf_hash(blob)[:MARK] != marks[ordinal * MARK : ordinal * MARK + MARK]:
            return ordinal
    return len(blobs)
