"""Errors as ``application/problem+json`` (RFC 9457): what happened, in words, and where in the request it was."""

from http import HTTPStatus
from typing import Any

import msgspec
import psycopg
import structlog
from django.http import HttpRequest, HttpResponse
from ninja.errors import HttpError, ValidationError

from townhall.flow.case_change import CaseMoved
from townhall.flow.policy_examined import NeedsExamining
from townhall.kernel.clock import system_clock
from townhall.kernel.errors import TownhallError, Unavailable

MEDIA_TYPE = "application/problem+json"
_log = structlog.get_logger()


def problem(status: int, detail: str, kind: str = "", **more: Any) -> HttpResponse:
    """The answer. ``kind`` names a problem that programs tell apart; ``more`` are members of its own."""
    told = {
        "type": f"urn:townhall:problem:{kind}" if kind else "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        **more,
    }
    answer = HttpResponse(msgspec.json.encode(told), status=status, content_type=MEDIA_TYPE)
    if status == 401:
        answer.headers["WWW-Authenticate"] = 'Bearer realm="townhall"'
    return answer


def of_ours(request: HttpRequest, error: TownhallError) -> HttpResponse:
    """One of our own errors, with its own status."""
    if isinstance(error, CaseMoved):
        news = {"version": error.news.version, "posts": [str(post) for post in error.news.posts]}
        acts = [{"act": act, "actor": actor} for act, actor in error.news.acts]
        return problem(409, str(error), "case-moved", news={**news, "acts": acts})
    if isinstance(error, NeedsExamining):
        request.needs_examining = error.source  # type: ignore[attr-defined]  # the door examines it and asks again
    answer = problem(error.status, str(error) or "Something that Townhall needs does not answer.")
    if isinstance(error, Unavailable) and error.retry_at:
        answer.headers["Retry-After"] = str(max(1, -(-(error.retry_at - system_clock()) // 1_000_000)))
    return answer


def of_shape(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """A request that does not have its declared shape: each fault with its place."""
    faults = [
        {"in": str(one["loc"][0]), "at": ".".join(map(str, one["loc"][1:])), "says": str(one["msg"])}
        for one in error.errors
    ]
    return problem(
        422, "The request does not have the shape that this address takes.", "invalid", errors=faults
    )


def of_query(strange: list[str]) -> HttpResponse:
    """Names in the query that this address does not take."""
    faults = [
        {"in": "query", "at": name, "says": "This address takes no such parameter."} for name in strange
    ]
    return problem(
        422, "The request does not have the shape that this address takes.", "invalid", errors=faults
    )


def of_http(request: HttpRequest, error: HttpError) -> HttpResponse:
    """What the framework says by itself: a body that is no JSON."""
    return problem(error.status_code, "The body is not JSON." if error.status_code == 400 else str(error))


def of_value(request: HttpRequest, error: Exception) -> HttpResponse:
    """A value that the database cannot hold, such as a number beyond its bounds."""
    return problem(422, "A value is beyond what can be kept. Nothing was changed.", "invalid", errors=[])


def of_database(request: HttpRequest, error: Exception) -> HttpResponse:
    """The database does not answer, or somebody holds what is wanted for too long."""
    _log.warning("the database refused an API request", path=request.path, error=str(error))
    busy = isinstance(error, (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected))
    words = "Somebody else is changing this now." if busy else "The database does not answer."
    answer = problem(503, f"{words} Nothing was changed; ask again.")
    answer.headers["Retry-After"] = "1"
    return answer


def of_surprise(request: HttpRequest, error: Exception) -> HttpResponse:
    """What nobody expected. The log has the details; the answer has none."""
    _log.exception("an API request failed", path=request.path, method=request.method)
    return problem(500, "Townhall failed at this request. Nothing was changed; the log on the host says why.")


HANDLERS: dict[type[Exception], Any] = {
    TownhallError: of_ours,
    ValidationError: of_shape,
    HttpError: of_http,
    psycopg.DataError: of_value,
    psycopg.OperationalError: of_database,
    Exception: of_surprise,
}
"""Error → how it is told; the nearest class counts."""
