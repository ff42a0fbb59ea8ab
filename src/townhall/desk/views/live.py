"""The live page: verdict first, at most three items, figures with target or usual, then lists."""

from typing import Literal

from msgspec import Struct

from townhall.analytics.breakdowns import Table
from townhall.analytics.periods import PeriodName
from townhall.kernel.clock import Instant

State = Literal["good", "watch", "bad", "unknown"]


class Verdict(Struct, frozen=True):
    """All right or not. ``last_trouble`` is when the last item ended (0 when there was none). ``judged`` is false before the
    first post: nothing can be said yet."""

    all_right: bool
    items: int
    last_trouble: Instant = 0
    judged: bool = True


class AttentionItem(Struct, frozen=True):
    """One thing that needs somebody. ``text`` is a whole sentence; ``owner`` is "" while nobody has it;
    ``incident`` is the open one that was made of it (0: none)."""

    id: int
    kind: str
    subject: str
    text: str
    owner: str
    raised_at: Instant
    acknowledged_by: str = ""
    acknowledged_at: Instant = 0
    incident: int = 0
    rows_url: str = ""


class Figure(Struct, frozen=True):
    """One figure of the registry (``analytics.metrics``), the same on card, table, API and CSV.

    ``value`` is None when there is nothing to measure. ``numerator`` of ``denominator`` when it is a share (value is
    then percent). ``usual_low`` to ``usual_high`` is the 10th to 90th percentile of this hour of the week, both None
    before 14 days of data. ``parts`` are named extras ("p90", "oldest", "running"). ``without`` names channels behind, the
    first of them ``without_since`` (0 for none).
    """

    name: str
    title: str
    unit: str
    period: str
    value: float | None
    state: State
    numerator: int | None = None
    denominator: int | None = None
    target: float | None = None
    usual_low: float | None = None
    usual_high: float | None = None
    parts: tuple[tuple[str, float], ...] = ()
    without: tuple[str, ...] = ()
    without_since: Instant = 0


class VolumeSeries(Struct, frozen=True):
    """Posts of one channel over a period, by slots of ``grain`` microseconds (minutes of an hour, else hours); the last slot is
    young (draw it hollow). ``part``: the first one begins before the period, so that only its end is counted.

    ``slots`` are their starts, ``received`` all posts of the period. ``usual_low`` to ``usual_high`` is what is usual for it.
    """

    account_id: int
    channel: str
    handle: str
    slots: tuple[Instant, ...]
    grain: Instant
    posts: tuple[int, ...]
    received: int
    usual_low: float | None = None
    usual_high: float | None = None
    part: bool = False


class RisingTopic(Struct, frozen=True):
    """A subject above its usual: its strongest word, with the figures of that word, and the words that rise with it.

    ``times_usual`` is a ratio of the last hour to the 24 before it, with its interval; ``example`` a real post's id and text.
    """

    topic: str
    posts: int
    times_usual: float
    low: float
    high: float
    since: Instant
    example_id: int
    example_text: str
    spark: tuple[int, ...] = ()
    phrase: str = ""


class HeldReason(Struct, frozen=True):
    """What is held for one reason."""

    reason: str
    count: int
    oldest: Instant


class ChannelHealth(Struct, frozen=True):
    """One channel: state, lag, last post, minutes of gap in seven days, and whether there is access to it."""

    account_id: int
    channel: str
    handle: str
    state: str
    since: Instant
    lag_seconds: float
    last_post_at: Instant
    gap_minutes: int
    message: str
    connected: bool = True


class Lag(Struct, frozen=True):
    """How far the house is behind: posts that wait to be judged, the age of the oldest of them, and for how long judged
    ones have waited to be found by their words (seconds)."""

    waiting: int = 0
    judging_seconds: float = 0.0
    search_seconds: float = 0.0


class LiveView(Struct, frozen=True):
    """The whole page. ``young`` is true until there are 14 days of data: "usual" is then not shown, and says so.

    ``tables`` are those below the figures: by channel, by queue, by feeling.
    """

    as_of: Instant
    brand: str
    verdict: Verdict
    items: tuple[AttentionItem, ...]
    figures: tuple[Figure, ...]
    volume: tuple[VolumeSeries, ...]
    topics: tuple[RisingTopic, ...]
    held: tuple[HeldReason, ...]
    channels: tuple[ChannelHealth, ...]
    young: bool
    data_from: Instant = 0
    lag: Lag = Lag()
    period: PeriodName = ""
    tables: tuple[Table, ...] = ()
