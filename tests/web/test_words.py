"""Moments, clocks and figures in words."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from townhall.analytics.breakdowns import Column
from townhall.analytics.logic.figures import attainment
from townhall.desk.figures import Behind
from townhall.desk.views import ChannelHealth, ClockView, Figure, VolumeSeries
from townhall.desk.volume import volume
from townhall.enrich.logic.heads import HEADS
from townhall.kernel.clock import DAY, HOUR, MINUTE, SECOND, from_iso
from townhall.policy.logic.english import condition_in_words
from townhall.policy.logic.expression import read_condition
from townhall.web.pages import breakdowns, columns, label_words, policy_words, texts, words
from townhall.web.pages.live import charts, spark
from townhall.web.pages.tiles import against, tile

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
            "14:05 · held 6 min",
        ),
        (
            ClockView("approval", due_at=NOW, waits_for="approver", since=NOW - 59 * SECOND),
            "14:05 · held",
        ),
        (ClockView("met", met_at=NOW - HOUR), "met 13:05"),
        (ClockView("none"), "no promise"),
    ],
)
def test_clocks_name_a_moment(clock: ClockView, said: str) -> None:
    assert words.clock_words(clock, "UTC", NOW) == said


def test_a_reason_stands_apart_from_what_a_reader_of_formats_said() -> None:
    assert label_words.reason_parts("not JSON: at: 3") == ("not JSON", "at: 3")
    assert label_words.reason_parts("too long") == ("too long", "")


def test_languages_have_names() -> None:
    assert [label_words.tongue(code) for code in ("en", "de", "xx-none")] == ["English", "German", "xx-none"]


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


@given(st.text(max_size=60), st.integers(2, 60))
def test_a_shortened_text_is_its_own_beginning_and_ends_between_words(text: str, most: int) -> None:
    short = words.shortened(text, most)
    if len(text) <= most:
        assert short == text
        return
    kept, rest = short[:-1], text[len(short) - 1 :]
    assert len(short) <= most and short[-1] == "…" and text.startswith(kept)
    assert len(text[: most - 1].split()) < 2 or rest[0] in ",;:." or rest[0].isspace()


@pytest.mark.parametrize(
    ("most", "said"), [(18, "No parcel came…"), (9, "No…"), (40, "No parcel came. Where is it?")]
)
def test_a_text_is_cut_between_words(most: int, said: str) -> None:
    assert words.shortened("No parcel came. Where is it?", most) == said


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
    assert [tile(figure(value=n, unit="replies"))["unit"] for n in (0, 1, 2)] == [
        "replies",
        "reply",
        "replies",
    ]


@given(st.integers(0, 400), st.integers(0, 400), st.integers(0, 400))
def test_a_share_and_its_missed_make_the_whole(met: int, late: int, never: int) -> None:
    """What the card says is what the measure has: nobody has to guess what the rest of 235 of 241 is."""
    measure = attainment([(met, late, never, 7)], NOW)
    parts = dict(measure.parts)
    assert parts["missed"] == parts["late"] + parts["unanswered"] == late + never
    one = figure(
        unit="%", value=measure.value, numerator=measure.numerator, denominator=measure.denominator,
        parts=measure.parts,
    )  # fmt: skip
    said = tile(one)
    assert said["of"] == f"{met:,} of {met + late + never:,}"
    assert said["missed"].startswith(f"{late + never} missed" if late + never else "none" if met else "")
    assert (f"{never} of them not answered" in said["missed"]) == bool(never)
    before = tuple(
        ("missed", float(never)) if name == "unanswered" else (name, n)
        for name, n in one.parts[:1] + one.parts[2:]
    )
    assert tile(replace(one, parts=before))["missed"] == said["missed"], "as views frozen before have it"


def test_what_waits_has_its_target_for_those_missed_among_it() -> None:
    waiting = figure(
        target=0.0, unit="promises", value=67.0, parts=(("missed", 2.0), ("oldest_minutes", 9.0))
    )
    assert against(waiting) == "2 missed, target 0" and tile(waiting)["parts"] == ["oldest 9 min"]


@given(st.floats(0, 1e7, allow_nan=False))
def test_no_more_than_three_significant_digits_but_for_counts(value: float) -> None:
    shown = words.figure(value)
    assert "e" not in shown
    if "." in shown:
        assert len(shown.replace(".", "").lstrip("0")) <= 3


@given(st.lists(st.lists(st.integers(0, 500), min_size=3, max_size=3), min_size=1, max_size=4))
def test_charts_of_all_channels_share_one_scale_that_holds_every_post(volumes: list[list[int]]) -> None:
    minutes = tuple(NOW + n * MINUTE for n in range(3))
    series = [
        VolumeSeries(n, "x", f"h{n}", minutes, MINUTE, tuple(posts), sum(posts), 60.0, 120.0)
        for n, posts in enumerate(volumes)
    ]
    plots = [json.loads(one["plot"]) for one in charts(series)]
    assert [plot["posts"] for plot in plots] == volumes
    assert {plot["top"] for plot in plots} == {max(2, *(max(posts) for posts in volumes))}
    assert all(plot["slots"] == [minute // SECOND for minute in minutes] for plot in plots)
    assert all((plot["low"], plot["high"]) == (1.0, 2.0) for plot in plots)


@given(st.integers(0, 59))
def test_a_chart_by_the_hour_leaves_out_an_hour_of_which_it_has_a_part(minute: int) -> None:
    """At the full hour there is none: all twenty-four are drawn, and the table has no more of them."""
    hour = NOW - NOW % HOUR
    rows = [(1, 0, hour - n * HOUR, 100 + n) for n in range(25)]
    channel = ChannelHealth(1, "x", "h", "ok", NOW, 0.0, NOW, 0, "")
    (series,) = volume(rows, [channel], hour + minute * MINUTE, DAY, young=True)
    assert len(series.slots) == (25 if minute else 24)
    plot = json.loads(charts([series])[0]["plot"])
    newest = 0 if minute else 1
    assert plot["posts"] == [100 + n for n in range(newest + 23, newest - 1, -1)]
    assert plot["slots"][-1] == (hour - newest * HOUR) // SECOND
    assert plot["low"] is None, "night and day have no usual in common"


def test_sparks_need_six_points() -> None:
    assert spark((1, 2, 3)) == ""
    assert spark((0, 0, 0, 0, 0, 5)).endswith("80.0 2.0")


@given(
    st.lists(st.sampled_from(["@care ", "@a.b@c.example, "]), max_size=2),
    st.text("ab @.", max_size=8),
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=3),
)
def test_a_row_begins_where_the_customer_speaks(
    called: list[str], rest: str, spans: list[tuple[int, int]]
) -> None:
    """What is left ends as the text does, marks the same characters, and is empty only where all was."""
    text = "".join(called) + rest
    spans = [(a, b) for a, b in spans if a < b <= len(text)]
    said, moved = texts.spoken(text, spans)
    assert text.endswith(said) and bool(said) == bool(text)
    cut = len(text) - len(said)
    assert {n + cut for a, b in moved for n in range(a, b)} == {
        n for a, b in spans for n in range(a, b) if n >= cut
    }
    assert all(word.startswith("@") for word in text[:cut].split())


def test_handles_in_the_middle_stay() -> None:
    assert texts.spoken("@care @fern@x.example hello @care", [])[0] == "hello @care"
    assert texts.spoken("@care", [(0, 5)]) == ("@care", [(0, 5)])


def test_no_two_filters_of_the_templates_share_a_name() -> None:
    """The later import would take the other's place, and which comes later is chance."""
    pages = Path(words.__file__).parent
    made = [
        name
        for path in sorted(pages.glob("*.py"))
        for name in re.findall(r"@register\.(?:filter|simple_tag)[^\n]*\ndef (\w+)", path.read_text())
    ]
    assert len(made) > 20 and len(made) == len(set(made)), [one for one in made if made.count(one) > 1]


