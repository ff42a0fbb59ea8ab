"""Checkpoints as C2SP signed notes: ``signed-note`` and ``tlog-checkpoint`` (c2sp.org), signed with Ed25519.

::

    townhall/0123456789abcdef              the log's origin, and the name of its key
    1200                                   size: how many blocks the tree holds
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
    facts 81234                            extension line: the facts in those blocks
    time 2026-03-01T12:00:00.000000Z       extension line: when it was signed

    — townhall/0123456789abcdef Ivm2…      key id (4 bytes) and signature (64 bytes), base64
"""

import base64
import binascii
from collections.abc import Callable
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from msgspec import Struct

from townhall.journal.logic.tree import Damaged
from townhall.kernel.clock import Instant, from_iso, to_iso

_ED25519 = b"\x01"
_DASH = "\u2014"


class Checkpoint(Struct, frozen=True):
    """What a checkpoint states. ``time`` in microseconds UTC."""

    origin: str
    size: int
    root: bytes
    facts: int
    time: Instant


def origin_of(public: bytes, epoch: int = 1) -> str:
    """The log's origin and key name, from its 32 public bytes; from the second epoch on it ends in ``/<epoch>``."""
    name = f"townhall/{sha256(public).hexdigest()[:16]}"
    return name if epoch == 1 else f"{name}/{epoch}"


def key_id(name: str, public: bytes) -> bytes:
    """The four bytes that name a key in a signature line: SHA-256(name || newline || 0x01 || key)[:4]."""
    return sha256(name.encode() + b"\n" + _ED25519 + public).digest()[:4]


def verifier_key(public: bytes) -> str:
    """The key in the text form that C2SP tools take: name+id+base64."""
    name = origin_of(public)
    return f"{name}+{key_id(name, public).hex()}+{base64.b64encode(_ED25519 + public).decode()}"


def public_of(verifier: str) -> bytes:
    """The 32 public bytes of a ``verifier_key``. Raises ``Damaged``."""
    try:
        name, named_id, encoded = verifier.strip().split("+", 2)
        raw = base64.b64decode(encoded, validate=True)
    except (ValueError, binascii.Error) as problem:
        raise Damaged("not a verifier key of the form name+id+base64") from problem
    if raw[:1] != _ED25519 or len(raw) != 33 or key_id(name, raw[1:]).hex() != named_id:
        raise Damaged("the verifier key does not match its own id")
    return raw[1:]


def text_of(checkpoint: Checkpoint) -> str:
    """The signed text, its last newline included."""
    return (
        f"{checkpoint.origin}\n{checkpoint.size}\n{base64.b64encode(checkpoint.root).decode()}\n"
        f"facts {checkpoint.facts}\ntime {to_iso(checkpoint.time)}\n"
    )


def signed(checkpoint: Checkpoint, public: bytes, sign: Callable[[bytes], bytes]) -> str:
    """The whole note. ``sign`` makes the 64-byte Ed25519 signature over bytes."""
    text = text_of(checkpoint)
    return _assembled(text, checkpoint.origin, key_id(checkpoint.origin, public) + sign(text.encode()))


def checked(note: str, public: bytes, epoch: int = 1) -> Checkpoint:
    """What a note states, if that key signed exactly these characters in that epoch. Raises ``Damaged`` saying what is wrong."""
    checkpoint, signature = _read(note)
    if checkpoint.origin != origin_of(public, epoch) or signature[:4] != key_id(checkpoint.origin, public):
        raise Damaged("it is signed by another key, or for another epoch")
    # base64 and numbers have more than one spelling: only ours counts, or a changed character could go unseen
    if _assembled(text_of(checkpoint), checkpoint.origin, signature) != note:
        raise Damaged("it is not written as a checkpoint is written")
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature[4:], text_of(checkpoint).encode())
    except InvalidSignature as problem:
        raise Damaged("its signature does not fit its text") from problem
    return checkpoint


def size_in(note: str) -> int:
    """The size a note states, unchecked. Raises ``Damaged``."""
    return _read(note)[0].size


def _read(note: str) -> tuple[Checkpoint, bytes]:
    try:
        origin, size, root, facts, time, _, signature, _ = note.split("\n")
        _, name, encoded = signature.split(" ")
        stated = Checkpoint(
            origin, int(size), base64.b64decode(root, validate=True),
            int(facts.removeprefix("facts ")), from_iso(time.removeprefix("time ")),
        )  # fmt: skip
        raw = base64.b64decode(encoded, validate=True)
    except (ValueError, binascii.Error) as problem:
        raise Damaged("it cannot be read as a checkpoint") from problem
    if len(stated.root) != 32 or len(raw) != 68 or name != origin:
        raise Damaged("it cannot be read as a checkpoint")
    return stated, raw


def _assembled(text: str, name: str, signature: bytes) -> str:
    return f"{text}\n{_DASH} {name} {base64.b64encode(signature).decode()}\n"
