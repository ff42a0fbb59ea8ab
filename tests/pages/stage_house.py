"""A small town in a real house: a day of the demo's posts through door and pipeline, pages on a port of their own."""

import asyncio
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from msgspec import Struct

from tests.flow.parish import digest
from townhall.database import Database
from townhall.database.connect import connect, transaction
from townhall.flow import attention, routing, search_follower
from townhall.flow.house import House
from townhall.flow.pipeline import Worker
from townhall.flow.receive import receive
from townhall.flow.surges import Surges
from townhall.intake.logic import shards_of_worker
from townhall.kernel.clock import HOUR, SECOND, system_clock, to_datetime, to_iso
from townhall.run.demo import stage
from townhall.run.demo.town import PUBLIC, Said, Town, rising
from townhall.run.settings import Settings
from townhall.vault import open_keys

ANN, BO, CY = "ann@example.org", "bo@example.org", "cy@example.org"
PASSWORD = "correct horse battery staple"
BAD = [
    b'{"type": "Create", "object": 7}',
    b'{"type": "Note", "content": "Hello"',
    b'{"type": "Create", "object": 7}',
]
"""What nobody can read: set aside on its way in."""
LAST_MINUTES = 25 * 60 * SECOND


class Stage(Struct):
    """Where the pages are, and the database below them."""

    url: str
    settings: Settings
    database: Database
    accounts: list[Any]
    brand: int
    empty_brand: int


def feed(settings: Settings, database: Database, accounts: list[Any], said: list[Said]) -> None:
    """Hands posts in and works until all are digested."""
    keys = open_keys(settings.home)
    with connect(database.dsn("worker")) as conn:
        for place, account in enumerate(accounts):
            items = [json.dumps(one.act).encode() for one in said if one.account == place]
            with transaction(conn):
                receive(conn, keys, account, "activitystreams", items, system_clock())
        digest(Worker(database, House(keys), 0, shards_of_worker(0, 1), clock=system_clock), conn)


def day(address: str, hours: int = 14, threads: float = 20) -> list[Said]:
    """The last hours of the town; nobody at the firm answered in the last twenty-five minutes."""
    now, found = system_clock(), []
    for said in Town(7, address).days(now - hours * HOUR, threads, rising(now)):
        if said.at > now:
            return found
        if said.act["actor"]["type"] == "Person" or said.at < now - LAST_MINUTES:
            found.append(said)
    return found


def set_the_stage(settings: Settings, database: Database, url: str) -> tuple[list[Any], int, int]:
    """Brand, accounts, posts, work in hand, and three people: Ann runs it, Bo helps, Cy has a seat elsewhere."""
    keys, now = open_keys(settings.home), system_clock()
    with connect(database.dsn("worker")) as conn:
        accounts = stage.set_up(conn, keys, "http://127.0.0.1:9", now)
        brand = accounts[0].brand_id
        with transaction(conn):
            empty = conn.execute(
                "INSERT INTO brand (slug, name) VALUES ('quiet', 'Quiet Brook') RETURNING id"
            ).fetchone()
            assert empty
            read_today(conn, brand, now)
    feed(settings, database, accounts, day(url))
    with connect(database.dsn("worker")) as conn:
        with transaction(conn):
            receive(conn, keys, accounts[0], "activitystreams", BAD, system_clock())
        stage.make_work(conn, keys, brand, system_clock())
        with transaction(conn):
            routing.hand_out(conn, brand, system_clock())
        look_round(conn, brand)
    hiring = threading.Thread(target=hire, args=(brand, empty[0]))  # the browser's loop lives in this thread
    hiring.start()
    hiring.join()
    return accounts, brand, empty[0]


def read_today(conn: Any, brand: int, now: int) -> None:
    """The accounts were read now, and are to be read once a day: nobody reads in this house."""
    conn.execute(
        "UPDATE account_health SET state = 'ok', verified_at = %(at)s, read_at = %(at)s WHERE brand_id = %(brand)s",
        {"at": to_datetime(now), "brand": brand},
    )
    conn.execute(
        "UPDATE account SET settings = settings || '{\"poll_s\": 86400}' WHERE brand_id = %s", [brand]
    )


def neighbour(staged: Stage, native: str) -> None:
    """Somebody else says a word, that asks nothing of us, below a customer's post."""
    now = system_clock()
    actor = {"id": f"https://fern.example/users/neighbour{now}", "type": "Person", "name": "Nell Bystander"}
    note = {
        "id": f"{native}-{now}", "type": "Note", "attributedTo": actor["id"], "content": "Good morning, neighbour.",
        "published": to_iso(now), "inReplyTo": native, "to": [PUBLIC],
    }  # fmt: skip
    act = {
        "type": "Create",
        "id": f"{note['id']}/act",
        "published": note["published"],
        "actor": actor,
        "object": note,
    }
    feed(staged.settings, staged.database, staged.accounts, [Said(now, 0, act)])


def look_round(conn: Any, brand: int) -> None:
    """What other roles do every few seconds: topics counted, posts indexed, and what needs somebody said."""
    with transaction(conn):
        while search_follower.catch_up(conn):
            pass
        surges, now = Surges(), system_clock()
        surges.step(conn, now)
        attention.propose(conn, brand, now, surges.of(brand))


def hire(brand: int, empty: int) -> None:
    """The three accounts, through Django, which knows how a password is kept."""
    from allauth.account.models import EmailAddress
    from django.db import connection

    from townhall.people.models import Membership, Staff

    every = ["agent", "lead", "compliance", "security", "analyst", "executive", "admin"]
    for email, name, seats in (
        (ANN, "Ann Ferrer", {brand: every, empty: every}),
        (BO, "Bo Lindqvist", {brand: ["agent"]}),
        (CY, "Cy Marsh", {empty: ["agent"]}),
    ):
        one = Staff.objects.create_user(email, name, PASSWORD)
        EmailAddress.objects.create(user=one, email=email, primary=True, verified=True)
        for place, roles in seats.items():
            Membership.objects.create(staff=one, brand_id=place, roles=roles)
    connection.close()


@contextmanager
def serving() -> Iterator[str]:
    """The pages on a free port of loopback."""
    from townhall.web.asgi import app

    taken = socket.socket()
    taken.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, lifespan="on"))
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[taken])), daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the pages did not start"
        time.sleep(0.02)
    yield f"http://localhost:{taken.getsockname()[1]}"
    server.should_exit = True
    thread.join(10)
