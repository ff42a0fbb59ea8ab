"""ActivityStreams items: the shapes that senders use, the reasons for refusal, and hostile input."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from inline_snapshot import snapshot

from townhall.channels.activitystreams.outbox import is_outbox, outbox_owner, read_outbox
from townhall.channels.activitystreams.parse import conversation_key, parse, parse_lines, read_lines
from townhall.channels.port import AccountRef
from townhall.kernel.activity import Activity, Media
from townhall.kernel.errors import Refused, TooLarge

PUBLIC = "https://www.w3.org/ns/activitystreams#Public"
ANN = "https://social.example/users/ann"


def note(**changes: object) -> dict[str, object]:
    base = {
        "id": "https://social.example/notes/7", "type": "Note", "attributedTo": ANN, "published": "2026-03-01T10:00:00Z",
        "content": "Where is my parcel?", "to": [PUBLIC],
    }  # fmt: skip
    return {name: value for name, value in (base | changes).items() if value is not None}


def act(kind: str = "Create", thing: object = None, **changes: object) -> bytes:
    base = {
        "type": kind, "id": "https://social.example/acts/1", "actor": ANN, "published": "2026-03-01T10:00:05Z",
        "object": note() if thing is None else thing,
    }  # fmt: skip
    return json.dumps({name: value for name, value in (base | changes).items() if value is not None}).encode()


def one(raw: bytes, account: AccountRef = AccountRef()) -> Activity:
    found = parse(raw, account)
    assert len(found) == 1
    return found[0]


def test_a_whole_note_in_html() -> None:
    thing = note(
        content='<p>Hello <span class="h-card"><a href="https://b.example/@shop" class="u-url mention">@<span>shop</span></a></span><br>'
        'see <a href="https://l.example/x"><span class="invisible">https://</span><span>l.example/x</span></a></p><p>Two &amp; more</p>',
        contentMap={"en": "ignored because content is there"},
        context="https://social.example/contexts/3",
        inReplyTo="https://social.example/notes/6",
        tag=[
            {"type": "Mention", "href": "https://b.example/@shop", "name": "@shop@b.example"},
            {"type": "Hashtag", "name": "#x"},
        ],
        attachment=[
            {
                "type": "Document",
                "mediaType": "image/png",
                "url": "https://m.example/1.png",
                "name": "A wet box",
            }
        ],
        url=[{"type": "Link", "href": "https://social.example/@ann/7"}],
    )
    actor = {"id": ANN, "type": "Person", "preferredUsername": "ann", "name": "Ann Example"}
    assert one(act(thing=thing, actor=actor)) == snapshot(
        Activity(
            verb="Create",
            object_id="https://social.example/notes/7",
            author_id="https://social.example/users/ann",
            author_handle="ann",
            author_name="Ann Example",
            author_kind="Person",
            own=False,
            published=1772359200000000,
            happened=1772359200000000,
            text="Hello @shop\nsee https://l.example/x\n\nTwo & more",
            conversation="https://social.example/contexts/3",
            in_reply_to="https://social.example/notes/6",
            visibility="public",
            url="https://social.example/@ann/7",
            language="",
            media=(
                Media(url="https://m.example/1.png", media_type="image/png", alt="A wet box", blurhash=""),
            ),
            mentions=("shop@b.example",),
        )
    )


@pytest.mark.parametrize(
    ("to", "cc", "seen"),
    [
        ([PUBLIC], [], "public"),
        ("as:Public", None, "public"),
        ([f"{ANN}/followers"], [PUBLIC], "unlisted"),
        ([f"{ANN}/followers"], ["https://b.example/@shop"], "followers"),
        (["https://b.example/@shop"], [], "direct"),
        ([], [], "direct"),
        (None, None, "public"),
        ({"id": PUBLIC}, None, "public"),
    ],
)
def test_who_may_see_it(to: object, cc: object, seen: str) -> None:
    assert one(act(thing=note(to=to, cc=cc))).visibility == seen


def test_an_edit_a_deletion_a_like_and_a_repost() -> None:
    edit = one(act("Update", note(updated="2026-03-01T11:00:00Z", content="Found it")))
    assert (edit.verb, edit.text, edit.happened - edit.published) == ("Update", "Found it", 3_600_000_000)
    gone = one(
        act("Delete", {"id": "https://s.example/7", "type": "Tombstone", "deleted": "2026-03-02T00:00:00Z"})
    )
    assert (gone.verb, gone.object_id, gone.text, gone.happened) == (
        "Delete",
        "https://s.example/7",
        "",
        1772409600000000,
    )
    for kind in ("Like", "Announce", "Delete", "Flag"):
        bare = one(act(kind, "https://s.example/7"))
        assert (bare.verb, bare.object_id, bare.author_id, bare.text) == (
            kind,
            "https://s.example/7",
            ANN,
            "",
        )
    assert [a.object_id for a in parse(act("Flag", ["https://s.example/7", "https://s.example/8"]))] == [
        "https://s.example/7",
        "https://s.example/8",
    ]


def test_a_question_an_article_and_a_bare_note() -> None:
    poll = one(act(thing=note(type="Question", oneOf=[{"name": "Yes"}, {"name": "No"}])))
    assert poll.text == "Where is my parcel?\n\n- Yes\n- No"
    assert one(act(thing=note(type="Article", name="A title"))).text == "A title\n\nWhere is my parcel?"
    bare = one(json.dumps(note()).encode())
    assert (bare.verb, bare.author_id, bare.happened) == ("Create", ANN, bare.published)


def test_times_fall_back_to_the_acts_own_and_then_to_none() -> None:
    assert one(act(thing=note(published=None))).published == 1772359205000000
    assert one(act(thing=note(published=None), published=None)).published == 0


def test_own_is_the_account_or_an_organization() -> None:
    shop = AccountRef(1, "shop", ANN, "activitystreams")
    assert one(act(), shop).own
    assert not one(act()).own
    brand = one(act(actor={"id": "https://x.example/shop", "type": "Organization"}))
    assert (brand.own, brand.author_kind, brand.author_handle) == (True, "Organization", "shop")


def test_language_and_text_from_the_content_map() -> None:
    found = one(act(thing=note(content=None, contentMap={"pt-BR": "Onde está?"})))
    assert (found.text, found.language) == ("Onde está?", "pt-BR")


def test_plain_text_is_not_taken_for_markup() -> None:
    assert one(act(thing=note(mediaType="text/plain", content="a <b & c"))).text == "a <b & c"


def test_links_that_say_something_else_show_where_they_lead() -> None:
    thing = note(content='<a href="https://evil.example/login">your bank</a><script>alert(1)</script>')
    assert one(act(thing=thing)).text == "your bank (https://evil.example/login)"


def test_media_that_no_browser_should_open_is_dropped() -> None:
    thing = note(
        attachment=[
            {"type": "Image", "url": "javascript:alert(1)"},
            {"type": "Image", "url": "https://m.example/2"},
        ]
    )
    assert one(act(thing=thing)).media == (Media("https://m.example/2"),)


def test_a_nul_becomes_a_mark_that_a_database_can_store() -> None:
    assert one(act(thing=note(content="a\x00b"))).text == "a\ufffdb"


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b'{"type":"Create","object":"\xff"}', "not JSON"),
        (b"[]", "not the expected shape"),
        (b"{}", "no type"),
        (act("Follow", "https://s.example/7"), "'Follow'"),
        (act(object=None), "no id"),
        (act(thing=[]), "no object"),
        (act(thing=note(id=None)), "no id"),
        (act(thing=note(id="")), "no id"),
        (act(thing=note(id=7)), "not the expected shape"),
        (act(actor=None, thing=note(attributedTo=None)), "no actor"),
        (act(thing=note(published="yesterday")), "bad time in object.published"),
        (act(thing=note(published="2026-03-01T10:00:00")), "bad time"),
        (act(thing=note(published="1969-03-01T10:00:00Z")), "before 1970"),
        (act("Update", {"id": ANN, "type": "Person"}), "changes no post"),
    ],
)
def test_the_reason_for_a_refusal_is_precise(raw: bytes, reason: str) -> None:
    with pytest.raises(Refused, match=reason.replace("(", "\\(")):
        parse(raw)


@pytest.mark.parametrize(
    "raw",
    [
        act(thing=note(content="x" * 100_001, mediaType="text/plain")),
        act(thing=note(id="h" * 2_049)),
        act(thing=note(tag=[{"type": "Mention", "name": "@a"}] * 1_001)),
        b'{"type":"Create","z":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b" " * (1 << 20) + b"{}",
    ],
)
def test_what_is_too_large_is_refused(raw: bytes) -> None:
    with pytest.raises(TooLarge):
        parse(raw)


def test_a_block_of_lines() -> None:
    assert len(parse_lines(act() + b"\n\n" + act("Like", "https://s.example/7") + b"\n")) == 2
    good, bad = read_lines([act(), b"nonsense"])
    assert isinstance(good, list) and isinstance(bad, Refused)


def test_a_mastodon_outbox_file() -> None:
    items = [json.loads(act()), json.loads(act("Announce", "https://b.example/9"))]
    whole = json.dumps(
        {
            "@context": "https://www.w3.org/ns/activitystreams",
            "type": "OrderedCollection",
            "orderedItems": items,
        }
    ).encode()
    assert is_outbox(whole) and is_outbox(b"{\n") and not is_outbox(act()) and not is_outbox(b"nonsense")
    assert is_outbox(whole[:200]) and not is_outbox(act()[:100])
    found = read_outbox(whole)
    assert [one(item).verb for item in found] == ["Create", "Announce"]
    assert outbox_owner(found) == ANN
    assert outbox_owner([*found, act(actor="https://other.example/u")]) == ""
    with pytest.raises(Refused, match="not a collection"):
        read_outbox(act())


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20)
    | st.sampled_from(["Create", "Note", "Tombstone", PUBLIC, ANN, "2026-03-01T10:00:00Z", "9999-12-31T23:59:59-23:59"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["id", "type", "actor", "object", "published", "updated", "deleted", "to", "cc", "tag", "attachment", "content", "contentMap", "url", "name", "inReplyTo", "context", "attributedTo", "summary", "oneOf", "href", "mediaType"]),
        inner, max_size=6,
    ),
    max_leaves=25,
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(
    st.dictionaries(st.sampled_from(["type", "actor", "object", "to", "published"]), JUNK, min_size=1),
    st.booleans(),
)
def test_nothing_but_a_refusal_comes_out_of_junk(item: dict[str, object], has_type: bool) -> None:
    raw = json.dumps(({"type": "Create", "actor": ANN} | item) if has_type else item).encode()
    keys = []
    try:
        keys = [activity.conversation_key() for activity in parse(raw)]
    except Refused:
        pass
    if keys:
        assert conversation_key(raw) == keys[0]


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200))
def test_nothing_but_a_refusal_comes_out_of_bytes(raw: bytes) -> None:
    for read in (parse, conversation_key):
        try:
            read(raw)
        except Refused:
            pass


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(
        [note(), note(context="c"), note(inReplyTo="r"), note(inReplyTo=["r"]), note(conversation="v")]
    )
)
def test_the_fast_key_is_the_key(thing: dict[str, object]) -> None:
    for raw in (act(thing=thing), act("Delete", thing["id"]), json.dumps(thing).encode()):
        assert conversation_key(raw) == one(raw).conversation_key()