def test_feelings_and_subjects_have_one_word_each() -> None:
    """What rules, labels, figures and rows say of the same value."""
    for sign, name in ((-1, "negative"), (0, "neutral"), (1, "positive")):
        said = label_words.head_phrase(name, "sentiment")
        assert said == label_words.feeling_words(name) == policy_words.value_words(sign, "post.sentiment")
        table = columns.in_columns(Behind(("sentiment",), ((sign,),), 1), columns.Look({}, "UTC", 0))
        assert [cell.text for cell in table["rows"][0].cells] == [said]
        rule = condition_in_words(read_condition(f"post.sentiment == {sign}"))
        assert rule in (f"the author is {said}", f"the feeling is {said}")
        assert breakdowns.in_words(Column("feeling", "feeling"), {"feeling": name}) == said
    for value in HEADS["intent"].values:
        said = label_words.head_phrase(value, "intent")
        assert said == policy_words.value_words(value, "post.intent")
        assert condition_in_words(read_condition(f"post.intent == '{value}'")) == f"the post is about {said}"
    assert label_words.feeling_words("unsure") == "of unsure feeling"
    assert (
        label_words.head_phrase("unsure", "intent")
        == label_words.head_phrase("unsure", "sentiment")
        == "unsure"
    )


def test_values_are_said_in_words() -> None:
    said = [
        policy_words.value_words(*one)
        for one in (
            (6, "now.weekday"),
            (0.456, "post.spam_p"),
            (True, "now.open"),
            ("", "post.intent"),
            (3, "post.length"),
        )
    ]
    assert said == ["Sunday", "46 %", "yes", "nothing", "3"]
