"""Gather, first half: sealed delivery blocks become arrivals and acts, each with its ledger key."""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from townhall import channels, journal
from townhall.channels.port import AccountRef
from townhall.flow.batch import Act, Arrival
from townhall.intake.store import LABEL, Account, Block
from townhall.kernel.activity import Activity
from townhall.kernel.errors import Refused
from townhall.kernel.ids import keyed_id, post_key
from townhall.vault import Keys

_COUNTING = {"Like", "Announce", "Flag"}


class Unpacked(Struct):
    """What was in the blocks, in order. ``unread`` counts items that this version cannot parse any more."""

    arrivals: list[Arrival]
    acts: list[Act]
    unread: int


def unpack(keys: Keys, accounts: Mapping[int, Account], blocks: Sequence[Block]) -> Unpacked:
    """Opens and parses the blocks. Raises ``Broken`` when a sealed block was changed."""
    found = Unpacked([], [], 0)
    for block in blocks:
        owner = accounts[block.account_id]
        ref = AccountRef(owner.id, owner.handle, owner.native_id, owner.channel)
        parse = channels.CHANNELS[block.channel].parse
        for place, item in enumerate(journal.open_items(keys.kek, block.sealed, LABEL)):
            if item.raw is None:
                continue
            try:
                activities = parse(item.raw, ref)
            except Refused:
                found.unread += 1
                continue
            for activity in activities:
                _sort(found, keys.ids, owner, block, place, item.hash, activity)
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
