"""Checkpoints as C2SP signed notes: read here by a reader of its own, and every changed character refused."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from townhall.journal.logic.note import (
    Checkpoint,
    checked,
    key_id,
    origin_of,
    public_of,
    signed,
    size_in,
    verifier_key,
)
from townhall.journal.logic.tree import Damaged

KEY = Ed25519PrivateKey.from_private_bytes(b"s" * 32)
PUBLIC = KEY.public_key().public_bytes_raw()
STATED = Checkpoint(origin_of(PUBLIC), 1200, bytes(range(32)), 81234, 1_767_225_600_123_456)
NOTE = signed(STATED, PUBLIC, KEY.sign)


def test_a_checkpoint_reads_as_the_specification_says() -> None:
    text, _, signatures = NOTE.partition("\n\n")
    origin, size, root, *extensions = text.split("\n")
    assert (origin, size, base64.b64decode(root)) == (STATED.origin, "1200", bytes(range(32)))
    assert extensions == ["facts 81234", "time 2026-01-01T00:00:00.123456Z"]
    dash, name, encoded = signatures.rstrip("\n").split(" ")
    raw = base64.b64decode(encoded)
    assert (dash, name, raw[:4]) == ("\u2014", origin, key_id(origin, PUBLIC))
    Ed25519PublicKey.from_public_bytes(PUBLIC).verify(raw[4:], text.encode() + b"\n")
    assert checked(NOTE, PUBLIC) == STATED and size_in(NOTE) == 1200


def test_key_ids_are_those_of_other_programs() -> None:
    """The example key that the documentation of Go's package for signed notes has carried for years."""
    public = public_of("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    assert key_id("PeterNeumann", public).hex() == "c74f20a3"
    assert public_of(verifier_key(PUBLIC)) == PUBLIC


@pytest.mark.parametrize(
    "wrong", ["", "name", "name+00000000+AAAA", verifier_key(PUBLIC)[:-2] + "AA", "a+b+ü"]
)
def test_wrong_keys_are_refused(wrong: str) -> None:
    with pytest.raises(Damaged):
        public_of(wrong)


@given(st.integers(0, len(NOTE) - 1), st.characters())
def test_any_other_character_is_refused(place: int, other: str) -> None:
    changed = NOTE[:place] + other + NOTE[place + 1 :]
    if changed != NOTE:
        with pytest.raises(Damaged):
            checked(changed, PUBLIC)


@given(st.integers(0, len(NOTE)), st.text(max_size=3))
def test_more_or_less_is_refused(place: int, more: str) -> None:
    for changed in (NOTE[:place] + more + NOTE[place:], NOTE[:place]):
        if changed != NOTE:
            with pytest.raises(Damaged):
                checked(changed, PUBLIC)


@given(st.text())
def test_any_text_is_refused_in_one_way(text: str) -> None:
    with pytest.raises(Damaged):
        checked(text, PUBLIC)


@given(
    st.integers(0, 1 << 62),
    st.binary(min_size=32, max_size=32),
    st.integers(0, 1 << 62),
    st.integers(0, 4_000_000_000_000_000),
)
def test_what_was_signed_comes_back(size: int, root: bytes, facts: int, time: int) -> None:
    stated = Checkpoint(origin_of(PUBLIC), size, root, facts, time)
    assert checked(signed(stated, PUBLIC, KEY.sign), PUBLIC) == stated
