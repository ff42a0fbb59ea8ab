"""Quiet advice: each piece where it is due and nowhere else, and nothing where it cannot be told honestly."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from office import NOW, Office

from townhall.flow import checking, outbound
from townhall.flow.manner import set_manner
from townhall.flow.outbound import Composed
from townhall.kernel.errors import Forbidden, Refused
from townhall.outbound.logic.advice import ENOUGH, Hearing, Manner, advise
from townhall.outbound.store import manner as store

Desk = Callable[..., Any]
PLAIN = "Thank you for telling us, we look into it at once."
MANNER = Manner(("Hello", "Hi"), ("^{initials}", "Yours, {name}"))


def kinds(text: str, **heard: Any) -> list[str]:
    return [one.kind for one in advise(text, Hearing(**heard))]


def test_a_plain_answer_needs_no_advice() -> None:
    assert kinds(PLAIN) == [] == kinds("") == kinds("  ", manner=MANNER)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("WE ARE VERY SORRY about that", True), ("we are TRULY SORRY", True), ("Our NASA line", False),
        ("FERNHILL MOBILE is here", False), ("Ask for IBAN or HTTP codes", False), ("IBAN, HTTP and USSD", True), ("OK, the PIN is new", False),
    ],
)  # fmt: skip
def test_capitals(text: str, said: bool) -> None:
    assert (kinds(text, brand="Fernhill Mobile") == ["shouting"]) == said


def test_longer_than_the_usual() -> None:
    text = "word. " * 50
    assert kinds(text, usual=190) == ["long"] and kinds(text, usual=200) == [] == kinds(text, usual=0)
    assert kinds("word. " * 10, usual=10) == [], "nothing under eighty characters is long"


@pytest.mark.parametrize(
    ("there", "here", "text", "said"),
    [
        ("de", "en", PLAIN, True), ("de-AT", "de", PLAIN, False), ("", "en", PLAIN, False), ("de", "", PLAIN, False),
        ("de", "en", "OK then", False),
    ],
)  # fmt: skip
def test_another_language(there: str, here: str, text: str, said: bool) -> None:
    assert (kinds(text, asked_language=there, language=here) == ["language"]) == said


def test_greeting_and_ending_by_the_brands_manner() -> None:
    heard = Hearing(first_name="Dana", author="Ann Ferrer", manner=MANNER)
    greeting, ending = advise(PLAIN, heard)
    assert (greeting.kind, greeting.place, greeting.put) == ("greeting", "start", "Hello Dana, ")
    assert (ending.kind, ending.place, ending.put) == ("sign_off", "end", "^AF")
    for text in (f"Hi there. {PLAIN} ^AF", f"hello, {PLAIN} ^af.", f"Dana, {PLAIN}\nYours, Ann"):
        assert advise(text, heard) == ()
    assert [one.kind for one in advise(f"Hidden costs? {PLAIN} ^AF", heard)] == ["greeting"], (
        "Hi is a word of its own"
    )
    assert advise("Done, thanks.", heard) == (), "three words need no ceremony"


@given(st.text(max_size=60), st.sampled_from(["Ann Ferrer", "Bo", ""]))
def test_what_is_offered_settles_it(text: str, author: str) -> None:
    heard = Hearing(first_name="Dana", author=author, manner=MANNER)
    for one in advise(text, heard):
        if one.put:
            mended = one.put + text if one.place == "start" else f"{text} {one.put}"
            assert one.kind not in [other.kind for other in advise(mended, heard)]


@pytest.mark.parametrize(
    ("asked", "language", "answer", "said"),
    [
        ("When does it arrive?", "en", "It is on its way.", "time"),
        ("When does it arrive?", "en", "It is on its way, on Monday.", ""),
        ("@care hi, how long will this take?", "en", "We are on it.", "time"),
        ("When I open the app it crashes. Why?", "en", "We are on it.", ""),
        ("how much does roaming cost?", "en", "Roaming is in the list on our site.", "sum"),
        ("how much does roaming cost?", "en", "It is included.", ""),
        ("Wann kommt das Paket?", "de", "Es ist unterwegs.", "time"),
        ("Wann kommt das Paket?", "de", "Morgen ist es da.", ""),
        ("Was kostet das?", "de", "Das steht auf der Seite.", "sum"),
        ("When does it arrive?", "en", "Which parcel do you mean?", ""),
        ("When does it arrive?", "fr", "It is on its way.", ""),
        ("When does it arrive.", "en", "It is on its way.", ""),
    ],
)
def test_a_question_for_a_time_or_a_sum(asked: str, language: str, answer: str, said: str) -> None:
    found = [one.words for one in advise(answer, Hearing(asked=asked, asked_language=language))]
    assert ["time" in one for one in found] == ([said == "time"] if said else [])


def test_hard_to_read_is_the_readability_index_of_the_book() -> None:
    """LIX by hand: 40 words in one sentence, 30 of them longer than six letters: 40 + 75 = 115."""
    hard = " ".join(["comprehensive"] * 30 + ["is"] * 10) + "."
    (one,) = advise(hard, Hearing())
    assert one.kind == "reading" and "LIX 115" in one.words
    assert kinds(" ".join(["we are on it now and you will hear."] * 6)) == []
    assert "One sentence has 41 words" in advise("so " * 41, Hearing())[0].words
    assert kinds(" ".join(["соответствующий"] * 40) + ".") == [], "made for Latin letters"


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=300), st.text(max_size=80))
def test_it_never_fails_and_never_quotes_what_is_not_there(text: str, asked: str) -> None:
    for one in advise(text, Hearing(asked=asked, asked_language="en", usual=5, language="en", manner=MANNER)):
        assert one.words
        for quoted in re.findall("“(.*)”", one.words, re.DOTALL):
            assert all(word in text for word in quoted.split())


@pytest.mark.database
def test_the_manner_is_set_by_who_sets_the_words(office: Office, at_desk: Desk) -> None:
    ann, bo = office.staff("Ann", "compliance"), office.staff("Bo", "agent", "lead")
    at_desk(set_manner, ann, MANNER, NOW)
    at_desk(set_manner, ann, Manner(("Hello",), ("^{initials}",)), NOW)
    assert store.get(office.conn, office.brand) == Manner(("Hello",), ("^{initials}",))
    with pytest.raises(Forbidden):
        at_desk(set_manner, bo, MANNER, NOW)
    for wrong in (Manner(("x" * 61,)), Manner((), ("^",) * 13), Manner((" ",))):
        with pytest.raises(Refused):
            at_desk(set_manner, ann, wrong, NOW)
    assert store.get(office.conn, Office(office.conn, "oakby").brand) == Manner()


@pytest.mark.database
def test_what_a_text_is_held_against_is_read_at_its_place(office: Office, at_desk: Desk) -> None:
    ann, case = office.staff("Ann Ferrer"), office.case("When will it be mended?")
    store.put(office.conn, office.brand, Manner(("Hello",)), "Ann", NOW)
    german = "Wir kümmern uns darum und melden uns bei Ihnen."
    found = at_desk(checking.check, ann, case, "public", german, advice=True).advice
    assert [one.kind for one in found] == ["language", "unanswered", "greeting"]
    assert at_desk(checking.check, ann, case, "public", german).advice == (), "only where it is asked for"


@pytest.mark.database
def test_the_usual_length_is_known_from_twenty_replies_on(office: Office, at_desk: Desk) -> None:
    ann, case = office.staff("Ann"), office.case()
    for number in range(ENOUGH):
        assert store.usual_length(office.conn, office.brand, "mastodon", "public") == 0
        at_desk(
            outbound.submit,
            ann,
            Composed(case_id=case, kind="public", text=f"{number:02} " + "x" * 97),
            NOW,
            force=True,
        )
    assert store.usual_length(office.conn, office.brand, "mastodon", "public") == 100
    assert store.usual_length(office.conn, office.brand, "mastodon", "private") == 0
