"""What a policy may ask of an author's past: looked up only where it asks, right to the post, and kept with the verdict."""

from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest

from tests.flow.parish import KEYS, START, Parish, post
from townhall.database import Database
from townhall.database.connect import connect, transaction
from townhall.flow.backtest import backtest, rederive
from townhall.flow.receive import receive
from townhall.flow.replay import Window, replay
from townhall.kernel.clock import DAY, MINUTE, system_clock, to_iso
from townhall.people import tiers
from townhall.policy import store as policies
from townhall.policy.logic import parse_policy
from townhall.policy.logic.context import Context

ASKING = """\
id: asks
version: 1
rules:
  - {id: gold, owner: o, reason: r, when: "author.tier == 'gold'", effect: escalate, targets: {first_response: 1h}}
  - {id: often, owner: o, reason: r, when: "author.posts >= 2", effect: answer, targets: {first_response: 1h}}
  - {id: again, owner: o, reason: r, when: "history.answered_before && author.cases >= 1", effect: route}
  - {id: new, owner: o, reason: r, when: "author.posts == 0", effect: acknowledge, targets: {first_response: 1h}}
"""


@pytest.fixture
def parish(database: Database) -> Iterator[Parish]:
    with connect(database.dsn("worker")) as connection:
        yield Parish(database, connection)


def put_in_force(parish: Parish, source: str) -> None:
    with transaction(parish.connection):
        policies.add(
            parish.connection, parish.brand.id, source, parse_policy(source).digest, "test", activate=True
        )
    parish.now += DAY // 24
    parish.house.refresh(parish.connection, parish.now, must=True)


def judged(parish: Parish) -> list[Any]:
    window = Window(parish.brand.id, 0, system_clock() + 365 * DAY)
    with transaction(parish.connection):
        return [one for chunk in replay(parish.connection, KEYS.kek, window) for one in chunk.posts]


def test_nobody_looks_where_no_policy_asks(parish: Parish) -> None:
    parish.take(post(1, 0), post(2, 1))
    assert [(one.context.looked_up, one.context.author_posts) for one in judged(parish)] == [
        (False, -1),
        (False, -1),
    ]


def test_each_post_sees_what_came_before_it(parish: Parish) -> None:
    put_in_force(parish, ASKING)
    parish.offer([post(1, 0, "ines"), post(2, 1, "noor"), post(3, 2, "ines")])  # one batch
    parish.work()
    parish.take(post(4, 3, "ines"), post(5, 4, "acme", "We look.", parent=2, own=True), post(6, 9, "noor"))
    found = judged(parish)
    assert [one.context.author_posts for one in found] == [0, 0, 1, 2, 1]
    assert [one.rule for one in found] == ["new", "new", "", "often", "again"]
    assert [one.context.author_cases for one in found] == [0, 0, 0, 1, 1]
    assert [one.context.answered_before for one in found] == [False, False, False, False, True]
    with transaction(parish.connection):
        window = Window(parish.brand.id, 0, system_clock() + 365 * DAY)
        assert rederive(parish.connection, KEYS.kek, window)["ok"]


def test_a_tier_is_seen_from_the_next_post_on(parish: Parish) -> None:
    put_in_force(parish, ASKING)
    parish.take(post(1, 0))
    (identity,) = tiers.identities_of(parish.connection, parish.brand.id, "ines")
    tiers.set_tier(parish.connection, parish.brand.id, identity, "gold", 41_000, "test", START)
    parish.take(post(2, 1))
    found = judged(parish)
    assert [(one.rule, one.context.author_tier, one.context.author_followers) for one in found] == [
        ("new", "", -1), ("gold", "gold", 41_000),
    ]  # fmt: skip


def toot(number: int, followers: object) -> bytes:
    who = {"id": "9", "acct": "ines", "display_name": "Ines", "followers_count": followers}
    return msgspec.json.encode(
        {
            "id": str(number),
            "created_at": to_iso(START + number * MINUTE),
            "account": who,
            "content": "why no signal?",
        }
    )


def tweet(number: int, followers: object) -> bytes:
    user = {"id": "9", "username": "ines", "name": "Ines", "public_metrics": {"followers_count": followers}}
    data = {
        "id": str(number),
        "text": "why no signal?",
        "author_id": "9",
        "created_at": to_iso(START + number * MINUTE),
    }
    return msgspec.json.encode({"data": data, "includes": {"users": [user]}})


