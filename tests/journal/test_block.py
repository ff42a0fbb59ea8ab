"""Blocks and sealed items: they come back byte for byte, and no changed bit passes."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.journal.record import NOW
from townhall.journal.logic.block import (
    MAX_FRAME,
    frame,
    make_block,
    squeeze,
    unframe,
    unframe_start,
    unsqueeze,
)
from townhall.journal.logic.check import Flaw, Place, Proved, StoredBlock, fits, prove
from townhall.journal.logic.reference import references, unmet
from townhall.journal.logic.salted import enframe, hashes_in, unframe_salted
from townhall.journal.logic.tree import Damaged

blobs_of = st.lists(st.binary(max_size=50), min_size=1, max_size=30)
BLOBS = [b'{"fact":%d,"and":"%s"}' % (n, b"xyz" * (n % 4)) for n in range(12)]
BLOCK = make_block(BLOBS)
STORED = StoredBlock(7, BLOCK.facts, NOW, BLOCK.root, BLOCK.seal, BLOCK.marks, BLOCK.body)


def with_field(field: str, raw: bytes) -> StoredBlock:
    return StoredBlock(**{name: getattr(STORED, name) for name in STORED.__struct_fields__} | {field: raw})


@given(blobs_of)
def test_facts_come_back_byte_for_byte(blobs: list[bytes]) -> None:
    assert unframe(unsqueeze(squeeze(frame(blobs)))) == blobs
    block = make_block(blobs)
    proved = prove(StoredBlock(1, block.facts, NOW, block.root, block.seal, block.marks, block.body))
    assert isinstance(proved, Proved) and proved.blobs == blobs


@pytest.mark.parametrize("field", ["body", "marks", "root", "seal"])
def test_every_flipped_bit_is_found(field: str) -> None:
    whole: bytes = getattr(STORED, field)
    for place in range(len(whole)):
        for bit in range(8):
            changed = whole[:place] + bytes([whole[place] ^ 1 << bit]) + whole[place + 1 :]
            assert isinstance(prove(with_field(field, changed)), Flaw), (field, place, bit)


@given(st.binary(max_size=300))
def test_any_bytes_as_a_body_are_a_flaw_and_no_surprise(raw: bytes) -> None:
    assert isinstance(prove(with_field("body", raw)), Flaw)
    assert isinstance(prove(with_field("body", squeeze(raw))), Flaw)


@given(st.integers(0, 300))
def test_a_cut_body_names_a_fact_that_exists(length: int) -> None:
    flaw = prove(with_field("body", BLOCK.body[: min(length, len(BLOCK.body) - 1)]))
    assert isinstance(flaw, Flaw) and 0 <= flaw.ordinal < 12


@given(blobs_of, st.integers(0, 2000))
def test_what_is_whole_of_a_cut_frame_is_a_beginning(blobs: list[bytes], length: int) -> None:
    framed = frame(blobs)
    try:
        start = unframe_start(framed[:length])
    except Damaged:
        assert length < 4 + 4 * len(blobs)
    else:
        assert start == blobs[: len(start)]


def test_a_claim_of_impossible_size_is_refused_before_memory_is_taken() -> None:
    bomb = squeeze(bytes(MAX_FRAME + 1))
    with pytest.raises(Damaged, match="impossible size"):
        unsqueeze(bomb)
    with pytest.raises(ValueError):
        make_block([bytes(MAX_FRAME)])
    with pytest.raises(ValueError):
        make_block([])


def test_a_block_fits_only_its_own_place() -> None:
    proved = prove(STORED, 3)
    assert isinstance(proved, Proved)
    right = Place(3, 7, 100, 12, proved.leaf)
    assert fits(right, proved, STORED, 100) is None
    for place, first in (
        (right, 101),
        (Place(3, 7, 100, 11, proved.leaf), 100),
        (Place(3, 7, 100, 12, BLOCK.root), 100),
    ):
        assert fits(place, proved, STORED, first)


items_of = st.lists(st.one_of(st.none(), st.binary(max_size=40)), max_size=20)


@given(items_of, st.data())
def test_items_come_back_with_hashes_that_salt_keeps_apart(
    items: list[bytes | None], data: st.DataObject
) -> None:
    salts = data.draw(st.binary(min_size=16 * len(items), max_size=16 * len(items)))
    framed, hashes = enframe(items, salts)
    back = unframe_salted(framed)
    assert [item.raw for item in back] == items
    assert [item.hash for item in back] == hashes_in(framed) == hashes
    for place, (item, digest) in enumerate(zip(items, hashes, strict=True)):
        salt = salts[16 * place : 16 * place + 16]
        assert digest == ("" if item is None else sha256(salt + item).hexdigest())


def test_an_erased_item_leaves_no_salt() -> None:
    salts = bytes(range(1, 33))
    framed, _ = enframe([b"kept", None], salts)
    assert salts[:16] in framed and salts[16:] not in framed


@given(st.binary(max_size=100))
def test_any_bytes_as_items_are_damaged_or_items(raw: bytes) -> None:
    try:
        assert enframe([item.raw for item in unframe_salted(raw)], bytes(16 * 100)) is not None
    except Damaged:
        pass


def test_references_follow_only_what_names_a_place() -> None:
    blobs = [
        b'{"type":"a","data":{"delivery":5,"item":2},"content":"aa"}',
        b'{"type":"a","data":{"block":6},"content":"bb"}',
        b'{"type":"a","data":{"block":"red"},"content":"cc"}',
        b'{"type":"a","data":{},"content":"dd"}',
        b'{"type":"a","data":{"delivery":5,"item":1}}',
        b'{"type":"x.erased","data":{"block":6,"items":[0]}}',
        b"no json",
    ]
    vouched, erased = references(blobs)
    assert vouched == [(0, "delivery", 5, 2, "aa"), (1, "block", 6, 0, "bb")]
    assert [(e.kind, e.id, e.items) for e in erased] == [("block", 6, (0,))]
    assert unmet(vouched, {("delivery", 5): ["", "", "aa"]}) == ([vouched[1]], None)
    assert unmet(vouched, {("delivery", 5): ["", "", "xx"], ("block", 6): ["bb"]})[1] == (
        vouched[0],
        "it is not what was written",
    )
    assert unmet(vouched, {("delivery", 5): ["aa"]})[1] == (vouched[0], "it holds 1 items only")
    assert unmet(vouched, {("delivery", 5): "changed"})[1] == (vouched[0], "changed")
    assert unmet(vouched[1:], {("block", 6): [""]}) == ([vouched[1]], None)
