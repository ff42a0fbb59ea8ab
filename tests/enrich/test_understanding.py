"""Batches and single posts say the same, every time; models are what their cards say they are."""

import json
import os
import shutil
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from townhall.enrich import UNDETERMINED, Understanding, search_terms
from townhall.enrich.logic import tokens
from townhall.enrich.logic.lexicon import Lexicon
from townhall.enrich.logic.reading import Reading
from townhall.enrich.weights import HEADS, SHIPPED, read_all, side_by_side
from townhall.kernel.errors import Refused

POSTS = [
    "@acme Where is my parcel? It was due on Monday :(",
    "thank you so much, great service",
    "My flight was cancelled and nobody answers the phone, worst airline ever",
    "Wo ist mein Paket? Ich warte seit drei Wochen darauf.",
    "¿Dónde está mi pedido? Llevo dos semanas esperando",
    "mera phone kaam nahi kar raha hai yaar, kya karu main ab",
    "配達はいつですか 😡",
    "order AB-1234, 12-34 56 https://shop.example.com/track?id=9 #late",
    "password: hunter2 and 4111 1111 1111 1111",
    "Ünïcode ’quotes’ ﬁne ~tilde~ O'Brien's &amp; co <3 ¿qué?",
    "ok",
    "",
    "\n \x00 \ud83d",
]

PINNED = (-1226461384, -734688849, -308286090, 838970887, 1234828371, 1840157811)


@pytest.fixture(scope="module")
def reader():
    return Understanding.load()


posts = st.sampled_from(POSTS) | st.text(max_size=60) | st.text("ab @#'?!:)(d3<-/.,0129~é’한漢 ", max_size=30)


@settings(deadline=None, max_examples=150)
@given(batch=st.lists(posts, min_size=1, max_size=8))
def test_a_post_is_understood_alike_alone_and_in_company(reader, batch):
    together = reader.enrich(batch)
    for text, one in zip(batch, together, strict=True):
        alone = reader.enrich([text])[0]
        assert alone.terms == one.terms == search_terms(text)
        assert (alone.language, alone.topics, alone.findings) == (one.language, one.topics, one.findings)
        assert (alone.question, alone.intent, alone.sentiment, alone.simhash) == (
            one.question,
            one.intent,
            one.sentiment,
            one.simhash,
        )
        assert alone.question_p == pytest.approx(one.question_p, abs=1e-5)
        assert alone.complaint_p == pytest.approx(one.complaint_p, abs=1e-5)
        assert 0 <= one.question_p <= 1 and 0 <= one.intent_p <= 1 and 0 <= one.sentiment_p <= 1
        assert -(2**63) <= one.simhash < 2**63 and len(one.topics) <= 5


def test_what_is_said_does_not_depend_on_the_past():
    """A lexicon that has been full many times reads as a new one does."""
    models = read_all(SHIPPED)
    weights = side_by_side(models)
    fresh, old = Lexicon(weights, 7.0), Lexicon(weights, 7.0, full=40)
    for start in range(0, 400, 20):
        Reading(old, weights, [f"word{i} number {i}" for i in range(start, start + 20)])
    for _ in range(3):
        one, two = Reading(fresh, weights, POSTS), Reading(old, weights, POSTS[:])
        assert (one.terms(), one.topics(), one.fingerprints()) == (
            two.terms(),
            two.topics(),
            two.fingerprints(),
        )
        assert (one.scores == two.scores).all()


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        (POSTS[0], "question", True),
        (POSTS[1], "question", False),
        ("how do i change my seat", "question", True),
        (POSTS[1], "sentiment", 1),
        (POSTS[2], "sentiment", -1),
        (POSTS[0], "intent", "delivery"),
        (POSTS[1], "intent", "praise"),
        ("I want a refund for my order", "intent", "refund"),
        ("the app keeps crashing since the update", "intent", "outage"),
        (POSTS[3], "language", "de"),
        (POSTS[4], "language", "es"),
        (POSTS[5], "language", "hi"),
        (POSTS[6], "language", "ja"),
        ("ok", "language", UNDETERMINED),
        ("", "language", UNDETERMINED),
    ],
)
def test_plain_cases(reader, text, field, value):
    assert getattr(reader.enrich([text])[0], field) == value


