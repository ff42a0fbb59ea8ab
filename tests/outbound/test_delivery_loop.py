"""What becomes of released texts: tries, looks, order, pauses, stops; against a pretend network."""

import asyncio
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from office import NOW, Office
from pretend import Network, OneNetwork

from townhall.channels.port import Outgoing, Receipt
from townhall.flow import delivery_book, outbound, outbound_decide, outbound_stop
from townhall.flow.delivery import Deliverer, deliver_once, keep_delivering
from townhall.flow.outbound import Composed
from townhall.kernel.clock import HOUR, MINUTE, SECOND
from townhall.kernel.errors import Conflict
from townhall.outbound.logic.journey import Patience
from townhall.run.lifecycle import GRACE
from townhall.vault import open_keys

Desk = Callable[..., Any]


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> int:
        return self.now


class Post:
    """One delivering process over a pretend network, with its own clock."""

    def __init__(self, conn: psycopg.Connection, home: Path, network: Network, **more: Any) -> None:
        self.clock, self.network = Clock(), network
        patience = Patience(first_pause=SECOND, settle=SECOND)
        self.deliverer = Deliverer(conn, open_keys(home), OneNetwork(network), self.clock, patience, **more)

    async def at(self, seconds: float) -> int:
        self.clock.now = NOW + int(seconds * SECOND)
        return await deliver_once(self.deliverer)


@pytest.fixture
def post(worker: psycopg.Connection, tmp_path: Path) -> Callable[..., Post]:
    return lambda network, **more: Post(worker, tmp_path, network, **more)


@pytest.fixture
def send(office: Office, at_desk: Desk) -> Callable[..., Any]:
    ann = office.staff("Ann")

    def go(text: str, case: int = 0, **more: Any) -> Any:
        composed = Composed(
            case_id=case or office.case(handle=f"h{abs(hash(text))}"), kind="public", text=text
        )
        return at_desk(outbound.submit, ann, composed, NOW, **more)

    go.ann = ann  # type: ignore[attr-defined]
    return go


async def test_it_goes_after_its_window_and_comes_back_as_our_own_post(
    office: Office, send: Any, post: Any
) -> None:
    case = office.case(native="777")
    send("It arrives tomorrow.", case)
    street = post(Network())
    assert await street.at(9.9) == 0 and street.network.requests == 0
    assert await street.at(10) == 1
    sent = street.network.posts[0]
    assert (sent.text, sent.in_reply_to, sent.recipient, sent.visibility) == (
        "It arrives tomorrow.", "777", "dana", "public",
    )  # fmt: skip
    assert sent.decision_id and sent.idempotency_key
    assert office.states() == {"sent": 1}
    assert office.conn.execute("SELECT native_id, handed_back FROM delivery").fetchone() == ("p0", True)
    assert office.one("SELECT sum(items) FROM delivery_pending") == 1
    assert await street.at(11) == 0 and street.network.requests == 1


@pytest.mark.parametrize(
    ("fates", "posts", "requests"),
    [
        (["swallowed"], 1, 1),
        (["lost"], 1, 2),
        (["away"], 1, 2),
        (["crash"], 1, 2),
        (["lost", "swallowed"], 1, 2),
    ],
)
async def test_unclear_is_read_back_and_never_sent_twice(
    office: Office, send: Any, post: Any, fates: list[str], posts: int, requests: int
) -> None:
    send("It arrives tomorrow.")
    street = post(Network(fates))
    for second in range(10, 40):
        await street.at(second)
    assert office.states() == {"sent": 1}
    assert (len(street.network.posts), street.network.requests) == (posts, requests)


