"""A real dump, loaded again after the world went on: nothing goes out twice, nothing goes by itself, and the log forks in the open."""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from msgspec.structs import replace
from office import NOW, Office
from pretend import Network, OneNetwork

from townhall.database import Database
from townhall.database.connect import connect
from townhall.database.roles import make_database
from townhall.flow import outbound, outbound_decide, outbound_stop, restored
from townhall.flow.delivery import Deliverer, deliver_once
from townhall.flow.outbound import Composed
from townhall.kernel.clock import HOUR, MINUTE, SECOND
from townhall.run.settings import Settings
from townhall.vault import open_keys

Desk = Callable[..., Any]
Hands = Callable[[psycopg.Connection[Any], int], Deliverer]


class Copy:
    """A dump of a test's database, and the database it is loaded into."""

    def __init__(self, database: Database, settings: Settings, file: Path) -> None:
        self._database, self._file = database, file
        self.settings = replace(settings, database_name=f"{settings.database_name}_again")

    def take(self) -> None:
        self._run("pg_dump", "--format=custom", f"--file={self._file}", self._database.dsn("owner"))

    def load(self) -> Database:
        with psycopg.connect(self._database.admin_dsn(), autocommit=True) as admin:
            make_database(admin, self.settings.database_name)
        loaded = Database(self.settings)
        self._run("pg_restore", "--exit-on-error", f"--dbname={loaded.dsn('owner')}", str(self._file))
        return loaded

    def drop(self) -> None:
        self._database.drop_copy(self.settings.database_name)

    def _run(self, *words: str) -> None:
        with psycopg.connect(self._database.admin_dsn(), autocommit=True) as admin:
            row = admin.execute("SELECT setting FROM pg_config WHERE name = 'BINDIR'").fetchone()
        assert row
        subprocess.run([f"{row[0]}/{words[0]}", *words[1:]], check=True, capture_output=True)


@pytest.fixture
def copy(database: Database, copied_settings: Settings, tmp_path: Path) -> Iterator[Copy]:
    made = Copy(database, copied_settings, tmp_path / "copy.dump")
    yield made
    made.drop()


@pytest.fixture
def submit(office: Office, at_desk: Desk) -> Callable[..., Any]:
    ann = office.staff("Ann")

    def go(text: str, now: int = NOW) -> Any:
        case = office.case(handle=f"h{abs(hash(text))}")
        return at_desk(outbound.submit, ann, Composed(case_id=case, kind="public", text=text), now)

    return go


def hands(conn: psycopg.Connection[Any], home: Path, network: Network, now: int) -> Deliverer:
    return Deliverer(conn, open_keys(home), OneNetwork(network), lambda: now)


async def test_what_went_after_the_dump_is_found_there_and_nothing_leaves_by_itself(
    office: Office,
    at_desk: Desk,
    worker: Any,
    submit: Any,
    copy: Copy,
    copied_settings: Settings,
    tmp_path: Path,
) -> None:
    assert restored.park_if_restored(worker, copied_settings, NOW) is None
    submit("Your parcel left today.")
    submit("A new one is on its way.")
    copy.take()
    network = Network(["well", "away"])
    assert await deliver_once(hands(worker, tmp_path, network, NOW + 11 * SECOND)) == 2
    assert restored.park_if_restored(worker, copied_settings, NOW) is None  # the database that lived on

    later = NOW + HOUR
    with connect(copy.load().dsn("worker")) as again:
        parked = restored.park_if_restored(again, copy.settings, later)
        assert parked and (parked.brands, parked.doubted) == (1, 2) and "elsewhere" in parked.why
        requests = network.requests
        for minute in range(3):
            await deliver_once(hands(again, tmp_path, network, later + minute * MINUTE))
        assert network.requests == requests and len(network.posts) == 1, "nothing was sent, all was looked at"
        states = dict(
            again.execute(
                "SELECT r.text, d.state FROM delivery d JOIN release r ON r.id = d.release_id"
            ).fetchall()
        )
        there = network.posts[0].text
        assert states.pop(there) == "sent" and set(states.values()) == {"overdue"}
        (by, cause, standing) = again.execute(
            "SELECT stopped_by, cause, resumed_at IS NULL FROM outbound_stop"
        ).fetchone()
        assert (by, standing) == ("system/restore", True) and "look at the network" in cause


async def test_a_person_lets_it_go_again(
    office: Office, worker: Any, submit: Any, copy: Copy, copied_settings: Settings, tmp_path: Path
) -> None:
    lea = office.staff("Lea", "lead", "agent")
    restored.park_if_restored(worker, copied_settings, NOW)
    came = submit("It was never sent.")
    copy.take()
    network, later = Network(), NOW + HOUR
    loaded = copy.load()
    with connect(loaded.dsn("worker")) as again, connect(loaded.dsn("web")) as web:
        restored.park_if_restored(again, copy.settings, later)
        await deliver_once(hands(again, tmp_path, network, later))
        await deliver_once(hands(again, tmp_path, network, later + MINUTE))
        assert restored.park_if_restored(again, copy.settings, later) is None, (
            "parked once, not at every start"
        )
        with web.transaction():
            web.execute("SELECT set_config('townhall.brand', %s, true)", [str(lea.brand_id)])
            (stop,) = outbound_stop.standing_stops(web)
            outbound_stop.resume(web, lea, stop.id, later + 2 * MINUTE)
        with web.transaction():
            web.execute("SELECT set_config('townhall.brand', %s, true)", [str(lea.brand_id)])
            outbound_decide.give_new_time(web, lea, [came.delivery_id], later + 3 * MINUTE)
        await deliver_once(hands(again, tmp_path, network, later + 4 * MINUTE))
    assert network.texts == ["It was never sent."]
