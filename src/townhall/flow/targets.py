"""A brand's own targets for its figures: set, or given back to the figure's own, each with its fact."""

import math
from typing import Any

from psycopg import Connection

from townhall import journal
from townhall.analytics import targets as store
from townhall.analytics.metrics import METRICS, Metric
from townhall.kernel.clock import Instant
from townhall.kernel.errors import NotFound, Refused
from townhall.kernel.fact import Fact
from townhall.people.doors import Asker, require

HIGHEST = 10_000_000.0


def settable() -> list[Metric]:
    """The figures that can have a target: those where more or less of it is better."""
    return [metric for metric in METRICS.values() if metric.better != "usual"]


def set_target(conn: Connection[Any], asker: Asker, name: str, target: float, now: Instant) -> None:
    """Sets a target in the figure's unit. Raises ``NotFound`` for no such figure, ``Refused`` out of its range."""
    require(asker, "set_targets")
    metric = _metric(name)
    highest = 100.0 if metric.unit == "%" else HIGHEST
    if not math.isfinite(target) or not 0 <= target <= highest:
        raise Refused(f"{metric.title}: a target lies between 0 and {highest:,.0f} {metric.unit}.")
    store.put_target(conn, asker.brand_id, name, target, asker.name, now)
    _say(conn, asker, "set", name, now, {"target": target, "unit": metric.unit})


def give_back(conn: Connection[Any], asker: Asker, name: str, now: Instant) -> None:
    """The figure's own target counts again; nothing happens where the brand had none."""
    require(asker, "set_targets")
    _metric(name)
    if store.drop_target(conn, asker.brand_id, name):
        _say(conn, asker, "given_back", name, now, {})


def _metric(name: str) -> Metric:
    found = next((metric for metric in settable() if metric.name == name), None)
    if found is None:
        raise NotFound("There is no figure of that name with a target.")
    return found


def _say(
    conn: Connection[Any], asker: Asker, what: str, name: str, now: Instant, data: dict[str, Any]
) -> None:
    fact = Fact(
        type=f"townhall.target.{what}", subject=f"metric/{name}", time=now, brand=asker.brand_id,
        actor=asker.actor, data=data,
    )  # fmt: skip
    journal.append(conn, [fact])
