"""The tables below the figures, each with its one definition: by channel, by queue, by cause, by feeling.

A table has the same columns on the page, in the API and in a file. Its statements are in ``desk.breakdowns``; that of the
causes is a reckoning, in ``flow.why_missed``. Every line leads to the rows behind it.
"""

from typing import Any

from msgspec import Struct

from townhall.analytics.logic.interval import LEAST
from townhall.kernel.clock import Instant


class Column(Struct, frozen=True):
    """A column: its name for programs, its head for people, the unit in the head."""

    name: str
    head: str
    unit: str = ""


class Breakdown(Struct, frozen=True):
    """One table. Its first column is the key of a line."""

    name: str
    title: str
    definition: str
    columns: tuple[Column, ...]
    version: int = 1


class Table(Struct, frozen=True):
    """A table as measured: lines of as many values as it has columns, and of what time it speaks (``period`` in words)."""

    of: Breakdown
    period: str
    since: Instant
    until: Instant
    rows: tuple[tuple[Any, ...], ...]

    def lines(self) -> list[dict[str, Any]]:
        """Each line by the names of its columns."""
        names = [column.name for column in self.of.columns]
        return [dict(zip(names, row, strict=True)) for row in self.rows]


_SHARE = (Column("percent", "share", "%"), Column("low", "at least", "%"), Column("high", "at most", "%"))
_INTERVAL = (
    "The interval is Wilson's, of 95 %: it says how far chance alone may lead, not how well the model judges; its card does."
    f" Under {LEAST} posts no share is shown."
)

BREAKDOWNS: dict[str, Breakdown] = {
    one.name: one
    for one in (
        Breakdown(
            "channels", "By channel",
            "Posts of the period up to the last whole minute, by the account they came to: all, those from outside, questions"
            " among them, those that the policy wants answered, and those judged unhappy, out of those from outside whose"
            f" feeling the model is sure of. {_INTERVAL}",
            (
                Column("account_id", "number"), Column("channel", "network"), Column("handle", "account"),
                Column("posts", "posts"), Column("inbound", "from outside"), Column("questions", "questions"),
                Column("to_answer", "to answer"), Column("negative", "unhappy"), Column("judged", "out of"), *_SHARE,
            ),
        ),
        Breakdown(
            "queues", "By queue",
            "Promises by the queue they wait or waited in: those waiting now, missed ones among them, and of those that fell"
            " due in the period, each once, how many were answered by then. Promises of a case that moves go with it while"
            " they run; what is over stays where it was.",
            (
                Column("queue", "short name"), Column("title", "queue"), Column("waiting", "waiting"),
                Column("missed", "missed, waiting"), Column("met", "met"), Column("due", "fell due"),
                Column("percent", "met", "%"),
            ),
        ),
        Breakdown(
            "promises", "By promise",
            "Promises that fell due in the period, each once, by what was promised, and how many of them were kept by then. A"
            " case may hold several at once. The figures at the top count all of them together, whatever they promise.",
            (
                Column("metric", "short name"), Column("title", "promise"), Column("met", "met"), Column("due", "fell due"),
                Column("percent", "met", "%"),
            ),
        ),
        Breakdown(
            "causes", "Why promises were missed",
            "Promises that fell due in the period and were missed, at most 5,000, those that fell due last. Each is split by"
            " what its case waited for, in working minutes: at every moment one cause holds. It is put down to the cause that"
            " took most of its time. Both shares add up to 100 %. What was loaded as history had not reached us before.",
            (
                Column("cause", "short name"), Column("meaning", "what it waited for"), Column("promises", "promises"),
                Column("promises_percent", "promises", "%"), Column("minutes", "working time", "min"),
                Column("minutes_percent", "working time", "%"),
            ),
        ),
        Breakdown(
            "feelings", "By feeling",
            "Posts from outside, of the period up to the last whole minute, by the feeling that the model finds. Where no"
            " feeling is likelier than all others together it is called unsure, and counted apart; shares are out of the rest."
            f" {_INTERVAL}",
            (Column("feeling", "feeling"), Column("posts", "posts"), Column("judged", "out of"), *_SHARE),
        ),
    )
}  # fmt: skip
"""By name, in the order of the page."""