@pytest.mark.parametrize(("channel", "item"), [("mastodon", toot), ("x", tweet)])
def test_what_a_network_says_of_followers_is_judged_by(
    parish: Parish, channel: str, item: Callable[[int, object], bytes]
) -> None:
    put_in_force(parish, ASKING)
    stated = [120, 9_000_000_000, None, -1, "many", True, 0]
    with transaction(parish.connection):
        received = [item(1 + place, one) for place, one in enumerate(stated)]
        receive(parish.connection, KEYS, parish.account, channel, received, parish.now)
    parish.work()
    written = dict(parish.connection.execute("SELECT id, published_at FROM interaction").fetchall())
    told = [one.context.author_followers for one in sorted(judged(parish), key=lambda one: written[one.id])]
    assert told == [120, 1_000_000_000, -1, -1, -1, -1, 0], (
        "a count, or nothing; never a fault of the whole post"
    )
    (identity,) = tiers.identities_of(parish.connection, parish.brand.id, "ines")
    tiers.set_tier(parish.connection, parish.brand.id, identity, "gold", 41_000, "test", START)
    with transaction(parish.connection):
        receive(parish.connection, KEYS, parish.account, channel, [item(20, 125), item(21, None)], parish.now)
    parish.work()
    again = [one.context.author_followers for one in judged(parish)]
    assert sorted(again) == [-1, -1, -1, -1, 0, 120, 125, 41_000, 1_000_000_000], (
        "the network's word goes first"
    )


def test_a_backtest_says_what_nobody_looked_up(parish: Parish) -> None:
    parish.take(post(1, 0), post(2, 1))
    put_in_force(parish, ASKING)
    parish.take(post(3, 2))
    window = Window(parish.brand.id, 0, system_clock() + 365 * DAY)
    with transaction(parish.connection):
        found = backtest(parish.connection, KEYS.kek, parse_policy(ASKING), window)
    assert (found["interactions"], found["not_looked_up"]) == (3, 2)


def test_contexts_that_were_stored_stay_readable() -> None:
    """The very bytes that were kept before there was a history."""
    from townhall.flow.replay import _context

    old = b'{"text":"hi","language":"en","question":true,"question_p":0.9,"hour":7,"at":5,"gone_since":1}'
    assert _context(old) == Context(text="hi", language="en", question=True, question_p=0.9, hour=7, at=5)
    guessed = old.replace(b',"gone_since":1', b',"sentiment":-1,"intent":"billing","read_by":"0123456789ab"')
    kept = _context(guessed)
    assert (kept.sentiment, kept.sentiment_p, kept.intent, kept.intent_p) == (-1, 0.0, "billing", 0.0)


GUESSING = """\
id: sure
version: 1
rules:
  - {id: sure, owner: o, reason: r, when: "post.sentiment < 0 && post.sentiment_p >= 0.6 && post.intent_p >= 0.2",
     effect: answer, targets: {first_response: 1h}}
  - {id: guess, owner: o, reason: r, when: "post.sentiment_p > 0.0 && post.sentiment_p < 0.6", effect: route}
"""


def test_a_rule_may_refuse_a_guess(parish: Parish) -> None:
    """Certainty is judged as it was read, kept with the verdict, and gives the same verdict again."""
    put_in_force(parish, GUESSING)
    words = ["Worst service ever, three weeks and still broken, I am furious", "the tariff", "table and lamp"]
    parish.take(*(post(n, n, text=text) for n, text in enumerate(words, 1)))
    found = judged(parish)
    for one, read in zip(found, parish.house.understanding.enrich(words), strict=True):
        assert one.context.sentiment_p == pytest.approx(read.sentiment_p, abs=1e-6)
        assert one.context.intent_p == pytest.approx(read.intent_p, abs=1e-6)
        assert one.rule == ("guess" if read.sentiment_p < 0.6 else "sure" if read.sentiment < 0 else "")
    assert {one.rule for one in found} >= {"sure", "guess"}
    with transaction(parish.connection):
        window = Window(parish.brand.id, 0, system_clock() + 365 * DAY)
        assert rederive(parish.connection, KEYS.kek, window)["ok"]
