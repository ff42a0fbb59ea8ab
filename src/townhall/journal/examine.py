"""Examining a stretch of the record: every block proved, every vouched content opened and hashed again."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
from msgspec import Struct
from psycopg import Connection

from townhall.journal.logic.block import unsqueeze
from townhall.journal.logic.check import Flaw, Place, Proved, StoredBlock, fits, prove
from townhall.journal.logic.epoch import openings_in
from townhall.journal.logic.reference import Erasure, Reference, references, unmet
from townhall.journal.logic.salted import hashes_in
from townhall.journal.logic.tree import Damaged
from townhall.journal.store import stored
from townhall.kernel.errors import Broken
from townhall.vault import Sealed, open_sealed

STRETCH = 256
_FACTS_AT_ONCE = 20_000
_CACHE = 64


class Source(Struct, frozen=True):
    """Where one kind of content lies: sealed blocks by id, and what each was sealed as. Functions of a module."""

    read: Callable[[Connection[Any], Sequence[int]], dict[int, Sealed]]
    label: Callable[[int], bytes]


class Gone(Struct, frozen=True):
    """A fact whose content is not there; whether that is right, only a later fact can say."""

    block: int
    position: int
    reference: Reference


class Examined(Struct):
    """A stretch up to its end or its first flaw: of each block its id, count of facts and derived leaf; of contents
    how many were vouched for, which are gone and which were declared erased; and the blocks that open an epoch."""

    first_fact: int
    ids: list[int] = []
    counts: list[int] = []
    leaves: list[bytes] = []
    vouched: int = 0
    gone: list[Gone] = []
    erased: list[Erasure] = []
    opened: list[int] = []
    flaw: Flaw | None = None


class Examiner:
    """Examines on one connection, inside one snapshot. ``sources`` by kind of reference."""

    def __init__(self, connection: Connection[Any], kek: bytes, sources: Mapping[str, Source]) -> None:
        self._connection = connection
        self._kek = kek
        self._sources = sources
        self._opened: dict[tuple[str, int], list[str] | str] = {}

    def stretch(self, low: int, high: int) -> Examined:
        """Positions ``low`` to before ``high``."""
        found = stored.places(self._connection, low, high)
        seen = Examined(found[0].first_fact if found else 0)
        next_fact, expected = seen.first_fact, low
        for place, block in self._with_blocks(found):
            if place.position != expected:
                break
            seen.flaw = self._one(seen, place, block, next_fact)
            if seen.flaw:
                return seen
            next_fact += place.facts
            expected += 1
        if expected < high:
            seen.flaw = Flaw(0, 0, expected, "the order has no block here")
        return seen

    def waiting(self, ids: Sequence[int]) -> Flaw | None:
        """The first of these blocks without a number that does not prove itself."""
        for low in range(0, len(ids), STRETCH):
            for block in _by_id(stored.blocks(self._connection, ids[low : low + STRETCH])):
                proved = prove(block)
                if isinstance(proved, Flaw):
                    return proved
        return None

    def _with_blocks(self, found: Sequence[Place]) -> Iterator[tuple[Place, StoredBlock | None]]:
        for part in _portions(found):
            blocks = stored.blocks(self._connection, [place.block_id for place in part])
            for place in part:
                yield place, blocks.get(place.block_id)

    def _one(self, seen: Examined, place: Place, block: StoredBlock | None, next_fact: int) -> Flaw | None:
        if block is None:
            return Flaw(place.block_id, 0, place.position, "the block is gone")
        proved = prove(block, place.position)
        if isinstance(proved, Flaw):
            return proved
        flaw = fits(place, proved, block, next_fact) or self._content(seen, place, proved)
        if not flaw:
            seen.ids.append(place.block_id)
            seen.counts.append(len(proved.blobs))
            seen.leaves.append(proved.leaf)
        return flaw

    def _content(self, seen: Examined, place: Place, proved: Proved) -> Flaw | None:
        if _opens_epoch(proved.blobs):
            seen.opened.append(place.block_id)
        vouched, erased = references(proved.blobs)
        seen.erased.extend(erased)
        if not vouched:
            return None
        gone, wrong = unmet(vouched, self._open(vouched))
        seen.vouched += len(vouched) - len(gone)
        seen.gone.extend([Gone(place.block_id, place.position, reference) for reference in gone])
        if not wrong:
            return None
        reference, why = wrong
        ordinal, kind, number, item, _ = reference
        return Flaw(
            place.block_id, ordinal, place.position, f"its content ({kind} {number}, item {item}): {why}"
        )

    def _open(self, vouched: Sequence[Reference]) -> Mapping[tuple[str, int], list[str] | str]:
        """What the references need, from the last few blocks opened or from the database."""
        needed = dict.fromkeys([reference[1:3] for reference in vouched])
        opened = {key: self._opened[key] for key in needed if key in self._opened}
        for kind, source in self._sources.items():
            ids = [number for of, number in needed if of == kind and (of, number) not in opened]
            for number, sealed in source.read(self._connection, ids).items() if ids else ():
                opened[kind, number] = self._opened[kind, number] = self._hashes(source.label(number), sealed)
        while len(self._opened) > _CACHE:
            del self._opened[next(iter(self._opened))]
        return opened

    def _hashes(self, label: bytes, sealed: Sealed) -> list[str] | str:
        try:
            return hashes_in(unsqueeze(open_sealed(self._kek, sealed, label)))
        except (Broken, Damaged) as problem:
            return str(problem)


def _opens_epoch(blobs: Sequence[bytes]) -> bool:
    try:
        return bool(openings_in(blobs))
    except msgspec.DecodeError:
        return True  # it says so and cannot be read: ``verify`` finds no row for it


def _by_id(blocks: Mapping[int, StoredBlock]) -> Iterable[StoredBlock]:
    return [blocks[number] for number in sorted(blocks)]


def _portions(found: Sequence[Place]) -> Iterator[list[Place]]:
    """Parts of a stretch whose blocks fit into memory together."""
    part: list[Place] = []
    facts = 0
    for place in found:
        part.append(place)
        facts += place.facts
        if facts >= _FACTS_AT_ONCE:
            yield part
            part, facts = [], 0
    if part:
        yield part
