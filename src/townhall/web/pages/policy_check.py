"""The live check of a policy's text: what is wrong with its place, then what its rules do to each other."""

import re
import time
from functools import lru_cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST
from msgspec import Struct

from townhall.kernel.errors import Refused
from townhall.policy.logic.check import check_policy
from townhall.policy.logic.document import parse_policy
from townhall.web.pages.brand import guest
from townhall.web.pages.policy_words import example_words
from townhall.web.patient import patiently

LONGEST = 300_000
"""Characters of a text that is checked while somebody writes it. Longer ones are checked on the command line."""
SECONDS = 8.0
"""How long rules are held against each other for a page; what was not looked at by then is counted."""
SHOWN = 30
_PLACE = re.compile(r"policy(?: line (\d+))?(?:, column (\d+))?:? ?(.*)", re.DOTALL)


class Remark(Struct, frozen=True):
    """What is wrong, and where: ``line`` and ``column`` from 1, 0 where it has none."""

    line: int
    column: int
    words: str


class Sample(Struct, frozen=True):
    """A post that shows a finding: its text, and what else about it matters, in words."""

    text: str
    rest: str


class Finding(Struct, frozen=True):
    """A finding about rules. ``kind`` is dead, shadowed, overlap, gap or note; ``rules`` are those concerned,
    ``decides`` the one of two that wins."""

    kind: str
    line: int
    words: str
    sample: Sample | None = None
    rules: tuple[str, ...] = ()
    decides: str = ""


class Report(Struct, frozen=True):
    """What the check found. ``deep`` says that rules were held against each other too; ``left`` counts what was not."""

    remarks: tuple[Remark, ...] = ()
    bad: tuple[Finding, ...] = ()
    overlaps: tuple[Finding, ...] = ()
    gap: Sample | None = None
    notes: tuple[Finding, ...] = ()
    rules: int = 0
    undecided: int = 0
    left: int = 0
    deep: bool = False


def remark(message: str) -> Remark:
    """A refusal with its place."""
    found = _PLACE.fullmatch(message)
    line, column, words = found.groups() if found else (None, None, message)
    return Remark(int(line or 0), int(column or 0), words or message)


@lru_cache(maxsize=64)
def check(text: str, deep: bool) -> Report:
    """The check of a text. Kept for texts that were checked before."""
    try:
        policy = parse_policy(text)
    except Refused as refused:
        return Report(remarks=(remark(str(refused)),), deep=deep)
    if not deep:
        return Report(rules=len(policy.rules))
    until = time.monotonic() + SECONDS
    return report(check_policy(text.encode(), lambda: time.monotonic() < until))


def report(found: dict[str, Any]) -> Report:
    """The solver's findings in words."""
    bad = [_dead(one) for one in found["dead"]] + [_shadowed(one) for one in found["shadowed"]]
    return Report(
        bad=tuple(bad),
        overlaps=tuple(_overlap(one) for one in found["overlaps"]),
        gap=sample(found["gap"]),
        notes=tuple(_note(one) for one in found["notes"]),
        rules=found["rules"],
        undecided=len(found["undecided"]),
        left=found["unlooked"] + found["unlooked_pairs"],
        deep=True,
    )


def _dead(one: dict[str, Any]) -> Finding:
    return Finding("dead", one["line"], f"{one['rule']} can match no post", None, (one["rule"],))


def _shadowed(one: dict[str, Any]) -> Finding:
    by = " or ".join(one["by"]) or "stronger rules"
    words = f"{one['rule']} never decides: {by} decides every post that it matches"
    return Finding("shadowed", one["line"], words, sample(one["example"]), (one["rule"], *one["by"][:1]))


def _overlap(one: dict[str, Any]) -> Finding:
    first, second = one["rules"]
    words = f"{first} and {second} both match; {one['decided_by']} decides"
    return Finding(
        "overlap", one["lines"][0], words, sample(one["example"]), (first, second), one["decided_by"]
    )


def _note(one: dict[str, Any]) -> Finding:
    whose = one["rule"] or "the defaults"
    return Finding("note", one["line"], f"{one['metric']} of {whose}: {one['why']}")


def sample(example: dict[str, Any] | None) -> Sample | None:
    """The post that shows a finding, in words."""
    if example is None:
        return None
    rest = {
        path: value
        for path, value in example.items()
        if path not in ("post.length", "post.text") and value != ""
    }
    return Sample(str(example.get("post.text", "")), example_words(rest))


@require_POST
def page(request: HttpRequest) -> HttpResponse:
    """The findings about a text as they show beside it."""
    here = guest(request, "write_policy")
    text = request.POST.get("text", "").replace("\r\n", "\n")
    if len(text) > LONGEST:
        raise Refused(
            f"This text has more than {LONGEST:,} characters. It is kept; check it with: townhall policy check."
        )
    deep = request.POST.get("deep") == "1"
    found = patiently(here.conn, lambda: check(text, deep))
    words = {"report": found, "shown": found.overlaps[:SHOWN], "number": request.POST.get("number", "")}
    return render(request, "parts/policy_check.html", words)
