"""The live page of one brand: every figure by its one statement, and the lists beside them."""

from collections.abc import Mapping, Sequence
from typing import Any

from psycopg import Connection

from townhall.analytics.logic.figures import Measure
from townhall.analytics.logic.judging import judged
from townhall.analytics.logic.usual import YOUNG_DAYS, rises, times_usual, usual_range
from townhall.analytics.metrics import METRICS, Metric
from townhall.database.instants import reader
from townhall.desk.figures import fetch
from townhall.desk.views.live import (
    AttentionItem,
    ChannelHealth,
    Figure,
    HeldReason,
    LiveView,
    RisingTopic,
    Verdict,
    VolumeSeries,
)
from townhall.kernel.clock import DAY, HOUR, MINUTE, Instant, to_datetime
from townhall.kernel.errors import NotFound

SHOWN = (
    "promises_now", "promises_today", "promises_week", "waiting", "first_response", "posts_hour", "held",
)  # fmt: skip
"""At most seven figures on the page, in this order; ``will_be_missed`` is said with the promises."""
SLOT: Instant = 15 * MINUTE
TOPICS = 6
_DELIVERING = ("ok", "new")

Row = tuple[Any, ...]


def live(conn: Connection[Any], brand: int, now: Instant) -> LiveView:
    """The whole page. Raises ``NotFound``. A fixed number of queries, none of which looks at single posts."""
    name, zone, began, targets = _brand(conn, brand)
    young = not began or now - began < YOUNG_DAYS * DAY
    rows = {metric: fetch(conn, metric, brand, zone, now) for metric in (*SHOWN, "will_be_missed")}
    measures = {metric: METRICS[metric].compute(found, now) for metric, found in rows.items()}
    channels = channel_health(conn, brand, now)
    without = tuple(c.handle for c in channels if c.state not in _DELIVERING)
    figures = [_figure(METRICS[n], measures[n], targets, young, without) for n in SHOWN]
    items, last_trouble = attention(conn, brand)
    return LiveView(
        as_of=now,
        brand=name,
        verdict=Verdict(not items, len(items), last_trouble),
        items=items,
        figures=tuple(_with_forecast(figure, measures["will_be_missed"]) for figure in figures),
        volume=_volume(rows["posts_hour"], channels, now, young),
        topics=rising(conn, brand, now),
        held=tuple(HeldReason(*row) for row in rows["held"]),
        channels=channels,
        young=young,
        data_from=began,
    )


def figure(conn: Connection[Any], brand: int, name: str, now: Instant) -> Figure:
    """One figure, as every page, table, API and CSV shows it. Raises ``NotFound``."""
    if name not in METRICS:
        raise NotFound(f"There is no figure named {name}.")
    _, zone, began, targets = _brand(conn, brand)
    young = not began or now - began < YOUNG_DAYS * DAY
    without = tuple(c.handle for c in channel_health(conn, brand, now) if c.state not in _DELIVERING)
    measure = METRICS[name].compute(fetch(conn, name, brand, zone, now), now)
    return _figure(METRICS[name], measure, targets, young, without)


def _brand(conn: Connection[Any], brand: int) -> tuple[str, str, Instant, dict[str, float]]:
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
    return row[0], row[1], row[2], row[3]


def _figure(
    metric: Metric, measure: Measure, targets: Mapping[str, float], young: bool, without: tuple[str, ...]
) -> Figure:
    target = targets.get(metric.name, metric.target)
    usual = None if young else measure.usual
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
        without=without if metric.name != "held" else (),
    )


def _with_forecast(shown: Figure, forecast: Measure) -> Figure:
    """Today's promises with how many more will be missed."""
    if shown.name != "promises_today" or forecast.value is None:
        return shown
    return Figure(
        **{name: getattr(shown, name) for name in shown.__struct_fields__ if name != "parts"},
        parts=(*shown.parts, ("will_be_missed", forecast.value)),
    )


def channel_health(conn: Connection[Any], brand: int, now: Instant) -> tuple[ChannelHealth, ...]:
    """Every channel of the brand, with the minutes of its gaps in seven days."""
    rows = reader(conn).execute(
        """
        SELECT a.id, a.channel, a.handle, coalesce(h.state, 'new'), coalesce(h.since, 'epoch'),
            coalesce(h.lag_seconds, 0), coalesce(h.last_post_at, 'epoch'),
            coalesce((SELECT ceil(sum(extract(epoch FROM coalesce(g.ended_at, %(now)s) - greatest(g.began_at, %(from)s))) / 60)
                FROM channel_gap g WHERE g.account_id = a.id AND coalesce(g.ended_at, %(now)s) > %(from)s), 0)::integer,
            coalesce(h.message, '')
        FROM account a LEFT JOIN account_health h ON h.account_id = a.id WHERE a.brand_id = %(brand)s
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
                coalesce(acknowledged_at, 'epoch'), coalesce(ended_at, 'epoch')
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
    items = tuple(AttentionItem(*row[:8]) for row in rows if not row[8])
    return items, max((row[8] for row in rows), default=0)


def rising(conn: Connection[Any], brand: int, now: Instant) -> tuple[RisingTopic, ...]:
    """Of the forty topics most spoken of in the last hour, those above the day before, each with a real post."""
    slot = now - now % SLOT
    times = {"low": slot - HOUR - DAY, "start": slot - HOUR, "end": slot + SLOT}
    rows = reader(conn).execute(
        """
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
        LEFT JOIN interaction i ON i.id = r.example AND i.deleted_at IS NULL
        """,
        {"brand": brand, **{name: to_datetime(at) for name, at in times.items()}},
    )
    hours = (now - slot + HOUR) / HOUR
    found = [_rising(row, hours) for row in rows]
    return tuple(sorted((t for t in found if t is not None), key=lambda t: -t.times_usual)[:TOPICS])


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


def _volume(
    rows: Sequence[Row], channels: Sequence[ChannelHealth], now: Instant, young: bool
) -> tuple[VolumeSeries, ...]:
    """One line a channel, those furthest from their usual first."""
    end = now - now % MINUTE
    minutes = tuple(range(end - HOUR, end, MINUTE))
    series = [
        _series(channel, [r for r in rows if r[0] == channel.account_id], minutes, young)
        for channel in channels
    ]
    return tuple(sorted(series, key=lambda s: -_departure(s)))


def _series(
    channel: ChannelHealth, rows: Sequence[Row], minutes: tuple[Instant, ...], young: bool
) -> VolumeSeries:
    counts = {row[2]: row[3] for row in rows if row[1] == 0}
    usual = None if young else usual_range([float(row[3]) for row in rows if row[1]])
    return VolumeSeries(
        account_id=channel.account_id,
        channel=channel.channel,
        handle=channel.handle,
        minutes=minutes,
        posts=tuple(counts.get(minute, 0) for minute in minutes),
        last_hour=sum(counts.values()),
        usual_low=usual[0] if usual else None,
        usual_high=usual[1] if usual else None,
    )


def _departure(series: VolumeSeries) -> float:
    if series.usual_low is None or series.usual_high is None:
        return 0.0
    return max(series.usual_low - series.last_hour, series.last_hour - series.usual_high, 0.0)
