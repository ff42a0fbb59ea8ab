"""Periods and tables of the live page, each against a recomputation from the single rows."""

import random
from collections import Counter
from typing import Any

import pytest
from psycopg import Connection
from town import NOW, Town

from townhall.analytics import store
from townhall.analytics.breakdowns import BREAKDOWNS
from townhall.analytics.logic.promises import Counted, deltas
from townhall.analytics.periods import PERIODS, period_named
from townhall.desk import breakdowns, figures
from townhall.desk.live import live
from townhall.enrich.logic.feeling import feeling
from townhall.flow import why_missed
from townhall.kernel.clock import DAY, HOUR, MINUTE, Instant
from townhall.kernel.errors import NotFound, Refused
from townhall.people.doors import Asker

pytestmark = pytest.mark.database
AT = NOW + 37 * MINUTE + 12_345_678
LAST = AT - AT % MINUTE
METRICS = ("first_response", "next_response", "resolution")
ASKED = [PERIODS[name] for name in ("h", "d", "w")]


@pytest.fixture
def town(owner: Connection[Any], web: Connection[Any]) -> Town:
    made = Town(owner)
    made.see(web)
    return made


def talk(town: Town, count: int, seed: int) -> list[tuple[Instant, int, str, int, float]]:
    """Posts of two accounts over nine days, as the pipeline counts them: (when, account, direction, feeling, how sure)."""
    chance = random.Random(seed)
    second = town._id(
        "INSERT INTO account (brand_id, channel, handle) VALUES (%s, 'x', 'care_x') RETURNING id",
        [town.brand],
    )
    thread, person, told = town.thread(), town.person("cleo"), []
    for _ in range(count):
        back = chance.choice([HOUR, DAY, 9 * DAY])
        at = AT - chance.randrange(back // MINUTE) * MINUTE - chance.randrange(MINUTE)
        way, mood = chance.choice(["in", "in", "out"]), chance.choice([-1, -1, 0, 1])
        sure = round(chance.uniform(0.34, 0.99), 2)
        account = chance.choice([town.account, second])
        post = town.post(thread, person, "hello", at, direction=way)
        town.conn.execute(
            "UPDATE interaction SET account_id = %s, sentiment = %s, certainty = %s WHERE id = %s",
            [account, mood, sure, post],
        )
        found = feeling(mood, sure) if way == "in" else ""
        counts = (
            1,
            way == "in",
            way == "out",
            0,
            *(found == one for one in ("negative", "positive", "unsure")),
            0,
        )
        store.add_volume(
            town.conn, chance.randrange(2), [(at - at % MINUTE, town.brand, account, *map(int, counts))]
        )
        told.append((at, account, way, mood, sure))
    return told


def within(at: Instant, length: Instant) -> bool:
    return LAST - length <= at < LAST


@pytest.mark.parametrize("period", ASKED, ids=lambda one: one.name)
def test_posts_by_channel_and_feeling_equal_the_rows(town: Town, web: Connection[Any], period: Any) -> None:
    posts = [one for one in talk(town, 240, seed=4) if within(one[0], period.length)]
    table = breakdowns.table(web, "channels", town.brand, period, AT)
    assert {line["account_id"]: (line["posts"], line["inbound"]) for line in table.lines()} == {
        account: (
            sum(one[1] == account for one in posts),
            sum(one[1] == account and one[2] == "in" for one in posts),
        )
        for account in {line["account_id"] for line in table.lines()}
    }
    name = next(name for name in period.figures if name.startswith("posts_"))
    assert figures.measure(web, name, town.brand, "UTC", AT).value == len(posts)
    feelings = Counter(feeling(mood, sure) for _, _, way, mood, sure in posts if way == "in")
    told = {
        line["feeling"]: line for line in breakdowns.table(web, "feelings", town.brand, period, AT).lines()
    }
    assert {name: line["posts"] for name, line in told.items()} == {
        one: feelings[one] for one in breakdowns.FEELINGS
    }
    for one, line in told.items():
        assert line["percent"] is None or (line["low"] < line["percent"] < line["high"] and one != "unsure")
        rows = breakdowns.behind(web, "feelings", one, town.brand, period, AT)
        assert len(rows.rows) == line["posts"]
    for line in table.lines():
        rows = breakdowns.behind(web, "channels", str(line["account_id"]), town.brand, period, AT)
        assert len(rows.rows) == line["posts"]


def test_the_lines_of_a_chart_add_up_to_its_figure(town: Town, web: Connection[Any]) -> None:
    talk(town, 200, seed=8)
    for period in PERIODS.values():
        view = live(web, town.brand, AT, period)
        figure = next(one for one in view.figures if one.name.startswith("posts_"))
        assert sum(sum(one.posts) for one in view.volume) == figure.value
        assert {one.received for one in view.volume} == {sum(one.posts) for one in view.volume}
        assert sorted(view.volume[0].slots) == list(view.volume[0].slots)


def test_usual_is_of_the_same_stretch_of_whole_weeks(town: Town, web: Connection[Any]) -> None:
    """Weeks before the data began do not count, and a week of silence counts as none."""
    end = LAST + HOUR // 2 - (LAST + HOUR // 2) % HOUR
    for week, posts in ((1, 70), (3, 90), (4, 80)):  # nothing in the second
        at = end - 5 * HOUR - week * 7 * DAY
        store.add_volume(town.conn, 0, [(at, town.brand, town.account, posts, posts, 0, 0, 0, 0, 0, 0)])
    began = end - DAY - 4 * 7 * DAY
    store.add_volume(town.conn, 0, [(began, town.brand, town.account, 1, 1, 0, 0, 0, 0, 0, 0)])
    day = figures.measure(web, "posts_day", town.brand, "UTC", AT)
    assert day.usual == pytest.approx((0.3 * 70, 0.3 * 81 + 0.7 * 90))
    assert live(web, town.brand, AT, PERIODS["d"]).volume[0].usual_low == pytest.approx(0.3 * 70)


def promises(town: Town, count: int, seed: int) -> list[tuple[Counted, str]]:
    chance, told = random.Random(seed), []
    for number in range(count):
        queue = chance.choice(["care", "billing"])
        started = AT - chance.randrange(9 * 24 * 60) * MINUTE - chance.randrange(MINUTE)
        if number % 3 == 0:
            started = AT - chance.randrange(70 * MINUTE)
        due, end = started + chance.choice([HOUR, 4 * HOUR]), started + chance.randrange(6 * 60) * MINUTE
        kind = chance.choice(["answered", "answered", "running", "off"])
        satisfied = end if kind == "answered" and end < AT else 0
        cancelled = end if kind == "off" and end < AT else 0
        town.promise(
            1,
            1,
            started,
            due,
            metric=METRICS[number // 3 % 3],
            queue=queue,
            satisfied=satisfied or None,
            cancelled=cancelled or None,
        )
        one = Counted(town.brand, METRICS[number // 3 % 3], started, due, satisfied, cancelled, "", queue)
        changed = deltas([], [one])
        store.add_promises(town.conn, number % 2, changed.promise_rows())
        store.add_answers(town.conn, number % 2, changed.answer_rows())
        told.append((one, queue))
    return told


@pytest.mark.parametrize("period", ASKED, ids=lambda one: one.name)
def test_promises_by_what_was_promised_equal_the_commitments(
    town: Town, web: Connection[Any], period: Any
) -> None:
    everything = [one for one, _ in promises(town, 200, seed=5)]
    lines = breakdowns.table(web, "promises", town.brand, period, AT).lines()
    assert [line["title"] for line in sorted(lines, key=lambda line: line["metric"])] == [
        "first response", "next response", "resolution",
    ]  # fmt: skip
    for line in lines:
        due = [
            one
            for one in everything
            if one.metric == line["metric"] and within(one.due - one.due % MINUTE, period.length)
            and not 0 < one.cancelled < one.due
        ]  # fmt: skip
        met = sum(0 < one.satisfied <= one.due for one in due)
        assert (line["due"], line["met"], line["percent"]) == (len(due), met, round(100 * met / len(due), 1))
        rows = breakdowns.behind(web, "promises", line["metric"], town.brand, period, AT)
        assert len(rows.rows) == len(due)


@pytest.mark.parametrize("period", ASKED, ids=lambda one: one.name)
def test_promises_by_queue_equal_the_commitments(town: Town, web: Connection[Any], period: Any) -> None:
    everything = promises(town, 200, seed=2)
    told = {line["queue"]: line for line in breakdowns.table(web, "queues", town.brand, period, AT).lines()}
    for queue in ("care", "billing"):
        mine = [one for one, where in everything if where == queue]
        open_ = [one for one in mine if not one.satisfied and not one.cancelled]
        due = [
            one
            for one in mine
            if within(one.due - one.due % MINUTE, period.length) and not 0 < one.cancelled < one.due
        ]
        line = told[queue]
        assert (line["waiting"], line["missed"]) == (len(open_), sum(one.due < LAST for one in open_))
        assert (line["due"], line["met"]) == (len(due), sum(0 < one.satisfied <= one.due for one in due))
        rows = breakdowns.behind(web, "queues", queue, town.brand, period, AT)
        assert len(rows.rows) == len(open_) + sum(one not in open_ for one in due)
    whole = figures.measure(
        web,
        {HOUR: "promises_now", DAY: "promises_day"}.get(period.length, "promises_week"),
        town.brand,
        "UTC",
        AT,
    )
    assert sum(line["due"] for line in told.values()) == whole.denominator
    assert sum(line["waiting"] for line in told.values()) == figures.measure(
        web, "waiting", town.brand, "UTC", AT
    ).value  # fmt: skip


def test_the_first_answers_of_an_hour_are_told_to_five_minutes(town: Town, web: Connection[Any]) -> None:
    everything = [one for one, _ in promises(town, 150, seed=6) if one.metric == "first_response"]
    slot = AT - AT % (5 * MINUTE)
    hour = [one for one in everything if slot - 55 * MINUTE <= one.started < LAST + MINUTE]
    parts = dict(figures.measure(web, "first_response_hour", town.brand, "UTC", AT).parts)
    assert parts["answered"] == sum(bool(one.satisfied) for one in hour) > 0
    assert parts["waiting"] == sum(not one.satisfied and not one.cancelled for one in hour) > 0
    assert len(figures.behind(web, "first_response_hour", town.brand, "UTC", AT).rows) == len(hour)
    week = dict(figures.measure(web, "first_response_week", town.brand, "UTC", AT).parts)
    assert week["answered"] > parts["answered"]


def test_causes_add_up_and_lead_to_their_promises(town: Town, web: Connection[Any]) -> None:
    ann = Asker(staff_id=1, name="Ann", brand_id=town.brand, brand_slug="brook", roles=frozenset({"lead"}))
    for n in range(7):
        town.asks(f"p{n}", "no signal", due=AT - (n + 1) * HOUR, at=AT - (n + 3) * HOUR)
    table = why_missed.causes(web, ann, PERIODS["d"], AT)
    assert sum(line["promises"] for line in table.lines()) == 7
    for share in ("promises_percent", "minutes_percent"):
        assert sum(round(10 * line[share]) for line in table.lines()) == 1000
    for line in table.lines():
        rows = why_missed.behind(web, ann, line["cause"], PERIODS["d"], AT)
        assert len(rows.rows) == line["promises"]
    assert why_missed.causes(web, ann, PERIODS["h"], AT).lines() != table.lines()
    with pytest.raises(NotFound):
        why_missed.behind(web, ann, "laziness", PERIODS["d"], AT)


def test_the_page_asks_as_many_questions_whatever_it_holds(
    town: Town, web: Connection[Any], count: Any
) -> None:
    few = {name: count(lambda p=period: live(web, town.brand, AT, p)) for name, period in PERIODS.items()}
    talk(town, 60, seed=1)
    promises(town, 60, seed=1)
    many = {name: count(lambda p=period: live(web, town.brand, AT, p)) for name, period in PERIODS.items()}
    assert few == many and len(set(few.values())) == 1 and few[""] <= 20


def test_what_is_not_there_is_said(town: Town, web: Connection[Any], owner: Connection[Any]) -> None:
    day = PERIODS["d"]
    for name, key in (
        ("channels", "1 OR 1=1"),
        ("feelings", "happy"),
        ("nothing", "1"),
        ("queues", "x" * 65),
        ("queues", "a\x00"),
    ):
        with pytest.raises(NotFound):
            breakdowns.behind(web, name, key, town.brand, day, AT)
    with pytest.raises(NotFound):
        breakdowns.table(web, "causes", town.brand, day, AT)

    with pytest.raises(Refused):
        period_named("month")
    talk(town, 20, seed=3)
    other = Town(owner, "oak")
    other.see(web)
    assert [line["posts"] for line in breakdowns.table(web, "channels", other.brand, day, AT).lines()] == [0]
    assert breakdowns.table(web, "channels", town.brand, day, AT).lines() == []
    assert {*breakdowns.ASKED, "causes"} == set(BREAKDOWNS) and set(breakdowns.TABLES) < set(breakdowns.ASKED)
