"""What was said around a post, as items of the channel. Pure. Source: Mastodon API documentation, entity ``Context``."""

import msgspec
from msgspec import Raw, Struct


class _Context(Struct):
    ancestors: list[Raw] = []
    descendants: list[Raw] = []


_context = msgspec.json.Decoder(_Context)


def items(body: bytes) -> list[bytes]:
    """The exact bytes of each post before and after it, in the server's order. Raises ``ValueError``."""
    found = _context.decode(body)
    return [bytes(one) for one in (*found.ancestors, *found.descendants)]
