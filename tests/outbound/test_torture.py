"""Never twice, never lost: delivering processes are killed and lines cut at random points while replies go out.

A disturbance is one ``kill -9`` of a delivering process or one request that the line cut, swallowed or doubled.
``TOWNHALL_TORTURE`` says how many there are to be (200 by default). At the end the network must hold each approved
text exactly once, in its thread's order, and none that was not approved.
"""

import asyncio
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from line import CUT_ANSWER, CUT_BEFORE, CUT_REQUEST, DUPLICATE, PASS, REFUSE, SWALLOW, Line
from mastodon_mock.testing.server import MockServer
from office import Office

from townhall.channels.markup import to_text
from townhall.database import Database
from townhall.flow import outbound, outbound_approval
from townhall.flow.outbound import Composed
from townhall.flow.outbound_outcome import Held, Released
from townhall.intake.credentials import put_secrets
from townhall.kernel.clock import system_clock
from townhall.vault import open_keys

WANTED = int(os.environ.get("TOWNHALL_TORTURE", "200"))
HANDS = 3
FATES = (REFUSE, CUT_BEFORE, CUT_REQUEST, SWALLOW, CUT_ANSWER, DUPLICATE)
SAYINGS = ("We are looking into it.", "It left our house this morning.", "Please open the link in your mail.")


