"""The installation's own keys, made once and kept as files that only their owner can read."""

import os
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import Struct

from townhall.kernel.errors import BadSetting

_NAMES = ("kek", "ids", "signing", "pages")


class Keys(Struct, frozen=True):
    """``kek`` wraps block keys, ``ids`` keys our ids, ``signing`` signs checkpoints (Ed25519 seed), ``pages``
    is Django's secret. Each 32 bytes."""

    kek: bytes
    ids: bytes
    signing: bytes
    pages: bytes

    def __repr__(self) -> str:
        return "Keys(...)"

    def signer(self) -> Ed25519PrivateKey:
        """The key that signs the record's checkpoints."""
        return Ed25519PrivateKey.from_private_bytes(self.signing)

    def verifying(self) -> bytes:
        """The 32 public bytes that check those signatures."""
        return (
            self.signer()
            .public_key()
            .public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        )


def open_keys(home: Path) -> Keys:
    """The keys of ``home``, made at first use. Raises ``BadSetting`` when a key file is damaged or readable by others."""
    folder = home / "keys"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return Keys(*(_read_or_make(folder / name) for name in _NAMES))


def _read_or_make(path: Path) -> bytes:
    if not path.exists():
        _make(path)
    if path.stat().st_mode & 0o077:
        raise BadSetting(f"{path} can be read by others: run chmod 600 on it")
    key = path.read_bytes()
    if len(key) != 32:
        raise BadSetting(
            f"{path} is damaged: it holds {len(key)} bytes, not 32. Restore it from your key backup"
        )
    return key


def _make(path: Path) -> None:
    """Written beside and linked into place, so that two that start at once agree on one key."""
    fresh = path.with_name(f".{path.name}.{os.urandom(8).hex()}")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(handle, os.urandom(32))
        os.fsync(handle)
    finally:
        os.close(handle)
    try:
        os.link(fresh, path)
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
