"""After a restore: nothing goes out by itself, what may have gone is read back, and the log gets a new name.

Whether the database was restored is told by where it lies, and by checkpoints that were published and are not in it.
"""

from pathlib import Path
from typing import Any

from msgspec import Struct, to_builtins
from psycopg import Connection

from townhall import journal
from townhall.database.connect import take_ownership, transaction
from townhall.database.whereabouts import whereabouts
from townhall.flow.outbound_facts import fact_of_brand
from townhall.flow.sequencer import LOCK, HasHome, checkpoint_folder
from townhall.journal import publish, sequence, trail
from townhall.journal.logic.epoch import OPENED, Lost, Opening, note_digest
from townhall.journal.logic.note import checked
from townhall.journal.logic.tree import Damaged
from townhall.journal.store import epochs, order
from townhall.kernel.clock import Instant
from townhall.kernel.errors import Broken, Conflict
from townhall.kernel.fact import Fact
from townhall.outbound.store import stops
from townhall.outbound.store import whereabouts as outbox
from townhall.people import brands

ACTOR = "system/restore"
CAUSE = (
    "The database was restored. What was sent after the copy was made is not in it: look at the network before"
    " anything goes out again."
)


class Parked(Struct, frozen=True):
    """Outbound stands still after a restore: why, brands newly stopped, and deliveries that are read back."""

    why: str
    brands: int
    doubted: int


def park_if_restored(
    conn: Connection[Any], settings: HasHome, now: Instant, *, must: bool = False
) -> Parked | None:
    """Stops every brand's outbound when the database was restored (or the operator says so: ``must``).

    As worker, in autocommit; call it before the first delivery of a process. None when nothing was restored.
    """
    with transaction(conn):
        place, before = whereabouts(conn, settings.home), outbox.last_place(conn)
        why = _why(conn, settings, place, before) or ("the operator said so" if must else "")
        outbox.note_place(conn, place, now)
        return _park(conn, why, now) if why else None


def open_epoch(conn: Connection[Any], settings: HasHome, public: bytes, actor: str, now: Instant) -> Opening:
    """Opens the next epoch of the log, in a fact that names what was published and is not here.

    As worker, in autocommit, on a connection of its own: it keeps the journal. Raises ``Conflict`` when the log can go on as it is,
    or another signs it; ``Broken`` when a checkpoint file was changed.
    """
    folder = checkpoint_folder(settings)
    if take_ownership(conn, *LOCK) is None:
        raise Conflict("The log is being signed, so it needs no new epoch. Nothing was changed.")
    with transaction(conn):
        epoch = epochs.current(conn)
        if not trail.behind(conn, folder, epoch):
            raise Conflict("The database holds all that was published: the log goes on. Nothing was changed.")
        files = publish.epochs_in(folder)
        lost = [found for one in files if one >= epoch and (found := _lost(conn, folder, one, public))]
        kept = order.last_checkpoint(conn)[0]
        if any(one.size <= kept for one in lost):
            raise Broken(
                "two different checkpoints of one size were signed: no restore does that. Keep all copies"
            )
        opening = Opening(max([epoch, *files]) + 1, kept, sequence.read_head(conn).facts, tuple(lost))
        fact = Fact(
            type=OPENED,
            subject=f"epoch/{opening.epoch}",
            time=now,
            brand=0,
            actor=actor,
            data=to_builtins(opening),
        )
        epochs.add(conn, opening.epoch, journal.append(conn, [fact]), now)
    return opening


def _why(conn: Connection[Any], settings: HasHome, place: str, before: str) -> str:
    behind = trail.behind(conn, checkpoint_folder(settings), epochs.current(conn))
    return behind or ("the database lies elsewhere than before" if before not in ("", place) else "")


def _park(conn: Connection[Any], why: str, now: Instant) -> Parked:
    stops.shut_gate(conn)
    facts = []
    for brand in sorted(brands.all_brands(conn)):
        stop = stops.stop(conn, brand, "brand", "", CAUSE, ACTOR, now)
        if stop is not None:
            told = {"stop": stop, "scope": "brand", "target": ""}
            facts.append(fact_of_brand("townhall.outbound.stopped", brand, ACTOR, now, **told))
    doubted = outbox.doubt_what_was_due(conn, now)
    journal.append(conn, facts)
    return Parked(why, len(facts), doubted)


def _lost(conn: Connection[Any], folder: Path, epoch: int, public: bytes) -> Lost | None:
    note = publish.last_note(publish.epoch_folder(folder, epoch))
    try:
        stated = checked(note, public, epoch)
    except Damaged as damage:
        raise Broken(f"the last checkpoint file of epoch {epoch} in {folder}: {damage}") from damage
    if order.note_at(conn, stated.size) == note:
        return None
    return Lost(epoch, stated.size, stated.facts, note_digest(note))
