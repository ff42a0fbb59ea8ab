"""How many posts are usual now: by half hour of the day over a week, carried along by how the last day ran against that."""

from collections import deque
from itertools import islice
from statistics import median

_DAYS = 7
_HALF_HOUR, _DAY = 1_800, 86_400
_LEAST_TREND, _MOST_TREND = 0.5, 2.0


class Season:
    """A series of counts in slots of ``slot`` seconds; ``place`` is the number of its first slot since any midnight.

    A day without a single post is no day: the house was off, or nobody is there yet.
    """

    def __init__(self, slot: int, place: int = 0, days: int = _DAYS) -> None:
        self.day = max(1, _DAY // slot)
        self._bin = max(1, min(self.day, _HALF_HOUR // slot))
        self._bins_a_day = self.day // self._bin
        self._place = place % self.day
        self._days = days
        self._rates: deque[float] = deque(maxlen=self._bins_a_day * days + 1)
        self._trends: deque[float] = deque(maxlen=self._bins_a_day * 7)
        self._sum, self._slots, self._today, self._bins_today = 0.0, 0, 0.0, 0
        self._seasonal: float | None = None
        self._usual: float | None = None

    def usual(self, count: float) -> float:
        """Posts that were to be expected in the slot that now held ``count``, which is then remembered."""
        if self._usual is None:
            self._usual = count  # the very first half hour is held against its first slot
        usual = self._usual
        self._sum += count
        self._slots += 1
        self._today += count
        self._place += 1
        if self._place % self._bin == 0 or self._place >= self.day:
            self._close_bin()
        return usual

    @property
    def at_midnight(self) -> bool:
        """Whether the slot just taken was the last of its day."""
        return self._place == 0

    def _close_bin(self) -> None:
        rate = self._sum / self._slots
        if self._seasonal is not None:
            self._trends.append((rate * self._bin + 1) / (self._seasonal * self._bin + 1))
        self._rates.append(rate)
        self._bins_today += 1
        self._sum, self._slots = 0.0, 0
        if self._place >= self.day:
            self._close_day()
        self._seasonal = self._same_hours()
        self._usual = self._expect()

    def _close_day(self) -> None:
        if self._today == 0:
            for _ in range(min(self._bins_today, len(self._rates))):
                self._rates.pop()
            self._trends.clear()
        self._place, self._today, self._bins_today = 0, 0.0, 0

    def _same_hours(self) -> float | None:
        """The median day of the half hour that begins, each with its neighbours; ``None`` in the first day."""
        found, size = [], len(self._rates)
        for day in range(1, self._days + 1):
            here = size - day * self._bins_a_day
            if here < 0:
                break
            around = [self._rates[n] for n in range(max(0, here - 1), min(size, here + 2))]
            found.append(sum(around) / len(around))
        return median(found) if found else None

    def _expect(self) -> float | None:
        if self._seasonal is None:
            return median(self._rates) if self._rates else None
        if len(self._trends) < self._bins_a_day:
            return self._seasonal
        trend = max(self._last_day(), self._last_week())
        return self._seasonal * min(max(trend, _LEAST_TREND), _MOST_TREND)

    def _last_day(self) -> float:
        return median(islice(reversed(self._trends), self._bins_a_day))

    def _last_week(self) -> float:
        """How the same hours ran a week ago: a Monday is no surge."""
        if len(self._trends) < self._bins_a_day * 7:
            return 0.0
        return median(islice(self._trends, self._bins_a_day // 4))
