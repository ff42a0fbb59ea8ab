"""Fixes that are offered: each lifts what it is offered for, touches nothing else, and none is offered blindly."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_guard import DOMAINS, TERMS, judged

from townhall.enrich import find_personal_data
from townhall.outbound.logic.mending import Fix, mends
from townhall.outbound.logic.words import Remark, Surroundings


def fixes(text: str) -> list[tuple[Remark, Fix | None]]:
    around = Surroundings(
        thread_brand=1, thread_account=1, thread_private=False, can_reply_private=True, length=len(text),
        max_length=500, personal=find_personal_data(text), terms=TERMS, domains=DOMAINS,
        strangers=frozenset({"mallory"}),
    )  # fmt: skip
    remarks = judged(text).remarks
    return list(zip(remarks, mends(text, remarks, around), strict=True))


@pytest.mark.parametrize(
    ("text", "fixed"),
    [
        ("Your card 4111 1111 1111 1111 is new", "Your card …1111 is new"),
        ("Ring +44 20 7946 0991, please", "Ring …, please"),
        ("A guaranteed return!", "A …!"),
        ("A special offer", "A special offer T&Cs apply"),
        ("A special offer\n", "A special offer\nT&Cs apply"),
        ("See https://fernhi11.com/help?a=1.", "See https://fernhill.com/help?a=1."),
        ("See femhill.com", "See fernhill.com"),
        ("See https://fernhill.com.evil.net/pay", "See https://fernhill.com/pay"),
        ("As @mallory said", "As … said"),
        ("See bit.ly/3x now", "See … now"),
        ("", None),
        ("x" * 501, None),
    ],
)
def test_what_is_offered(text: str, fixed: str | None) -> None:
    assert [fix.on(text) if fix else None for _, fix in fixes(text)] == [fixed]


_PARTS = st.sampled_from(
    ["card 4111 1111 1111 1111", "+44 20 7946 0991", "ann.private@mail.example.com", "guaranteed return", "special offer",
     "https://fernhi11.com/a", "fernhill.shop", "bit.ly/3x", "@mallory", "DE89 3704 0044 0532 0130 00", "hello", "ĳ 🦉", "\n"]
)  # fmt: skip


@given(st.lists(_PARTS, min_size=1, max_size=6).map(" and ".join))
def test_every_fix_lifts_what_it_is_offered_for(text: str) -> None:
    before = {remark.finding.kind for remark, _ in fixes(text)}
    for remark, fix in fixes(text):
        if fix is None:
            continue
        after = judged(fix.on(text)).remarks
        assert {one.finding.kind for one in after} <= before, "nothing new is noticed"
        for one in after:
            clear = one.finding.end <= fix.start or one.finding.start >= fix.start + len(fix.words)
            assert one.finding.kind != remark.finding.kind or clear, (text, fix.on(text))
