"""The calendar against a walker that goes minute by minute with a clock on the wall and shares no code."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from townhall.calendar import Timetable, add_working, is_open, next_open, parse_calendar, working_between

MINUTE = 60_000_000
DAYS = 5

# Days with a change of clocks, or none: midnight gaps, half-hour and two-hour changes, a day that never was.
PLACES = [
    ("Europe/London", date(2026, 3, 29)),
    ("Europe/London", date(2026, 10, 25)),
    ("America/New_York", date(2026, 3, 8)),
    ("America/New_York", date(2026, 11, 1)),
    ("Asia/Kathmandu", date(2026, 4, 14)),
    ("Australia/Lord_Howe", date(2026, 4, 5)),
    ("Australia/Lord_Howe", date(2026, 10, 4)),
    ("Pacific/Chatham", date(2026, 4, 5)),
    ("Pacific/Chatham", date(2026, 9, 27)),
    ("Pacific/Apia", date(2011, 12, 30)),
    ("America/Santiago", date(2026, 9, 6)),
    ("America/Santiago", date(2026, 4, 5)),
    ("America/Havana", date(2026, 11, 1)),
    ("Asia/Beirut", date(2026, 3, 29)),
    ("Antarctica/Troll", date(2026, 3, 29)),
    ("Antarctica/Troll", date(2026, 10, 25)),
    ("America/St_Johns", date(2026, 3, 8)),
    ("UTC", date(2026, 2, 28)),
]


def clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


@st.composite
def hours(draw) -> list[tuple[int, int]]:
    """Intervals of one day in minutes; the last one may run into the next day."""
    edges = sorted(draw(st.lists(st.integers(0, 1440), max_size=6, unique=True)))
    found = list(zip(edges[::2], edges[1::2], strict=False))
    last = found[-1][1] if found else 0
    if last < 1400 and draw(st.booleans()):
        start = draw(st.integers(last, 1439))
        found.append((start, 1440 + draw(st.integers(1, max(start - 1, 1)))) if start > 1 else (start, 1440))
    return found


@st.composite
def calendars(draw):
    """(document, week in minutes, special days in minutes, zone, the day around which to look)."""
    zone, day = draw(st.sampled_from(PLACES))
    week = [draw(hours()) for _ in range(7)]
    special = {}
    for shift in draw(st.lists(st.integers(-2, DAYS), max_size=2, unique=True)):
        special[day + timedelta(days=shift)] = (draw(hours()), draw(st.booleans()))
    document = {
        "id": "made-up",
        "zone": zone,
        "weekly": {
            name: texts(week[i]) for i, name in enumerate(("mon", "tue", "wed", "thu", "fri", "sat", "sun"))
        },
        "exceptions": [
            {"date": day.isoformat(), "open": texts(spans), "keep_night": keep}
            for day, (spans, keep) in special.items()
        ],
    }
    return document, week, special, zone, day


def texts(spans: list[tuple[int, int]]) -> list[str]:
    return [f"{clock(a)}-{clock(b) if b <= 1440 else clock(b - 1440)}" for a, b in spans]


def walk(week, special, zone: str, first: datetime, minutes: int) -> list[bool]:
    """Open or not, minute by minute. The hand of the clock never goes back: it waits until the wall has caught up."""
    place, hand, seen = ZoneInfo(zone), datetime(1, 1, 1), []
    for step in range(-1500, minutes):
        shown = (first + timedelta(minutes=step)).astimezone(place).replace(tzinfo=None)
        hand = max(hand, shown)
        if step >= 0:
            seen.append(open_at(week, special, hand))
    return seen


def open_at(week, special, hand: datetime) -> bool:
    today, minute = hand.date(), hand.hour * 60 + hand.minute
    yesterday = today - timedelta(days=1)
    own = special[today][0] if today in special else week[today.weekday()]
    before = special[yesterday][0] if yesterday in special else week[yesterday.weekday()]
    if any(a <= minute < b for a, b in own):
        return True
    if today in special and not special[today][1]:
        return False
    return any(a <= minute + 1440 < b for a, b in before)


def instant(moment: datetime) -> int:
    return round((moment - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()) * 1_000_000


def walked(cells: list[bool], origin: int, a: int, b: int) -> int:
    """Open microseconds from a to b by adding up cells."""
    total = 0
    for i, is_working in enumerate(cells):
        start = origin + i * MINUTE
        if is_working:
            total += max(0, min(b, start + MINUTE) - max(a, start))
    return total


def walked_deadline(cells: list[bool], origin: int, start: int, budget: int) -> int | None:
    left = budget
    for i, is_working in enumerate(cells):
        begin = max(start, origin + i * MINUTE)
        end = origin + (i + 1) * MINUTE
        if is_working and end > begin:
            if left <= end - begin:
                return begin + left
            left -= end - begin
    return None


@given(calendars(), st.data())
@settings(max_examples=40, deadline=None)
def test_the_calendar_agrees_with_the_walker(made, data):
    document, week, special, zone, day = made
    calendar = parse_calendar(document)
    first = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(days=2)
    origin, minutes = instant(first), DAYS * 1440
    cells = walk(week, special, zone, first, minutes)
    moments = st.integers(origin, origin + minutes * MINUTE - 1)
    a, b, c = data.draw(moments), data.draw(moments), data.draw(moments)
    assert working_between(calendar, min(a, b), max(a, b)) == walked(cells, origin, min(a, b), max(a, b))
    assert working_between(calendar, max(a, b), min(a, b)) == -working_between(calendar, min(a, b), max(a, b))
    for moment in (a, b, c):
        assert is_open(calendar, moment) == cells[(moment - origin) // MINUTE]
    budget = data.draw(st.integers(1, 30 * 60 * MINUTE))
    due = walked_deadline(cells, origin, c, budget)
    if due is not None:
        assert add_working(calendar, c, budget) == due
    closings = [i for i in range((c - origin) // MINUTE + 1, minutes) if cells[i - 1] and not cells[i]]
    if closings:  # a budget used up at a closing is due at that closing, not at the next opening
        closing = origin + data.draw(st.sampled_from(closings)) * MINUTE
        assert add_working(calendar, c, walked(cells, origin, c, closing)) == closing
    opening = next((i for i in range((c - origin) // MINUTE, minutes) if cells[i]), None)
    if opening is not None:
        assert next_open(calendar, c) == max(c, origin + opening * MINUTE)
    for left, right in pairwise(range((c - origin) // MINUTE, min(minutes, (c - origin) // MINUTE + 400))):
        edge = origin + right * MINUTE
        assert is_open(calendar, edge) == cells[right], (left, right)
        assert is_open(calendar, edge - 1) == cells[left]


@given(
    calendars(),
    st.integers(-40 * 1440 * MINUTE, 40 * 1440 * MINUTE),
    st.integers(1, 200 * 60 * MINUTE),
    st.integers(1, 200 * 60 * MINUTE),
)
@settings(max_examples=40, deadline=None)
def test_budgets_add_up_and_deadlines_are_working_time(made, shift, first, second):
    document, week, _, _, day = made
    assume(any(week))
    calendar = parse_calendar(document)
    start = instant(datetime(day.year, day.month, day.day, tzinfo=UTC)) + shift
    middle = add_working(calendar, start, first)
    due = add_working(calendar, start, first + second)
    assert add_working(calendar, middle, second) == due
    assert working_between(calendar, start, due) == first + second
    assert working_between(calendar, start, due - 1) == first + second - 1
    assert is_open(calendar, due - 1)  # the last microsecond before a deadline is worked


@given(
    calendars(), st.lists(st.tuples(st.integers(-3000, 3000), st.integers(0, 10**12)), min_size=2, max_size=6)
)
@example(
    ({"id": "x", "zone": "UTC", "weekly": "always"}, [[(0, 1440)]] * 7, {}, "UTC", date(2026, 1, 1)),
    [(0, 10**12), (-3000, 5), (3000, 7)],
)
@settings(max_examples=20, deadline=None)
def test_answers_do_not_depend_on_what_was_asked_before(made, questions):
    document, week, _, _, day = made
    assume(any(week))
    calendar = parse_calendar(document)
    kept = Timetable(calendar)
    for shift, budget in questions:
        start = instant(datetime(day.year, day.month, day.day, tzinfo=UTC)) + shift * 1440 * MINUTE
        fresh = Timetable(calendar)
        assert kept.add_working(start, budget) == fresh.add_working(start, budget)
        assert kept.working_between(start, start + budget) == fresh.working_between(start, start + budget)
