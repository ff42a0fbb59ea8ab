"""Where a delivery goes: decisions about shards and blocks."""

import xxhash

SHARDS = 16
"""For ever: the shard of a conversation must never change. Workers share the shards between them."""


def shard_of(account_id: int, conversation_key: str) -> int:
    """The shard of a conversation: 0 to ``SHARDS`` - 1."""
    return int(xxhash.xxh3_64_intdigest(conversation_key.encode(), account_id)) % SHARDS


def shards_of_worker(worker: int, workers: int) -> list[int]:
    """The shards that worker number ``worker`` of ``workers`` owns; together they own each exactly once."""
    return list(range(worker, SHARDS, workers))
