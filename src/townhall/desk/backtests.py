"""What a back-test found, for a page: figures, changes of each kind, and the posts themselves as they may be read now."""

from typing import Any

import msgspec
from msgspec import Struct
from psycopg import Connection

from townhall.kernel.clock import MINUTE, SECOND, Instant
from townhall.kernel.ids import id_at
from townhall.people.doors import Asker, require
from townhall.policy.logic.compare import Changes
from townhall.policy.logic.sides import Difference
from townhall.policy.store import backtests as store
from townhall.policy.store.backtests import Backtest


class Shown(Struct, frozen=True):
    """A post that would be judged otherwise; ``text`` is "" when its author deleted it."""

    interaction: int
    text: str
    before: str
    after: str
    differences: tuple[Difference, ...] = ()


class BacktestView(Struct, frozen=True):
    """A back-test as it stands. ``share`` is how far through the period it is, 0 to 1; ``differ`` counts posts that would be
    judged otherwise, ``posts`` those looked at; ``gained`` and ``lost`` are working time that the firm would give itself more and less,
    ``made`` and ``dropped`` promises by metric. ``people`` holds both sides against whom people answered, ``set_by_people`` against the
    queues and priorities that they set (pairs from what the policy says to what was set). ``fits`` says that the version's text is still the one that was tested."""

    of: Backtest
    share: float
    posts: int
    differ: int
    gained: Instant
    lost: Instant
    made: dict[str, int]
    dropped: dict[str, int]
    changed: dict[str, int]
    effects: tuple[tuple[str, str, int], ...]
    queues: tuple[tuple[str, str, int], ...]
    people: dict[str, dict[str, int]]
    set_by_people: dict[str, dict[str, list[dict[str, Any]]]]
    shown: tuple[tuple[str, tuple[Shown, ...]], ...]
    fits: bool


def backtest(conn: Connection[Any], asker: Asker, version: int, digest: str) -> BacktestView | None:
    """The newest back-test of a version, None when nobody asked for one. ``digest`` is that of its text now. Two queries.

    Posts themselves are shown to whoever may read what people write; others see the figures.
    """
    require(asker, "read_policy")
    found = store.newest(conn, asker.brand_id, version)
    if found is None:
        return None
    summary = found.result or Changes().counts()
    examples = summary["examples"] if asker.may("read_case") else {}
    texts = _texts(conn, asker.brand_id, examples)
    return BacktestView(
        of=found,
        share=1.0 if found.state == "done" else _share(found),
        posts=summary["posts"],
        differ=summary["differ"],
        gained=_worked(summary, "gained"),
        lost=_worked(summary, "lost"),
        made=summary.get("promises", {}).get("made", {}),
        dropped=summary.get("promises", {}).get("dropped", {}),
        changed=summary["changed"],
        effects=tuple((one["from"], one["to"], one["posts"]) for one in summary["effects"]),
        queues=tuple((one["from"], one["to"], one["posts"]) for one in summary["queues"]),
        people=summary["people"],
        set_by_people=summary.get("set_by_people", {}),
        shown=tuple((kind, tuple(_shown(line, texts) for line in lines)) for kind, lines in examples.items()),
        fits=found.digest == digest,
    )


def _worked(summary: dict[str, Any], way: str) -> Instant:
    """Back-tests of earlier releases kept whole minutes of first answers only."""
    minutes = int(summary.get(f"sla_minutes_{way}", 0))
    seconds: dict[str, int] = summary.get("sla_seconds", {}).get(way, {})
    return minutes * MINUTE + sum(seconds.values()) * SECOND


def _share(found: Backtest) -> float:
    """By the time of the last post looked at: ids grow with our clock."""
    low, high = id_at(found.low), id_at(found.high)
    return min(max((found.after - low) / max(high - low, 1), 0.0), 1.0) if found.after else 0.0


def _shown(line: dict[str, Any], texts: dict[int, str]) -> Shown:
    post = int(line["interaction"])
    differences = msgspec.convert(line.get("differences", ()), tuple[Difference, ...])
    return Shown(post, texts.get(post, ""), line["before"], line["after"], differences)


def _texts(conn: Connection[Any], brand: int, examples: dict[str, list[dict[str, Any]]]) -> dict[int, str]:
    ids = sorted({int(line["interaction"]) for lines in examples.values() for line in lines})
    rows = conn.execute(
        "SELECT id, left(text, 200) FROM interaction WHERE id = ANY(%s) AND brand_id = %s AND deleted_at IS NULL",
        [ids, brand],
    )
    return dict(rows.fetchall())