def test_complaints_and_topics(reader):
    cross, glad = reader.enrich([POSTS[2], POSTS[1]])
    assert cross.complaint_p > 0.5 > glad.complaint_p
    assert {"cancelled", "airline"} & set(cross.topics)
    assert not {"the", "and", "was", "my"} & set(cross.topics)


def test_hints_count_only_where_the_text_is_too_short(reader):
    short, long = reader.enrich(["ok", POSTS[3]], ["pt-BR", "en"])
    assert (short.language, long.language) == ("pt", "de")


def test_near_duplicates_lie_close_and_strangers_apart(reader):
    text = "Boycott Acme now, they poisoned the river in Springfield and lied about it to everybody"
    one, two, far = reader.enrich([f"@ann {text}", f"@bob {text} https://t.co/zzz", POSTS[2]])
    assert bin((one.simhash ^ two.simhash) & (2**64 - 1)).count("1") <= 3
    assert bin((one.simhash ^ far.simhash) & (2**64 - 1)).count("1") >= 12


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("jetset", "@JetSet hello"),
        ("@jetset", "hello @JETSET!"),
        ("late", "so #LATE"),
        ("123456", "order 12-34 56 please"),
        ("ab1234", "order AB-1234"),
        ("o'brien", "O’Brien’s shop"),
        ("uber munchen", "Über München 😀"),
        ("ﬁne", "fine"),
        ("東京", "私は東京タワーへ"),
        ("京タワ", "私は東京タワーへ"),
        ("กรุงเทพ", "ไปกรุงเทพวันนี้"),
        ("example track", "see https://shop.example.com/track?id=9"),
        ("हिन्दी", "यह हिन्दी है"),
        ("don't", "I DON'T know 😀"),
    ],
)
def test_search_finds(query, text):
    assert set(search_terms(query)) <= set(search_terms(text))


def test_search_terms_are_pinned_for_ever():
    """They are stored: a change of the tokeniser or the hash would make old posts impossible to find."""
    assert search_terms("Order AB-12 @acme") == PINNED


def test_search_terms_are_the_same_in_another_process():
    code = "from townhall.enrich import search_terms; print(search_terms('Order AB-12 @acme'))"
    environment = {**os.environ, "PYTHONHASHSEED": "77"}
    printed = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    )
    assert printed.stdout.strip() == str(PINNED)


@settings(max_examples=300)
@given(st.text("ab @#'?!:;)(d3<-/.,0129~&\n\tA_", max_size=40))
def test_the_byte_table_cuts_as_the_expression_does(text):
    """Plain lines are cut by a byte table, others by a regular expression: both must name the same things."""
    line = text.replace("\n", " ").replace("~", " ").lower()
    by_table = tokens._cut([line])[0].split()
    by_expression = [token for token in tokens._TOKEN.findall(line) if token[0] not in ":;=<"]
    faces = [token for token in tokens._TOKEN.findall(line) if token[0] in ":;=<"]
    if not faces:
        assert [t for t in by_table if tokens.is_searchable(t) or t in "?!"] == [
            t for t in by_expression if tokens.is_searchable(t) or t in "?!"
        ]


@pytest.mark.parametrize("name", [*HEADS, "topics"])
def test_every_model_has_its_card_and_page(name):
    card = json.loads((SHIPPED / f"{name}.json").read_text("utf-8"))
    assert card["name"] == name and card["sets"] and card["rows"]
    page = SHIPPED.parents[3] / "docs" / "models" / f"{name}.md"
    assert card["sha256"][:16] in page.read_text("utf-8")


@pytest.mark.parametrize("name", [*HEADS, "topics"])
def test_a_model_that_is_not_its_cards_is_refused(name, tmp_path):
    folder = tmp_path / "models"
    shutil.copytree(SHIPPED, folder)
    raw = bytearray((folder / f"{name}.npz").read_bytes())
    raw[len(raw) // 2] ^= 1
    (folder / f"{name}.npz").write_bytes(raw)
    with pytest.raises(Refused, match=name):
        Understanding.load(folder)


def test_a_missing_model_is_refused(tmp_path):
    with pytest.raises(Refused, match="sentiment"):
        Understanding.load(tmp_path)
