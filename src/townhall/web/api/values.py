"""How values look in JSON: ids as digits in a string (they are beyond 2^53), times in RFC 3339, links to the next page."""

import base64
import binascii
import re
from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar

from django.http import HttpRequest
from ninja import Path, Query
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, WithJsonSchema

from townhall.kernel.clock import Instant, from_datetime, to_iso
from townhall.kernel.digits import whole
from townhall.kernel.errors import NotFound

MOST = 200
USUAL = 50
_DIGITS = "^[0-9]{1,19}$"
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


class Shape(BaseModel):
    """What is given: read from our own frozen values by the names of their fields."""

    model_config = ConfigDict(from_attributes=True)


class Given(BaseModel):
    """What is taken: exactly these fields, of exactly these types."""

    model_config = ConfigDict(extra="forbid", strict=True)


def _iso(value: Any) -> Any:
    return to_iso(value) if isinstance(value, int) and value else value or None


def _id(value: Any) -> Any:
    return str(value) if isinstance(value, int) else value


def _instant(value: Any) -> Any:
    """A time of a request. Python reads times in more forms than RFC 3339 has; those are refused."""
    if not isinstance(value, str) or not _RFC3339.fullmatch(value):
        raise ValueError("a time is written like 2026-01-05T12:00:00Z")
    try:
        return from_datetime(datetime.fromisoformat(value.upper()))
    except (ValueError, OverflowError) as wrong:
        raise ValueError("there is no such time") from wrong


_TIME = {"type": "string", "format": "date-time"}
Id = Annotated[str, BeforeValidator(_id), Field(pattern=_DIGITS, examples=["1234567890123"])]
MaybeId = Annotated[str | None, BeforeValidator(lambda value: _id(value) if value else None)]
Time = Annotated[str, BeforeValidator(_iso), WithJsonSchema(_TIME)]
MaybeTime = Annotated[str | None, BeforeValidator(_iso), WithJsonSchema({"anyOf": [_TIME, {"type": "null"}]})]

GivenId = Annotated[str, StringConstraints(pattern=_DIGITS)]
GivenTime = Annotated[Instant, BeforeValidator(_instant), WithJsonSchema(_TIME)]
PathId = Annotated[int, Path(ge=1, le=(1 << 63) - 1, description="Its id.")]
Text = Annotated[
    str, StringConstraints(min_length=1, max_length=20_000, pattern=r"^[^\x00]*[^\s\x00][^\x00]*$")
]
"""Words with something in them, and no NUL."""
MaybeText = Annotated[str, StringConstraints(max_length=20_000, pattern=r"^[^\x00]*$")]
Word = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00]*$")]

Limit = Annotated[int, Query(ge=1, le=MOST, description="How many at most.")]
After = Annotated[
    str,
    Query(
        max_length=300,
        pattern="^[A-Za-z0-9_-]*$",
        description="Where the last page ended: taken from `next`.",
    ),
]

T = TypeVar("T")


class Page(Shape, Generic[T]):
    """One page of a list. ``next`` is the address of the following one; a short page may have one too."""

    items: list[T]
    next: str | None


def page(request: HttpRequest, items: Any, cursor: str) -> dict[str, Any]:
    """A page, with its link when ``cursor`` is not empty."""
    if not cursor:
        return {"items": items, "next": None}
    query = request.GET.copy()
    query["after"] = base64.urlsafe_b64encode(cursor.encode()).decode().rstrip("=")
    return {"items": items, "next": f"{request.path}?{query.urlencode()}"}


def cursor_of(after: str) -> str:
    """The cursor inside an ``after``. Raises ``NotFound``: a place that no page ended at is no page."""
    try:
        return base64.urlsafe_b64decode(after + "=" * (-len(after) % 4)).decode("ascii")
    except (binascii.Error, UnicodeDecodeError) as wrong:
        raise NotFound("That page does not exist. Start from the top of the list.") from wrong


def number_of(after: str) -> int:
    """The cursor of a list that is ordered by id; 0 for the first page. Raises ``NotFound``."""
    if (number := whole(cursor_of(after) or "0")) is None:
        raise NotFound("That page does not exist. Start from the top of the list.")
    return number
