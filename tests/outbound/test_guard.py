"""The guard: named dangers, properties, and an oracle for look-alikes that shares no code."""

import string
import unicodedata
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from townhall.enrich import find_personal_data
from townhall.kernel.finding import Finding
from townhall.outbound.logic.fitting import overfull
from townhall.outbound.logic.guard import handles_in, judge
from townhall.outbound.logic.links import SHORTENERS, links_in, unicode_host
from townhall.outbound.logic.lookalike import likeness, one_edit_apart
from townhall.outbound.logic.words import (
    Allow,
    Block,
    Decision,
    Hold,
    Picture,
    Saying,
    Surroundings,
    Term,
)

DOMAINS = ("fernhill.com", "fernhill.co.uk")
TERMS = (
    Term("forbidden", "guaranteed return", "No promises about money."),
    Term("forbidden", "idiot", "Never insult.", "block"),
    Term("required", "T&Cs apply", "By law.", "block", "special offer"),
    Term("allowed", "help@fernhill.com", "Our own address."),
)


def judged(text: str, **changes: object) -> Decision:
    saying = {
        "text": text, "kind": "public", "brand_id": 1, "account_id": 1, "visibility": "public", "recipient": "dana",
        "in_reply_to": "9", "conversation": "c",
    }  # fmt: skip
    around = {
        "thread_brand": 1, "thread_account": 1, "thread_private": False, "can_reply_private": True,
        "length": len(text), "max_length": 500, "personal": find_personal_data(text), "terms": TERMS,
        "domains": DOMAINS, "strangers": frozenset({"mallory"}),
    }  # fmt: skip
    for name, value in changes.items():
        (saying if name in saying else around)[name] = value
    return judge(Saying(**saying), Surroundings(**around))  # type: ignore[arg-type]


def kinds(decision: Decision) -> list[str]:
    return [remark.finding.kind for remark in decision.remarks]


@pytest.mark.parametrize(
    "text",
    [
        "It arrives tomorrow.", "See https://fernhill.com/help", "See help.fernhill.com/a", "@dana thanks.We will look",
        "Write to help@fernhill.com", "See fernhill.co.uk.", "special offer, T&Cs apply", "v1.2.3 is out", "e.g. this",
    ],
)  # fmt: skip
def test_allowed(text: str) -> None:
    assert judged(text) == Allow()


@pytest.mark.parametrize(
    ("text", "verdict", "kind"),
    [
        ("Your card 4111 1111 1111 1111", Block, "card"),
        ("Call +44 20 7946 0991", Hold, "phone"),
        ("Write to ann.private@mail.example.com", Hold, "email"),
        ("A GUARANTEED\n return", Hold, "forbidden_term"),
        ("You idiot!", Block, "forbidden_term"),
        ("A special offer", Block, "required_term"),
        ("See https://fernhi11.com", Block, "lookalike_link"),
        ("See http://fernhıll.com", Block, "lookalike_link"),
        ("See http://xn--fernhll-4ib.com", Block, "lookalike_link"),
        ("See femhill.com", Block, "lookalike_link"),
        ("See fernhil.com", Block, "lookalike_link"),
        ("See fernhlil.com", Block, "lookalike_link"),
        ("See fernhill.com.evil.net", Hold, "lookalike_link"),
        ("See fernhill.shop", Hold, "lookalike_link"),
        ("See my-fernhill.net/pay", Hold, "lookalike_link"),
        ("See bit.ly/3x", Hold, "shortened_link"),
        ("See http://fernhill.com@evil.net/", Block, "unsafe_link"),
        ("See http://192.168.1.9/x", Block, "unsafe_link"),
        ("See javascript:alert(1)", Block, "unsafe_link"),
        ("See http://gооgle.com", Block, "unsafe_link"),
        ("As we told @Mallory,", Hold, "context_leak"),
        ("   ", Block, "empty_text"),
    ],
)
def test_named_dangers(text: str, verdict: type, kind: str) -> None:
    decision = judged(text)
    assert kind in kinds(decision), decision
    assert type(decision) is verdict, decision


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"brand_id": 2}, "wrong_account"), ({"account_id": 2}, "wrong_account"),
        ({"target_deleted": True}, "target_deleted"), ({"already_said": True}, "already_said"),
        ({"thread_private": True}, "wrong_audience"), ({"kind": "private", "recipient": ""}, "wrong_audience"),
        ({"kind": "private", "can_reply_private": False}, "wrong_audience"), ({"length": 501}, "too_long"),
    ],
)  # fmt: skip
def test_places_that_block(changes: dict[str, object], kind: str) -> None:
    decision = judged("Good morning to you", **changes)
    assert isinstance(decision, Block) and kinds(decision) == [kind]


def shown(*alts: str) -> tuple[Picture, ...]:
    return tuple(Picture(id=n, digest=f"{n:064x}", alt=alt) for n, alt in enumerate(alts, 1))


