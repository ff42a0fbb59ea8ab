"""The models a brand has taught, and the labels they learn from, as pages, programs and the command line show them."""

from typing import Any

from msgspec import Struct
from psycopg import Connection

from townhall.enrich.learning.tried import LEAST_LABELS
from townhall.enrich.logic.heads import HEADS
from townhall.enrich.store import labels as label_store
from townhall.enrich.store import models as store
from townhall.enrich.store.models import Act, OwnModel
from townhall.people.doors import Asker, require

ACTS = 20


class HeadLine(Struct, frozen=True):
    """One head: the version in use (None: the shipped model), the newest candidate that came after it, and what is labelled.
    ``whole`` is whether the file of the version in use is the one that was kept."""

    name: str
    asks: str
    in_use: OwnModel | None
    candidate: OwnModel | None
    labels: dict[str, int]
    whole: bool = True

    @property
    def labelled(self) -> int:
        """How many labels stand."""
        return sum(self.labels.values())

    @property
    def missing(self) -> int:
        """How many labels are missing before it can be taught."""
        return max(0, LEAST_LABELS - self.labelled)


class ModelsView(Struct, frozen=True):
    """The whole page: heads in order, and what was done last."""

    heads: tuple[HeadLine, ...]
    acts: tuple[Act, ...]


def view(conn: Connection[Any], asker: Asker) -> ModelsView:
    """Heads with what reads them, candidates and labels. Four queries."""
    require(asker, "read_models")
    counts = label_store.counts(conn, asker.brand_id)
    rows = store.newest(conn, asker.brand_id)
    broken = store.broken(conn, asker.brand_id)
    heads = []
    for name, head in HEADS.items():
        active = next((one for one in rows if one.head == name and one.state == "active"), None)
        newest = next((one for one in rows if one.head == name and one.state == "candidate"), None)
        stale = newest is not None and active is not None and newest.id < active.id
        heads.append(
            HeadLine(
                name, head.asks, active, None if stale else newest, counts.get(name, {}),
                active is None or active.id not in broken,
            )
        )  # fmt: skip
    return ModelsView(tuple(heads), tuple(store.acts(conn, asker.brand_id, ACTS)))


def versions(
    conn: Connection[Any], asker: Asker, after: int, limit: int, head: str = ""
) -> tuple[list[OwnModel], int]:
    """A page of versions, the newest first, and the id to go on after (0 at the end). One query."""
    require(asker, "read_models")
    found = store.versions(conn, asker.brand_id, after, limit + 1, head)
    shown = found[:limit]
    return shown, shown[-1].id if len(found) > limit else 0


def labels(conn: Connection[Any], asker: Asker) -> dict[str, dict[str, int]]:
    """Head → value → how many labels say it. One query."""
    require(asker, "read_models")
    return label_store.counts(conn, asker.brand_id)
