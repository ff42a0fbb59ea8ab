"""Mastodon's entities, written by us to the documented shape: whole results, lengths, cursors, hostile input."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from inline_snapshot import snapshot

from townhall.channels.graphemes import count
from townhall.channels.mastodon.compose import body_of, length, same_words, wire_text
from townhall.channels.mastodon.events import Events
from townhall.channels.mastodon.parse import parse
from townhall.channels.mastodon.reading import Marks, entities, event_item, lag_s, marks_of, newest
from townhall.channels.mastodon.sent import SKEW, Sent, may_be, says
from townhall.channels.mastodon.stream import streaming_base
from townhall.channels.port import AccountRef, Outgoing
from townhall.kernel.activity import Activity, Media
from townhall.kernel.clock import to_datetime
from townhall.kernel.errors import Refused, TooLarge

SHOP = AccountRef(1, "shop", "9", "mastodon")
ANN = {"id": "4", "username": "ann", "acct": "ann@far.example", "display_name": "Ann Example", "bot": False}


def status(**changes: object) -> dict[str, object]:
    return {
        "id": "110", "created_at": "2026-03-01T10:00:00.000Z", "in_reply_to_id": None, "spoiler_text": "", "language": "en",
        "visibility": "public", "url": "https://far.example/@ann/110", "content": "<p>Where is my parcel?</p>", "account": ANN,
        "reblog": None, "edited_at": None, "poll": None, "mentions": [{"id": "9", "acct": "shop"}], "media_attachments": [],
    } | changes  # fmt: skip


def notice(kind: str = "mention", **changes: object) -> bytes:
    base = {
        "id": "55",
        "type": kind,
        "created_at": "2026-03-01T10:00:02.000Z",
        "account": ANN,
        "status": status(),
    }
    return json.dumps(base | changes).encode()


def test_a_whole_mention() -> None:
    media = {
        "id": "1",
        "type": "image",
        "url": "https://m.example/1.png",
        "description": "A wet box",
        "blurhash": "UB",
    }
    raw = notice(status=status(in_reply_to_id="109", media_attachments=[media], spoiler_text="Rant"))
    assert parse(raw, SHOP) == snapshot(
        [
            Activity(
                verb="Create",
                object_id="110",
                author_id="4",
                author_handle="ann@far.example",
                author_name="Ann Example",
                author_kind="Person",
                own=False,
                published=1772359200000000,
                happened=1772359200000000,
                text="Rant\n\nWhere is my parcel?",
                conversation="",
                in_reply_to="109",
                visibility="public",
                url="https://far.example/@ann/110",
                language="en",
                media=(
                    Media(
                        url="https://m.example/1.png", media_type="image/*", alt="A wet box", blurhash="UB"
                    ),
                ),
                mentions=("shop",),
            )
        ]
    )


def test_an_edited_post_is_created_and_changed() -> None:
    found = parse(notice(status=status(edited_at="2026-03-01T11:00:00.000Z")), SHOP)
    assert [(a.verb, a.happened) for a in found] == [
        ("Create", 1772359200000000),
        ("Update", 1772362800000000),
    ]
    event = event_item("status.update", json.dumps(status(edited_at="2026-03-01T11:00:00.000Z")).encode())
    assert parse(event, SHOP) == found[1:]


def test_a_deletion_by_stream_in_both_forms() -> None:
    for raw in (event_item("delete", b"110"), b'{"stream":["user"],"event":"delete","payload":"110"}'):
        assert [(a.verb, a.object_id) for a in parse(raw, SHOP)] == [("Delete", "110")]


def test_an_event_whose_payload_is_a_string_of_json() -> None:
    raw = json.dumps({"event": "notification", "payload": notice().decode()}).encode()
    assert parse(raw, SHOP) == parse(notice(), SHOP)


def test_likes_reposts_and_what_is_not_about_a_post() -> None:
    own = status(id="200", account={"id": "9", "acct": "shop"})
    like = parse(notice("favourite", status=own), SHOP)[0]
    assert (like.verb, like.object_id, like.author_id, like.own) == ("Like", "200", "4", False)
    assert parse(notice("reblog", status=own), SHOP)[0].verb == "Announce"
    boost = json.dumps(status(reblog={"id": "77", "created_at": "2026-02-01T10:00:00Z"})).encode()
    assert [(a.verb, a.object_id) for a in parse(boost, SHOP)] == [("Announce", "77")]
    for kind in ("follow", "poll", "admin.sign_up", "something.new"):
        assert parse(notice(kind, status=None), SHOP) == []


def test_visibility_and_own() -> None:
    for theirs, ours in (
        ("private", "followers"),
        ("direct", "direct"),
        ("unlisted", "unlisted"),
        ("odd", "direct"),
    ):
        assert parse(notice(status=status(visibility=theirs)), SHOP)[0].visibility == ours
    assert parse(json.dumps(status(account={"id": "9", "acct": "shop"})).encode(), SHOP)[0].own
    assert parse(json.dumps(status(account={"id": "9", "acct": "Shop"})).encode(), AccountRef(1, "shop"))[
        0
    ].own


@pytest.mark.parametrize(
    "raw", [b"", b"1", b"{}", b'{"event":"delete"}', b'{"event":"delete","payload":""}', notice(created_at=None),
            notice(status=status(created_at="x")), notice(status=status(id="")), json.dumps(status(account=None)).encode()],
)  # fmt: skip
def test_what_cannot_be_read_is_refused(raw: bytes) -> None:
    with pytest.raises(Refused):
        parse(raw, SHOP)


@settings(max_examples=200, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(list(status())), st.none() | st.text(max_size=5) | st.integers() | st.lists(st.none())
    ),
    st.sampled_from(["mention", "favourite", "update", "x"]),
)
def test_nothing_but_a_refusal_comes_out_of_junk(changes: dict[str, object], kind: str) -> None:
    for raw in (
        json.dumps(status(**changes)).encode(),
        notice(kind, status=status(**changes)),
        notice(kind, **changes),
    ):
        try:
            parse(raw, SHOP)
        except Refused:
            pass


@pytest.mark.parametrize(
    ("text", "used"),
    [
        ("", 0),
        ("hello", 5),
        ("see https://example.org/a/very/long/path?with=query", 4 + 23),
        ("@ann@far.example hi", 7),
        ("ann@far.example hi", 18),
        ("👩‍👩‍👧‍👦👍🏽🇩🇪1️⃣", 4),
        ("e\u0301한국\r\n", 4),
    ],
)
def test_length_by_mastodons_rule(text: str, used: int) -> None:
    assert length(text) == used


@given(st.text(st.characters(codec="ascii", exclude_characters="\r@:"), max_size=80))
def test_ascii_counts_one_each(text: str) -> None:
    assert length(text) == count(text) == len(text)


def out(**changes: object) -> Outgoing:
    base = {"decision_id": "d", "idempotency_key": "k", "account_id": 1, "text": "On its way"}
    return Outgoing(**(base | changes))  # type: ignore[arg-type]


def test_the_person_answered_is_named_once() -> None:
    assert wire_text(out(recipient="ann@far.example")) == "@ann@far.example On its way"
    for text in ("Hi @ann@far.example, on its way", "@ANN@far.example hello"):
        assert wire_text(out(text=text, recipient="@ann@far.example")) == text
    assert wire_text(out(text="@anna hello", recipient="ann")) == "@ann @anna hello"
    assert body_of(out(visibility="followers", in_reply_to="7")) == {
        "status": "On its way", "visibility": "private", "in_reply_to_id": "7",
    }  # fmt: skip


def test_rendered_words_are_recognised() -> None:
    assert same_words(
        "@ann On\n\nits way https://l.example/x", "@ann@far.example On its  way https://l.example/x"
    )
    assert not same_words("On its way", "On its way now")


def test_a_post_is_ours_only_when_place_audience_and_time_fit() -> None:
    at = 1_772_359_200_000_000
    there = Sent("5", to_datetime(at), "<p>On its way</p>", "direct", "7")
    ours = out(in_reply_to="7", visibility="direct", recipient="ann")
    assert may_be(there, ours, at) and may_be(there, ours, at + SKEW)
    assert not may_be(there, ours, at + SKEW + 1)
    assert not may_be(there, out(in_reply_to="8", visibility="direct"), at)
    assert not may_be(there, out(in_reply_to="7", visibility="public"), at)
    assert says(there.content, "On its way") and not says(there.content, "On its way?")


def test_events_survive_any_cut() -> None:
    wire = b":connected\n\nevent: delete\ndata: 110\n\nevent: notification\r\ndata: {}\r\n\r\n:thump\n\n"
    for size in range(1, len(wire)):
        events = Events()
        found = [e for at in range(0, len(wire), size) for e in events.feed(wire[at : at + size])]
        assert found == [("delete", b"110"), ("notification", b"{}")]
    with pytest.raises(TooLarge):
        Events().feed(b"data: " + b"x" * (1 << 20))


def test_cursors_and_pages() -> None:
    assert marks_of(Marks("12", "7").cursor()) == Marks("12", "7")
    assert marks_of("") == marks_of("nonsense") == Marks()
    items = entities(b'[{"id":"3","created_at":"2026-03-01T10:00:00Z"},{"id":"2"}]')
    assert items == [b'{"id":"2"}', b'{"id":"3","created_at":"2026-03-01T10:00:00Z"}']
    link = '<https://s.example/api?max_id=2>; rel="next", <https://s.example/api?min_id=01HZ>; rel="prev"'
    assert (newest(link, items, "1"), newest("", items, "1"), newest("", [], "1")) == ("01HZ", "3", "1")
    assert lag_s(items, 1772359201500000) == 1.5


@pytest.mark.parametrize(
    ("stated", "place"),
    [
        ("wss://streaming.s.example", "https://streaming.s.example"),
        ("wss://evil.example", "https://s.example"),
        ("wss://evils.example", "https://s.example"),
        ("", "https://s.example"),
    ],
)
def test_the_token_is_streamed_only_to_the_servers_own_hosts(stated: str, place: str) -> None:
    assert streaming_base("https://s.example", stated) == f"{place}/api/v1/streaming/user"
