"""The registry as a page for people: what each figure means, in the words the program itself uses."""

from townhall.analytics.breakdowns import BREAKDOWNS, Breakdown
from townhall.analytics.metrics import METRICS, Metric

_HEAD = """# The figures

Each figure has one definition and one statement (`desk/figures.py`); the live page, the table of its rows, the API and
a CSV show the same number. This page is written from the registry (`analytics/metrics.py`), and a test holds it to it.

How promises are counted: each commitment once, under the minute it falls due. Averages are not used. Periods end at
the last whole minute. "Usual" is not shown before there are 14 days of data. A brand may set its own targets.

The live page shows at most seven figures at a time: as it comes, or for the last hour, day or seven days. A figure of
another period is a figure of its own, with its own target and its own usual.
"""
_TABLES = """## The tables below them

Each has one definition and one reading, which the live page, a page of its own, the API and a CSV share, for the last
hour, the last 24 hours (as it comes) or the last 7 days. Every line leads to the rows behind it.
"""


def page() -> str:
    """The whole page, in Markdown."""
    tables = [_TABLES, *(_table(one) for one in BREAKDOWNS.values())]
    return "\n".join([_HEAD, *(_section(metric) for metric in METRICS.values()), *tables])


def _section(metric: Metric) -> str:
    target = "none" if metric.target is None else f"{metric.target:g} {metric.unit}"
    return (
        f"## {metric.title} (`{metric.name}`)\n\n{metric.definition}\n\n"
        f"Unit: {metric.unit}. Period: {metric.period}. Target unless the brand sets another: {target}."
        f" Version {metric.version}.\n"
    )


def _table(one: Breakdown) -> str:
    heads = ", ".join(f"`{column.name}` ({_head(column.head, column.unit)})" for column in one.columns)
    return f"### {one.title} (`{one.name}`)\n\n{one.definition}\n\nColumns: {heads}. Version {one.version}.\n"


def _head(head: str, unit: str) -> str:
    return f"{head}, {unit}" if unit else head