class Hands:
    """Delivering processes: a few at a time, each killed at a random moment and replaced. A call of theirs may take ``call``
    seconds."""

    def __init__(self, dsn: str, home: Path, chance: random.Random, call: int = 1) -> None:
        script = Path(__file__).with_name("hand.py")
        self._mother = subprocess.Popen(
            [sys.executable, str(script), dsn, str(home), str(call)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._chance, self.alive, self.kills = chance, set[int](), 0
        self._asking = threading.Lock()

    async def more(self) -> None:
        self.alive = {pid for pid in self.alive if Path(f"/proc/{pid}").exists()}
        while len(self.alive) < HANDS:
            self.alive.add(await asyncio.to_thread(self._fork))

    def _fork(self) -> int:
        assert self._mother.stdin and self._mother.stdout
        with self._asking:  # a cancelled asker is still in its thread, and would read the next one's answer
            self._mother.stdin.write("fork\n")
            self._mother.stdin.flush()
            return int(self._mother.stdout.readline())

    async def torment(self, line: Line) -> None:
        """Kills one after every few requests, whatever the speed of the machine."""
        while True:
            await self.more()
            until = len(line.requests) + self._chance.randint(1, 5)
            while len(line.requests) < until:
                await asyncio.sleep(0.01)
                await self.more()
            await asyncio.sleep(self._chance.uniform(0, 0.05))
            self._end(self._chance.choice(sorted(self.alive)))
            self.kills += 1

    def _end(self, pid: int) -> None:
        self.alive.discard(pid)
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass

    def close(self) -> None:
        for pid in sorted(self.alive):
            self._end(pid)
        self._mother.kill()
        self._mother.wait()


@pytest.fixture(scope="module")
def network() -> Iterator[MockServer]:
    with MockServer(log_level="critical") as running:
        yield running


@pytest.fixture
async def alice(network: MockServer) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"authorization": "Bearer alice_token"}
    async with httpx.AsyncClient(base_url=network.base_url, headers=headers) as client:
        yield client


async def posts_of_bob(alice: httpx.AsyncClient, bob: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while True:
        params = {"limit": 40} | ({"max_id": found[-1]["id"]} if found else {})
        page = (await alice.get(f"/api/v1/accounts/{bob}/statuses", params=params)).json()
        if not page:
            return found
        found += page


class Writers:
    """Agents and leads who keep the outbox filled, and what they approved: (post answered, words) in order."""

    def __init__(self, office: Office, at_desk: Callable[..., Any], parents: list[str]) -> None:
        self.office, self.at_desk = office, at_desk
        self.ann, self.lee = office.staff("Ann"), office.staff("Lee", "lead")
        self.cases = {
            office.case(f"Where is it? {native}", "alice", native=native): native for native in parents
        }
        self.approved: dict[str, list[str]] = defaultdict(list)
        self.numbers = 0

    def write(self, case: int) -> None:
        """Mostly a plain reply; some are held, of which some are approved; some are taken back in time."""
        self.numbers += 1
        number, words = self.numbers, f"{SAYINGS[self.numbers % 3]} ({self.numbers // len(self.cases)})"
        if number % 10 == 7:
            self._held(case, f"Call +44 20 7946 0991. {words}", approve=number % 20 == 7)
        elif number % 25 == 0:
            came = self._submit(case, f"No! {words}", window=60_000_000)
            self.at_desk(outbound.withdraw, self.ann, came.release_id, system_clock())
        else:
            assert isinstance(self._submit(case, words), Released)
            self.approved[self.cases[case]].append(words)

    def _held(self, case: int, words: str, *, approve: bool) -> None:
        came = self._submit(case, words)
        assert isinstance(came, Held)
        if approve:
            digest = bytes(self.office.one("SELECT digest FROM release WHERE id = %s", came.release_id))
            self.at_desk(
                outbound_approval.approve, self.lee, came.release_id, digest, system_clock(), window=0
            )
            self.approved[self.cases[case]].append(words)

    def _submit(self, case: int, words: str, window: int = 0) -> Any:
        composed = Composed(case_id=case, kind="public", text=words)
        return self.at_desk(outbound.submit, self.ann, composed, system_clock(), force=True, window=window)

    def write_round(self) -> None:
        for case in self.cases:
            self.write(case)


def unsettled(office: Office) -> int:
    return int(
        office.one("SELECT count(*) FROM delivery WHERE state IN ('waiting', 'attempting', 'unclear')")
    )


@pytest.mark.slow
async def test_killed_and_cut_at_random_each_approved_text_is_there_exactly_once(
    network: MockServer, alice: httpx.AsyncClient, owner: psycopg.Connection, worker: psycopg.Connection,
    database: Database, at_desk: Callable[..., Any], tmp_path: Path,
) -> None:  # fmt: skip
    seed = int(os.environ.get("TOWNHALL_SEED", str(time.time_ns() % 100_000)))
    chance = random.Random(seed)
    me = {"authorization": "Bearer bob_token"}
    bob = (await alice.get("/api/v1/accounts/verify_credentials", headers=me)).json()["id"]
    parents = [
        str((await alice.post("/api/v1/statuses", json={"status": f"Where is it? {n}"})).json()["id"])
        for n in range(24)
    ]

    def judged(method: str, path: str) -> bool:
        """Each post may meet its fate; a reading now and then, for it takes many to look through all that was said."""
        return method == "POST" or chance.random() < 0.1

    async with Line("127.0.0.1", network.port, seed=seed, trouble=0.6, fates=FATES, only=judged) as line:
        office = Office(owner, "parcels", base_url=line.url, handle="bob", native_id=bob)
        owner.execute("""UPDATE account SET settings = '{"timeout_s": 0.8}'""")
        put_secrets(worker, open_keys(tmp_path).kek, office.account, {"token": "bob_token"})
        writers = Writers(office, at_desk, parents)
        hands = Hands(database.dsn("worker"), tmp_path, chance)
        torment, calm = asyncio.create_task(hands.torment(line)), False
        began = time.monotonic()
        try:
            while True:
                cuts = sum(count for fate, count in line.seen.items() if fate != PASS)
                enough = calm or hands.kills + cuts >= WANTED
                if not enough and unsettled(office) < len(parents):
                    await asyncio.to_thread(writers.write_round)
                elif enough:
                    if not calm:  # enough: the rest settles in peace, however slow the machine
                        torment.cancel()
                        line.then()
                        hands.close()
                        kills = hands.kills
                        owner.execute("""UPDATE account SET settings = '{"timeout_s": 15}'""")
                        hands, calm = Hands(database.dsn("worker"), tmp_path, chance, call=20), True
                    await hands.more()
                    if not unsettled(office):
                        break
                assert time.monotonic() - began < 180 + WANTED * 2, (
                    seed,
                    office.states(),
                    hands.kills,
                    line.seen,
                )
                assert not torment.done() or torment.cancelled(), torment.exception()
                await asyncio.sleep(0.05)
        finally:
            torment.cancel()
            hands.close()
    there = await posts_of_bob(alice, bob)
    compare(there, writers.approved, seed)
    assert set(office.states()) <= {"sent", "undone"}, (seed, office.states())
    assert office.one("SELECT count(*) FROM delivery WHERE state = 'sent' AND NOT handed_back") == 0
    sent = office.states()["sent"]
    assert office.one("SELECT sum(items) FROM delivery_pending") == sent
    print(
        f"\n{sent} texts, {kills} kills, cuts {dict(line.seen)}, {time.monotonic() - began:.0f} s, seed {seed}"
    )


def compare(there: list[dict[str, Any]], approved: dict[str, list[str]], seed: int) -> None:
    """Each approved text once, nothing else, and each thread in the order in which it was approved."""
    said = [
        (status["in_reply_to_id"], to_text(status["content"]).removeprefix("@alice ").strip())
        for status in sorted(there, key=lambda status: int(status["id"]))
    ]
    wanted = [(native, words) for native, texts in approved.items() for words in texts]
    assert Counter(said) == Counter(wanted), f"seed {seed}"
    by_thread: dict[str, list[str]] = defaultdict(list)
    for native, words in said:
        by_thread[native].append(words)
    assert dict(by_thread) == {native: texts for native, texts in approved.items() if texts}, f"seed {seed}"
