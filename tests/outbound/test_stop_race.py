"""A stop against deliverers that race with it, and brands that only observe: counted at the network's door."""

import threading
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
from office import NOW, Office
from pretend import Network, OneNetwork

from townhall.flow import delivery_book, outbound_stop
from townhall.flow.delivery import Deliverer, deliver_once
from townhall.kernel.clock import SECOND
from townhall.outbound.logic.journey import Patience
from townhall.outbound.logic.seal import digest_of
from townhall.outbound.logic.words import Saying
from townhall.vault import open_keys

MANY = 10_000


def fill(office: Office, many: int) -> None:
    """Released texts that are due, in threads of their own, written by plain SQL."""
    template = Saying(
        text="Text %", kind="public", brand_id=office.brand, account_id=office.account, visibility="public",
        recipient="dana", in_reply_to="1", conversation="1",
    )  # fmt: skip
    from msgspec.structs import replace

    digests = [digest_of(replace(template, text=f"Text {n}")) for n in range(many)]
    office.conn.execute(
        """
        WITH said AS (
            INSERT INTO release (brand_id, case_id, thread_id, account_id, channel, kind, visibility, recipient, reply_to,
                in_reply_to, conversation, text, digest, salt, author_id, author, made_at, findings, seen_post, state)
            SELECT %(brand)s, n, n, %(account)s, 'mastodon', 'public', 'public', 'dana', 1, '1', '1', 'Text ' || (n - 1),
                digest, decode(repeat('00', 16), 'hex'), 1, 'Ann', %(now)s, '[]', 0, 'released'
            FROM unnest(%(digests)s::bytea[]) WITH ORDINALITY AS d(digest, n)
            RETURNING id, thread_id, digest
        )
        INSERT INTO delivery (brand_id, release_id, account_id, channel, thread_id, decision, idempotency_key, digest,
            state, not_before, go_by, changed_at)
        SELECT %(brand)s, id, %(account)s, 'mastodon', thread_id, 'd' || id, 'k' || id, digest, 'waiting', %(now)s,
            %(now)s + interval '1 hour', %(now)s FROM said
        """,
        {
            "brand": office.brand, "account": office.account, "digests": digests,
            "now": office.one("SELECT to_timestamp(%s::double precision)", NOW / 1e6),
        },
    )  # fmt: skip


async def test_after_a_stop_has_committed_nothing_reaches_the_network(
    office: Office, worker: psycopg.Connection, at_desk: Callable[..., Any], tmp_path: Path
) -> None:
    fill(office, MANY)
    network = Network()
    deliverer = Deliverer(worker, open_keys(tmp_path), OneNetwork(network), lambda: NOW + SECOND)
    await deliver_once(deliverer)
    before = network.requests
    assert before == 16
    done = at_desk(outbound_stop.stop, office.staff("Sol", "security"), "brand", "wrong price", NOW + SECOND)
    assert done.in_the_air == ()
    for _ in range(60):
        await deliver_once(deliverer)
    assert network.requests == before
    assert office.states() == {"sent": before, "overdue": MANY - before}


async def test_ten_thousand_due_texts_of_an_observing_brand_make_no_request(
    office: Office, worker: psycopg.Connection, tmp_path: Path
) -> None:
    fill(office, MANY)
    office.conn.execute("UPDATE brand SET state = 'observe'")
    network = Network()
    moments = iter(range(NOW, NOW + 2 * 3600 * SECOND, 60 * SECOND))
    deliverer = Deliverer(worker, open_keys(tmp_path), OneNetwork(network), lambda: next(moments))
    for _ in range(30):
        await deliver_once(deliverer)
    assert network.requests == 0 and office.states() == {"waiting": MANY}


def until_waiting(office: Office, thread: threading.Thread) -> None:
    """Returns once somebody waits for the gate, or the thread is through without having waited."""
    while thread.is_alive() and not office.one("SELECT count(*) FROM pg_locks WHERE NOT granted"):
        pass


def test_a_stop_waits_for_a_mark_that_is_being_made_and_knows_of_it(
    office: Office, worker: psycopg.Connection, at_desk: Callable[..., Any]
) -> None:
    fill(office, 3)
    sol, done = office.staff("Sol", "security"), []
    thread = threading.Thread(
        target=lambda: done.append(at_desk(outbound_stop.stop, sol, "brand", "race", NOW + SECOND))
    )
    with worker.transaction():
        (job,) = delivery_book.claim(worker, uuid.uuid4(), NOW + SECOND, Patience(), 1)
        thread.start()
        until_waiting(office, thread)
    thread.join()
    assert done[0].in_the_air == (job.delivery.id,)


def test_a_mark_waits_for_a_stop_that_is_being_made_and_obeys_it(
    office: Office, worker: psycopg.Connection, web: psycopg.Connection
) -> None:
    fill(office, 3)
    sol, jobs = office.staff("Sol", "security"), []

    def claim() -> None:
        with worker.transaction():
            jobs.extend(delivery_book.claim(worker, uuid.uuid4(), NOW + SECOND, Patience(), 3))

    thread = threading.Thread(target=claim)
    with web.transaction():
        web.execute("SELECT set_config('townhall.brand', %s, true)", [str(office.brand)])
        outbound_stop.stop(web, sol, "brand", "race", NOW + SECOND)
        thread.start()
        until_waiting(office, thread)
    thread.join()
    assert jobs == [] and office.states() == {"overdue": 3}


def test_tries_marked_before_a_stop_are_known_to_it_and_none_is_marked_after(
    office: Office, open_as: Callable[..., Any], at_desk: Callable[..., Any]
) -> None:
    """Two threads claim as fast as they can while a stop comes in between, thirty times over."""
    fill(office, 600)
    sol = office.staff("Sol", "security")
    marked: list[int] = []
    over = threading.Event()

    def claim_on(conn: psycopg.Connection) -> None:
        while not over.is_set():
            with conn.transaction():
                jobs = delivery_book.claim(conn, uuid.uuid4(), NOW + SECOND, Patience(), 1)
            marked.extend(job.delivery.id for job in jobs)

    threads = [threading.Thread(target=claim_on, args=[open_as("worker")]) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        for turn in range(30):
            done = at_desk(outbound_stop.stop, sol, "brand", "race", NOW + SECOND + turn)
            known = set(done.in_the_air)
            now = {
                row[0] for row in office.conn.execute("SELECT id FROM delivery WHERE state = 'attempting'")
            }
            assert now == known, "a try was marked that the stop does not know of"
            at_desk(outbound_stop.resume, sol, done.stop_id, NOW + SECOND + turn)
            office.conn.execute(
                "UPDATE delivery SET state = 'waiting', not_before = %s WHERE state = 'overdue'",
                [office.one("SELECT to_timestamp(%s::double precision)", NOW / 1e6 + 0.999)],
            )
            office.conn.execute(
                "UPDATE outbound_stop SET resumed_at = '2000-01-01' WHERE resumed_at IS NOT NULL"
            )
    finally:
        over.set()
        for thread in threads:
            thread.join()
    assert len(marked) == len(set(marked))
