"""The door of the API: token, pace, one transaction as ``townhall_web`` for the token's brand, and one answer per key.

The transaction commits when the answer is a good one, or when the view says that what it kept stands although the
answer is a "no" (``Call.stands``); else it rolls back. Sessions and cookies are not looked at, so no page of somebody
else's can ask in a signed-in person's name.
"""

import hashlib
import re
from collections.abc import Callable, Mapping
from typing import Any

import psycopg
from django.db import transaction as django_transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from msgspec import Struct
from psycopg import Connection

from townhall.flow.policy_examined import examine
from townhall.kernel.clock import Instant, system_clock
from townhall.kernel.errors import Conflict, NotSigned, Refused, TooLarge, TownhallError
from townhall.people import brands, programs
from townhall.people.brands import Brand
from townhall.people.doors import Asker, require
from townhall.people.programs import Program
from townhall.web.api import problems
from townhall.web.api.pace import Pace
from townhall.web.hands import pool

MOST_JSON = 256 * 1024
MOST_LINES = 8 * 1024 * 1024
"""Bytes of a body: of JSON, and of an import."""
IMPORTS = "/api/imports"
_WRITES = ("POST", "PUT", "PATCH", "DELETE")
_KEY = re.compile(r"[A-Za-z0-9_.:-]{1,255}", re.ASCII)
_SET_UP = """
SELECT set_config('townhall.brand', %s, true), set_config('lock_timeout', '3s', true),
    set_config('statement_timeout', '15s', true)
"""

View = Callable[..., HttpResponseBase]
pace = Pace()


class Call(Struct):
    """One request: who asks, on which transaction, when. ``stands``: commit although the answer is an error."""

    conn: Connection[Any]
    program: Program
    now: Instant
    stands: bool = False

    @property
    def asker(self) -> Asker:
        """Whom the token speaks for."""
        return self.program.asker

    @property
    def brand(self) -> Brand:
        """The token's brand, in one query."""
        return brands.by_slug(self.conn, self.asker.brand_slug)


def call_for(request: HttpRequest, *acts: str) -> Call:
    """The request's call, by somebody who may do one of these. Raises ``Forbidden``."""
    call: Call = request.call  # type: ignore[attr-defined]
    if not any(call.asker.may(act) for act in acts):
        require(call.asker, acts[0])
    return call


def through_the_door(view: View, queries: Mapping[str, frozenset[str]]) -> View:
    """A view that only a token opens, in one transaction of its own. ``queries``: method → the names a query may have,
    because a filter that is misspelt and passed over would show more than was asked for."""

    def answered(request: HttpRequest, *args: Any, **words: Any) -> HttpResponseBase:
        answer = _let_in(request, queries, lambda: view(request, *args, **words))
        answer.headers["Cache-Control"] = "no-store"
        return answer

    answered.csrf_exempt = True  # type: ignore[attr-defined]
    return django_transaction.non_atomic_requests(answered)


def _let_in(
    request: HttpRequest, queries: Mapping[str, frozenset[str]], view: Callable[[], HttpResponseBase]
) -> HttpResponseBase:
    try:
        secret, now = _bearer(request), system_clock()
        with pool().connection() as conn:
            program = _program(conn, secret)
            pace.take(program.token_id, now)
            _read_body(request)
            if strange := sorted(
                set(request.GET) - queries.get(request.method or "", frozenset(request.GET))
            ):
                return problems.of_query(strange)
            request.call = Call(conn, program, now)  # type: ignore[attr-defined]
            answer = _in_one_transaction(request, request.call, view)  # type: ignore[attr-defined]
            if source := getattr(request, "needs_examining", ""):  # rolled back: nothing stands of it
                request.needs_examining, request.examined = "", examine(source)  # type: ignore[attr-defined]
                answer = _in_one_transaction(request, request.call, view)  # type: ignore[attr-defined]
            return answer
    except TownhallError as error:
        return problems.of_ours(request, error)
    except psycopg.OperationalError as error:
        return problems.of_database(request, error)


def _bearer(request: HttpRequest) -> str:
    kind, _, secret = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not secret.strip():
        raise NotSigned("Send a token: Authorization: Bearer th_…")
    return secret.strip()


def _program(conn: Connection[Any], secret: str) -> Program:
    """Looked up by its digest, so the time it takes says nothing of the secret. Its own short transaction: requests
    with one token do not wait for each other, and losing the time of its last use in a crash harms nobody."""
    with conn.transaction():
        conn.execute("SET LOCAL synchronous_commit = off")
        program = programs.program_of(conn, secret)
    if program is None:
        raise NotSigned("This token is unknown, has ended or is out of date.")
    return program


def _read_body(request: HttpRequest) -> None:
    lines = request.path.startswith(IMPORTS)
    most = MOST_LINES if lines else MOST_JSON
    body = request.read(most + 1)
    if len(body) > most:
        raise TooLarge(f"A body here has at most {most} bytes. Nothing was read.")
    wanted = "application/x-ndjson" if lines else "application/json"
    if body and request.content_type != wanted:
        raise NotOurType(f"Send the body as {wanted}.")
    request._body = body


class NotOurType(Refused):
    """A body of a media type that is not read here."""

    status = 415


def _in_one_transaction(
    request: HttpRequest, call: Call, view: Callable[[], HttpResponseBase]
) -> HttpResponseBase:
    with call.conn.transaction() as kept:
        call.conn.execute(_SET_UP, [str(call.asker.brand_id)])
        answer = _once(request, call, view)
        if answer.status_code >= 400 and not call.stands:
            raise psycopg.Rollback(kept)
    return _spoken(answer)


def _once(request: HttpRequest, call: Call, view: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    """The view's answer; for a key that was used before, the answer that was given then."""
    key = request.headers.get("Idempotency-Key")
    if key is None or request.method not in _WRITES:
        return view()
    if not _KEY.fullmatch(key):
        raise Refused("An Idempotency-Key is 1 to 255 letters, digits and the signs _ . : -, nothing else.")
    asked = _digest(request)
    before = programs.claim(call.conn, call.program, key, asked, call.now)
    if before is None:
        return _kept(call, key, view())
    if before.request != asked:
        raise Conflict("This Idempotency-Key was used for another request. Nothing was done; use a new one.")
    again = HttpResponse(before.body, status=before.status, content_type=before.media_type)
    again.headers["Idempotent-Replayed"] = "true"
    call.stands = True
    return again


def _kept(call: Call, key: str, answer: HttpResponseBase) -> HttpResponseBase:
    if (answer.status_code < 400 or call.stands) and isinstance(answer, HttpResponse):
        media_type = answer.headers.get("Content-Type", "")
        programs.keep(call.conn, call.program.token_id, key, answer.status_code, media_type, answer.content)
    return answer


def _digest(request: HttpRequest) -> bytes:
    parts = (request.method or "", request.get_full_path())
    return hashlib.sha256("\0".join(parts).encode() + b"\0" + request.body).digest()


def _spoken(answer: HttpResponseBase) -> HttpResponseBase:
    """The framework's own "no such method" as a problem, with the methods that there are."""
    if answer.status_code != 405:
        return answer
    told = problems.problem(405, f"This address takes {answer.headers.get('Allow', '')}.")
    told.headers["Allow"] = answer.headers.get("Allow", "")
    return told
