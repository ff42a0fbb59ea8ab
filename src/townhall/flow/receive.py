"""Receive: raw items of one account come in, are cleaned of what must never be stored, sealed and queued.

When the caller's transaction commits, nothing of it can be lost: that is what a 2xx answer promises.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import Struct, msgpack
from msgspec.structs import replace
from psycopg import Connection

from townhall import channels, enrich, journal
from townhall.channels.port import AccountRef
from townhall.intake import logic, store
from townhall.intake.store import Account, Delivery
from townhall.journal.logic.block import squeeze
from townhall.kernel.activity import Activity
from townhall.kernel.clock import Instant
from townhall.kernel.errors import Refused
from townhall.vault import Keys, seal

_pack = msgpack.Encoder().encode


def make_ready() -> None:
    """Loads this thread's patterns. Call it before a transaction: the first load takes seconds on a busy machine,
    and a transaction that idles so long is ended by the database."""
    enrich.redact_batch(["ready"])


class Reject(Struct, frozen=True):
    """An item that could not be read: its place in the delivery (from 0) and why."""

    place: int
    reason: str


class ReceiveResult(Struct, frozen=True):
    """How many items were queued, and which were refused (those are kept too)."""

    taken: int
    rejects: tuple[Reject, ...]
    blocks: tuple[int, ...]


def receive(
    connection: Connection[Any],
    keys: Keys,
    account: AccountRef | Account,
    channel: str,
    items: Sequence[bytes],
    now: Instant,
    run_id: int | None = None,
    lines: Sequence[int] = (),
) -> ReceiveResult:
    """Queues items for the pipeline, in the caller's transaction. ``channel`` names the shape they have.

    ``lines`` numbers the items of a file, for its rejects. Raises ``NotFound`` for an unknown account.
    """
    owner = account if isinstance(account, Account) else store.account(connection, account.id)
    good, bad = _read(owner, channel, items)
    shards = _clean_and_share(owner, good)
    deliveries = [_delivery(keys, shard, pairs) for shard, pairs in sorted(shards.items())]
    ids = store.append_blocks(connection, owner, channel, now, run_id, deliveries) if deliveries else []
    if bad:
        kept = [
            (
                lines[r.place] if lines else None,
                r.reason,
                seal(keys.kek, _redacted_text(items[r.place]), store.LABEL),
            )
            for r in bad
        ]
        store.reject(connection, owner, run_id, kept)
    return ReceiveResult(len(good), tuple(bad), tuple(ids))


def why_unread(owner: Account, channel: str, item: bytes) -> str:
    """Why an item cannot be read as one of that channel; "" when it can."""
    _, bad = _read(owner, channel, [item])
    return bad[0].reason if bad else ""


def queue_again(
    connection: Connection[Any], keys: Keys, owner: Account, act: Activity, raw: bytes, now: Instant
) -> None:
    """Queues one activity that was read before, with the bytes it is kept as, in the caller's transaction."""
    shard = logic.shard_of(owner.id, act.conversation_key())
    store.append_blocks(connection, owner, owner.channel, now, None, [_delivery(keys, shard, [(raw, [act])])])


def _read(
    owner: Account, channel: str, items: Sequence[bytes]
) -> tuple[list[tuple[bytes, list[Activity]]], list[Reject]]:
    parse = channels.CHANNELS[channel].parse
    ref = AccountRef(owner.id, owner.handle, owner.native_id, owner.channel)
    good: list[tuple[bytes, list[Activity]]] = []
    bad: list[Reject] = []
    for place, raw in enumerate(items):
        try:
            good.append((raw, parse(raw, ref)))
        except Refused as refusal:
            bad.append(Reject(place, str(refusal)))
    return good, bad


def _delivery(keys: Keys, shard: int, pairs: Sequence[tuple[bytes, list[Activity]]]) -> Delivery:
    """The exact bytes to keep and the activities to pass on, each with the hash that its fact will carry."""
    frame, hashes = journal.salted([raw for raw, _ in pairs])
    parsed = _pack([(digest, acts) for digest, (_, acts) in zip(hashes, pairs, strict=True)])
    return Delivery(
        shard,
        len(pairs),
        seal(keys.kek, squeeze(frame), store.LABEL),
        seal(keys.kek, squeeze(parsed), store.PARSED),
    )


def _clean_and_share(
    owner: Account, good: Sequence[tuple[bytes, list[Activity]]]
) -> dict[int, list[tuple[bytes, list[Activity]]]]:
    """Items by shard, redacted where one holds a card number or a secret: the raw bytes are stored too."""
    texts = [acts[0].text if len(acts) == 1 else "\n".join([a.text for a in acts]) for _, acts in good]
    shards: dict[int, list[tuple[bytes, list[Activity]]]] = defaultdict(list)
    for (raw, acts), (_, findings) in zip(good, enrich.redact_batch(texts), strict=True):
        if acts:
            shard = logic.shard_of(owner.id, acts[0].conversation_key())
            clean = (_redacted(raw), [_redacted_act(act) for act in acts]) if findings else (raw, acts)
            shards[shard].append(clean)
    return shards


def _redacted_act(act: Activity) -> Activity:
    media = tuple(replace(picture, alt=enrich.redact(picture.alt)[0]) for picture in act.media)
    return replace(
        act, text=enrich.redact(act.text)[0], author_name=enrich.redact(act.author_name)[0], media=media
    )


def _redacted(raw: bytes) -> bytes:
    return msgspec.json.encode(_redact_strings(msgspec.json.decode(raw)))


def _redacted_text(raw: bytes) -> bytes:
    """An item that could not be parsed, cleaned as plain text."""
    return enrich.redact(raw.decode(errors="replace"))[0].encode()


def _redact_strings(value: Any) -> Any:
    if isinstance(value, str):
        return enrich.redact(value)[0]
    if isinstance(value, list):
        return [_redact_strings(item) for item in value]
    if isinstance(value, dict):
        return {name: _redact_strings(item) for name, item in value.items()}
    return value