class Slow(Network):
    """Takes its time over the answer."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.may_answer = asyncio.Event(), asyncio.Event()

    async def send(self, out: Outgoing) -> Receipt:
        self.asked.set()
        await self.may_answer.wait()
        return await super().send(out)


async def test_who_is_told_to_stop_waits_for_the_call_in_the_air(
    office: Office, send: Any, post: Any
) -> None:
    send("It arrives tomorrow.")
    slow, stop = Slow(), asyncio.Event()
    street = post(slow)
    street.clock.now = NOW + MINUTE
    role = asyncio.create_task(_role(street.deliverer, stop))
    await slow.asked.wait()
    stop.set()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(asyncio.shield(role), 0.5)
    slow.may_answer.set()
    await role
    assert office.states() == {"sent": 1} and slow.requests == 1
    assert Patience().call < GRACE * SECOND, "the process is given that time"


async def _role(deliverer: Deliverer, stop: asyncio.Event) -> None:
    try:
        await keep_delivering(deliverer, stop, tick=0.05)
    finally:
        await deliverer.finish()


async def test_a_refusal_for_good_fails_and_says_why(
    office: Office, send: Any, post: Any, at_desk: Desk
) -> None:
    came = send("It arrives tomorrow.")
    street = post(Network(["no"]))
    for second in (10, 20, 60):
        await street.at(second)
    assert office.states() == {"failed": 1} and street.network.requests == 1
    assert office.one("SELECT error FROM delivery") == "not allowed"
    assert at_desk(outbound_decide.give_new_time, send.ann, [came.delivery_id], NOW + MINUTE).going
    await street.at(60)
    assert street.network.texts == ["It arrives tomorrow."]


async def test_a_channel_that_cannot_be_read_back_becomes_doubtful_never_a_second_post(
    office: Office, send: Any, post: Any, at_desk: Desk
) -> None:
    came = send("It arrives tomorrow.")
    street = post(Network(["swallowed"], readable=False))
    for second in range(10, 900, 5):
        await street.at(second)
    assert office.states() == {"doubtful": 1} and street.network.requests == 1
    at_desk(outbound_decide.resolve, send.ann, came.delivery_id, "sent", NOW + HOUR, native_id="seen-there")
    await street.at(3600)
    assert office.states() == {"sent": 1} and street.network.requests == 1
    assert office.one("SELECT handed_back FROM delivery")
    with pytest.raises(Conflict):
        at_desk(outbound_decide.resolve, send.ann, came.delivery_id, "again", NOW + HOUR)


async def test_absence_counts_only_where_the_channel_can_prove_it(
    office: Office, send: Any, post: Any
) -> None:
    send("It arrives tomorrow.")
    street = post(Network(["lost"]), proves_absence=lambda channel: False)
    for second in range(10, 60):
        await street.at(second)
    assert office.states() == {"doubtful": 1} and street.network.requests == 1


async def test_a_person_may_send_a_doubtful_one_again_or_drop_it(
    office: Office, send: Any, post: Any, at_desk: Desk
) -> None:
    first, second = send("One."), send("Two.")
    street = post(Network(["lost", "lost"], readable=False))
    for moment in (10, 12, 14):
        await street.at(moment)
    assert office.states() == {"doubtful": 2}
    at_desk(outbound_decide.resolve, send.ann, first.delivery_id, "again", NOW + MINUTE)
    at_desk(outbound_decide.resolve, send.ann, second.delivery_id, "drop", NOW + MINUTE)
    await street.at(60)
    assert street.network.texts == ["One."] and office.states() == {"sent": 1, "undone": 1}


async def test_a_worker_that_died_leaves_a_lease_and_another_reads_back_first(
    worker: psycopg.Connection, office: Office, send: Any, post: Any
) -> None:
    send("It arrives tomorrow.")
    street = post(Network())
    street.clock.now = NOW + 10 * SECOND
    with worker.transaction():  # as a process that is killed right after its mark was committed
        assert delivery_book.claim(worker, uuid.uuid4(), street.clock(), Patience(), 5)
    assert office.states() == {"attempting": 1}
    assert await street.at(69) == 0 and office.states() == {"attempting": 1}
    await street.at(70)
    assert office.states() == {"unclear": 1} and street.network.looks == 0
    await street.at(71)
    assert street.network.looks == 1 and street.network.requests == 0
    await street.at(71)
    assert office.states() == {"sent": 1} and len(street.network.posts) == 1


async def test_looks_and_tries_share_the_room_for_calls(office: Office, send: Any, post: Any) -> None:
    """Both at once must not be more than fit: what is claimed and not begun would rest until its lease ends."""
    send("First")
    send("Second")
    street = post(Network(["lost", "lost"]))
    await street.at(10)
    assert office.states() == {"unclear": 2}
    send("Third")
    send("Fourth")
    street.clock.now = NOW + 13 * SECOND
    begun = [await deliver_once(street.deliverer, 2), await deliver_once(street.deliverer, 3)]
    assert begun == [2, 3] and street.network.looks == 2
    await deliver_once(street.deliverer, 2)
    assert office.states() == {"sent": 4}


async def test_order_is_kept_within_a_thread(office: Office, send: Any, post: Any) -> None:
    case = office.case()
    for text in ("One.", "Two.", "Three."):
        send(text, case, force=True)
    send("Elsewhere.")
    street = post(Network(["away"]))
    for second in range(10, 40):
        await street.at(second)
    said = [text for text in street.network.texts if text != "Elsewhere."]
    assert said == ["One.", "Two.", "Three."] and office.states() == {"sent": 4}


async def test_a_pause_that_the_network_asks_for_holds_for_the_whole_account(
    office: Office, send: Any, post: Any
) -> None:
    send("One.")
    street = post(Network(["away"], pause_until=NOW + 100 * SECOND))
    await street.at(10)
    send("Two.")
    for second in range(11, 100):
        await street.at(second)
    assert street.network.requests == 1
    await street.at(100)
    assert sorted(street.network.texts) == ["One.", "Two."]


async def test_what_is_overdue_does_not_go_by_itself(
    office: Office, send: Any, post: Any, at_desk: Desk
) -> None:
    came = send("It arrives tomorrow.")
    street = post(Network())
    await street.at(3600)
    assert office.states() == {"overdue": 1} and street.network.requests == 0
    given = at_desk(outbound_decide.give_new_time, send.ann, [came.delivery_id], NOW + HOUR)
    assert given.going == (came.delivery_id,)
    await street.at(3600)
    assert office.states() == {"sent": 1}


@pytest.mark.parametrize("scope", ["everything", "brand", "channel", "account"])
async def test_a_stop_holds_from_its_commit_and_what_was_due_meanwhile_needs_a_new_time(
    office: Office, send: Any, post: Any, at_desk: Desk, scope: str
) -> None:
    boss = office.staff("Sol", "security")
    send("One.")
    target = {"channel": "mastodon", "account": str(office.account)}.get(scope, "")
    done = at_desk(outbound_stop.stop, boss, scope, "wrong price online", NOW, target=target)
    with pytest.raises(Conflict):
        at_desk(outbound_stop.stop, boss, scope, "again", NOW, target=target)
    street = post(Network())
    await street.at(11)
    assert street.network.requests == 0 and done.in_the_air == ()
    late = send("Two.")
    assert type(late).__name__ == "Silenced" and "wrong price online" in late.why
    at_desk(outbound_stop.resume, boss, done.stop_id, NOW + MINUTE)
    await street.at(61)
    assert street.network.requests == 0 and office.states() == {"overdue": 1}
    send("Three.")
    street.clock.now = NOW + 61 * SECOND
    office.conn.execute(
        "UPDATE delivery SET not_before = not_before + interval '1 minute' WHERE state = 'waiting'"
    )
    await street.at(71)
    assert street.network.texts == ["Three."]


async def test_a_stop_while_nobody_delivered_also_makes_overdue(
    office: Office, send: Any, post: Any, at_desk: Desk
) -> None:
    boss = office.staff("Sol", "security")
    send("One.")
    done = at_desk(outbound_stop.stop, boss, "brand", "wrong price", NOW + 5 * SECOND)
    at_desk(outbound_stop.resume, boss, done.stop_id, NOW + 30 * SECOND)
    street = post(Network())
    await street.at(31)
    assert street.network.requests == 0 and office.states() == {"overdue": 1}


async def test_a_stop_of_another_brand_does_not_hold_ours(
    owner: psycopg.Connection, office: Office, send: Any, post: Any, at_desk: Desk
) -> None:
    other = Office(owner, "otherco")
    at_desk(outbound_stop.stop, other.staff("Sol", "security"), "brand", "theirs", NOW)
    at_desk(
        outbound_stop.stop,
        other.staff("Sal", "security"),
        "account",
        "guess",
        NOW,
        target=str(office.account),
    )
    send("One.")
    street = post(Network())
    await street.at(10)
    assert street.network.texts == ["One."]


async def test_a_brand_that_returned_to_observing_sends_nothing(office: Office, send: Any, post: Any) -> None:
    send("One.")
    office.conn.execute("UPDATE brand SET state = 'observe'")
    street = post(Network())
    for second in range(10, 1200, 60):
        await street.at(second)
    assert street.network.requests == 0 and office.states() == {"overdue": 1}


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE release SET text = text || ' Buy now!'",
        "UPDATE release SET recipient = 'mallory'",
        "UPDATE release SET visibility = 'direct'",
        "UPDATE release SET text = 'x', digest = sha256('x')",
        "UPDATE release SET state = 'held'",
        "INSERT INTO hold (release_id, brand_id, why, reasons, approvers, steps, held_at, expires_at, outcome, ended_at)"
        " SELECT id, brand_id, '', '{}', '{lead}', '[[\"lead\"]]', now(), now(), 'approved', now() FROM release",
    ],
)
async def test_words_that_are_not_those_released_never_go(
    office: Office, send: Any, post: Any, tampering: str
) -> None:
    send("One.")
    office.conn.execute(tampering)
    street = post(Network())
    await street.at(10)
    assert street.network.requests == 0 and office.states() == {"failed": 1}
    assert "not what was released" in office.one("SELECT error FROM delivery")


async def test_a_read_back_that_finds_another_replys_post_proves_nothing(
    office: Office, send: Any, post: Any
) -> None:
    send("One.")
    street = post(Network(["lost"]))
    await street.at(10)
    office.conn.execute(
        "INSERT INTO delivery (brand_id, release_id, account_id, channel, thread_id, decision, idempotency_key, digest,"
        " state, not_before, go_by, native_id, handed_back, changed_at)"
        " SELECT brand_id, release_id, account_id, channel, 1, 'd', 'k', sha256('other'), 'sent', now(), now(), 'p0',"
        " true, '2000-01-01' FROM delivery"
    )
    parent = office.one("SELECT in_reply_to FROM release")
    street.network.posts.append(
        Outgoing(decision_id="x", idempotency_key="x", account_id=1, text="One.", in_reply_to=parent)
    )
    await street.at(11)
    assert office.states() == {"doubtful": 1, "sent": 1} and street.network.requests == 1
