"""Policy versions: read, written, reviewed by another person, put in force, rolled back; a document checked, two compared."""

import time
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from msgspec import to_builtins
from ninja import Router, Status

from townhall.desk import policy_versions as desk
from townhall.desk.policy_versions import VersionView
from townhall.flow import policy_activation as force
from townhall.flow import policy_versions as flow
from townhall.flow.policy_activation import Activated
from townhall.policy.logic import parse_policy
from townhall.policy.logic.check import check_policy
from townhall.policy.logic.difference import difference
from townhall.web.api import policy_shapes as shapes
from townhall.web.api.door import Call, call_for
from townhall.web.api.values import USUAL, After, Limit, number_of, page
from townhall.web.pages.brand import examined_of
from townhall.web.patient import patiently

router = Router(tags=["Policy"])
CHECK_S = 15.0
"""Seconds for a check that somebody waits for; what was not looked at by then is counted."""


@router.get("/policy/versions", response=shapes.PolicyVersionPage, summary="List policy versions")
def policy_versions(request: HttpRequest, limit: Limit = USUAL, after: After = "") -> dict[str, Any]:
    """Versions of the brand's policy, the newest first."""
    call = call_for(request, "read_policy")
    found, following = desk.versions(call.conn, call.asker, min(number_of(after), shapes.MOST_NUMBER), limit)
    return page(request, found, str(following or ""))


@router.post("/policy/versions", response={201: shapes.WholePolicyVersion}, summary="Write a draft")
def draft_policy(request: HttpRequest, given: shapes.DraftPolicy) -> Status[Any]:
    """Keeps a document as a new draft. It need not pass a check yet."""
    call = call_for(request, "write_policy")
    made = flow.draft(call.conn, call.asker, given.source, call.now, note=given.note, based_on=given.based_on)
    return Status(201, _whole(call, made.number))


@router.get("/policy/active", response=shapes.WholePolicyVersion, summary="Read the policy in force")
def active_policy(request: HttpRequest) -> dict[str, Any]:
    """The version that judges now."""
    call = call_for(request, "read_policy")
    return _plain(desk.active(call.conn, call.asker))


@router.get("/policy/waiting", response=list[shapes.PolicyVersion], summary="List what waits for somebody")
def waiting_policies(request: HttpRequest) -> Any:
    """Versions in review, then those reviewed that are not in force yet."""
    call = call_for(request, "read_policy")
    return desk.waiting(call.conn, call.asker)


@router.post("/policy/check", response=shapes.PolicyReport, summary="Check a document")
def check_document(request: HttpRequest, given: shapes.PolicyDocument) -> dict[str, Any]:
    """Types, names, patterns and examples; then what rules do to each other. Keeps nothing."""
    call, until = call_for(request, "read_policy"), time.monotonic() + CHECK_S
    return patiently(call.conn, lambda: check_policy(given.source.encode(), lambda: time.monotonic() < until))


@router.get("/policy/difference", response=shapes.PolicyDifference, summary="Compare two versions")
def policy_difference(request: HttpRequest, before: shapes.Which, after: shapes.Which) -> dict[str, Any]:
    """Rules added, removed, renamed and changed, in words."""
    call = call_for(request, "read_policy")
    old, new = (parse_policy(desk.version(call.conn, call.asker, n).source) for n in (before, after))
    words = difference(old, new)
    return {"sentences": words.sentences(), **to_builtins(words)}


@router.get("/policy/versions/{number}", response=shapes.WholePolicyVersion, summary="Read a policy version")
def policy_version(request: HttpRequest, number: shapes.NumberPath) -> dict[str, Any]:
    """One version: its exact text and what was done with it."""
    return _whole(call_for(request, "read_policy"), number)


@router.put("/policy/versions/{number}", response=shapes.WholePolicyVersion, summary="Rewrite a draft")
def rewrite_policy(
    request: HttpRequest, number: shapes.NumberPath, given: shapes.RewritePolicy
) -> dict[str, Any]:
    """New text for a version that was never in force; a review of the old text is void."""
    return _done(request, "write_policy", number, flow.rewrite, given.source, seen=given.seen)


@router.post("/policy/versions/{number}/ask", response=shapes.WholePolicyVersion, summary="Ask for a review")
def ask_policy_review(
    request: HttpRequest, number: shapes.NumberPath, given: shapes.AskForReview
) -> dict[str, Any]:
    """Its author asks another person to review it. Refused while it does not pass the check."""
    examined = examined_of(request)
    return _done(request, "write_policy", number, flow.ask_review, note=given.note, examined=examined)


@router.post(
    "/policy/versions/{number}/approve",
    response=shapes.WholePolicyVersion,
    summary="Approve a policy version",
)
def approve_policy(
    request: HttpRequest, number: shapes.NumberPath, given: shapes.ApprovePolicy
) -> dict[str, Any]:
    """Approves exactly this text. Only a person who did not write it, with a token that speaks for them."""
    return _done(request, "review_policy", number, flow.approve, given.digest)


@router.post(
    "/policy/versions/{number}/return", response=shapes.WholePolicyVersion, summary="Return a policy version"
)
def return_policy(
    request: HttpRequest, number: shapes.NumberPath, given: shapes.PolicyReason
) -> dict[str, Any]:
    """Gives it back to its author, with the reason."""
    return _done(request, "review_policy", number, flow.send_back, given.reason)


@router.post(
    "/policy/versions/{number}/discard",
    response=shapes.WholePolicyVersion,
    summary="Discard a policy version",
)
def discard_policy(request: HttpRequest, number: shapes.NumberPath) -> dict[str, Any]:
    """Throws away a version that was never in force; its text stays in the record."""
    return _done(request, "write_policy", number, flow.discard)


@router.post(
    "/policy/versions/{number}/activate", response=shapes.PolicyInForce, summary="Put a policy in force"
)
def activate_policy(
    request: HttpRequest, number: shapes.NumberPath, given: shapes.ActivatePolicy
) -> Activated:
    """A reviewed version judges from now on, or from a time on."""
    call = call_for(request, "activate_policy")
    at, examined = given.at or 0, examined_of(request)
    return force.activate(call.conn, call.asker, number, call.now, at=at, examined=examined)


@router.post(
    "/policy/versions/{number}/call-off", response=shapes.WholePolicyVersion, summary="Call an activation off"
)
def call_off_policy(request: HttpRequest, number: shapes.NumberPath) -> dict[str, Any]:
    """Takes the time away at which it was to be put in force."""
    return _done(request, "activate_policy", number, force.call_off)


@router.post(
    "/policy/versions/{number}/roll-back", response=shapes.PolicyInForce, summary="Roll back to a version"
)
def roll_back_policy(
    request: HttpRequest, number: shapes.NumberPath, given: shapes.PolicyReason
) -> Activated:
    """A version that was in force before is in force again, at once."""
    call = call_for(request, "activate_policy")
    return force.roll_back(call.conn, call.asker, number, given.reason, call.now)


def _done(
    request: HttpRequest, act: str, number: int, verb: Callable[..., object], *words: str, **more: Any
) -> dict[str, Any]:
    """Does an act on a version, for somebody who may, and gives the version as it stands then."""
    call = call_for(request, act)
    verb(call.conn, call.asker, number, *words, call.now, **more)
    return _whole(call, number)


def _whole(call: Call, number: int) -> dict[str, Any]:
    return _plain(desk.version(call.conn, call.asker, number))


def _plain(view: VersionView) -> dict[str, Any]:
    return {**to_builtins(view.line), "source": view.source, "acts": view.acts}
