"""The live page of one brand: every figure by its one statement, and the lists beside them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from msgspec import Struct
from psycopg import Connection

from townhall.analytics.logic.attention import as_of_now
from townhall.analytics.logic.figures import Measure
from townhall.analytics.logic.judging import judged
from townhall.analytics.logic.spelling import folded
from townhall.analytics.logic.subjects import Risen, subjects
from townhall.analytics.logic.usual import YOUNG_DAYS, rises, times_usual
from townhall.analytics.metrics import METRICS, Metric
from townhall.analytics.periods import PERIODS, Period
from townhall.database.instants import reader
from townhall.desk.breakdowns import TABLES, table
from townhall.desk.figures import fetch
from townhall.desk.heard import health_at
from townhall.desk.status import lag
from townhall.desk.views.live import (
    AttentionItem,
    ChannelHealth,
    Figure,
    HeldReason,
    LiveView,
    RisingTopic,
    Verdict,
)
from townhall.desk.volume import volume
from townhall.kernel.clock import DAY, HOUR, MINUTE, Instant, to_datetime
from townhall.kernel.errors import NotFound

SLOT: Instant = 15 * MINUTE
TOPICS = 6
_DELIVERING = ("ok", "new")
FORECAST = "will_be_missed"
"""Said with the promises, not as a figure of its own."""

Row = tuple[Any, ...]


def live(conn: Connection[Any], brand: int, now: Instant, period: Period = PERIODS[""]) -> LiveView:
    """The whole page for a period. Raises ``NotFound``. A fixed number of queries, none of which looks at single posts."""
    about = _brand(conn, brand, now)
    rows = {name: fetch(conn, name, brand, about.zone, now) for name in (*period.figures, FORECAST)}
    measures = {name: METRICS[name].compute(found, now) for name, found in rows.items()}
    channels = channel_health(conn, brand, now)
    gone = _without(channels)
    figures = [_figure(METRICS[name], measures[name], about, gone) for name in period.figures]
    items, last_trouble = attention(conn, brand)
    today = next((one for one in figures if one.name == "promises_today"), None)
    items = tuple(_as_of_now(item, today, measures[FORECAST]) for item in items)
    posts = next(name for name in period.figures if name.startswith("posts_"))
    return LiveView(
        as_of=now,
        brand=about.name,
        verdict=Verdict(not items, len(items), last_trouble, bool(items or about.began)),
        items=items,
        figures=tuple(_with_forecast(one, measures[FORECAST]) for one in figures),
        volume=volume(rows[posts], channels, now, METRICS[posts].length, about.young),
        topics=rising(conn, brand, now),
        held=tuple(HeldReason(*row) for row in rows["held"]),
        channels=channels,
        young=about.young,
        data_from=about.began,
        lag=lag(conn),
        period=period.name,
        tables=tuple(table(conn, name, brand, period, now) for name in TABLES),
    )


def figure(conn: Connection[Any], brand: int, name: str, now: Instant) -> Figure:
    """One figure, as every page, table, API and CSV shows it. Raises ``NotFound``."""
    return figures(conn, brand, [name], now)[0]


def figures(conn: Connection[Any], brand: int, wanted: Sequence[str], now: Instant) -> list[Figure]:
    """Several figures. Raises ``NotFound``."""
    if strange := [name for name in wanted if name not in METRICS]:
        raise NotFound(f"There is no figure named {strange[0]}.")
    about, gone = _brand(conn, brand, now), _without(channel_health(conn, brand, now))
    return [
        _figure(
            METRICS[name], METRICS[name].compute(fetch(conn, name, brand, about.zone, now), now), about, gone
        )
        for name in wanted
    ]


class _About(Struct, frozen=True):
    """What of a brand its figures need: ``began`` is its first hour with a post, ``young`` until a fortnight after."""

    name: str
    zone: str
    began: Instant
    targets: Mapping[str, float]
    young: bool


def _without(channels: Sequence[ChannelHealth]) -> tuple[ChannelHealth, ...]:
    return tuple(channel for channel in channels if channel.state not in _DELIVERING)


def _brand(conn: Connection[Any], brand: int, now: Instant) -> _About:
    row = (
        reader(conn)
        .execute(
            """
            SELECT name, zone, coalesce((SELECT hour FROM rollup_volume_hour WHERE brand_id = b.id ORDER BY hour LIMIT 1), 'epoch'),
                (SELECT coalesce(jsonb_object_agg(metric, target), '{}') FROM metric_target WHERE brand_id = b.id)
            FROM brand b WHERE id = %s
            """,
            [brand],
        )
        .fetchone()
    )
    if row is None:
        raise NotFound("That brand does not exist.")
    name, zone, began, targets = row
    return _About(name, zone, began, targets, not began or now - began < YOUNG_DAYS * DAY)


def _figure(metric: Metric, measure: Measure, about: _About, gone: Sequence[ChannelHealth]) -> Figure:
    target = about.targets.get(metric.name, metric.target)
    usual = None if about.young else measure.usual
    missing = gone if metric.name != "held" else ()
    shown = Measure(measure.value, measure.numerator, measure.denominator, measure.parts, usual)
    return Figure(
        name=metric.name,
        title=metric.title,
        unit=metric.unit,
        period=metric.period,
        value=measure.value,
        state=judged(shown, metric.better, target),
        numerator=measure.numerator,
        denominator=measure.denominator,
        target=target,
        usual_low=usual[0] if usual else None,
        usual_high=usual[1] if usual else None,
        parts=measure.parts,
        without=tuple(channel.handle for channel in missing),
        without_since=min((channel.since for channel in missing), default=0),
    )


def _as_of_now(item: AttentionItem, today: Figure | None, forecast: Measure) -> AttentionItem:
    """What is said of promises, with the very figures that stand beside it."""
    if item.kind != "promises":
        return item
    attained, target = (today.value, today.target or 0.0) if today else (None, 0.0)
    words = as_of_now(item.text, attained, target, int(forecast.value or 0))
    return msgspec.structs.replace(item, text=words)


def _with_forecast(shown: Figure, forecast: Measure) -> Figure:
    """Promises with how many more will be missed."""
    if not shown.name.startswith("promises_") or forecast.value is None:
        return shown
    return msgspec.structs.replace(shown, parts=(*shown.parts, (FORECAST, forecast.value)))


def channel_health(conn: Connection[Any], brand: int, now: Instant) -> tuple[ChannelHealth, ...]:
    """Every channel of the brand, with the minutes of its gaps in seven days."""
    rows = reader(conn).execute(
        f"""
        SELECT a.id, a.channel, a.handle, coalesce(h.state, 'new'), coalesce(h.since, 'epoch'),
            coalesce(h.lag_seconds, 0), coalesce(h.last_post_at, 'epoch'),
            coalesce((SELECT ceil(sum(extract(epoch FROM coalesce(g.ended_at, %(now)s) - greatest(g.began_at, %(from)s))) / 60)
                FROM channel_gap g WHERE g.account_id = a.id AND coalesce(g.ended_at, %(now)s) > %(from)s), 0)::integer,
            coalesce(h.message, ''), a.connected
        FROM account a {health_at("%(now)s::timestamptz")} WHERE a.brand_id = %(brand)s
        ORDER BY a.channel, a.handle
        """,
        {"brand": brand, "now": to_datetime(now), "from": to_datetime(now - 7 * DAY)},
    )
    return tuple(ChannelHealth(*row) for row in rows)


def attention(conn: Connection[Any], brand: int) -> tuple[tuple[AttentionItem, ...], Instant]:
    """What needs somebody now, and when the last such thing ended."""
    rows = (
        reader(conn)
        .execute(
            """
            SELECT id, kind, subject, sentence, owner, raised_at, coalesce(acknowledged_by, ''),
                coalesce(acknowledged_at, 'epoch'),
                (SELECT coalesce(max(i.number), 0) FROM incident i WHERE i.brand_id = a.brand_id
                    AND i.surge = a.kind || '/' || a.subject AND i.closed_at IS NULL),
                coalesce(ended_at, 'epoch')
            FROM (
                (SELECT * FROM attention WHERE brand_id = %(brand)s AND ended_at IS NULL)
                UNION ALL
                (SELECT * FROM attention WHERE brand_id = %(brand)s AND ended_at IS NOT NULL
                    ORDER BY ended_at DESC LIMIT 1)
            ) a ORDER BY ended_at NULLS FIRST, raised_at, id
            """,
            {"brand": brand},
        )
        .fetchall()
    )
    items = tuple(AttentionItem(*row[:9]) for row in rows if not row[9])
    return items, max((row[9] for row in rows), default=0)


_RISING = """
WITH recent AS (
    SELECT topic, sum(posts)::bigint AS posts, min(slot) AS since, max(example) AS example,
        array_agg(posts ORDER BY slot) AS spark
    FROM rollup_topic WHERE brand_id = %(brand)s AND slot >= %(start)s AND slot < %(end)s
    GROUP BY topic HAVING sum(posts) >= 5 ORDER BY sum(posts) DESC LIMIT 40
)
SELECT r.topic, r.posts, e.posts, r.since, r.example, r.spark, coalesce(i.text, '')
FROM recent r
CROSS JOIN LATERAL (
    SELECT coalesce(sum(posts), 0)::bigint AS posts FROM rollup_topic t
    WHERE t.brand_id = %(brand)s AND t.topic = r.topic AND t.slot >= %(low)s AND t.slot < %(start)s
) e
LEFT JOIN interaction i ON i.id = r.example AND i.deleted_at IS NULL AND i.visibility IN ('public', 'unlisted')
"""


def rising(conn: Connection[Any], brand: int, now: Instant) -> tuple[RisingTopic, ...]:
    """The subjects that rise, the strongest first."""
    return tuple(one for one, _ in rising_subjects(conn, brand, now))


def rising_subjects(
    conn: Connection[Any], brand: int, now: Instant
) -> list[tuple[RisingTopic, tuple[RisingTopic, ...]]]:
    """Of the forty words most spoken of in the last hour, those above the day before, as subjects with a real post; each with the
    figures of all its words."""
    slot = now - now % SLOT
    times = {"low": slot - HOUR - DAY, "start": slot - HOUR, "end": slot + SLOT}
    rows = reader(conn).execute(
        _RISING, {"brand": brand, **{name: to_datetime(at) for name, at in times.items()}}
    )
    hours = (now - slot + HOUR) / HOUR
    found = {one.topic: one for one in (_rising(row, hours) for row in _as_spelt(rows)) if one is not None}
    told = subjects([Risen(one.topic, one.posts, one.example_text) for one in found.values()])
    risen = [
        (
            msgspec.structs.replace(found[one.lead], phrase=one.phrase),
            tuple(found[word] for word in one.words),
        )
        for one in told
    ]
    return sorted(risen, key=lambda one: -one[0].times_usual)[:TOPICS]


def _as_spelt(rows: Iterable[Row]) -> list[Row]:
    """Of a word that is written in several ways the commonest alone: posts that have two of them are not counted twice."""
    every = list(rows)
    home = folded({row[0]: row[1] for row in every})
    return [row for row in every if home[row[0]] == row[0]]


def _rising(row: Row, hours: float) -> RisingTopic | None:
    topic, posts, earlier, since, example, spark, text = row
    ratio = times_usual(posts, earlier / 24 * hours)
    if not rises(posts, ratio):
        return None
    return RisingTopic(
        topic,
        posts,
        round(ratio.times, 1),
        round(ratio.low, 1),
        round(ratio.high, 1),
        since,
        example,
        text,
        tuple(spark),
    )
