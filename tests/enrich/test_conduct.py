"""What posts do: abuse, urgency and spam with their words; risky links; near-copies. Held to slow ways of saying the same."""

import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from townhall.enrich import FLOORS, Copies, Understanding
from townhall.enrich.logic import evidence
from townhall.enrich.logic.copies import APART, WINDOW
from townhall.enrich.logic.links import links_of
from townhall.enrich.logic.telling import BEFORE, GROUPS
from townhall.enrich.weights import SHIPPED


@pytest.fixture(scope="module")
def reader():
    return Understanding.load()


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("You are a bunch of lying idiots", "abuse_p"),
        ("I will find you and hurt you", "abuse_p"),
        ("I hate all immigrants, they are vermin", "abuse_p"),
        ("fuck you, scumbags", "abuse_p"),
        ("The charger caught fire in the kitchen", "urgent_p"),
        ("There is a smell of gas in the house", "urgent_p"),
        ("Stranded at the airport, my insulin is in the lost bag", "urgent_p"),
        ("Please call an ambulance, a man collapsed at the gate", "urgent_p"),
        ("Stuck on the runway for two hours without water or air", "urgent_p"),
        ("Congratulations! You have won a free prize, call now to claim your reward http://win-cash.xyz", "spam_p"),
        ("check out my channel and subscribe please, new video", "spam_p"),
    ],
)  # fmt: skip
def test_plain_cases_and_their_reasons(reader, text, field):
    found = reader.enrich([text])[0]
    kind = field.removesuffix("_p")
    assert getattr(found, field) >= FLOORS[kind]
    why = next(sign for sign in found.signs if sign.startswith(f"{kind}: "))
    told = re.search(r"\((.+)\)", why)[1].split(", ")
    assert any(word.strip("~@#") in text.lower() for word in told)


@pytest.mark.parametrize(
    "text",
    [
        "Where is my parcel? It was due on Monday :(",
        "My battery will die before noon",
        "Worst airline ever, my flight was cancelled and nobody answers the phone",
        "Your new album is fire",
        "Thank you so much, great service",
        "I love all my muslim and jewish friends",
        "When do you open on Sunday?",
    ],
)
def test_what_only_sounds_so_is_left_alone(reader, text):
    found = reader.enrich([text])[0]
    assert (found.signs, found.hosts, found.link_risk) == ((), (), 0.0)
    assert max(found.abuse_p, found.spam_p, found.urgent_p) < 0.5


_WORDS = sorted(
    {word.rstrip("*") + ("s" if word[-1] == "*" else "") for words in GROUPS.values() for word in words}
)
words = st.sampled_from(_WORDS) | st.sampled_from(
    ["the", "of", "my", "parcel", "blue", "again", "and", "or", "flight"]
)


def in_group(word, group):
    return any(word.startswith(one[:-1]) if one[-1] == "*" else word == one for one in GROUPS[group])


def slow_evidence(sentence, head):
    """Every pair of words looked at, one tell after the other."""
    telling = [place for place, word in enumerate(sentence) if any(in_group(word, group) for group in GROUPS)]
    total = BEFORE[head]
    for of, tell in evidence.TELLS:
        if of != head:
            continue
        firsts = [n for n, place in enumerate(telling) if in_group(sentence[place], tell.first)]
        if not tell.then:
            total += tell.weight * bool(firsts)
            continue
        total += tell.weight * any(
            telling[later] - telling[n] <= tell.reach and in_group(sentence[telling[later]], tell.then)
            for n in firsts
            for later in range(n + 1, min(n + 5, len(telling)))
        )
    return total


@settings(deadline=None, max_examples=60)
@given(batch=st.lists(st.lists(words, max_size=14), min_size=1, max_size=5))
def test_evidence_is_what_looking_at_every_pair_gives(reader, batch):
    names = [[word.replace("-", "") for word in sentence if word.isascii()] for sentence in batch]
    found = reader.enrich([" ".join(sentence) for sentence in names])
    for one, sentence in zip(found, names, strict=True):
        for head, said in (("abuse", one.abuse_p), ("urgent", one.urgent_p)):
            expected = slow_evidence(sentence, head)
            assert said == pytest.approx(1 / (1 + 2.718281828459045**-expected), abs=1e-4)


