"""X's payloads, written by us to the published shape: whole results, proofs, lengths, prices, cursors, hostile input."""

import base64
import hashlib
import hmac
import json
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from inline_snapshot import snapshot

from tests.channels.x_shop import SHOP
from townhall.channels.port import Outgoing
from townhall.channels.x.compose import MESSAGE, POST, POST_WITH_URL, length, price, request_of, same_words
from townhall.channels.x.ids import id_at, instant_of
from townhall.channels.x.parse import ENCRYPTED, event_key, parse
from townhall.channels.x.reading import Mark, cursor_of, deletion, listed, marks_of
from townhall.channels.x.signature import crc_answer, sign, verify
from townhall.kernel.activity import Activity, Media
from townhall.kernel.errors import NotSigned, Refused

AT = 1_772_359_200_000_000
FIRST, SECOND_ID = str(int(id_at(AT)) + 5), str(int(id_at(AT + 60_000_000)) + 6)
ANN = {"id": "2002", "username": "ann", "name": "Ann Example"}


def post(**changes: object) -> dict[str, object]:
    return {
        "id": FIRST, "text": "@shop where is it &amp; why? https://t.co/abc https://t.co/pic", "author_id": "2002",
        "created_at": "2026-03-01T10:00:00.000Z", "conversation_id": "77", "lang": "en",
        "edit_history_tweet_ids": [FIRST], "referenced_tweets": [{"type": "replied_to", "id": "78"}],
        "entities": {
            "mentions": [{"start": 0, "end": 5, "username": "shop", "id": "1001"}],
            "urls": [{"url": "https://t.co/abc", "expanded_url": "https://evil.example/login"},
                     {"url": "https://t.co/pic", "expanded_url": "https://x.com/ann/photo/1", "media_key": "3_1"}],
        },
        "attachments": {"media_keys": ["3_1"]},
    } | changes  # fmt: skip


INCLUDES = {
    "users": [ANN],
    "media": [{"media_key": "3_1", "type": "photo", "url": "https://pbs.example/1.jpg", "alt_text": "A box"}],
}


def event(kind: str, payload: object, includes: object = None) -> bytes:
    data = {"event_uuid": "-55", "filter": {"user_id": "1001"}, "event_type": kind, "payload": payload}
    return json.dumps({"data": data | ({"includes": includes} if includes else {})}).encode()


def test_a_whole_mention_by_polling_and_by_webhook() -> None:
    polled = parse(json.dumps({"data": post(), "includes": INCLUDES}).encode(), SHOP)
    assert polled == snapshot(
        [
            Activity(
                verb="Create",
                object_id="2028047592453046277",
                author_id="2002",
                author_handle="ann",
                author_name="Ann Example",
                author_kind="Person",
                own=False,
                published=1772359200000000,
                happened=1772359200000000,
                text="@shop where is it & why? https://evil.example/login",
                conversation="77",
                in_reply_to="78",
                visibility="public",
                url="https://x.com/ann/status/2028047592453046277",
                language="en",
                media=(
                    Media(url="https://pbs.example/1.jpg", media_type="image/*", alt="A box", blurhash=""),
                ),
                mentions=("shop",),
            )
        ]
    )
    raw = event("post.mention.create", post(), INCLUDES)
    assert parse(raw, SHOP) == polled
    assert event_key(raw) == "-55"


def test_an_edit_is_an_update_of_the_first_id() -> None:
    for name in ("edit_history_tweet_ids", "edit_history_post_ids"):
        changed = post(
            id=SECOND_ID, text="changed", created_at="2026-03-01T10:01:00.000Z", **{name: [FIRST, SECOND_ID]}
        )
        found = parse(json.dumps({"data": changed}).encode(), SHOP)
        assert [(a.verb, a.object_id, a.published, a.happened) for a in found] == [
            ("Create", FIRST, AT, AT),
            ("Update", FIRST, AT, AT + 60_000_000),
        ]


@pytest.mark.parametrize("brought", ["posts", "tweets"])
def test_an_edit_comes_with_the_versions_that_were_brought(brought: str) -> None:
    third = str(int(id_at(AT + 120_000_000)) + 7)
    history = {"edit_history_tweet_ids": [FIRST, SECOND_ID, third]}
    stranger = post(id="5", text="somebody else's words", edit_history_tweet_ids=["5"])
    changed = post(id=third, text="third", created_at="2026-03-01T10:02:00.000Z", **history)
    middle = post(id=SECOND_ID, text="second", created_at="2026-03-01T10:01:00.000Z", **history)
    first = post(text="first", **history)
    for versions, words in (
        ([first, middle, stranger], [("Create", "first"), ("Update", "second"), ("Update", "third")]),
        ([middle], [("Create", "second"), ("Update", "second"), ("Update", "third")]),
        ([first], [("Create", "first"), ("Update", "third")]),
    ):
        found = parse(event("post.create", changed, {"users": [ANN], brought: versions}), SHOP)
        assert [(a.verb, a.text) for a in found] == words
        assert {(a.object_id, a.published, a.author_handle) for a in found} == {(FIRST, AT, "ann")}
        assert found[-1].happened == AT + 120_000_000


