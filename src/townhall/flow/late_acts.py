"""Acts that came before the post they concern: they wait, and fold into it when it comes.

A post and its act may come at once in two shards, and then neither batch sees the other. Whichever of the two commits
last sees the other in its worker's next batch, so each batch looks once more at the posts and acts of the one before.
Only who takes over a shard looks at everything that waits: the one before may have died between two batches.
Without that, each batch would read all that ever waited, and acts on posts that nobody sends us wait for ever.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct, json
from psycopg import Connection

from townhall.flow import index, write
from townhall.flow.batch import Act, Arrival
from townhall.flow.house import House
from townhall.intake import store as intake
from townhall.kernel.activity import Activity

_decode = json.Decoder(Activity).decode
_MOST = 500
"""Stranded acts folded in one batch."""
Homes = Mapping[bytes, tuple[int, int]]
"""Ledger key → (interaction, thread)."""


class Seen(Struct, frozen=True):
    """Keys of a batch's posts, and of the posts that its waiting acts concern."""

    posts: tuple[bytes, ...] = ()
    wanted: tuple[bytes, ...] = ()


class LateActs:
    """What a worker has to look at once more. ``committed`` after each commit, ``doubt`` when it may have missed some."""

    def __init__(self) -> None:
        self._before = self._now = Seen()
        self._everywhere = True

    def doubt(self) -> None:
        """The next batch looks at everything that waits."""
        self._everywhere = True

    def committed(self) -> None:
        """The batch in hand is stored: it is the one before now."""
        self._before = self._now

    def fold(
        self, connection: Connection[Any], house: House, arrivals: Sequence[Arrival], acts: Sequence[Act], homes: Homes
    ) -> set[int]:  # fmt: skip
        """Folds what waited for these posts, or was stranded. Returns the threads whose clocks a deletion touches."""
        posts = tuple(arrival.key for arrival in arrivals)
        self._now = Seen(posts, tuple({act.target for act in acts if act.target not in homes}))
        stranded = self._stranded(connection)
        waiting = intake.waiting_acts(connection, [*posts, *stranded])
        if not waiting:
            return set()
        found = [(key, account, _decode(raw)) for key, account, raw in waiting]
        return _folded(connection, house, found, {**homes, **intake.ledger(connection, stranded)})

    def _stranded(self, connection: Connection[Any]) -> list[bytes]:
        """Keys of stored posts that an act may wait for, though neither saw the other."""
        if self._everywhere:
            found = intake.stranded_acts(connection, _MOST)
            self._everywhere = len(found) == _MOST
            return found
        wanted = intake.ledger(connection, self._before.wanted) if self._before.wanted else {}
        return [*self._before.posts, *wanted]


def _folded(
    connection: Connection[Any], house: House, acts: Sequence[tuple[bytes, int, Activity]], homes: Homes
) -> set[int]:
    write.apply_acts(connection, [(homes[key][0], act.happened, act) for key, _, act in acts])
    for key, account, act in acts:
        if act.verb == "Update":
            index.leave_edited(connection, house.accounts[account].brand_id, homes[key][0], act.text)
    return {homes[key][1] for key, _, act in acts if act.verb == "Delete"}