def with_pictures(text: str, *alts: str, most: int = 4) -> Decision:
    saying = Saying(
        text=text, kind="public", brand_id=1, account_id=1, visibility="public", recipient="dana", in_reply_to="9",
        conversation="c", pictures=shown(*alts),
    )  # fmt: skip
    personal = [
        structs.replace(one, picture=place)
        for place, words in enumerate(saying.texts)
        for one in find_personal_data(words)
    ]
    around = Surroundings(
        thread_brand=1, thread_account=1, thread_private=False, can_reply_private=True, length=len(text), max_length=500,
        personal=tuple(personal), terms=TERMS, domains=DOMAINS, strangers=frozenset({"mallory"}), most_pictures=most,
        longest_alt=100 if most else 0,
    )  # fmt: skip
    return judge(saying, around)


@pytest.mark.parametrize(
    ("alts", "verdict", "found"),
    [
        (("A router with a red light",), Allow, []),
        (("A router", " "), Block, [("no_alt_text", 2)]), (("\u200b… 👍",), Block, [("no_alt_text", 1)]),
        (("A", "B", "C", "D", "E"), Block, [("too_many_media", 0)]),
        (("x" * 101,), Block, [("long_alt_text", 1)]), (("x" * 100,), Allow, []),
        (("A guaranteed return",), Hold, [("forbidden_term", 1)]), (("A", "An idiot"), Block, [("forbidden_term", 2)]),
        (("Ring +44 20 7946 0991",), Hold, [("phone", 1)]), (("Card 4111 1111 1111 1111",), Block, [("card", 1)]),
        (("The bill of @Mallory",), Hold, [("context_leak", 1)]), (("bit.ly/x",), Hold, [("shortened_link", 1)]),
        (("Write to help@fernhill.com",), Allow, []), (("special offer",), Allow, []),
    ],
)  # fmt: skip
def test_what_pictures_show_is_judged_like_the_text(
    alts: tuple[str, ...], verdict: type, found: list[tuple[str, int]]
) -> None:
    decision = with_pictures("Here it is.", *alts)
    assert type(decision) is verdict, decision
    assert [(one.finding.kind, one.finding.picture) for one in decision.remarks] == found


def test_pictures_may_go_without_words_and_none_where_the_channel_carries_none() -> None:
    assert with_pictures("", "A router") == Allow()
    refused = with_pictures("Here", "A router", most=0)
    assert isinstance(refused, Block) and refused.why == "This channel carries no pictures."


@given(st.integers(0, 30), st.integers(0, 20))
def test_as_many_pictures_fit_as_the_channel_carries(there: int, most: int) -> None:
    why = overfull(there, most)
    assert (why == "") is (there in range(most + 1))
    if why:
        wanted = f"at most {most} picture{'s' * (most > 1)}." if most else "no pictures."
        assert why == f"This channel carries {wanted}"


@given(st.lists(st.text(max_size=12), max_size=5))
def test_a_finding_of_a_picture_stands_within_its_words(alts: list[str]) -> None:
    decision = with_pictures("As we told @Mallory", *alts)
    texts = ("As we told @Mallory", *alts)
    for remark in decision.remarks:
        one = remark.finding
        assert 0 <= one.start <= one.end <= len(texts[one.picture])
    silent = {place for place, alt in enumerate(alts, 1) if not any(c.isalnum() for c in alt)}
    assert {r.finding.picture for r in decision.remarks if r.finding.kind == "no_alt_text"} == silent


def test_a_private_answer_may_carry_what_a_public_one_may_not() -> None:
    text = "Call +44 20 7946 0991 or write to ann.private@mail.example.com"
    assert isinstance(judged(text), Hold)
    assert judged(text, kind="private") == Allow()
    iban = "Pay to GB82 WEST 1234 5698 7654 32"
    assert isinstance(judged(iban, kind="private"), Hold)


def test_who_may_lift_a_hold() -> None:
    phone, both = judged("Call +44 20 7946 0991"), judged("guaranteed return, call +44 20 7946 0991")
    assert isinstance(phone, Hold) and phone.approvers == {"lead", "compliance"}
    assert isinstance(both, Hold) and both.approvers == {"compliance"}


@given(st.text(max_size=300))
def test_spans_lie_in_the_text_and_the_strictest_remark_decides(text: str) -> None:
    decision = judged(text)
    for remark in decision.remarks:
        assert 0 <= remark.finding.start <= remark.finding.end <= len(text)
        assert remark.finding.reason
    blocked = any(remark.severity == "block" for remark in decision.remarks)
    assert type(decision) is (Block if blocked else Hold if decision.remarks else Allow)


@given(st.text(max_size=120), st.sampled_from(["You idiot", "4111 1111 1111 1111", "http://fernhi11.com"]))
def test_nothing_around_a_danger_hides_it(around: str, danger: str) -> None:
    if not danger.startswith("4"):
        assert isinstance(judged(f"{around} {danger} {around}"), Block)
    card = Finding("card", 0, 1)
    assert isinstance(judged(around or "x", personal=(card,)), Block)


