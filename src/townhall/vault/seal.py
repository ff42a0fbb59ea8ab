"""Envelope encryption of blocks: one key a block, wrapped by the KEK, so that destroying a key destroys a block."""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from msgspec import Struct

from townhall.kernel.errors import Broken

_NONCE = 12


class Sealed(Struct, frozen=True):
    """``key``: nonce and wrapped block key (60 bytes). ``body``: nonce and ciphertext."""

    key: bytes
    body: bytes


def seal(kek: bytes, plain: bytes, label: bytes) -> Sealed:
    """Encrypts ``plain`` under a fresh key. ``label`` (what the block is) is authenticated with it."""
    block_key = os.urandom(32)
    outer, inner = os.urandom(_NONCE), os.urandom(_NONCE)
    wrapped = AESGCM(kek).encrypt(outer, block_key, label)
    return Sealed(outer + wrapped, inner + AESGCM(block_key).encrypt(inner, plain, label))


def open_sealed(kek: bytes, sealed: Sealed, label: bytes) -> bytes:
    """The plain bytes. Raises ``Broken`` when key, label or bytes were changed."""
    try:
        block_key = AESGCM(kek).decrypt(sealed.key[:_NONCE], sealed.key[_NONCE:], label)
        return AESGCM(block_key).decrypt(sealed.body[:_NONCE], sealed.body[_NONCE:], label)
    except (InvalidTag, ValueError) as damage:
        raise Broken(f"the sealed block {label.decode(errors='replace')} was changed") from damage
