"""A visit: who asks, at which brand, on one transaction that sees that brand only.

The transaction is the page's own and runs as ``townhall_web``. It commits when the answer is a good one and rolls
back on any error, so that a verb and its facts are kept together or not at all.
"""

from collections.abc import Callable
from typing import Any, TypeVar

import psycopg
from django.db import connections
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from msgspec import Struct

from townhall.database.connect import for_brand
from townhall.flow.policy_examined import Examined, NeedsExamining, examine
from townhall.kernel.clock import Instant, system_clock
from townhall.kernel.errors import TownhallError
from townhall.people import store
from townhall.people.brands import Brand
from townhall.people.doors import Asker, require
from townhall.routing import staffing
from townhall.web.hands import pool
from townhall.web.pages import errors, proof

Done = TypeVar("Done")
PROGRAMS = "/api/"
OPEN_PATHS = ("/accounts/", "/first/", "/style/")
PLAIN_PATHS = ("/accounts/", "/style/")
"""What needs no transaction before sign-in: checking a password takes its time on purpose."""


class Visit(Struct):
    """What a view needs. ``asker`` is ``None`` before sign-in and for somebody without a seat."""

    conn: psycopg.Connection[Any]
    now: Instant
    asker: Asker | None = None
    brand: Brand | None = None
    brands: list[Brand] = []


class Guest(Struct, frozen=True):
    """A visit whose asker and brand are known to be there."""

    conn: psycopg.Connection[Any]
    asker: Asker
    brand: Brand
    now: Instant


def guest(request: HttpRequest, act: str) -> Guest:
    """The visit of somebody who may do that. Raises ``Forbidden`` when they may not or have no seat anywhere."""
    visit: Visit = request.visit  # type: ignore[attr-defined]
    asker = visit.asker or Asker(staff_id=0, name="", brand_id=0, brand_slug="any brand", roles=frozenset())
    require(asker, act)
    assert visit.brand
    return Guest(visit.conn, asker, visit.brand, visit.now)


def examined_of(request: HttpRequest) -> Examined | None:
    """What was found of a policy's text before this visit, when a first visit asked for it."""
    return getattr(request, "examined", None)


class WorkFirst(Exception):
    """Work that takes its time outside of this house is done first, in no transaction; then the visit begins anew."""

    def __init__(self, work: Callable[[], Any]) -> None:
        super().__init__()
        self.work = work


def done_first(request: HttpRequest, work: Callable[[], Done]) -> Done:
    """What that work gave. It must not use the visit's connection; nothing written before it stays. Raises what it raised."""
    if failed := getattr(request, "work_failed", None):
        raise failed
    if not hasattr(request, "work_done"):
        raise WorkFirst(work)
    done: Done = request.work_done
    return done


class BrandMiddleware:
    """Wraps each request in its visit."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answers within one transaction of the page's own."""
        if request.path.startswith(PROGRAMS):
            return self.get_response(request)  # has a door of its own, which knows no sessions
        if not request.user.is_authenticated and not request.path.startswith(OPEN_PATHS):
            return redirect(
                f"/accounts/login/?next={request.path}" if request.path != "/" else "/accounts/login/"
            )
        if not request.user.is_authenticated and request.path.startswith(PLAIN_PATHS):
            return self.get_response(request)
        answer = self._visited(request)
        if source := getattr(
            request, "needs_examining", ""
        ):  # the first visit was rolled back, and nothing stands of it
            request.needs_examining = ""  # type: ignore[attr-defined]
            request.examined = examine(source)  # type: ignore[attr-defined]
            answer = self._visited(request)
        if work := getattr(request, "work_first", None):  # in no transaction, and with no connection in hand
            connections.close_all()
            request.work_first = None  # type: ignore[attr-defined]
            try:
                request.work_done = work()  # type: ignore[attr-defined]
            except TownhallError as wrong:  # told within the visit, where errors become pages
                request.work_failed = wrong  # type: ignore[attr-defined]
            answer = self._visited(request)
        return answer

    def _visited(self, request: HttpRequest) -> HttpResponseBase:
        with pool().connection() as conn:
            return self._answer(request, conn)

    def _answer(self, request: HttpRequest, conn: psycopg.Connection[Any]) -> HttpResponseBase:
        with conn.transaction() as kept:
            request.visit = Visit(conn, system_clock())  # type: ignore[attr-defined]
            if request.user.is_authenticated:
                seat(request, request.visit)  # type: ignore[attr-defined]
            answer = self.get_response(request)
            if answer.status_code >= 400:
                raise psycopg.Rollback(kept)
        return answer

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponseBase | None:
        """Our own errors become pages that say what happened, what was kept, what to do."""
        if isinstance(error, WorkFirst):
            request.work_first = error.work  # type: ignore[attr-defined]
            return HttpResponse(status=409)  # never seen: the visit begins anew
        if isinstance(error, NeedsExamining):
            request.needs_examining = error.source  # type: ignore[attr-defined]
        if isinstance(
            error, psycopg.DataError
        ):  # a NUL, or a number that no column holds: nothing a page of ours sends
            return errors.show(request, 422, "What was sent holds something that cannot be kept.")
        if isinstance(error, proof.ProofWanted):
            return proof.ask(request)
        return errors.of(request, error) if isinstance(error, TownhallError) else None


def seat(request: HttpRequest, visit: Visit) -> None:
    """Finds the brand this person is at and their roles there, and narrows the transaction to it."""
    me = int(request.user.pk or 0)
    visit.brands = store.brands_of(visit.conn, me)
    wanted = request.session.get("brand")
    brand = next((b for b in visit.brands if b.id == wanted), visit.brands[0] if visit.brands else None)
    if brand is None:
        return
    for_brand(visit.conn, brand.id)
    visit.brand = brand
    visit.asker = Asker(
        staff_id=me,
        name=request.user.get_full_name(),  # type: ignore[union-attr]
        brand_id=brand.id,
        brand_slug=brand.slug,
        roles=store.roles_at(visit.conn, me, brand.id),
    )
    if visit.asker.may("reply"):
        staffing.heard(visit.conn, brand.id, me, visit.now)
