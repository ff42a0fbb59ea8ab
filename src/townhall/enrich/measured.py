"""How right the shipped models were on posts that people had labelled, as their cards say."""

import json
from functools import cache

from msgspec import Struct

from townhall.enrich.weights import HEADS, SHIPPED


class Measured(Struct, frozen=True):
    """On one checked set: of ``rows`` posts that the model was sure of, ``right`` were read as people read them."""

    right: int
    rows: int


@cache
def measured(head: str) -> tuple[Measured, ...]:
    """Each set that the shipped model of a head was checked on; none for a head whose card tells none."""
    if head not in HEADS:
        return ()
    card = json.loads((SHIPPED / f"{head}.json").read_text("utf-8"))
    return tuple(found for one in card.get("figures", {}).values() if (found := _of(one)))


def _of(figures: dict[str, float | str]) -> Measured | None:
    """The figures of one set, of the posts where the model was sure: of the others pages say so."""
    right = figures.get("accuracy_where_sure")
    if figures["metric"] == "accuracy where sure":
        right = figures["shipped"]
    if right is None:
        return None
    rows = float(figures["rows"]) * float(figures["sure"])
    return Measured(round(float(right) * rows), round(rows))
