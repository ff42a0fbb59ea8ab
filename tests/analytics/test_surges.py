"""The watch over volumes: what rises is told once, in words, and is over when it is."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from townhall.analytics import store
from townhall.analytics.logic.attention import Situation, concerns
from townhall.analytics.logic.rise import ALL, told_once
from townhall.analytics.logic.surge import Surge
from townhall.analytics.volumes import SLOT, Slot, by_slot
from townhall.database.connect import connect, transaction
from townhall.flow.surges import Surges
from townhall.kernel.clock import DAY, MINUTE

BRAND, ACME, CARE = 3, 7, 8


def quiet(slots, account=ACME):
    return [Slot(BRAND, account, n, 4 + n % 3, 1) for n in slots]


def test_a_burst_on_one_account_is_told_by_its_account_and_in_words():
    watch = Surges()
    watch.take([*quiet(range(600)), Slot(BRAND, ACME, 600, 400, 250)], 0, 601)
    (found,) = told_once(watch.of(BRAND))
    assert (found.account, found.times) == (ACME, 80.0)
    assert found.reason == "400 posts in five minutes, 80.0 times as many as expected, 62 % of them cross"
    assert watch.of(BRAND + 1) == []


def test_where_two_accounts_rise_the_brand_is_told_with_both():
    watch = Surges()
    burst = [Slot(BRAND, account, 600, 400, 0) for account in (ACME, CARE)]
    watch.take([*quiet(range(600)), *quiet(range(600), CARE), *burst], 0, 601)
    (told,) = told_once(watch.of(BRAND))
    assert (told.account, told.among) == (ALL, (ACME, CARE))
    assert told.reason == "800 posts in five minutes, 80.0 times as many as expected"


def test_it_is_over_when_counts_are_usual_again():
    watch = Surges()
    watch.take([*quiet(range(600)), Slot(BRAND, ACME, 600, 400, 0)], 0, 601)
    assert watch.of(BRAND)
    watch.take(quiet([601, 602]), 601, 603)
    assert watch.of(BRAND), "a quarter of an hour has to be usual again"
    watch.take(quiet([603]), 603, 604)
    assert watch.of(BRAND) == []


def test_few_posts_are_nobodys_business():
    watch = Surges()
    watch.take([Slot(BRAND, ACME, 0, 1, 0), Slot(BRAND, ACME, 600, 9, 0)], 0, 601)
    assert watch.of(BRAND) == []


@settings(deadline=None, max_examples=25)
@given(
    counts=st.lists(st.integers(0, 30), min_size=320, max_size=400),
    cuts=st.lists(st.integers(1, 399), max_size=6),
)
def test_how_often_it_is_asked_does_not_matter(counts, cuts):
    """One series by hand, all at once, and in pieces say the same."""
    counts = [1, *counts[1:], 4_000]  # the last is always told, by what the others made usual
    slots = [Slot(BRAND, ACME, n, posts, 0) for n, posts in enumerate(counts) if posts]
    whole, pieces, by_hand = Surges(), Surges(), Surge()
    whole.take(slots, 0, len(counts))
    borders = sorted({0, *(cut for cut in cuts if cut < len(counts)), len(counts)})
    for first, end in itertools.pairwise(borders):
        pieces.take([one for one in slots if first <= one.number < end], first, end)
    assert whole.of(BRAND) == pieces.of(BRAND)
    last = [by_hand.step(count) for count in counts][-1]
    assert last.news
    assert whole.of(BRAND)[0].times == last.times


def test_learnt_again_from_22_days_it_knows_what_it_knew():
    """Forty days of a made-up account with bursts, and the last of them: the same stands, slot by slot, for three days."""
    chance = np.random.default_rng(8)
    day = DAY // SLOT
    counts = chance.poisson(6 * (1 + 0.8 * np.sin(2 * np.pi * np.arange(40 * day) / day)))
    counts[chance.integers(0, len(counts), 60)] += chance.integers(10, 200, 60)
    slots = [Slot(BRAND, ACME, n, int(posts), 0) for n, posts in enumerate(counts)]
    long, short = Surges(), Surges()
    begin, end = len(slots) - 3 * day + 100, len(slots)
    long.take(slots[:begin], 0, begin)
    short.take(slots[begin - 22 * day : begin], begin - 22 * day, begin)
    stood = 0
    for n in range(begin, end):
        for watch in (long, short):
            watch.take([slots[n]], n, n + 1)
        told = [[(one.account, one.reason) for one in watch.of(BRAND)] for watch in (long, short)]
        assert told[0] == told[1]
        stood += bool(long.of(BRAND))
    assert stood


@pytest.mark.database
def test_slots_are_read_from_the_rollups_of_all_workers(database):
    with connect(database.dsn("worker"), "test") as conn, transaction(conn):
        at = 1_000 * SLOT
        store.add_volume(
            conn,
            0,
            [
                (at, BRAND, ACME, 5, 4, 1, 1, 2, 0, 0, 0),
                (at + 4 * MINUTE, BRAND, ACME, 2, 2, 0, 0, 1, 0, 0, 0),
            ],
        )
        store.add_volume(
            conn,
            1,
            [
                (at + MINUTE, BRAND, ACME, 3, 3, 0, 0, 0, 0, 0, 0),
                (at + SLOT, BRAND, CARE, 1, 1, 0, 0, 0, 0, 0, 0),
            ],
        )
        assert by_slot(conn, 1_000, 1_001) == [Slot(BRAND, ACME, 1_000, 9, 3)]
        assert [one.account for one in by_slot(conn, 999, 1_002)] == [ACME, CARE]


def test_it_asks_for_somebody():
    now = Situation(
        None, 0, 90.0, 0, 0, 0, 0, surges=[("7", "@acme", "4.1 times the usual for this hour", 4.1)]
    )
    (concern,) = concerns(now)
    assert (concern.kind, concern.subject) == ("surge", "7")
    assert concern.sentence == "@acme: 4.1 times the usual for this hour."
