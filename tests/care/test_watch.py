"""Alarms, notices and handing out: each once, also after downtime, and out of the house within ten seconds."""

import asyncio
import contextlib
import json
import socket
import socketserver
import threading
import time
from collections.abc import Iterator
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from psycopg import Connection
from town import NOW, Town, moment

from townhall.care import notices
from townhall.care.notices import Telling
from townhall.channels.webhook.signature import verify
from townhall.database import Database
from townhall.desk.duty import notices as told
from townhall.flow import alarms, attention, cases, leaving, notify, notify_ways
from townhall.flow.leaving import Postman
from townhall.flow.watch import Watch
from townhall.kernel.clock import DAY, HOUR, MINUTE, SECOND, system_clock
from townhall.kernel.errors import Conflict, NotFound, Refused
from townhall.vault import seal

pytestmark = pytest.mark.database
KEK = bytes(range(32))
HERE = frozenset({"127.0.0.1"})
SECRET = "whsec_" + "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="


@pytest.fixture
def town(owner: Connection[Any]) -> Town:
    return Town(owner)


def levels(conn: Connection[Any]) -> list[tuple[str, int]]:
    return conn.execute(
        "SELECT level, count(*) FROM alarm WHERE raised_at IS NOT NULL GROUP BY level ORDER BY level"
    ).fetchall()


def run(conn: Connection[Any], now: int, since: int = 0) -> int:
    with conn.transaction():
        return alarms.raise_alarms(conn, now, since)


def test_each_promise_alarms_once_at_each_level(town: Town, worker: Connection[Any]) -> None:
    lead, ann = town.staff("Lee Lead", "lead"), town.staff("Ann Able")
    town.asks("cleo", "soon", due=NOW + 10 * MINUTE, assignee=ann.staff_id)
    town.asks("dora", "soon", due=NOW + 10 * MINUTE, paused="customer")
    town.asks("eve", "far", due=NOW + HOUR)
    assert run(worker, NOW) == 1 and run(worker, NOW, NOW) == 0
    at = NOW + 10 * MINUTE
    assert run(worker, at, NOW) == 0, "due this very moment is not missed"
    assert run(worker, at + 1, at) == 1 and run(worker, at + 2) == 0
    assert levels(worker) == [("missed", 1), ("soon", 1)]
    mine = told(worker, town.brand, ann.staff_id)
    assert [(n.kind, n.urgent, n.count) for n in mine] == [("missed", True, 1), ("soon", True, 1)]
    assert [n.kind for n in told(worker, town.brand, lead.staff_id)] == ["missed"]


def test_after_downtime_nothing_is_left_out_and_old_news_is_no_news(
    town: Town, worker: Connection[Any]
) -> None:
    lead = town.staff("Lee Lead", "lead")
    for hours in range(1, 30):
        town.asks(f"p{hours}", "x", due=NOW - hours * HOUR + MINUTE)
    assert run(worker, NOW) == 24
    assert run(worker, NOW) == run(worker, NOW, NOW - HOUR) == 0
    (notice,) = told(worker, town.brand, lead.staff_id)
    assert notice.count == 24 and notice.subject == "queue/care"


