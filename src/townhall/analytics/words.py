"""The registry as a page for people: what each figure means, in the words the program itself uses."""

from townhall.analytics.metrics import METRICS, Metric

_HEAD = """# The figures

Each figure has one definition and one statement (`desk/figures.py`); the live page, the table of its rows, the API and
a CSV show the same number. This page is written from the registry (`analytics/metrics.py`), and a test holds it to it.

How promises are counted: each commitment once, under the minute it falls due. Averages are not used. Periods end at
the last whole minute. "Usual" is not shown before there are 14 days of data. A brand may set its own targets.
"""


def page() -> str:
    """The whole page, in Markdown."""
    return "\n".join([_HEAD, *(_section(metric) for metric in METRICS.values())])


def _section(metric: Metric) -> str:
    target = "none" if metric.target is None else f"{metric.target:g} {metric.unit}"
    return (
        f"## {metric.title} (`{metric.name}`)\n\n{metric.definition}\n\n"
        f"Unit: {metric.unit}. Period: {metric.period}. Target unless the brand sets another: {target}."
        f" Version {metric.version}.\n"
    )
