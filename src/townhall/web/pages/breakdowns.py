"""The tables below the figures: laid out on the live page, each with a page of its own, its rows, and files."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from townhall.analytics.breakdowns import Column, Table
from townhall.analytics.logic.interval import LEAST
from townhall.analytics.periods import Period, period_named
from townhall.desk.figures import FILE_ROWS
from townhall.web import breakdowns
from townhall.web.pages.brand import guest
from townhall.web.pages.columns import shown_behind
from townhall.web.pages.label_words import head_phrase
from townhall.web.pages.words import figure as digits
from townhall.web.pages.words import network, plainly
from townhall.web.tables import cell, csv_file, rows_file, told

HIDDEN = ("account_id", "queue", "cause", "metric")
"""Keys that people need not read; programs and files have them."""
RIGHT = (int, float)


def laid_out(table: Table, period: Period) -> dict[str, Any]:
    """A table as its template wants it: heads, cells in words, a bar for each share, an address for each line."""
    shown = [column for column in table.of.columns if column.name not in HIDDEN]
    return {
        "table": table,
        "name": table.of.name,
        "title": table.of.title,
        "period": table.period,
        "address": reverse("breakdown", args=[table.of.name]) + _query(period),
        "heads": [(head(column), column.name) for column in shown],
        "lines": [_line(table, line, shown, period) for line in table.lines()],
        "empty": not any(
            value for line in table.lines() for value in line.values() if isinstance(value, RIGHT)
        ),
    }


def head(column: Column) -> str:
    """A column's head, with its unit once."""
    return f"{column.head}, {column.unit}" if column.unit else column.head


def _line(table: Table, line: dict[str, Any], shown: list[Column], period: Period) -> dict[str, Any]:
    key = str(next(iter(line.values())))
    return {
        "key": key,
        "values": line,
        "cells": [
            (
                in_words(column, line),
                line[column.name] is None or isinstance(line[column.name], RIGHT),
                plainly(head(column)),
            )
            for column in shown
        ],
        "address": reverse("breakdown_line", args=[table.of.name]) + _query(period, of=key),
        "bar": bar(line),
    }


def in_words(column: Column, line: dict[str, Any]) -> str:
    """One cell: digits, shares with one behind the point so that they stand under each other, the network's name as people say it, a dash for nothing."""
    value = line[column.name]
    if value is None:
        return "too few" if column.name == "percent" and line.get("judged") else "–"
    if column.name == "minutes" and not value:
        return "under 1"  # a cause that took nothing has no line
    if column.unit == "%" and value < 99.95:
        return f"{value:.1f}"
    if isinstance(value, RIGHT):
        return digits(value)
    if column.name == "feeling":
        return head_phrase(value, "sentiment")
    return network(value) if column.name == "channel" else str(value) or "no queue"


def bar(line: dict[str, Any]) -> dict[str, float] | None:
    """A share as a bar of 100: its length, and the interval where it has one."""
    share = line.get("percent", line.get("promises_percent"))
    if share is None:
        return None
    low, high = line.get("low"), line.get("high")
    return (
        {"share": share, "low": low, "width": round(high - low, 1)}
        if low is not None and high is not None
        else {"share": share}
    )


def _query(period: Period, of: str | None = None) -> str:
    from urllib.parse import urlencode

    asked = ({"of": of} if of is not None else {}) | ({"period": period.name} if period.name else {})
    return f"?{urlencode(asked)}" if asked else ""


def page(request: HttpRequest, name: str) -> HttpResponse:
    """A table with its definition and how it is made. For the live page, which asks for it late, only the table."""
    here, period = guest(request, "read_live"), period_named(request.GET.get("period", ""))
    table = laid_out(breakdowns.table(here.conn, here.asker, name, period, here.now), period)
    words = {
        "one": table, "definition": table["table"].of.definition, "statement": breakdowns.how(name), "period": period,
        "same": _query(period), "least": LEAST, "as_of": here.now,
    }  # fmt: skip
    part = request.headers.get("HX-Request") == "true"
    return render(request, "parts/breakdown_late.html" if part else "breakdown.html", words)


def table_file(request: HttpRequest, name: str) -> HttpResponse:
    """The table as a CSV file."""
    here, period = guest(request, "read_live"), period_named(request.GET.get("period", ""))
    found = breakdowns.table(here.conn, here.asker, name, period, here.now)
    columns = [column.name for column in found.of.columns]
    return csv_file(
        columns, ([cell(told(*pair)) for pair in zip(columns, row, strict=True)] for row in found.rows), name
    )


def line(request: HttpRequest, name: str) -> HttpResponse:
    """The rows behind one line, the newest or the worst first."""
    here, period = guest(request, "read_live"), period_named(request.GET.get("period", ""))
    key, zone = request.GET.get("of", ""), request.user.zone or here.brand.zone  # type: ignore[union-attr]
    table = breakdowns.table(here.conn, here.asker, name, period, here.now)
    words = {
        "one": laid_out(table, period), "key": key, "same": _query(period), "file": _query(period, of=key),
        "shown": next((one for one in laid_out(table, period)["lines"] if one["key"] == key), None),
        "behind": shown_behind(here, zone, breakdowns.behind(here.conn, here.asker, name, key, period, here.now)),
        "as_of": here.now,
    }  # fmt: skip
    return render(request, "breakdown_line.html", words)


def line_file(request: HttpRequest, name: str) -> HttpResponse:
    """The same rows as a CSV file."""
    here, period = guest(request, "read_live"), period_named(request.GET.get("period", ""))
    found = breakdowns.behind(
        here.conn, here.asker, name, request.GET.get("of", ""), period, here.now, FILE_ROWS
    )
    return rows_file(found, name)
