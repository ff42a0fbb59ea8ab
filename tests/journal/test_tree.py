"""The tree against RFC 6962 as it is written: its definitions, word for word, are the oracle, and share no code."""

from collections.abc import Sequence
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from townhall.journal.logic.proofs import consistency, inclusion, shows_consistency, shows_inclusion
from townhall.journal.logic.tree import EMPTY, Damaged, Peaks, leaf_hashes, root_of, unpack_peaks

ENTRIES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
"""The roots over the first 1 to 8 of these entries, as implementations of RFC 6962 have long agreed on them."""

entries_of = st.lists(st.binary(max_size=6), max_size=40)


def rfc_split(n: int) -> int:
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def rfc_mth(d: Sequence[bytes]) -> bytes:
    if not d:
        return sha256().digest()
    if len(d) == 1:
        return sha256(b"\x00" + d[0]).digest()
    k = rfc_split(len(d))
    return sha256(b"\x01" + rfc_mth(d[:k]) + rfc_mth(d[k:])).digest()


def rfc_path(m: int, d: Sequence[bytes]) -> list[bytes]:
    if len(d) == 1:
        return []
    k = rfc_split(len(d))
    if m < k:
        return [*rfc_path(m, d[:k]), rfc_mth(d[k:])]
    return [*rfc_path(m - k, d[k:]), rfc_mth(d[:k])]


def rfc_subproof(m: int, d: Sequence[bytes], b: bool) -> list[bytes]:
    if m == len(d):
        return [] if b else [rfc_mth(d)]
    k = rfc_split(len(d))
    if m <= k:
        return [*rfc_subproof(m, d[:k], b), rfc_mth(d[k:])]
    return [*rfc_subproof(m - k, d[k:], False), rfc_mth(d[:k])]


@pytest.mark.parametrize("count", range(1, 9))
def test_known_roots(count: int) -> None:
    leaves = leaf_hashes([bytes.fromhex(entry) for entry in ENTRIES[:count]])
    assert root_of(leaves).hex() == ROOTS[count - 1]
    assert Peaks().grown(leaves).root().hex() == ROOTS[count - 1]


def test_the_root_of_nothing() -> None:
    assert root_of([]) == EMPTY == Peaks().root() == sha256(b"").digest()


@given(entries_of)
def test_roots_are_the_rfcs(entries: list[bytes]) -> None:
    assert root_of(leaf_hashes(entries)) == rfc_mth(entries)


@given(entries_of, st.lists(st.integers(0, 40), max_size=4))
def test_growing_in_any_steps_is_the_same(entries: list[bytes], cuts: list[int]) -> None:
    leaves = leaf_hashes(entries)
    peaks, last = Peaks(), 0
    for cut in [*sorted(cut for cut in cuts if cut < len(leaves)), len(leaves)]:
        peaks = unpack_peaks(peaks.size, peaks.packed()).grown(leaves[last:cut])
        last = cut
    assert (peaks.size, peaks.root()) == (len(entries), rfc_mth(entries))


@given(st.integers(0, 1 << 40), st.integers(0, 2000))
def test_impossible_peaks_are_refused(size: int, length: int) -> None:
    if length == 32 * bin(size).count("1"):
        assert unpack_peaks(size, bytes(length)).size == size
    else:
        with pytest.raises(Damaged):
            unpack_peaks(size, bytes(length))


@given(entries_of.filter(len), st.data())
def test_inclusion(entries: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(entries) - 1))
    leaves, root = leaf_hashes(entries), rfc_mth(entries)
    path = inclusion(leaves, index)
    assert path == rfc_path(index, entries)
    assert shows_inclusion(leaves[index], index, len(entries), path, root)
    other = data.draw(st.integers(0, len(entries) - 1))
    if leaves[other] != leaves[index]:
        assert not shows_inclusion(leaves[other], index, len(entries), path, root)
        assert not shows_inclusion(leaves[index], other, len(entries), path, root)
    assert not shows_inclusion(leaves[index], index, len(entries), [*path, root], root)
    assert not shows_inclusion(leaves[index], index, len(entries), path[:-1], root) or not path
    assert not shows_inclusion(leaves[index], index, index, path, root)


@given(entries_of.filter(len), st.data())
def test_consistency(entries: list[bytes], data: st.DataObject) -> None:
    old = data.draw(st.integers(1, len(entries)))
    leaves = leaf_hashes(entries)
    before, after = rfc_mth(entries[:old]), rfc_mth(entries)
    path = consistency(leaves, old)
    assert path == rfc_subproof(old, entries, True)
    assert shows_consistency(old, len(entries), before, after, path)
    wrong = sha256(before).digest()
    assert not shows_consistency(old, len(entries), wrong, after, path)
    assert not shows_consistency(old, len(entries), before, wrong, path)
    for place in range(len(path)):
        assert not shows_consistency(old, len(entries), before, after, path[:place] + path[place + 1 :])
    assert not shows_consistency(old, len(entries), before, after, [*path, wrong])


def test_proofs_out_of_range_are_refused() -> None:
    leaves = leaf_hashes([b"a", b"b"])
    for index in (-1, 2):
        with pytest.raises(ValueError):
            inclusion(leaves, index)
    for size in (0, 3):
        with pytest.raises(ValueError):
            consistency(leaves, size)
    assert not shows_consistency(1, 2, leaves[0], root_of(leaves), [])
