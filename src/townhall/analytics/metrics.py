"""The registry: every figure that a page, a table, the API or a CSV shows, with its one definition.

The statements that measure them, and those that show the rows behind them, are in ``desk.figures`` (they read tables
of several rooms). A figure without an entry here is shown nowhere. A figure that is asked for in several periods has an
entry for each: its target and its usual are those of that period.
"""

from collections.abc import Callable
from functools import partial
from typing import Literal

from msgspec import Struct

from townhall.analytics.logic import figures
from townhall.analytics.logic.buckets import ANSWER_SLOT
from townhall.analytics.logic.figures import Measure, Rows
from townhall.kernel.clock import DAY, HOUR, Instant

Better = Literal["more", "less", "usual"]


class Metric(Struct, frozen=True):
    """One figure. ``target`` is the default, a brand may set its own (``metric_target``); ``better`` which way is good.

    ``version`` counts up whenever the definition changes. ``length`` is that of its period, 0 for figures of now, and for
    today, which begins at midnight.
    """

    name: str
    title: str
    unit: str
    period: str
    definition: str
    better: Better
    compute: Callable[[Rows, Instant], Measure]
    target: float | None = None
    version: int = 1
    length: Instant = 0


_PROMISES = (
    "Promises whose moment fell due in the period, up to the last whole minute, each commitment once: the share"
    " answered by that moment. Answered later and not answered at all count as missed (late, unanswered); those called"
    " off before their moment do not count. Promises not yet due are shown apart as running."
)
_FIRST = (
    "Wall-clock time from a first message to our first answer. Median and 90th percentile of all who asked, by"
    " the product-limit method: those still waiting, and those called off, count as waiting at least that"
    " long. Times are upper edges of buckets 9 % wide."
)
_POSTS = (
    "Posts received on all channels in the period up to the last whole minute, ours included, by the network's time."
    " Usual is the 10th to 90th percentile of the same hours of the week in the last eight weeks, as far as there is data."
)


def _promises(name: str, title: str, period: str, length: Instant) -> Metric:
    return Metric(
        name, title, "%", period, _PROMISES, "more", figures.attainment, 95.0, version=2, length=length
    )  # fmt: skip


def _first(name: str, period: str, length: Instant, grain: Instant, title: str) -> Metric:
    compute = partial(figures.first_response, grain=grain)
    return Metric(name, title, "min", period, _FIRST, "less", compute, 60.0, length=length)


def _posts(name: str, title: str, period: str, length: Instant) -> Metric:
    return Metric(
        name, title, "posts", period, _POSTS, "usual", figures.posts_received, version=2, length=length
    )  # fmt: skip


METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        _promises("promises_now", "Promises, last hour", "last 60 minutes", HOUR),
        _promises("promises_day", "Promises, last day", "last 24 hours", DAY),
        _promises("promises_today", "Promises today", "today, in the brand's zone", 0),
        _promises("promises_week", "Promises, 7 days", "last 7 days", 7 * DAY),
        Metric(
            "waiting", "Waiting now", "promises", "now",
            "Promises that nobody has answered and nobody has called off, paused ones included. The oldest is the one"
            " that fell or falls due first; its age is counted from the message. Usual is not kept for it; the target"
            " is for those missed among them.",
            "less", figures.waiting_now, 0.0,
        ),
        _first(
            "first_response_hour", "promises begun in the last hour, to five minutes", HOUR, ANSWER_SLOT,
            "Time to first answer, last hour",
        ),
        _first(
            "first_response", "promises begun in the last 24 hours", DAY, HOUR, "Time to first answer",
        ),
        _first(
            "first_response_week", "promises begun in the last 7 days", 7 * DAY, HOUR, "Time to first answer, 7 days",
        ),
        _posts("posts_hour", "Posts an hour", "last 60 minutes", HOUR),
        _posts("posts_day", "Posts in a day", "last 24 hours", DAY),
        _posts("posts_week", "Posts in 7 days", "last 7 days", 7 * DAY),
        Metric(
            "held", "Held", "replies", "now",
            "Replies that wait for somebody's approval, and how long the oldest has waited.",
            "less", figures.held_now, 0.0,
        ),
        Metric(
            "will_be_missed", "Will be missed in 30 minutes", "promises", "next 30 minutes",
            "Promises due in the next thirty minutes that nobody will have answered in time, if answers go on at the"
            " pace of the last thirty minutes and the earliest due are answered first.",
            "less", figures.missed_soon, 0.0,
        ),
    )
}  # fmt: skip
"""By name, in the order of the live page."""
