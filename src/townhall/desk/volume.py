"""Posts by channel over a period: a line for each, by the minute or by the hour."""

from collections.abc import Sequence
from typing import Any

from townhall.analytics.logic.usual import usual_range
from townhall.desk.views.live import ChannelHealth, VolumeSeries
from townhall.kernel.clock import HOUR, MINUTE, Instant

Row = tuple[Any, ...]


def volume(
    rows: Sequence[Row], channels: Sequence[ChannelHealth], now: Instant, length: Instant, young: bool
) -> tuple[VolumeSeries, ...]:
    """One line a channel from the rows of the posts' figure, those furthest from their usual first."""
    end = now - now % MINUTE
    grain = MINUTE if length == HOUR else HOUR
    start = end - length
    slots = tuple(range(start - start % grain, end, grain))
    weeks = {row[1] for row in rows if row[1]}
    series = [
        _series(
            channel,
            [r for r in rows if r[0] == channel.account_id],
            slots,
            grain,
            set() if young else weeks,
            slots[0] < start,
        )
        for channel in channels
    ]
    return tuple(sorted(series, key=lambda one: -_departure(one)))


def _series(
    channel: ChannelHealth, rows: Sequence[Row], slots: tuple[Instant, ...], grain: Instant, weeks: set[int],
    part: bool,
) -> VolumeSeries:  # fmt: skip
    counts = {row[2]: row[3] for row in rows if row[1] == 0}
    earlier = {row[1]: row[3] for row in rows if row[1]}
    usual = usual_range([float(earlier.get(week, 0)) for week in weeks])
    return VolumeSeries(
        account_id=channel.account_id,
        channel=channel.channel,
        handle=channel.handle,
        slots=slots,
        grain=grain,
        posts=tuple(counts.get(slot, 0) for slot in slots),
        received=sum(counts.values()),
        usual_low=usual[0] if usual else None,
        usual_high=usual[1] if usual else None,
        part=part,
    )


def _departure(series: VolumeSeries) -> float:
    if series.usual_low is None or series.usual_high is None:
        return 0.0
    return max(series.usual_low - series.received, series.received - series.usual_high, 0.0)
