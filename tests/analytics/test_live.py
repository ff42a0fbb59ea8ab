"""The live page on the real database: rollups equal recomputation, and every way to a figure gives the same figure."""

import random
from pathlib import Path
from typing import Any

import pytest
from psycopg import Connection
from town import NOW, Town, moment

from townhall.analytics import store
from townhall.analytics.logic.promises import Counted, deltas
from townhall.analytics.metrics import METRICS
from townhall.analytics.periods import PERIODS
from townhall.analytics.words import page
from townhall.desk import figures
from townhall.desk.live import figure, live
from townhall.desk.views import Figure
from townhall.kernel.clock import DAY, HOUR, MINUTE
from townhall.kernel.errors import NotFound

pytestmark = pytest.mark.database
AT = NOW + 37 * MINUTE + 12_345_678


@pytest.fixture
def town(owner: Connection[Any], web: Connection[Any]) -> Town:
    made = Town(owner)
    made.see(web)
    return made


def stored(town: Town) -> list[Counted]:
    rows = town.conn.execute(
        "SELECT brand_id, metric, extract(epoch FROM started_at) * 1e6, extract(epoch FROM due_at) * 1e6,"
        " coalesce(extract(epoch FROM satisfied_at) * 1e6, 0), coalesce(extract(epoch FROM cancelled_at) * 1e6, 0), cause, queue"
        " FROM commitment WHERE brand_id = %s",
        [town.brand],
    )
    return [Counted(r[0], r[1], *(int(n) for n in r[2:6]), r[6], r[7]) for r in rows]


