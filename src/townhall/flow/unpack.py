"""Gather, first half: sealed delivery blocks become arrivals and acts, each with its ledger key."""

from collections.abc import Mapping, Sequence

from msgspec import Struct, msgpack

from townhall.flow.batch import Act, Arrival
from townhall.intake.store import PARSED, Account, Block
from townhall.journal.logic.block import unsqueeze
from townhall.kernel.activity import Activity
from townhall.kernel.ids import keyed_id, post_key
from townhall.vault import Keys, open_sealed

_decode = msgpack.Decoder(list[tuple[str, list[Activity]]]).decode
_COUNTING = {"Like", "Announce", "Flag"}


class Unpacked(Struct):
    """What was in the blocks, in order."""

    arrivals: list[Arrival]
    acts: list[Act]


def unpack(keys: Keys, accounts: Mapping[int, Account], blocks: Sequence[Block]) -> Unpacked:
    """Opens the blocks. Raises ``Broken`` when a sealed block was changed."""
    found = Unpacked([], [])
    for block in blocks:
        owner = accounts[block.account_id]
        parsed = _decode(unsqueeze(open_sealed(keys.kek, block.sealed, PARSED)))
        for place, (digest, activities) in enumerate(parsed):
            for activity in activities:
                _sort(found, keys.ids, owner, block, place, digest, activity)
    return found


def _sort(
    found: Unpacked, secret: bytes, owner: Account, block: Block, place: int, content: str, act: Activity
) -> None:
    account = block.account_id
    target = post_key(secret, account, act.object_id)
    if act.verb == "Create":
        at = min(act.published or block.received, block.received)
        parent = post_key(secret, account, act.in_reply_to) if act.in_reply_to else None
        author = keyed_id(secret, str(block.brand_id), owner.channel, act.author_id or act.author_handle)
        found.arrivals.append(Arrival(act, block, place, content, target, at, author, parent))
        return
    at = min(act.happened or block.received, block.received)
    found.acts.append(Act(act, block, place, content, _act_key(secret, account, act), target, at))


def _act_key(secret: bytes, account: int, act: Activity) -> bytes:
    """The same act twice has one key: a like by its author, an edit by its time and text, a deletion by itself."""
    if act.verb in _COUNTING:
        name = f"{act.verb}|{act.author_id}|{act.object_id}"
    elif act.verb == "Update":
        name = f"Update|{act.happened}|{act.text}|{act.object_id}"
    else:
        name = f"{act.verb}|{act.object_id}"
    return post_key(secret, account, name)
