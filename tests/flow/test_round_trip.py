"""The whole way on a Mastodon-compatible server: a mention comes in, is judged, answered through the door, seen there.

The server is not ours (mastodon-mock); between it and us runs a line of ours that can be cut.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import httpx
import pytest
from mastodon_mock.testing.server import MockServer

from tests.channels.line import CUT_BEFORE, REFUSE, Line
from tests.flow.parish import KEYS
from tests.outbound.hand_of_pictures import drawn
from townhall.database import Database
from townhall.database.connect import connect, transaction
from townhall.desk.channels import channels
from townhall.desk.conversation import conversation
from townhall.desk.status import house_status
from townhall.flow.delivery import Deliverer, deliver_once
from townhall.flow.delivery_clients import AccountClients
from townhall.flow.house import House
from townhall.flow.opening import open_account, open_brand
from townhall.flow.outbound import Composed, save_draft, submit
from townhall.flow.outbound_outcome import Released, Silenced
from townhall.flow.picturing import attach
from townhall.flow.pipeline import Worker
from townhall.flow.reading import Reader
from townhall.intake.credentials import put_address, put_secrets
from townhall.intake.logic import SHARDS
from townhall.kernel.clock import system_clock
from townhall.outbound.logic.journey import Patience
from townhall.people.doors import Asker


@pytest.fixture(scope="module")
def network() -> Iterator[MockServer]:
    with MockServer(log_level="critical") as running:
        yield running


class Town:
    """A brand with one Mastodon account, read by a real reader, worked on by a real worker."""

    def __init__(self, database: Database, conn: Any, spare: Any, address: str) -> None:
        self.conn = conn
        with transaction(conn):
            self.brand = open_brand(conn, "acme", system_clock()).brand
            self.account = open_account(conn, self.brand, "mastodon", "bob").id
            put_address(conn, self.account, address)
            put_secrets(conn, KEYS.kek, self.account, {"token": "bob_token"})
            conn.execute(
                'UPDATE account SET settings = \'{"poll_s": 0.2, "timeout_s": 3}\' WHERE id = %s',
                [self.account],
            )
        self.clients = AccountClients(KEYS.kek, system_clock)
        self.reader = Reader(spare, KEYS, system_clock, self.clients)
        self.worker = Worker(database, House(KEYS), 3, list(range(SHARDS)))
        self.worker.own(conn)
        self.ana = Asker(
            staff_id=1, name="Ana", brand_id=self.brand.id, brand_slug="acme", roles=frozenset({"agent"})
        )

    def one(self, query: str) -> Any:
        row = self.conn.execute(query).fetchone()
        return row[0] if row else None

    async def until(self, true: Callable[[], Any]) -> Any:
        """Waits for something that the running house will do; a deadline, not a delay."""
        async with asyncio.timeout(60):
            while not (found := true()):
                self.worker.step(self.conn)
                await asyncio.sleep(0.02)
        return found


@pytest.fixture
async def line(network: MockServer) -> AsyncIterator[Line]:
    async with Line("127.0.0.1", network.port) as running:
        yield running


@pytest.fixture
async def town(database: Database, line: Line) -> AsyncIterator[Town]:
    with (
        contextlib.closing(connect(database.dsn("worker"))) as conn,
        contextlib.closing(connect(database.dsn("worker"))) as spare,
    ):
        made = Town(database, conn, spare, line.url)
        await made.reader.look()
        yield made
        await made.reader.finish()
        await made.clients.close()


async def alice_says(network: MockServer, text: str) -> str:
    async with httpx.AsyncClient(
        base_url=network.base_url, headers={"authorization": "Bearer alice_token"}
    ) as alice:
        answer = await alice.post("/api/v1/statuses", json={"status": text})
        return str(answer.json()["id"])


async def replies_to(network: MockServer, status: str) -> list[dict[str, Any]]:
    async with httpx.AsyncClient(
        base_url=network.base_url, headers={"authorization": "Bearer alice_token"}
    ) as alice:
        answer = await alice.get(f"/api/v1/statuses/{status}/context")
        return list(answer.json()["descendants"])


async def test_a_mention_is_answered_through_the_door_and_seen_there(town: Town, network: MockServer) -> None:
    status = await alice_says(network, "@bob why is my broadband down again?")
    case = await town.until(lambda: town.one("SELECT id FROM cases WHERE due_at IS NOT NULL"))
    assert town.one("SELECT question FROM interaction WHERE direction = 'in'")

    composed = Composed(case_id=case, kind="public", text="Sorry about that. We are looking into it now.")
    with transaction(town.conn):
        refused = submit(town.conn, town.ana, composed, system_clock())
    assert isinstance(refused, Silenced)
    with transaction(town.conn):
        town.conn.execute("UPDATE brand SET state = 'live'")
        released = submit(town.conn, town.ana, composed, system_clock(), window=0)
    assert isinstance(released, Released)

    deliverer = Deliverer(town.conn, KEYS, town.clients)
    assert await deliver_once(deliverer) == 1
    there = await replies_to(network, status)
    assert [reply["account"]["username"] for reply in there] == ["bob"]
    await town.until(lambda: town.one("SELECT state FROM cases") == "waiting")
    assert town.one("SELECT count(*) FROM interaction WHERE direction = 'out'") == 1
    assert town.one("SELECT satisfied_at IS NOT NULL FROM commitment")
    assert town.one("SELECT count(*) FROM thread WHERE joined_into IS NULL") == 1
    assert await deliver_once(deliverer) == 0
    await town.until(lambda: town.one("SELECT seen_at IS NOT NULL FROM delivery"))
    shown = conversation(town.conn, town.brand.id, case, 1, system_clock())
    (ours,) = [post for post in shown.posts if post.author.own]
    kinds = [step.kind for step in ours.way]
    assert kinds[:3] == ["written", "unapproved", "accepted"] and kinds[-1] == "seen"
    assert shown.releases == (), "its way stands at the post"


async def test_a_picture_goes_the_whole_way_over_a_line_that_is_cut_before_the_post(
    town: Town, network: MockServer, line: Line
) -> None:
    status = await alice_says(network, "@bob which cable goes where?")
    asked = "SELECT c.id FROM cases c JOIN interaction i ON i.id = c.latest_post WHERE i.text LIKE '%cable%'"
    case = await town.until(lambda: town.one(asked))
    await town.until(lambda: town.one("SELECT max_pictures FROM account_health") == 4)
    words = "Like this."
    with transaction(town.conn):
        town.conn.execute("UPDATE brand SET state = 'live'")
        draft = save_draft(town.conn, town.ana, case, "public", words, system_clock())
        draft = attach(town.conn, KEYS.kek, town.ana, draft, [drawn("teal")], system_clock())
        composed = Composed(
            case_id=case, kind="public", text=words, pictures=((draft.pictures[0].id, "A teal cable"),)
        )
        released = submit(town.conn, town.ana, composed, system_clock(), window=0)
    assert isinstance(released, Released)

    line.break_when(lambda method, path: (method, path) == ("POST", "/api/v1/statuses"), CUT_BEFORE)
    patience = Patience(settle=0, first_pause=0)
    deliverer = Deliverer(town.conn, KEYS, town.clients, patience=patience)
    states = []
    for _ in range(20):
        await deliver_once(deliverer)
        states.append(town.one("SELECT state FROM delivery"))
        if states[-1] == "sent":
            break
    assert states[0] == "unclear" and states[-1] == "sent", states
    (there,) = await replies_to(network, status)
    (picture,) = there["media_attachments"]
    assert picture["description"] == "A teal cable"
    ours_there = "SELECT i.id FROM interaction i JOIN delivery d USING (native_id)"
    await town.until(lambda: town.one(ours_there))
    shown = conversation(town.conn, town.brand.id, case, 1, system_clock())
    (ours,) = [post for post in shown.posts if post.author.own]
    assert [one.alt for one in ours.pictures] == ["A teal cable"] and shown.releases == ()
    town.conn.execute("UPDATE interaction SET edited_at = now() WHERE id = %s", [ours.id])
    changed = conversation(town.conn, town.brand.id, case, 1, system_clock())
    assert [post.pictures for post in changed.posts if post.author.own] == [()], (
        "its network says what it is now"
    )


async def test_a_broken_line_is_said_and_its_gap_is_filled(
    town: Town, network: MockServer, line: Line
) -> None:
    await alice_says(network, "@bob is the shop open on Sunday?")
    seen = await town.until(lambda: town.one("SELECT count(*) FROM interaction"))
    line.then(*[REFUSE] * 1000)
    await line.cut_all()
    await town.until(lambda: town.one("SELECT state FROM account_health") == "failing")
    assert town.one("SELECT count(*) FROM channel_gap WHERE ended_at IS NULL") == 1
    (said,) = house_status(town.conn).channels
    assert (said.state, said.open_gaps) == ("failing", 1) and said.message
    (line_of,) = channels(town.conn, town.brand.id, system_clock())
    assert (line_of.state, line_of.message) == (said.state, said.message), "the page says what status says"
    await alice_says(network, "@bob hello, is anybody there?")
    line.then()
    await town.until(lambda: town.one("SELECT count(*) FROM interaction") == seen + 1)
    await town.until(lambda: town.one("SELECT state FROM account_health") == "ok")
    assert town.one("SELECT filled FROM channel_gap WHERE ended_at IS NOT NULL") >= 1