def some_promises(town: Town, count: int, seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(count):
        started = AT - chance.randrange(9 * 24 * 60) * MINUTE - chance.randrange(MINUTE)
        due = started + chance.choice([HOUR, 4 * HOUR]) + chance.randrange(MINUTE)
        end = started + chance.randrange(6 * 60) * MINUTE
        kind = chance.choice(["answered", "answered", "running", "off"])
        town.promise(
            1, 1, started, due, metric=chance.choice(["first_response", "next_response"]),
            satisfied=end if kind == "answered" and end < AT else None,
            cancelled=end if kind == "off" and end < AT else None,
        )  # fmt: skip


def roll_up(town: Town) -> None:
    """As the pipeline does: one after the other, by two writers, in the order of their ends."""
    for worker, part in enumerate((stored(town)[::2], stored(town)[1::2])):
        for commitment in part:
            begun = Counted(
                commitment.brand, commitment.metric, commitment.started, commitment.due, queue=commitment.queue
            )  # fmt: skip
            for change in (deltas([], [begun]), deltas([begun], [commitment])):
                store.add_promises(town.conn, worker, change.promise_rows())
                store.add_answers(town.conn, worker, change.answer_rows())


def test_figures_equal_recomputation_from_the_commitments(town: Town, web: Connection[Any]) -> None:
    some_promises(town, 300, seed=7)
    roll_up(town)
    everything = stored(town)
    minute = AT - AT % MINUTE
    for name, start in (
        ("promises_now", minute - HOUR),
        ("promises_day", minute - DAY),
        ("promises_week", minute - 7 * DAY),
        ("promises_today", AT - AT % DAY),
    ):
        due = [c for c in everything if start <= c.due - c.due % MINUTE < minute]
        met = [c for c in due if 0 < c.satisfied <= c.due]
        off = [c for c in due if 0 < c.cancelled < c.due]
        got = figures.measure(web, name, town.brand, "UTC", AT)
        assert (got.numerator, got.denominator) == (len(met), len(due) - len(off)), name
        parts = dict(got.parts)
        assert parts["late"] == sum(c.satisfied > c.due for c in due)
        assert parts["missed"] == len(due) - len(off) - len(met) == parts["late"] + parts["unanswered"]
        running = [c for c in everything if not c.satisfied and not c.cancelled and c.due >= minute]
        assert parts["running"] == len(running)
    waiting = [c for c in everything if not c.satisfied and not c.cancelled]
    got = figures.measure(web, "waiting", town.brand, "UTC", AT)
    assert got.value == len(waiting)
    assert dict(got.parts)["missed"] == sum(c.due < minute for c in waiting)
    assert dict(got.parts)["oldest_minutes"] == (AT - min(waiting, key=lambda c: c.due).started) // MINUTE
    soon = [c for c in waiting if minute <= c.due < minute + 30 * MINUTE]
    assert figures.measure(web, "will_be_missed", town.brand, "UTC", AT).denominator == len(soon)
    first = figures.measure(web, "first_response", town.brand, "UTC", AT)
    hours = [
        c
        for c in everything
        if c.metric == "first_response" and AT - AT % HOUR - DAY < c.started - c.started % HOUR <= AT
    ]
    assert dict(first.parts)["waiting"] == sum(not c.satisfied and not c.cancelled for c in hours)
    assert dict(first.parts)["answered"] == sum(bool(c.satisfied) for c in hours)


def test_hours_and_minutes_are_one_count(town: Town) -> None:
    some_promises(town, 60, seed=3)
    roll_up(town)
    store.add_volume(
        town.conn,
        0,
        [(NOW + n * 7 * MINUTE, town.brand, town.account, 3, 2, 1, 1, 0, 1, 0, 1) for n in range(30)],
    )
    for fine, coarse, time, counts in (
        (
            "rollup_promise",
            "rollup_promise_hour",
            ("due_minute", "due_hour"),
            "made, met, late, cancelled, dropped",
        ),
        (
            "rollup_volume",
            "rollup_volume_hour",
            ("minute", "hour"),
            "received, inbound, outbound, questions, negative, positive, unsure, to_answer",
        ),
    ):
        sums = ", ".join(f"sum({c})" for c in counts.split(", "))
        a = town.conn.execute(
            f"SELECT date_trunc('hour', {time[0]}), {sums} FROM {fine} GROUP BY 1 ORDER BY 1"
        ).fetchall()
        b = town.conn.execute(f"SELECT {time[1]}, {sums} FROM {coarse} GROUP BY 1 ORDER BY 1").fetchall()
        assert a == b and a


def test_every_way_to_a_figure_gives_the_same_figure(town: Town, web: Connection[Any]) -> None:
    some_promises(town, 80, seed=11)
    roll_up(town)
    shown_on: dict[str, Figure] = {}
    for period in PERIODS.values():
        here = {shown.name: shown for shown in live(web, town.brand, AT, period).figures}
        assert tuple(here) == period.figures and len(here) <= 7
        assert all(here[name].value == shown_on[name].value for name in here if name in shown_on)
        shown_on |= here
    assert set(shown_on) == set(METRICS) - {"will_be_missed"}
    for name in METRICS:
        alone = figure(web, town.brand, name, AT)
        measured = figures.measure(web, name, town.brand, "UTC", AT)
        assert (alone.value, alone.numerator, alone.denominator) == (
            measured.value,
            measured.numerator,
            measured.denominator,
        )
        if name in shown_on:
            assert shown_on[name].value == alone.value and shown_on[name].state == alone.state


def test_the_rows_behind_a_share_are_its_denominator(town: Town, web: Connection[Any]) -> None:
    some_promises(town, 120, seed=5)
    roll_up(town)
    for name in ("promises_now", "promises_day", "promises_today", "promises_week"):
        rows = figures.behind(web, name, town.brand, "UTC", AT)
        assert len(rows.rows) == figures.measure(web, name, town.brand, "UTC", AT).denominator
        assert rows.columns[:2] == ("id", "case_id")
    assert (
        len(figures.behind(web, "waiting", town.brand, "UTC", AT).rows)
        == figures.measure(web, "waiting", town.brand, "UTC", AT).value
    )
    for name in METRICS:
        figures.behind(web, name, town.brand, "UTC", AT)


def test_rows_that_are_cut_say_of_how_many(town: Town, web: Connection[Any]) -> None:
    some_promises(town, 2_000, seed=5)
    roll_up(town)
    for name, counts in (
        ("waiting", "value"),
        ("promises_week", "denominator"),
        ("promises_now", "denominator"),
    ):
        found = figures.behind(web, name, town.brand, "UTC", AT)
        assert found.total == getattr(figures.measure(web, name, town.brand, "UTC", AT), counts), name
        assert len(found.rows) == min(found.total, figures.ROWS), name
        assert found.cut == (f"the first 500 of {found.total:,}" if found.total > 500 else ""), name
    whole = figures.behind(web, "waiting", town.brand, "UTC", AT, figures.FILE_ROWS)
    assert len(whole.rows) == whole.total > figures.ROWS and not whole.cut, "a file holds them all"
    few = figures.behind(web, "waiting", town.brand, "UTC", AT, 3)
    assert few.rows == whole.rows[:3] and few.total == whole.total


def test_every_metric_has_its_statements_and_its_words() -> None:
    assert set(METRICS) == set(figures.STATEMENTS)
    for metric in METRICS.values():
        assert metric.definition.endswith(".") and metric.unit and metric.period


def test_usual_is_not_shown_before_a_fortnight(town: Town, web: Connection[Any]) -> None:
    middle = AT - AT % MINUTE - HOUR // 2
    for week in range(9):
        at = middle - middle % HOUR - week * 7 * DAY
        store.add_volume(town.conn, 0, [(at, town.brand, town.account, 100 + week, 1, 1, 0, 0, 0, 0, 0)])
    grown = live(web, town.brand, AT)
    posts = next(f for f in grown.figures if f.name == "posts_hour")
    assert not grown.young and posts.usual_low is not None and posts.usual_high is not None
    assert 100 < posts.usual_low < posts.usual_high < 109
    town.conn.execute("DELETE FROM rollup_volume_hour WHERE hour < %s", [moment(AT - 3 * DAY)])
    young = live(web, town.brand, AT)
    assert young.young and next(f for f in young.figures if f.name == "posts_hour").usual_low is None
    assert young.volume[0].usual_low is None and len(young.volume[0].slots) == 60


def test_a_channel_that_is_behind_is_named_on_the_figures(town: Town, web: Connection[Any]) -> None:
    town.conn.execute("UPDATE account_health SET state = 'behind'")
    shown = live(web, town.brand, AT)
    assert {f.name: f.without for f in shown.figures}["posts_hour"] == ("care_brook",)
    assert shown.channels[0].state == "behind"


def test_what_rises_has_a_real_post_and_no_misspelling_rises(town: Town, web: Connection[Any]) -> None:
    post = town.post(town.thread(), town.person("cleo"), "no signal in Leeds", AT, topics=("signal",))
    slot = AT - AT % (15 * MINUTE)
    for topic, at, posts in (
        ("signal", slot, 20),
        ("signal", slot - 5 * HOUR, 24),
        ("bill", slot, 6),
        ("bill", slot - 3 * HOUR, 144),
        ("roaming", slot, 40),
        ("roaming", slot - 3 * HOUR, 960),
        ("raoming", slot, 9),
        ("signals", slot, 7),
    ):
        town.conn.execute(
            "INSERT INTO rollup_topic (brand_id, slot, topic, posts, example) VALUES (%s, %s, %s, %s, %s)",
            [town.brand, moment(at), topic, posts, post],
        )
    (signal,) = live(web, town.brand, AT).topics
    assert (signal.topic, signal.posts, signal.example_text) == ("signal", 20, "no signal in Leeds")
    assert signal.low < signal.times_usual < signal.high
    town.conn.execute("UPDATE interaction SET visibility = 'direct' WHERE id = %s", [post])
    (signal,) = live(web, town.brand, AT).topics
    assert (signal.topic, signal.example_text) == ("signal", ""), (
        "what was written to us alone is quoted to nobody"
    )


def test_a_brand_may_set_its_own_target_and_sees_only_itself(
    town: Town, owner: Connection[Any], web: Connection[Any]
) -> None:
    owner.execute("INSERT INTO metric_target VALUES (%s, 'promises_today', 80, 'Ann', now())", [town.brand])
    assert figure(web, town.brand, "promises_today", AT).target == 80
    some_promises(town, 20, seed=1)
    roll_up(town)
    other = Town(owner, "oak")
    other.see(web)
    assert figure(web, other.brand, "waiting", AT).value == 0
    with pytest.raises(NotFound):
        live(web, town.brand, AT)
    with pytest.raises(NotFound):
        figure(web, other.brand, "happiness", AT)


def test_the_page_of_figures_is_what_the_registry_says() -> None:
    assert (Path(__file__).parents[2] / "docs" / "figures.md").read_text() == page(), (
        "write docs/figures.md anew"
    )