def test_two_watches_at_once_raise_no_alarm_twice(town: Town, open_as: Any) -> None:
    for n in range(200):
        town.asks(f"p{n}", "x", due=NOW - n * SECOND - 1)
    town.staff("Lee Lead", "lead")
    counts: list[int] = []
    threads = [
        threading.Thread(target=lambda c=open_as("worker"): counts.append(run(c, NOW))) for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(counts) == 200 and levels(town.conn) == [("missed", 200)]
    assert town.conn.execute("SELECT sum(happenings) FROM notice").fetchone() == (200,)


def test_snoozed_cases_come_back_in_time(town: Town, worker: Connection[Any]) -> None:
    ann = town.staff("Ann Able")
    asleep = town.asks("cleo", "x", due=NOW + DAY, state="snoozed", assignee=ann.staff_id)
    near = town.asks("dora", "x", due=NOW + 10 * MINUTE, state="snoozed")
    later = town.asks("eve", "x", due=NOW + DAY, state="snoozed")
    for case, until in ((asleep, NOW), (near, NOW + HOUR), (later, NOW + HOUR)):
        town.conn.execute("UPDATE cases SET snoozed_until = %s WHERE id = %s", [moment(until), case])
    with worker.transaction():
        assert alarms.wake(worker, NOW) == 2
    states = dict(town.conn.execute("SELECT id, state FROM cases").fetchall())
    assert states == {asleep: "open", near: "open", later: "snoozed"}
    assert [n.kind for n in told(worker, town.brand, ann.staff_id)] == ["woken"]


def test_an_unanswered_notice_goes_to_the_next_on_duty_once(town: Town, worker: Connection[Any]) -> None:
    first, second = town.staff("Fay First", "lead"), town.staff("Sue Second", "lead")
    notices.put_on_duty(worker, town.brand, [first.staff_id, second.staff_id])
    town.asks("cleo", "x", due=NOW - 1)
    run(worker, NOW)
    assert told(worker, town.brand, second.staff_id) == ()
    for at in (NOW + 9 * MINUTE, NOW + 10 * MINUTE, NOW + 11 * MINUTE):
        with worker.transaction():
            alarms.escalate(worker, at)
    (passed,) = told(worker, town.brand, second.staff_id)
    assert passed.title.startswith("Nobody answered for 10 minutes")
    assert notices.acknowledge(worker, town.brand, second.staff_id, passed.id, NOW + 12 * MINUTE)
    assert not notices.acknowledge(worker, town.brand, second.staff_id, passed.id, NOW + 12 * MINUTE)
    with worker.transaction():
        assert alarms.escalate(worker, NOW + HOUR) == 0


def test_a_notice_passed_on_again_does_not_nest_its_title(town: Town, worker: Connection[Any]) -> None:
    people = [town.staff(name, "lead") for name in ("Fay First", "Sue Second", "Tom Third")]
    notices.put_on_duty(worker, town.brand, [one.staff_id for one in people])
    town.asks("cleo", "x", due=NOW - 1)
    run(worker, NOW)
    for at in (NOW + 11 * MINUTE, NOW + 22 * MINUTE):
        with worker.transaction():
            alarms.escalate(worker, at)
    titles = [n.title for one in people for n in told(worker, town.brand, one.staff_id)]
    assert len(titles) == 3
    assert [title.count("Nobody answered") for title in titles] == [0, 1, 1]


def test_who_was_given_a_case_is_told(town: Town, web: Connection[Any], worker: Connection[Any]) -> None:
    town.see(web)
    ann, bo = town.staff("Ann Able"), town.staff("Bo Best")
    cases.assign(web, ann, town.asks("cleo", "x"), bo.staff_id, NOW)
    assert [(n.title, n.urgent) for n in told(web, town.brand, bo.staff_id)] == [
        ("Ann Able gave you a case", False)
    ]
    assert told(web, town.brand, ann.staff_id) == ()


class _Mail(socketserver.StreamRequestHandler):
    """As much of SMTP (RFC 5321) as a sender needs."""

    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        while line := self.rfile.readline():
            word = line[:4].upper()
            if word == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                body = b""
                while (part := self.rfile.readline()) != b".\r\n":
                    body += part
                self.server.letters.append(message_from_bytes(body))  # type: ignore[attr-defined]
            if word == b"QUIT":
                self.wfile.write(b"221 bye\r\n")
                return
            self.wfile.write(b"250 ok\r\n")


@pytest.fixture
def mail() -> Iterator[Any]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Mail) as server:
        server.letters = []  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def hook() -> Iterator[Any]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            server.calls.append((dict(self.headers), body))  # type: ignore[attr-defined]
            self.send_response(server.answers.pop(0) if server.answers else 204)  # type: ignore[attr-defined]
            self.end_headers()

        def log_message(self, *words: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.calls, server.answers = [], []  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def drip() -> Iterator[str]:
    """A webhook that answers well and then talks without end, a word each while."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            if self.path == "/body":
                self.send_response(200)
                self.end_headers()
            else:
                self.wfile.write(b"HTTP/1.1 200 OK\r\n")
            with contextlib.suppress(OSError):
                while not over.wait(0.05):
                    self.wfile.write(b"x-more: and more\r\n")

        def log_message(self, *words: Any) -> None:
            pass

    over = threading.Event()
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        over.set()
        server.shutdown()


def test_nobody_is_told_by_ways_without_number(town: Town, web: Connection[Any]) -> None:
    lead = town.staff("Lee Lead", "lead")
    town.see(web)
    for n in range(notify_ways.MOST_WAYS):
        notify_ways.add_way(web, KEK, lead, "email", f"lee{n}@example.org", NOW)
    with pytest.raises(Refused, match="Stop one"):
        notify_ways.add_way(web, KEK, lead, "email", "lee@example.org", NOW)
    notify_ways.add_way(web, KEK, lead, "email", "lee0@example.org", NOW, urgent_only=True)


@pytest.mark.parametrize(("path", "sent"), [("/body", True), ("/head", False)])
def test_a_webhook_that_never_ends_holds_nobody_up(
    town: Town, worker: Connection[Any], drip: str, path: str, sent: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notify, "TIMEOUT_S", 0.5)
    lead = town.staff("Lee Lead", "lead")
    sealed = seal(KEK, SECRET.encode(), notify.LABEL)
    notices.add_way(worker, town.brand, lead.staff_id, "webhook", drip + path, (sealed.key, sealed.body))
    notices.tell(worker, Telling(town.brand, lead.staff_id, "alarm", "case/1", "Late", "/", True), NOW)
    began = time.monotonic()
    assert Rounds(worker, 1, [NOW]).let_leave() == 1
    assert time.monotonic() - began < 3
    (waits,) = town.conn.execute("SELECT count(*) FROM notice_sending WHERE sent_at IS NULL").fetchone()  # type: ignore[misc]
    assert (waits == 0) is sent


class Rounds:
    """One look of the watch and one round of a postman, at a moment that the test moves."""

    def __init__(self, worker: Connection[Any], mail_port: int, now: list[int]) -> None:
        post = notify.Post(
            f"smtp://127.0.0.1:{mail_port}", "care@example.org", "http://localhost:8000", KEK, HERE
        )
        self._watch = Watch(worker, lambda: now[0])
        self.let_leave = Postman(worker, post, lambda: now[0]).let_leave

    def tick(self) -> None:
        self._watch.tick()
        self.let_leave()


def test_addresses_that_do_not_answer_hold_up_nothing_urgent(
    town: Town,
    worker: Connection[Any],
    database: Database,
    drip: str,
    hook: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Twelve dead addresses, each good for a second, and one that works: what is urgent there leaves in a few."""
    monkeypatch.setattr(notify, "TIMEOUT_S", 1.0)
    lead, ann = town.staff("Lee Lead", "lead"), town.staff("Ann Able")
    sealed = seal(KEK, SECRET.encode(), notify.LABEL)
    for n in range(12):
        notices.add_way(
            worker, town.brand, lead.staff_id, "webhook", f"{drip}/head?{n}", (sealed.key, sealed.body)
        )
    hooked = f"http://127.0.0.1:{hook.server_address[1]}/told"
    notices.add_way(worker, town.brand, ann.staff_id, "webhook", hooked, (sealed.key, sealed.body))
    began = system_clock()
    for subject, staff, urgent in (("case/1", lead, False), ("case/2", ann, True)):
        notices.tell(
            worker, Telling(town.brand, staff.staff_id, "alarm", subject, "Late", "/", urgent), began - HOUR
        )
    post = notify.Post("", "", "http://localhost:8000", KEK, HERE)

    async def rounds() -> float:
        stop = asyncio.Event()
        at_work = asyncio.create_task(leaving.rounds(database, post, stop))
        while not hook.calls:
            await asyncio.sleep(0.02)
            assert not at_work.done() and system_clock() - began < 20 * SECOND
        took = (system_clock() - began) / SECOND
        stop.set()
        await at_work
        return took

    assert asyncio.run(rounds()) < 2, "urgent first, whatever else waits"
    ((subject,),) = town.conn.execute(
        "SELECT DISTINCT n.subject FROM notice_sending s JOIN notice n ON n.id = s.notice_id WHERE s.state = 'ready'"
    ).fetchall()
    assert subject == "case/1"


def test_urgent_notices_leave_at_once_grouped_and_signed(
    town: Town, worker: Connection[Any], mail: Any, hook: Any
) -> None:
    lead = town.staff("Lee Lead", "lead")
    sealed = seal(KEK, SECRET.encode(), notify.LABEL)
    notices.add_way(worker, town.brand, lead.staff_id, "email", "lee@example.org", None)
    hooked = f"http://127.0.0.1:{hook.server_address[1]}/told"
    notices.add_way(worker, town.brand, lead.staff_id, "webhook", hooked, (sealed.key, sealed.body))
    for n in range(5):
        town.asks(f"p{n}", "x", due=NOW - n - 1)
    now = [NOW]
    watcher = Rounds(worker, mail.server_address[1], now)
    watcher.tick()
    (letter,) = mail.letters
    assert letter["To"] == "lee@example.org" and letter["Subject"] == "[brook] Promises missed in care (5)"
    ((headers, body),) = hook.calls
    assert verify(headers, body, [SECRET], NOW) == headers["webhook-id"]
    assert json.loads(body)["data"]["count"] == 5
    town.asks("late", "x", due=NOW + 1)
    now[0] = NOW + SECOND
    watcher.tick()
    assert len(mail.letters) == len(hook.calls) == 1, "one that grows does not leave again at once"
    now[0] = NOW + 10 * MINUTE + SECOND
    watcher.tick()
    subjects = [letter["Subject"] for letter in mail.letters]
    assert subjects[1] == "[brook] Promises missed in care (6)" and len(subjects) == 2


def test_a_failing_way_is_tried_again_and_given_up_in_the_end(
    town: Town, worker: Connection[Any], hook: Any
) -> None:
    lead = town.staff("Lee Lead", "lead")
    sealed = seal(KEK, SECRET.encode(), notify.LABEL)
    hooked = f"http://127.0.0.1:{hook.server_address[1]}/told"
    notices.add_way(worker, town.brand, lead.staff_id, "webhook", hooked, (sealed.key, sealed.body))
    notices.add_way(
        worker, town.brand, lead.staff_id, "webhook", "http://192.0.2.1/out", (sealed.key, sealed.body)
    )
    notices.add_way(worker, town.brand, lead.staff_id, "email", "lee@example.org", None)
    hook.answers += [500, 503]
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        dead = free.getsockname()[1]
    town.asks("p", "x", due=NOW - 1)
    now = [NOW]
    watcher = Rounds(worker, dead, now)
    watcher.tick()
    for _ in range(12):
        now[0] += 6 * MINUTE
        watcher.let_leave()
    names = [headers["webhook-id"] for headers, _ in hook.calls]
    assert len(names) == 3 and len(set(names)) == 1
    rows = town.conn.execute(
        "SELECT w.address, s.state, s.attempts FROM notice_sending s JOIN notice_way w ON w.id = s.way_id ORDER BY w.id"
    ).fetchall()
    assert rows == [
        (hooked, "sent", 3),
        ("http://192.0.2.1/out", "failed", 1),
        ("lee@example.org", "failed", 8),
    ]


def test_what_needs_somebody_is_raised_once_taken_and_ended(
    town: Town, worker: Connection[Any], web: Connection[Any]
) -> None:
    lead = town.staff("Lee Lead", "lead")
    town.see(web)
    town.conn.execute("UPDATE account_health SET state = 'failing', since = %s", [moment(NOW - 12 * MINUTE)])
    for at in (NOW, NOW + MINUTE):
        with worker.transaction():
            assert attention.propose(worker, town.brand, at) == 1
    rows = town.conn.execute("SELECT id, sentence, owner FROM attention").fetchall()
    assert rows == [(rows[0][0], "care_brook does not answer since 13 min.", "Lee Lead")]
    attention.acknowledge(web, lead, rows[0][0], NOW + MINUTE)
    with pytest.raises(Conflict):
        attention.acknowledge(web, lead, rows[0][0], NOW + MINUTE)
    town.conn.execute("UPDATE account_health SET state = 'ok'")
    with worker.transaction():
        assert attention.propose(worker, town.brand, NOW + 2 * MINUTE) == 0
    assert town.conn.execute("SELECT count(*) FROM attention WHERE ended_at IS NULL").fetchone() == (0,)


def test_one_chooses_how_one_is_told(
    town: Town, web: Connection[Any], worker: Connection[Any], hook: Any
) -> None:
    town.see(web)
    lead = town.staff("Lee Lead", "lead")
    hooked = f"http://127.0.0.1:{hook.server_address[1]}/told"
    made = notify_ways.add_way(web, KEK, lead, "webhook", hooked, NOW, urgent_only=True, inside=HERE)
    with pytest.raises(Refused):
        notify_ways.add_way(web, KEK, lead, "email", "not an address", NOW)
    town.asks("p", "x", due=NOW - 1)
    now = [NOW]
    Rounds(worker, 1, now).tick()
    ((headers, body),) = hook.calls
    assert verify(headers, body, [made.secret], NOW)
    (notice,) = told(web, town.brand, lead.staff_id)
    assert notify_ways.acknowledge(web, lead, notice.id, NOW)
    assert not notify_ways.acknowledge(web, lead, notice.id, NOW)
    notify_ways.stop_way(web, lead, made.id, NOW)
    with pytest.raises(NotFound):
        notify_ways.stop_way(web, lead, made.id, NOW)
    town.asks("q", "x", due=NOW)
    now[0] += 20 * MINUTE
    Rounds(worker, 1, now).tick()
    assert len(hook.calls) == 1