@given(st.text(max_size=200), st.text(alphabet="abcdef 1.", max_size=40))
def test_more_text_never_lifts_a_forbidden_term(before: str, after: str) -> None:
    assert "forbidden_term" in kinds(judged(f"{before} idiot {after}"))


@given(
    st.text(max_size=40),
    st.sampled_from(["idiot", "IDIOT", "ıdıot", "idiot K", "straSSe"]),
    st.sampled_from(["idiot", "strasse", "Kelvin"]),
)
def test_the_quick_look_never_misses_what_the_pattern_finds(around: str, said: str, words: str) -> None:
    from townhall.outbound.logic import guard

    text = f"{around} {said} {around}"
    if guard._pattern(words).search(text):
        assert guard._may_hold(guard._folded(text), words)


LOOKS = {"a": "aа4", "e": "eе3", "o": "oо0", "i": "iі1l", "l": "l1ıI", "c": "cс", "p": "pр", "s": "sѕ5", "n": "nп", "r": "rг", "h": "hһ", "f": "fғ"}  # fmt: skip


@given(st.data())
def test_every_swap_of_a_letter_for_its_double_is_found(data: st.DataObject) -> None:
    name = "".join(data.draw(st.sampled_from(sorted(LOOKS.get(letter, letter)))) for letter in "fernhill")
    host = unicode_host(f"{name}.com")
    same = unicodedata.normalize("NFC", host) == "fernhill.com"
    certainty, _ = likeness(host, ("fernhill.com",))
    assert (certainty == 0.0) if same else (certainty == 1.0)


@given(st.data())
def test_the_same_host_in_punycode_is_judged_the_same(data: st.DataObject) -> None:
    name = "".join(
        data.draw(st.sampled_from(sorted(LOOKS.get(letter, letter)))) for letter in "fernhill"
    ).lower()
    try:
        coded = name if name.isascii() else "xn--" + name.encode("punycode").decode()
    except UnicodeError:
        return
    assert likeness(unicode_host(f"{coded}.com"), DOMAINS) == likeness(unicode_host(f"{name}.com"), DOMAINS)


def distance(a: str, b: str) -> int:
    """Optimal string alignment by its table: the textbook, no short cuts."""
    table = {(i, 0): i for i in range(len(a) + 1)} | {(0, j): j for j in range(len(b) + 1)}
    for i, j in product(range(1, len(a) + 1), range(1, len(b) + 1)):
        change = table[i - 1, j - 1] + (a[i - 1] != b[j - 1])
        table[i, j] = min(table[i - 1, j] + 1, table[i, j - 1] + 1, change)
        if i > 1 and j > 1 and a[i - 1] == b[j - 2] and a[i - 2] == b[j - 1]:
            table[i, j] = min(table[i, j], table[i - 2, j - 2] + 1)
    return table[len(a), len(b)]


@given(st.data())
def test_one_edit_agrees_with_the_textbook(data: st.DataObject) -> None:
    a = data.draw(st.text("abc", max_size=6))
    at = data.draw(st.integers(0, len(a)))
    swapped = a[:at] + a[at : at + 2][::-1] + a[at + 2 :]
    changed = a[:at] + data.draw(st.text("abc", max_size=2)) + a[at + data.draw(st.integers(0, 2)) :]
    b = data.draw(st.sampled_from([swapped, changed]) | st.text("abc", max_size=6))
    assert one_edit_apart(a, b) == (distance(a, b) == 1)


@given(
    st.lists(
        st.sampled_from(["fernhill.com", "evil.net/x", "https://a.example.org/p?q=1", "word", "a@b.com"]),
        max_size=8,
    )
)
def test_links_are_found_where_they_stand(parts: list[str]) -> None:
    text = " ".join(parts)
    links = links_in(text)
    assert len(links) == sum(part not in ("word", "a@b.com") for part in parts)
    for link in links:
        assert link.host in text[link.start : link.end]


@pytest.mark.parametrize(
    "text",
    ["a." * 50_000, "http://" * 20_000, "@" * 90_000, "-." * 40_000, "a-" * 40_000 + ".com", "xn--" * 20_000],
)
def test_hostile_texts_take_time_in_proportion(text: str) -> None:
    import time

    half, whole = text[: len(text) // 2], text

    def cost(part: str) -> float:
        began = time.process_time()
        links_in(part)
        handles_in(part)
        return time.process_time() - began

    assert min(cost(whole) for _ in range(3)) < 8 * max(min(cost(half) for _ in range(3)), 0.02)


def test_our_list_of_shorteners_is_of_hosts() -> None:
    assert all(
        host == host.lower()
        and "." in host
        and set(host) <= set(string.ascii_lowercase + string.digits + ".-")
        for host in SHORTENERS
    )
