"""What a brand's own system is asked, and how its answer is read: strictly, in bounds, and shown as what it is."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from townhall.beside.logic.panel import Identity, Panel, Row, Unreadable, number_words, question, read
from townhall.kernel.clock import SECOND, from_iso

DANA = Identity("mastodon", "dana@social.example", "https://social.example/users/dana", True)
NOW = 1_772_548_320 * SECOND
WHOLE: dict[str, Any] = {
    "known": True, "state": "Gold", "of_tomorrow": {"x": 1},
    "sections": [{"title": "Last order", "rows": [
        {"kind": "text", "label": "Parcel", "value": "on its way", "colour": "red"},
        {"kind": "number", "label": "Pieces", "value": 3},
        {"kind": "money", "label": "Owed", "value": "-1234.40", "currency": "EUR"},
        {"kind": "moment", "label": "Ordered", "value": "2026-03-01T10:15:00+01:00"},
        {"kind": "link", "label": "Order", "value": "https://shop.example/o/4711", "text": "4711"},
        {"kind": "link", "label": "Parcel", "value": "https://post.example/7"},
    ]}],
}  # fmt: skip


def with_row(**row: Any) -> bytes:
    return json.dumps(
        {"known": True, "sections": [{"title": "Order", "rows": [{"label": "It", **row}]}]}
    ).encode()


def why(body: bytes) -> str:
    found = read(body)
    assert isinstance(found, Unreadable), found
    return found.why


def test_the_question_names_brand_case_and_accounts_and_nothing_else() -> None:
    assert json.loads(question("acme", 812, (DANA,), NOW)) == {
        "type": "townhall.panel",
        "timestamp": "2026-03-03T14:32:00.000000Z",
        "data": {
            "brand": "acme", "case": 812,
            "identities": [{"network": "mastodon", "handle": "dana@social.example",
                            "native_id": "https://social.example/users/dana", "verified": True}],
        },
    }  # fmt: skip


def test_each_kind_of_row_is_read_and_unknown_fields_are_passed_over() -> None:
    found = read(json.dumps(WHOLE).encode())
    assert isinstance(found, Panel)
    assert (found.known, found.state, [one.title for one in found.sections]) == (True, "Gold", ["Last order"])
    assert found.sections[0].rows == (
        Row("Parcel", "on its way"), Row("Pieces", "3"), Row("Owed", "-1,234.40 EUR"),
        Row("Ordered", "", from_iso("2026-03-01T09:15:00Z")),
        Row("Order", "4711", href="https://shop.example/o/4711"),
        Row("Parcel", "post.example", href="https://post.example/7"),
    )  # fmt: skip
    assert read(b'{"known": false}') == Panel(False, "", ())


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "truncated"),
        (b"<html>", "malformed"),
        (b"[1]", "Expected `object`"),
        (b"{}", "required field `known`"),
        (b'{"known": "yes"}', "`$.known`"),
        (b'{"known": true, "state": 7}', "`$.state`"),
        (b'{"known": true, "x": ' + b"[" * 5000 + b"]" * 5000 + b"}", ""),
        (b'{"known": true, "state": "\xff"}', "utf-8"),
        (json.dumps({"known": True, "state": "x" * 41}).encode(), "length <= 40"),
        (json.dumps({"known": True, "sections": [{"title": "T", "rows": []}] * 9}).encode(), "length <= 8"),
        (json.dumps({"known": True, "sections": [{"title": "", "rows": []}]}).encode(), "length >= 1"),
        (json.dumps({"known": True, "sections": [{"title": "T", "rows": [{"kind": "text", "label": "L", "value": ""}] * 21}]}).encode(), "length <= 20"),
        (with_row(kind="html", value="<b>"), "Invalid value 'html'"),
        (with_row(value="x"), "kind"),
        (with_row(kind="text", value="x" * 301), "length <= 300"),
        (with_row(kind="text", value=7), "Expected `str`"),
        (with_row(kind="number", value="7"), "Expected `float`"),
        (with_row(kind="number", value=10**16), "<= 1000000000000000"),
        (with_row(kind="money", value=12.4, currency="EUR"), "Expected `str`"),
        (with_row(kind="money", value="1e9", currency="EUR"), "regex"),
        (with_row(kind="money", value="12.40", currency="euro"), "regex"),
        (with_row(kind="money", value="12.40"), "required field `currency`"),
        (with_row(kind="moment", value="2026-03-01T10:15:00"), "timezone"),
        (with_row(kind="moment", value="yesterday"), "datetime"),
        (with_row(kind="moment", value="0001-01-01T00:00:00Z"), "between 1971 and 2199"),
        (with_row(kind="moment", value="9999-12-31T23:59:59Z"), "between 1971 and 2199"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_said_where_it_is(body: bytes, said: str) -> None:
    assert said in why(body)


@pytest.mark.parametrize(
    "address",
    [
        "http://shop.example/", "javascript:alert(1)", "https:///x", "https://u:p@shop.example/", "https://shop.example/ x",
        "//shop.example/", "https://shop.example:99999/", "https://[::1/", "data:text/html,x", 'https://shop.example/"x',
        "https://shop.example\\@evil.example/", "https://shöp.example/", "\thttps://shop.example/", "HTTPS://",
    ],
)  # fmt: skip
@pytest.mark.parametrize("text", ["", "Look here"])
def test_a_link_leads_to_a_host_by_https_or_nothing_is_shown(address: str, text: str) -> None:
    assert "a link is an https:// address" in why(with_row(kind="link", value=address, text=text))


def test_signs_that_cannot_be_seen_are_left_out() -> None:
    found = read(with_row(kind="text", value="a\u202eb\x00c\r\n  d\x9f"))
    assert isinstance(found, Panel) and found.sections[0].rows[0].words == "ab c d"


@given(st.floats(-1e15, 1e15) | st.integers(-(10**15), 10**15))
def test_a_number_reads_as_it_is(value: float) -> None:
    words = number_words(float(value)).replace(",", "")
    assert abs(float(words) - float(value)) <= 5e-7 + abs(float(value)) * 1e-15
    assert "e" not in words and words != "-0"


@given(st.integers(-(10**12) + 1, 10**12 - 1), st.none() | st.integers(0, 9999))
def test_no_cent_of_a_sum_is_lost(whole: int, cents: int | None) -> None:
    said = str(whole) if cents is None else f"{whole}.{cents:04d}"
    found = read(with_row(kind="money", value=said, currency="GBP"))
    assert isinstance(found, Panel)
    words = found.sections[0].rows[0].words
    assert words.replace(",", "") == f"{said} GBP"
    assert all(len(group) == 3 for group in words.split(".")[0].split(" ")[0].split(",")[1:])


@given(st.datetimes(datetime(1971, 1, 1), datetime(2199, 12, 31), timezones=st.just(UTC)))
def test_a_moment_is_exact(moment: datetime) -> None:
    found = read(with_row(kind="moment", value=moment.isoformat()))
    assert isinstance(found, Panel) and found.sections[0].rows[0].at == from_iso(moment.isoformat())


@given(st.binary(max_size=200))
def test_no_bytes_are_a_surprise(body: bytes) -> None:
    assert isinstance(read(body), Panel | Unreadable)
