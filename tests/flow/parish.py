"""A small house to push posts through: one brand, one account, posts in the shape of ActivityStreams."""

import threading
from collections.abc import Sequence
from typing import Any

import msgspec
from psycopg import Connection

from townhall.database import Database
from townhall.database.connect import transaction
from townhall.flow.house import House
from townhall.flow.opening import open_account, open_brand
from townhall.flow.pipeline import Worker
from townhall.flow.receive import ReceiveResult, receive
from townhall.intake.logic import SHARDS
from townhall.intake.store import Account
from townhall.kernel.clock import MINUTE, Instant, from_iso, to_iso
from townhall.vault import Keys

KEYS = Keys(b"k" * 32, b"i" * 32, b"s" * 32, b"p" * 32)
START = from_iso("2026-03-02T09:00:00+00:00")
PUBLIC = ["https://www.w3.org/ns/activitystreams#Public"]


def post(
    number: int, minute: float, who: str = "ines", text: str = "why is there no signal?", *,
    parent: int = 0, root: int | None = None, own: bool = False,
) -> bytes:  # fmt: skip
    """One Create. ``root`` names the conversation; None leaves the network's own key out."""
    actor = {
        "id": f"https://n.example/u/{who}",
        "type": "Organization" if own else "Person",
        "preferredUsername": who,
    }
    at = to_iso(START + int(minute * MINUTE))
    note: dict[str, Any] = {
        "id": f"https://n.example/s/{number}", "type": "Note", "attributedTo": actor["id"], "published": at,
        "content": text, "to": PUBLIC,
    }  # fmt: skip
    if parent:
        note["inReplyTo"] = f"https://n.example/s/{parent}"
    if root is not None:
        note["context"] = f"https://n.example/t/{root}"
    return _line({"type": "Create", "id": f"{note['id']}/c", "published": at, "actor": actor, "object": note})


def act(verb: str, number: int, minute: float, who: str = "ines", text: str = "") -> bytes:
    """An Update, Delete, Like or Announce of a post."""
    at = to_iso(START + int(minute * MINUTE))
    target: Any = f"https://n.example/s/{number}"
    if verb == "Update":
        target = {
            "id": target,
            "type": "Note",
            "content": text,
            "updated": at,
            "attributedTo": f"https://n.example/u/{who}",
        }
    elif verb == "Delete":
        target = {"id": target, "type": "Tombstone"}
    actor = {"id": f"https://n.example/u/{who}", "type": "Person", "preferredUsername": who}
    return _line(
        {
            "type": verb,
            "id": f"https://n.example/a/{verb}/{number}/{who}/{minute}",
            "published": at,
            "actor": actor,
            "object": target,
        }
    )


def _line(value: Any) -> bytes:
    return msgspec.json.encode(value)


def digest(worker: Worker, watch: Connection[Any]) -> None:
    """Runs a worker as its process does until nothing waits; ``watch`` is any connection in autocommit."""
    stop = threading.Event()
    at_work = threading.Thread(target=worker.run, args=(stop,), daemon=True)
    at_work.start()
    while watch.execute("SELECT EXISTS (SELECT FROM delivery_pending)").fetchone() == (True,):
        assert at_work.is_alive(), "the worker fell"
        at_work.join(0.02)
    stop.set()
    at_work.join()


class Parish:
    """One brand and one worker, with a clock that the test moves."""

    def __init__(
        self, database: Database, connection: Connection[Any], number: int = 0, batch: int = 1000
    ) -> None:
        self.now: Instant = START + 600 * MINUTE
        self.connection = connection
        with transaction(connection):
            self.brand = open_brand(connection, "acme", self.now).brand
            self.account: Account = open_account(connection, self.brand, "activitystreams", "acme")
        self.house = House(KEYS)
        self.worker = Worker(
            database, self.house, number, list(range(SHARDS)), batch=batch, clock=lambda: self.now
        )
        self.worker.own(connection)

    def offer(self, items: Sequence[bytes]) -> ReceiveResult:
        """Queues items in one transaction."""
        with transaction(self.connection):
            return receive(self.connection, KEYS, self.account, "activitystreams", items, self.now)

    def work(self) -> int:
        """Runs the pipeline until nothing waits; returns how many posts were stored."""
        stored = 0
        while outcome := self.worker.step(self.connection):
            stored += outcome.accepted
        return stored

    def take(self, *items: bytes) -> int:
        """Queues and works, item by item in the order given."""
        stored = 0
        for item in items:
            self.offer([item])
            stored += self.work()
        return stored

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What a query gives."""
        return self.connection.execute(query).fetchall()
