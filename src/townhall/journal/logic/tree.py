"""The hash tree of RFC 6962, section 2.1: leaves, nodes, roots, compact ranges and both proofs.

SHA-256 throughout; a leaf is hashed behind 0x00 and a node behind 0x01, so that neither can pass for the other.
Proofs follow RFC 9162, sections 2.1.3 and 2.1.4 (the same tree, with the checks written out).
"""

from collections.abc import Sequence
from hashlib import sha256

from msgspec import Struct


class Damaged(ValueError):
    """Stored bytes that cannot be what was written; the message says why."""


EMPTY = sha256(b"").digest()
"""The root of a tree without leaves."""

_leaf = sha256(b"\x00")
_node = sha256(b"\x01")


def leaf_hash(entry: bytes) -> bytes:
    """The hash of one entry as a leaf."""
    return sha256(b"\x00" + entry).digest()


def leaf_hashes(entries: Sequence[bytes]) -> list[bytes]:
    """``leaf_hash`` of each. Copying a started hash is about a fifth cheaper than starting one."""
    hashes = []
    start = _leaf.copy
    for entry in entries:
        hashed = start()
        hashed.update(entry)
        hashes.append(hashed.digest())
    return hashes


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of a node over its two children."""
    return sha256(b"\x01" + left + right).digest()


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The root over leaf hashes.

    Level by level, an odd last one rising as it is: that splits at the largest power of two, as the RFC does.
    """
    if not leaves:
        return EMPTY
    level = list(leaves)
    start = _node.copy
    while len(level) > 1:
        above = []
        for left, right in zip(level[::2], level[1::2], strict=False):
            hashed = start()
            hashed.update(left + right)
            above.append(hashed.digest())
        if len(level) % 2:
            above.append(level[-1])
        level = above
    return level[0]


class Peaks(Struct, frozen=True):
    """A compact range from the first leaf: ``size`` leaves as the roots of its perfect subtrees, largest first."""

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    def grown(self, leaves: Sequence[bytes]) -> "Peaks":
        """The range with these leaf hashes behind it."""
        size, hashes = self.size, list(self.hashes)
        for leaf in leaves:
            bits = size
            while bits & 1:
                leaf = node_hash(hashes.pop(), leaf)
                bits >>= 1
            hashes.append(leaf)
            size += 1
        return Peaks(size, tuple(hashes))

    def root(self) -> bytes:
        """The tree's root at this size."""
        if not self.hashes:
            return EMPTY
        root = self.hashes[-1]
        for peak in self.hashes[-2::-1]:
            root = node_hash(peak, root)
        return root

    def packed(self) -> bytes:
        """The hashes one behind the other, as they are stored."""
        return b"".join(self.hashes)


def unpack_peaks(size: int, packed: bytes) -> Peaks:
    """Stored peaks. Raises ``Damaged`` when the bytes cannot belong to a tree of that size."""
    if len(packed) != 32 * size.bit_count():
        raise Damaged(f"{len(packed)} bytes are not the peaks of {size} leaves")
    return Peaks(size, tuple(packed[n : n + 32] for n in range(0, len(packed), 32)))
