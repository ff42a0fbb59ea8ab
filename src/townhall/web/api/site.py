"""The API put together: routers, errors, its OpenAPI document, and the addresses of all of it."""

import re
from copy import deepcopy
from functools import lru_cache
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, re_path
from ninja import NinjaAPI
from ninja.operation import Operation
from ninja.renderers import BaseRenderer
from ninja.security import HttpBearer

from townhall.web.api import (
    breakdowns,
    cases,
    clocks,
    deeds,
    house,
    imports,
    labels,
    metrics,
    policies,
    problems,
    read,
    releases,
    replies,
    routing,
    views,
)
from townhall.web.api.door import through_the_door

ROUTERS = (
    house.router, read.router, cases.router, routing.router, replies.router, releases.router, metrics.router, breakdowns.router, views.router, policies.router, clocks.router,
    labels.router, imports.router, deeds.router,
)  # fmt: skip
PREFIX = "api/"
_ABOUT = (
    "Everything customers say to the firm, read and answered by programs. A token limits acts exactly as the same"
    " roles limit a person on the pages; another brand's things do not exist. Every answer that is not a good one is"
    " an RFC 9457 problem."
)


class TokenBearer(HttpBearer):
    """Says in the document that a token is needed; the door has let it in before."""

    def __call__(self, request: HttpRequest) -> Any:
        """The call that the door made."""
        return request.call  # type: ignore[attr-defined]

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        """The same."""
        return request.call  # type: ignore[attr-defined]


class Plain(BaseRenderer):
    """JSON by the fast encoder."""

    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        """The bytes."""
        return msgspec.json.encode(data)


class TownhallApi(NinjaAPI):
    """Names operations as their functions are named."""

    def get_openapi_operation_id(self, operation: Operation) -> str:
        """The function's name: unique over the whole API."""
        return operation.view_func.__name__


@lru_cache(maxsize=1)
def api() -> NinjaAPI:
    """The one API of this process."""
    made = TownhallApi(
        title="Townhall", version="1", description=_ABOUT, openapi_url=None, docs_url=None, auth=TokenBearer(),
        renderer=Plain(), urls_namespace="api",
    )  # fmt: skip
    for router in ROUTERS:
        made.add_router("", router)
    for error, handler in problems.HANDLERS.items():
        made.add_exception_handler(error, handler)
    return made


@lru_cache(maxsize=1)
def document() -> dict[str, Any]:
    """The OpenAPI document, with the problems that every address can answer."""
    found = deepcopy(dict(api().get_openapi_schema(path_prefix="/" + PREFIX)))
    found["components"]["schemas"] |= _PROBLEMS
    found["components"]["securitySchemes"] = {"TokenBearer": {"type": "http", "scheme": "bearer"}}
    found.pop("servers", None)
    for operations in found["paths"].values():
        for method, operation in operations.items():
            _declare(method, operation)
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(found))
    return plain


_ALWAYS = {
    401: "No token, or one that is unknown, has ended or is out of date.",
    403: "The token's roles do not include this.",
    404: "There is no such thing at this brand, or no such page.",
    422: "The request does not have its shape, or cannot be done as asked. Nothing was changed.",
    429: "The token asks too fast.",
    503: "Something that Townhall needs does not answer, or is busy. Nothing was changed; ask again.",
}
_WRITING = {
    400: "The body is not JSON.",
    409: "Somebody changed it first, or the idempotency key was used for another request.",
    413: "The body is too large.",
    415: "The body is of another media type.",
}
_KEY = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": False,
    "description": "The same key with the same request gives the same answer for 24 hours, and does nothing again.",
    "schema": {"type": "string", "pattern": "^[A-Za-z0-9_.:-]{1,255}$"},
}
_PROBLEMS = {
    "Problem": {
        "type": "object",
        "title": "Problem",
        "description": "RFC 9457. `detail` says what happened, what was kept and what to do.",
        "required": ["type", "title", "status", "detail"],
        "properties": {
            "type": {
                "type": "string",
                "description": "`about:blank`, or a name that programs can tell apart.",
            },
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "errors": {
                "type": "array",
                "description": "Where in the request a shape is wrong.",
                "items": {
                    "type": "object",
                    "required": ["in", "at", "says"],
                    "properties": {name: {"type": "string"} for name in ("in", "at", "says")},
                },
            },
        },
    }
}


def _declare(method: str, operation: dict[str, Any]) -> None:
    """Adds the problems of one operation, and the key of one that writes."""
    told = dict(_ALWAYS)
    if method != "get":
        told |= _WRITING
        operation["parameters"] = [*operation["parameters"], _KEY]
    content = {problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for status, words in sorted(told.items()):
        operation["responses"][str(status)] = {"description": words, "content": content}
    operation["responses"] = {str(status): one for status, one in operation["responses"].items()}


def openapi(request: HttpRequest) -> HttpResponse:
    """``/api/openapi.json``, for anybody: it holds nothing of any brand."""
    if request.method not in ("GET", "HEAD"):
        return problems.problem(405, "This address takes GET.")
    return HttpResponse(msgspec.json.encode(document()), content_type="application/json")


def unknown(request: HttpRequest) -> HttpResponse:
    """Every other address below ``/api/``."""
    return problems.problem(404, "There is no such address. /api/openapi.json lists those there are.")


def addresses() -> list[URLPattern]:
    """The addresses below ``/api/``, each behind the door."""
    found = [
        URLPattern(
            one.pattern, through_the_door(one.callback, _queries(one)), one.default_args, f"api_{one.name}"
        )
        for one in api().urls[0]
        if isinstance(one, URLPattern) and one.callback is not None and one.name != "api-root"
    ]
    return [path("openapi.json", openapi), *found, re_path("", unknown)]


def _queries(one: URLPattern) -> dict[str, frozenset[str]]:
    """Method → the parameters of a query that the document declares for this address."""
    declared = document()["paths"][f"/{PREFIX}" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", str(one.pattern))]
    return {
        method.upper(): frozenset(
            given["name"] for given in operation["parameters"] if given["in"] == "query"
        )
        for method, operation in declared.items()
    }


openapi.csrf_exempt = unknown.csrf_exempt = True  # type: ignore[attr-defined]
