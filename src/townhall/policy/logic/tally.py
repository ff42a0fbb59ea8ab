"""What parts of a back-test found, added up: the reports of its chunks become the report of the whole, whatever their sizes."""

from typing import Any

from townhall.policy.logic.compare import SHOWN


def add_up(a: Any, b: Any) -> Any:
    """Two reports (``compare.Changes.counts``) as one: counts are added, pairs by what they pair, examples to a bound.

    An empty one changes nothing.
    """
    if isinstance(a, dict) and isinstance(b, dict):
        return {
            key: add_up(a[key], b[key]) if key in a and key in b else a.get(key, b.get(key))
            for key in [*a, *(k for k in b if k not in a)]
        }
    if isinstance(a, list) and isinstance(b, list):
        return _pairs(a, b) if any("posts" in one for one in (*a, *b)) else [*a, *b][:SHOWN]
    return a + b


def _pairs(a: list[dict[str, Any]], b: list[dict[str, Any]]) -> list[dict[str, Any]]:
    counts: dict[tuple[str, str], int] = {}
    for one in (*a, *b):
        counts[one["from"], one["to"]] = counts.get((one["from"], one["to"]), 0) + one["posts"]
    ordered = sorted(counts.items(), key=lambda pair: -pair[1])
    return [{"from": before, "to": after, "posts": n} for (before, after), n in ordered]


def unworded(report: dict[str, Any]) -> dict[str, Any]:
    """The report without what people wrote: posts are named by their ids, so that what is erased does not live on in it."""
    shown = {
        kind: [{**line, "text": ""} for line in lines] for kind, lines in report.get("examples", {}).items()
    }
    return {**report, "examples": shown}
