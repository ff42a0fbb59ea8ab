"""Moments, clocks and figures in words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from townhall.desk.views import ClockView, Figure
from townhall.kernel.clock import DAY, HOUR, MINUTE, SECOND, from_iso
from townhall.web.pages import words
from townhall.web.pages.live import against, chart, spark, tile

NOW = from_iso("2026-03-03T14:05:00+00:00")


@pytest.mark.parametrize(
    ("length", "said"),
    [(0, "0 s"), (59 * SECOND, "59 s"), (MINUTE, "1 min"), (59 * MINUTE + 59 * SECOND, "59 min"), (HOUR, "1 h"),
     (3 * HOUR + 10 * MINUTE, "3 h 10"), (3 * HOUR + 5 * MINUTE, "3 h 05"), (47 * HOUR, "47 h"), (2 * DAY, "2 d"), (52 * HOUR, "2 d 4 h")],
)  # fmt: skip
def test_spans(length: int, said: str) -> None:
    assert words.span(length) == said


def test_moments_carry_their_zone_and_follow_the_clocks() -> None:
    assert words.moment(NOW, "Europe/London") == "Tue 3 Mar 2026, 14:05 GMT"
    assert words.moment(from_iso("2026-07-03T14:05:00+00:00"), "Europe/London") == "Fri 3 Jul 2026, 15:05 BST"
    assert words.moment(NOW, "no such zone") == "Tue 3 Mar 2026, 14:05 UTC"


def test_brief_moments() -> None:
    assert words.brief(NOW + HOUR, "UTC", NOW) == "15:05"
    assert words.brief(NOW + 2 * DAY, "UTC", NOW) == "Thu 14:05"
    assert words.brief(NOW + 30 * DAY, "UTC", NOW) == "2 Apr"
    assert words.brief(NOW - 400 * DAY, "UTC", NOW) == "27 Jan 2025"


@pytest.mark.parametrize(
    ("clock", "said"),
    [
        (ClockView("running", due_at=NOW + 2 * HOUR), "16:05"),
        (ClockView("soon", due_at=NOW + 9 * MINUTE, minutes=9), "14:14 · 9 min"),
        (ClockView("missed", due_at=NOW - 3 * MINUTE), "missed 14:02 · 3 min ago"),
        (ClockView("missed", due_at=NOW - 2 * HOUR), "missed 12:05"),
        (ClockView("paused", due_at=NOW, waits_for="customer"), "paused · customer"),
        (
            ClockView("approval", due_at=NOW, waits_for="approver", since=NOW - 6 * MINUTE),
            "14:05 · at approver 6 min",
        ),
        (ClockView("met", met_at=NOW - HOUR), "met 13:05"),
        (ClockView("none"), "no promise"),
    ],
)
def test_clocks_name_a_moment(clock: ClockView, said: str) -> None:
    assert words.clock_words(clock, "UTC", NOW) == said


@given(
    st.text(min_size=0, max_size=40), st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=4)
)
def test_marked_hits_keep_every_character(text: str, spans: list[tuple[int, int]]) -> None:
    sound = [(a, b) for a, b in spans if a < b <= len(text)]
    shown = str(words.hits(text, sound)).replace("<mark>", "").replace("</mark>", "")
    for sign, entity in (("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"), ("'", "&#x27;")):
        shown = shown.replace(entity, sign)
    assert shown.replace("&amp;", "&") == text


@given(st.text(min_size=1, max_size=80), st.integers(5, 40))
def test_ids_are_cut_in_the_middle(text: str, longest: int) -> None:
    cut = words.middle(text, longest)
    assert len(cut) <= max(longest, len(text) if len(text) <= longest else 0)
    assert cut[0] == text[0] and cut[-1] == text[-1]


def figure(**more: object) -> Figure:
    base: dict[str, object] = {
        "name": "posts_hour",
        "title": "Posts",
        "unit": "posts",
        "period": "now",
        "value": 10.0,
        "state": "good",
    }
    return Figure(**{**base, **more})  # type: ignore[arg-type]


def test_a_figure_always_has_target_or_usual_or_says_that_it_is_young() -> None:
    assert against(figure(target=95.0, unit="%")) == "target 95 %"
    assert against(figure(usual_low=480.0, usual_high=620.0)) == "usual 480–620"
    assert against(figure()) == "usual not before 14 days"
    assert tile(figure(unit="min", value=38.5))["value"] == "38 min"
    assert tile(figure(value=None))["value"] == "–"


@given(st.floats(0, 1e7, allow_nan=False))
def test_no_more_than_three_significant_digits_but_for_counts(value: float) -> None:
    shown = words.figure(value)
    assert "e" not in shown
    if "." in shown:
        assert len(shown.replace(".", "").lstrip("0")) <= 3


@given(st.lists(st.integers(0, 500), min_size=1, max_size=60))
def test_charts_begin_at_zero(posts: list[int]) -> None:
    from townhall.desk.views import VolumeSeries

    series = VolumeSeries(1, "x", "h", tuple(range(len(posts))), tuple(posts), sum(posts), 60.0, 120.0)
    drawn = chart(series)
    heights = [float(point.split()[1]) for point in drawn["path"][1:].split(" L")] if drawn["path"] else []
    settled = posts[:-1] if len(posts) > 1 else posts
    assert all(height <= 92 for height in heights)
    assert all(
        (height == 92) == (value == 0) for height, value in zip(heights, settled, strict=True) if value == 0
    )
    assert len(drawn["path"].split(" L")) == len(settled)


def test_sparks_need_six_points() -> None:
    assert spark((1, 2, 3)) == ""
    assert spark((0, 0, 0, 0, 0, 5)).endswith("80.0 2.0")
