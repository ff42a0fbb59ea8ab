"""What an approval is bound to: SHA-256 over the exact words and pictures, the account and the audience.

Each field goes in with its length before it, so that no two different sayings share their bytes.
"""

from hashlib import sha256

from townhall.outbound.logic.words import Saying


def canonical(saying: Saying) -> bytes:
    """The bytes that are hashed: every field, UTF-8, each after its length in eight bytes (big endian).

    Each picture adds its digest and its words, in order; without any, the bytes are those of the text alone."""
    parts = (
        saying.kind, str(saying.brand_id), str(saying.account_id), saying.visibility, saying.recipient,
        saying.in_reply_to, saying.conversation, saying.text,
        *(part for picture in saying.pictures for part in (picture.digest, picture.alt)),
    )  # fmt: skip
    encoded = [part.encode("utf-8", "surrogatepass") for part in parts]
    return b"".join(len(part).to_bytes(8, "big") + part for part in encoded)


def digest_of(saying: Saying) -> bytes:
    """The 32 bytes that an approval names."""
    return sha256(canonical(saying)).digest()


def salted_words(salt: bytes, words: str) -> str:
    """What the record keeps of what a picture shows in words (hex)."""
    return sha256(salt + words.encode("utf-8", "surrogatepass")).hexdigest()


def salted_digest(salt: bytes, saying: Saying) -> str:
    """What the record keeps (hex): without the salt, nobody can guess a short text from it."""
    return sha256(salt + canonical(saying)).hexdigest()
