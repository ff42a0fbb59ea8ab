"""The vault. Takes bytes that must stay secret, gives sealed bytes back. Owns the key files under ``home/keys``.

One key-encryption key (KEK) wraps a fresh AES-256-GCM key for each sealed block (NIST SP 800-38D, RFC 3394 in
spirit: the wrap is AES-GCM too, so that a damaged wrap is refused). Never logs, never gives a key away.
"""

from townhall.vault.keys import Keys, open_keys
from townhall.vault.seal import Sealed, open_sealed, seal
from townhall.vault.shared import new_shared_secret

__all__ = ["Keys", "Sealed", "new_shared_secret", "open_keys", "open_sealed", "seal"]
