"""Versions of the policy: what is different, asking for a review, deciding about it, putting in force, going back."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from townhall.desk import backtests, policy_versions
from townhall.flow import policy_activation as force
from townhall.flow import policy_versions as acts
from townhall.kernel.clock import DAY, Instant, from_datetime
from townhall.kernel.digits import whole
from townhall.kernel.errors import NotFound, Refused
from townhall.policy.logic import Policy
from townhall.policy.logic.difference import Difference, difference
from townhall.policy.logic.english import verdict_in_words
from townhall.web.pages import policy_book
from townhall.web.pages.brand import Guest, examined_of, guest
from townhall.web.pages.policy_backtest import DAYS, begin
from townhall.web.pages.policy_words import rule_said
from townhall.web.pages.proof import require_fresh
from townhall.web.pages.words import moment
from townhall.web.patient import patiently


@require_GET
def versions(request: HttpRequest) -> HttpResponse:
    """Every version with its state, the newest first, a page at a time."""
    here = guest(request, "read_policy")
    after = whole(request.GET.get("after", "0"))
    if after is None:
        raise Refused("That page does not exist.")
    found, following = policy_versions.versions(here.conn, here.asker, after)
    return render(request, "policy_versions.html", {"versions": found, "following": following})


@require_GET
def page(request: HttpRequest, number: int) -> HttpResponse:
    """One version in words, against the one in force."""
    here = guest(request, "read_policy")
    read, active = policy_book.version(here, number), policy_book.in_force(here)
    line = read.version.line
    words: dict[str, Any] = {
        "version": line,
        "acts": read.version.acts,
        "wrong": read.wrong,
        "active": active[0].line if active else None,
        "test": backtests.backtest(here.conn, here.asker, number, line.digest),
        "may": _may(here, line),
    }
    if read.policy:
        words |= _said(read.policy, active[1] if active and active[0].line.number != number else None)
    return render(request, "policy_version.html", words)


def _said(policy: Policy, other: Policy | None) -> dict[str, Any]:
    found: Difference | None = difference(other, policy) if other else None
    return {
        "rules": [(rule, rule_said(rule)) for rule in policy.rules],
        "otherwise": verdict_in_words(policy.otherwise),
        "difference": found,
    }


def _may(here: Guest, line: policy_versions.VersionLine) -> dict[str, bool]:
    """Which acts this person may do on the version now."""
    mine, asker = line.author_id == here.asker.staff_id, here.asker
    is_open = line.state in ("draft", "in_review", "reviewed")
    return {
        "edit": is_open and asker.may("write_policy"),
        "ask": line.state == "draft" and mine and asker.may("write_policy"),
        "decide": line.state == "in_review" and not mine and asker.may("review_policy"),
        "return": line.state in ("in_review", "reviewed") and not mine and asker.may("review_policy"),
        "activate": line.state == "reviewed" and asker.may("activate_policy"),
        "call_off": bool(line.due_at) and line.state == "reviewed" and asker.may("activate_policy"),
        "roll_back": line.state == "retired" and asker.may("activate_policy"),
        "discard": is_open and asker.may("write_policy"),
        "copy": line.state in ("active", "retired", "discarded") and asker.may("write_policy"),
        "mine": mine,
    }  # fmt: skip


@require_POST
def act(request: HttpRequest, number: int) -> HttpResponse:
    """One act on a version; says what holds now."""
    here = guest(request, "read_policy")
    do = _ACTS.get(request.POST.get("do", ""))
    if do is None:
        raise Refused("That is no act on a version. Nothing was changed.")
    if do in (_activate, _roll_back):
        require_fresh(request)
    messages.info(request, do(here, number, request))
    return redirect("policy_version", number)


def _ask(here: Guest, number: int, request: HttpRequest) -> str:
    note = request.POST.get("note", "")
    acts.ask_review(here.conn, here.asker, number, here.now, note=note, examined=examined_of(request))
    try:
        begin(here, number, here.now - DAYS * DAY, here.now + 1)
    except Refused:
        return "Asked. Somebody else reviews it now."
    return f"Asked. Somebody else reviews it now, with a back-test of the last {DAYS} days, which has begun."


def _approve(here: Guest, number: int, request: HttpRequest) -> str:
    acts.approve(here.conn, here.asker, number, request.POST.get("digest", ""), here.now)
    return f"Approved. Version {number} can be put in force."


def _return(here: Guest, number: int, request: HttpRequest) -> str:
    acts.send_back(here.conn, here.asker, number, request.POST.get("reason", ""), here.now)
    return "Given back to its author with your words."


def _activate(here: Guest, number: int, request: HttpRequest) -> str:
    at = _moment(here, request.POST["at"]) if request.POST.get("at") else 0
    done = force.activate(here.conn, here.asker, number, here.now, at=at, examined=examined_of(request))
    if done.due:
        return f"Version {number} comes in force {moment(done.due, here.brand.zone)}."
    return f"Version {number} is in force. Posts are judged by it within two seconds."


def _call_off(here: Guest, number: int, request: HttpRequest) -> str:
    force.call_off(here.conn, here.asker, number, here.now)
    return "Called off. It stays reviewed."


def _roll_back(here: Guest, number: int, request: HttpRequest) -> str:
    done = force.roll_back(here.conn, here.asker, number, request.POST.get("reason", ""), here.now)
    return f"Version {number} is in force again, instead of version {done.retired}."


def _discard(here: Guest, number: int, request: HttpRequest) -> str:
    acts.discard(here.conn, here.asker, number, here.now)
    return f"Version {number} is thrown away. Its text stays in the record."


_ACTS: dict[str, Callable[[Guest, int, HttpRequest], str]] = {
    "ask": _ask,
    "approve": _approve,
    "return": _return,
    "activate": _activate,
    "call_off": _call_off,
    "roll_back": _roll_back,
    "discard": _discard,
}


def _moment(here: Guest, typed: str) -> Instant:
    """A moment by the brand's clock."""
    try:
        at = datetime.fromisoformat(typed)
    except ValueError:
        raise Refused("Choose a day and a time. Nothing was changed.") from None
    return from_datetime(at.replace(tzinfo=here.brand.zone_info()))


@require_GET
def conflict(request: HttpRequest, number: int) -> HttpResponse:
    """Two rules side by side, with one post that both claim."""
    from townhall.web.pages.policy_check import check

    here = guest(request, "read_policy")
    read = policy_book.version(here, number)
    wanted = [request.GET.get(name, "") for name in ("a", "b")]
    rules = [rule for rule in (read.policy.rules if read.policy else ()) if rule.id in wanted]
    if len(rules) != 2:
        raise NotFound("This version has no such two rules.")
    report = patiently(here.conn, lambda: check(read.version.source, True))
    both = next((one for one in report.overlaps if set(one.rules) == set(wanted)), None)
    words = {
        "version": read.version.line,
        "sides": [(rule, rule_said(rule)) for rule in rules],
        "both": both,
        "looked": not report.left,
    }
    return render(request, "policy_conflict.html", words)
