"""Bringing activities in, and what acts can name: queues, colleagues, accounts."""

import os
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router, Status

from townhall.database.connect import connect, transaction
from townhall.desk import channels as desk_channels
from townhall.desk import directory as desk_directory
from townhall.desk.directory import ImportRun
from townhall.flow.import_lines import import_lines
from townhall.kernel.errors import Refused
from townhall.web.api.door import call_for
from townhall.web.api.values import Id, PathId, Shape, Time
from townhall.web.hands import keys

router = Router(tags=["House"])
REJECTS = 50
"""Rejected lines that an answer names; all of them are kept."""
_BODY = {
    "requestBody": {
        "required": True,
        "description": "ActivityStreams 2.0, one activity a line.",
        "content": {"application/x-ndjson": {"schema": {"type": "string"}}},
    }
}
_Account = Annotated[int, Query(ge=1, le=(1 << 31) - 1, description="The account they came to.")]


class RejectShape(Shape):
    """A line that could not be read, counted from 1."""

    line: int
    reason: str


class QueuedShape(Shape):
    """What was queued durably. ``run_id`` asks how far it is; ``rejects`` names the first 50."""

    run_id: Id
    read: int
    taken: int
    rejected: int
    rejects: list[RejectShape]


class RunShape(Shape):
    """What became of the lines so far; ``waiting`` are still to be understood."""

    id: Id
    account_id: int
    began_at: Time
    read: int
    accepted: int
    duplicates: int
    rejected: int
    waiting: int


class QueueNameShape(Shape):
    """A queue that cases wait in."""

    slug: str
    name: str


class ColleagueShape(Shape):
    """Somebody who can hold a case."""

    staff_id: Id
    name: str
    roles: list[str]


class AccountShape(Shape):
    """One of the brand's accounts on a network."""

    account_id: int
    channel: str
    handle: str
    name: str
    reading: bool
    sending: bool
    state: str


class DirectoryShape(Shape):
    """What acts can name at the brand."""

    queues: list[QueueNameShape]
    staff: list[ColleagueShape]
    accounts: list[AccountShape]


@router.post("/imports", response={202: QueuedShape}, summary="Import activities", openapi_extra=_BODY)
def import_activities(request: HttpRequest, account: _Account | None = None) -> Status[Any]:
    """Queues activities as a file of them is; the answer comes when none can be lost. What is known already stays once."""
    call = call_for(request, "manage_accounts")
    lines = [line for raw in request.body.split(b"\n") if (line := raw.strip())]
    if not lines:
        raise Refused("There is no activity in the body. Send one a line.")
    dsn = os.environ.get("TOWNHALL_WORKER_DSN", "")
    with connect(dsn, "townhall api import") as conn, transaction(conn):
        done = import_lines(conn, keys(), call.asker, call.brand, account or 0, lines, call.now)
    rejects = [{"line": one.place + 1, "reason": one.reason} for one in done.rejects[:REJECTS]]
    told = {"run_id": done.run_id, "read": done.read, "taken": done.taken}
    return Status(202, {**told, "rejected": len(done.rejects), "rejects": rejects})


@router.get("/imports/{run_id}", response=RunShape, summary="Read an import")
def import_run(request: HttpRequest, run_id: PathId) -> ImportRun:
    """How far an import is."""
    call = call_for(request, "manage_accounts")
    return desk_directory.import_run(call.conn, call.asker.brand_id, run_id)


@router.get("/directory", response=DirectoryShape, summary="Read the directory")
def directory(request: HttpRequest) -> dict[str, Any]:
    """The brand's queues, colleagues and accounts."""
    call = call_for(request, "read_case")
    brand = call.asker.brand_id
    return {
        "queues": desk_directory.queues(call.conn, brand),
        "staff": desk_directory.colleagues(call.conn, brand),
        "accounts": desk_channels.channels(call.conn, brand, call.now),
    }