@pytest.mark.parametrize(
    ("text", "host", "words"),
    [
        ("pay at http://192.168.10.4/login now", "192.168.10.4", "number"),
        (
            "see https://acme.com@evil.example.net/pay.",
            "evil.example.net",
            "names one host and leads to another",
        ),
        ("http://xn--pple-43d.com/verify", "xn--pple-43d.com", "punycode"),
        ("go to secure-login-update.xyz", "secure-login-update.xyz", "speaks of"),
        ("www.paypal-account-verify.top/login", "www.paypal-account-verify.top", "paypal"),
        ("http://files.example.com/tool.apk", "files.example.com", "loads a program"),
    ],
)
def test_risky_links_and_their_signs(text, host, words):
    (link,) = links_of(text)
    assert link.host == host
    assert any(words in sign for sign in link.signs)
    assert link.risk > links_of("https://example.com/a")[0].risk


def test_plain_links_are_no_risk_and_text_without_links_has_none():
    assert [link.risk for link in links_of("see https://example.com/news/today and https://t.co/abcd")] == [
        0.0,
        0.0,
    ]
    assert links_of("Costs 3.50 today. Nice.In the end, call me") == []
    assert links_of("write to me@example.com") == []


def slow_copies(posts):
    """Groups by the newest text that is the same, or that shares a part and lies near; all kept for ever."""
    texts, owner, newest, counts = [], {}, [{}, {}, {}, {}], []
    for brand, mark, at, author, terms in posts:
        if terms < 5:
            counts.append(0)
            continue
        group = owner.get((brand, mark))
        parts = [(brand, mark >> shift & 0xFFFF) for shift in (0, 16, 32, 48)]
        if group is None:
            for place, part in enumerate(parts):
                other = newest[place].get(part)
                if other is not None and bin(other ^ mark).count("1") <= APART:
                    group = owner[brand, other]
                    break
                newest[place][part] = mark
        if group is None:
            group = len(texts)
            texts.append({})
        owner[brand, mark] = group
        texts[group][author] = max(at, texts[group].get(author, at))
        counts.append(sum(0 <= at - then <= WINDOW for who, then in texts[group].items() if who != author))
    return counts


marks = st.integers(1, 2**64 - 1)


@settings(deadline=None)
@given(data=st.data(), roots=st.lists(marks, min_size=1, max_size=3))
def test_near_copies_are_counted_as_the_slow_way_counts_them(data, roots):
    flips = st.lists(st.integers(0, 63), max_size=9).map(lambda bits: sum(1 << bit for bit in set(bits)))
    post = st.tuples(
        st.just(1), st.builds(lambda root, flip: root ^ flip, st.sampled_from(roots), flips | st.just(0)),
        st.integers(0, 2 * WINDOW), st.integers(1, 6), st.sampled_from((2, 5, 9)),
    )  # fmt: skip
    posts = data.draw(st.lists(post, max_size=30))
    signed = [(b, mark - (1 << 64) if mark >> 63 else mark, at, who, n) for b, mark, at, who, n in posts]
    assert Copies().count(signed) == slow_copies(posts)


def test_copies_of_another_brand_by_the_same_author_and_of_yesterday_do_not_count():
    mark = 0x0123456789ABCDEF
    told = Copies().count(
        [
            (1, mark, 0, 7, 9),
            (2, mark, 1, 8, 9),
            (1, mark, 2, 7, 9),
            (1, mark, 3, 8, 9),
            (1, mark, 2 * WINDOW, 9, 9),
        ]
    )
    assert told == [0, 0, 0, 1, 0]


def test_a_text_sent_to_many_with_links_of_their_own_is_one_text(reader):
    texts = [
        f"@user{n} I tripled my money with this lady, write to her https://x.co/{n}{n}" for n in range(5)
    ]
    seen = [
        (1, one.simhash, 10 + n, n, len(one.terms))
        for n, one in enumerate(reader.enrich([*texts, texts[0][7:]]))
    ]
    assert Copies().count(seen) == [0, 1, 2, 3, 4, 5]


def test_the_page_of_figures_speaks_of_these_words():
    page = SHIPPED.parents[3] / "docs" / "models" / "conduct.md"
    assert evidence.digest() in page.read_text("utf-8")


@given(st.integers(0, 2**32))
@settings(max_examples=25, deadline=None)
def test_a_text_sent_by_hundreds_is_counted_as_one_by_one(seed):
    dice = random.Random(seed)
    sent = [(dice.randrange(1, 400), at) for at in dice.sample(range(2 * WINDOW), 400)]
    known, counted = {}, []
    for author, at in sent:
        known[author] = max(at, known.get(author, at))
        if len(known) > 200:
            del known[min(known, key=known.__getitem__)]
        counted.append(sum(0 <= at - then <= WINDOW for who, then in known.items() if who != author))
    assert Copies().count([(1, 77, at, author, 9) for author, at in sent]) == counted