def test_a_deletion_by_event_and_by_looking_again() -> None:
    gone = parse(event("post.delete", {"id": "9", "author_id": "1001"}, {"users": [{"data": ANN}]}), SHOP)[0]
    assert (gone.verb, gone.object_id, gone.own) == ("Delete", "9", True)
    assert parse(deletion("9"), SHOP)[0].object_id == "9"


def test_a_repost_and_a_long_post() -> None:
    repost = parse(
        json.dumps({"data": post(referenced_posts=[{"type": "retweeted", "id": FIRST}])}).encode(), SHOP
    )
    assert [(a.verb, a.object_id, a.text) for a in repost] == [("Announce", FIRST, "")]
    long = parse(json.dumps({"data": post(note_tweet={"text": "all of it " * 60})}).encode(), SHOP)
    assert long[0].text == ("all of it " * 60).rstrip()


def test_messages_by_event_by_polling_and_encrypted() -> None:
    said = {"type": "message_create", "id": FIRST, "created_timestamp": "1772359200000", "message_create": {
        "target": {"recipient_id": "1001"}, "sender_id": "2002", "message_data": {"text": "hello", "entities": {"urls": []}}}}  # fmt: skip
    delivered = parse(
        event("dm.received", {"direct_message_events": [said], "users": {"2002": {"data": ANN}}}), SHOP
    )
    polled = {"id": FIRST, "event_type": "MessageCreate", "text": "hello", "sender_id": "2002",
              "dm_conversation_id": "1001-2002", "created_at": "2026-03-01T10:00:00.000Z"}  # fmt: skip
    assert delivered == parse(json.dumps({"data": polled, "includes": INCLUDES}).encode(), SHOP)
    assert (delivered[0].visibility, delivered[0].conversation, delivered[0].author_handle) == (
        "direct",
        "1001-2002",
        "ann",
    )
    sealed = {
        "id": "e4",
        "sender_id": "2002",
        "conversation_id": "2002:1001",
        "created_at_msec": "1772359200000",
    }
    assert [(a.text, a.happened) for a in parse(event("chat.received", sealed), SHOP)] == [(ENCRYPTED, AT)]


@pytest.mark.parametrize(
    "kind", ["follow.follow", "profile.update.bio", "dm.read", "like.create", "something.new"]
)
def test_what_is_not_about_a_post_is_nothing(kind: str) -> None:
    assert parse(event(kind, {"before": "a"}), SHOP) == []


@pytest.mark.parametrize(
    "raw",
    [b"", b"[]", b"{}", b'{"data":{}}', b'{"data":{"id":""}}', event("post.create", {}), event("dm.received", [1]),
     json.dumps({"data": post(created_at="now")}).encode(), json.dumps({"data": post(entities=[1])}).encode()],
)  # fmt: skip
def test_what_cannot_be_read_is_refused(raw: bytes) -> None:
    with pytest.raises(Refused):
        parse(raw, SHOP)


JUNK = (
    st.none()
    | st.text(max_size=4)
    | st.integers()
    | st.lists(st.none() | st.text(max_size=3), max_size=2)
    | st.just({})
)


@settings(max_examples=200, deadline=None)
@given(
    st.dictionaries(st.sampled_from(list(post())), JUNK),
    st.sampled_from(["post.create", "dm.sent", "chat.sent", "x"]),
)
def test_nothing_but_a_refusal_comes_out_of_junk(changes: dict[str, object], kind: str) -> None:
    for raw in (
        json.dumps({"data": post(**changes)}).encode(),
        event(kind, post(**changes)),
        event(kind, changes),
    ):
        try:
            came = parse(raw, SHOP)
        except Refused:
            continue
        assert all(one.verb and one.object_id for one in came)


def test_the_challenge_and_the_signature() -> None:
    by_hand = (
        "sha256=" + base64.b64encode(hmac.new(b"secret", b"challenge", hashlib.sha256).digest()).decode()
    )
    assert json.loads(crc_answer("secret", "challenge")) == {"response_token": by_hand}
    verify({"X-Twitter-Webhooks-Signature": sign("secret", b"{}")}, b"{}", "secret")
    for headers, body, secret in (
        ({}, b"{}", "secret"),
        ({"x-twitter-webhooks-signature": sign("secret", b"{}")}, b"{ }", "secret"),
        ({"x-twitter-webhooks-signature": sign("other", b"{}")}, b"{}", "secret"),
        ({"x-twitter-webhooks-signature": sign("", b"{}")}, b"{}", ""),
    ):
        with pytest.raises(NotSigned):
            verify(headers, body, secret)
    with pytest.raises(Refused):
        crc_answer("secret", "")


