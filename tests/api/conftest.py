"""Two made-up brands in the session's Django database, and a client that asks with tokens.

Ann owns (every role), Bo helps (agent), Cy sits at the other brand and must see nothing of this one. ``wall`` is a
program of its own (analyst).
"""

import itertools
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct
from psycopg import Connection

sys.path.insert(0, str(Path(__file__).parent.parent / "desk"))

from town import Town

from townhall.database import Database
from townhall.database.connect import connect
from townhall.kernel.clock import HOUR, MINUTE, system_clock
from townhall.people import store
from townhall.people.logic import ROLES
from townhall.run.settings import Settings

_NUMBERS = itertools.count(1)
NOW = system_clock()


class Answer(Struct):
    """What came back, decoded."""

    status: int
    headers: Any
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Asks:
    """A client of the API with one token."""

    def __init__(self, token: str) -> None:
        from django.test import Client

        self.token, self._client = token, Client(SERVER_NAME="localhost")

    def __call__(self, method: str, path: str, given: Any = None, **headers: str) -> Answer:
        raw = given if isinstance(given, bytes) else json.dumps(given).encode() if given is not None else b""
        media = "application/x-ndjson" if path.startswith("/api/imports") else "application/json"
        said = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        media = headers.pop("media", media)
        came = self._client.generic(method, path, raw, content_type=media, headers={**said, **headers})
        return Answer(came.status_code, came.headers, came.content)

    def get(self, path: str, **headers: str) -> Answer:
        return self("GET", path, **headers)

    def post(self, path: str, given: Any = None, **headers: str) -> Answer:
        return self("POST", path, given if given is not None else {}, **headers)


class Office(Struct):
    """The brand under test, who asks, and one case of it and of the other brand."""

    settings: Settings
    database: Database
    owner: Connection[Any]
    town: Town
    other: Town
    ann: Any
    bo: Any
    tokens: dict[str, str]

    def asks(self, who: str) -> Asks:
        return Asks(self.tokens.get(who, who))

    def case(self, text: str = "Where is my parcel?", town: Town | None = None, **more: Any) -> int:
        place = town or self.town
        person, thread = place.person(f"dana{next(_NUMBERS)}"), place.thread(NOW)
        post = place.post(thread, person, text, NOW - MINUTE)
        return place.case(thread, person, post, due=NOW + HOUR, snippet=text, at=NOW - MINUTE, **more)

    def one(self, sql: str, *params: Any) -> Any:
        row = self.owner.execute(sql, params).fetchone()
        return row[0] if row else None

    def token(self, town: Town, roles: frozenset[str], person: Any = None) -> str:
        spoken = person.staff_id if person else None
        return store.make_token(
            self.owner, town.brand, "test", roles, expires_at=None, made_by=None, speaks_for=spoken
        )[1]


@pytest.fixture(scope="session")
def office(pages_settings: Settings) -> Iterator[Office]:
    database = Database(pages_settings)
    with connect(database.dsn("owner")) as owner:
        town, other = Town(owner, "api-brook"), Town(owner, "api-mill")
        ann, bo, cy = town.staff("Ann", *ROLES), town.staff("Bo", "agent"), other.staff("Cy", *ROLES)
        made = Office(pages_settings, database, owner, town, other, ann, bo, {})
        every = frozenset(ROLES)
        made.tokens = {
            "ann": made.token(town, every, ann), "bo": made.token(town, every, bo),
            "cy": made.token(other, every, cy), "wall": made.token(town, frozenset({"analyst"})),
            "robot": made.token(town, frozenset({"agent"})),
        }  # fmt: skip
        yield made