@pytest.mark.parametrize(
    ("text", "used"),
    [
        ("", 0),
        ("hello", 5),
        ("see https://example.org/a/very/long/path?with=query now", 4 + 23 + 4),
        ("go to example.com.", 6 + 23 + 1),
        ("done.It was", 11),
        ("at shop.example.it or x.it/y", 3 + 23 + 4 + 23),
        ("故人西辭", 8),
        ("한국", 4),
        ("cafe\u0301", 4),
        ("H🐱☺👨‍👩‍👧‍👦", 7),
        ("👍🏽🇩🇪1️⃣", 6),
        ("“quoted” – dash…", 17),
        ("©", 1),
    ],
)
def test_weighted_length(text: str, used: int) -> None:
    assert length(text) == used


@given(st.text(st.characters(max_codepoint=0x2FF, exclude_characters="./", exclude_categories=["Cc"]), max_size=40)
       | st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), max_size=40))  # fmt: skip
def test_plain_letters_weigh_one_and_ideographs_two(text: str) -> None:
    plain = unicodedata.normalize("NFC", text)
    assert length(text) == sum(2 if unicodedata.east_asian_width(c) == "W" else 1 for c in plain)


def out(**changes: object) -> Outgoing:
    base = {
        "decision_id": "d",
        "idempotency_key": "k",
        "account_id": 1,
        "text": "On its way",
        "in_reply_to": "78",
    }
    return Outgoing(**(base | changes))  # type: ignore[arg-type]


def test_what_goes_out_and_what_it_costs() -> None:
    assert request_of(out()) == ("/2/tweets", {"text": "On its way", "reply": {"in_reply_to_tweet_id": "78"}})
    private = out(visibility="direct", recipient="2002")
    assert request_of(private) == ("/2/dm_conversations/with/2002/messages", {"text": "On its way"})
    by_conversation = out(visibility="direct", conversation="1001-2002")
    assert request_of(by_conversation)[0] == "/2/dm_conversations/1001-2002/messages"
    assert (price(out()), price(private), price(out(text="see example.com"))) == (
        POST,
        MESSAGE,
        POST_WITH_URL,
    )


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"visibility": "followers"}, "no followers posts"),
        ({"in_reply_to": "../me"}, "not an id"),
        ({"visibility": "direct", "recipient": "ann"}, "numeric id"),
        ({"text": "字" * 141}, "counts 282"),
    ],
)
def test_what_x_cannot_do_is_refused(changes: dict[str, object], reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        request_of(out(**changes))


def test_rendered_words_are_recognised() -> None:
    assert same_words("@ann @ben On its way", "On its  way ")
    assert not same_words("On its way", "On its way now")


def test_ids_carry_their_time() -> None:
    assert instant_of(id_at(AT)) == AT
    assert instant_of("20") == instant_of("nonsense") == 0


def test_cursors_and_pages() -> None:
    marks = {"mentions": Mark("5", "token", "9")}
    assert marks_of(cursor_of(marks)) == marks
    assert marks_of("") == marks_of("{") == marks_of('{"own":["../x"]}') == {}
    walking = Mark("5").after("9", "token", AT)
    assert walking == Mark("5", "token", "9")
    assert walking.after("7", "", AT) == Mark("9")
    assert Mark().after("9", "token", AT) == Mark("9")
    assert Mark().after("", "", AT).since == id_at(AT - 3_600_000_000)
    body = json.dumps(
        {"data": [post(), post(id="7", author_id="3")], "includes": INCLUDES, "meta": {"next_token": "t"}}
    ).encode()
    page = listed(body)
    assert (page.ids, page.next_token, page.paid) == ([FIRST, "7"], "t", 2)
    assert parse(page.items[1], SHOP) == parse(
        json.dumps({"data": post(), "includes": INCLUDES}).encode(), SHOP
    )
    assert listed(b"{}").items == []
    with pytest.raises(ValueError, match="number"):
        listed(b'{"data":[{"id":"x"}]}')


def test_a_post_without_its_author_still_says_whose_it_is() -> None:
    found = parse(json.dumps({"data": post(attachments=None)}).encode(), SHOP)[0]
    assert isinstance(found, Activity)
    assert (found.author_id, found.author_handle, found.url) == (
        "2002",
        "",
        f"https://x.com/i/status/{FIRST}",
    )
