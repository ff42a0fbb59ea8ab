"""What is found in a text: kind, place and nothing of the value; the gate never hides what the finders see."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from townhall.enrich import find_personal_data
from townhall.enrich.logic.checks import is_iban, passes_verhoeff
from townhall.enrich.logic.personal_data import find_personal_data_batch

FOUND = [
    ("iban", "pay to {}, thanks", "DE89 3704 0044 0532 0130 00"),
    ("iban", "{}", "GB29NWBK60161331926819"),
    ("email", "write to {}!", "ann.example+care@mail.example.co.uk"),
    ("phone", "call {} please", "(415) 555-2671"),
    ("phone", "my number is {}", "+44 20 7946 0958"),
    ("phone", "ring {}", "020 7946 0958"),
    ("phone", "desk {}", "+1-903-555-4508x769"),
    ("national_id", "ssn {} ok", "219-09-9999"),
    ("national_id", "NI {}", "AB 12 34 56 C"),
    ("national_id", "dni {}", "12345678Z"),
    ("national_id", "nie {}", "X1234567L"),
    ("national_id", "cpf {}", "529.982.247-25"),
    ("national_id", "passport no {}", "X12345678"),
    ("birth_date", "born on {}", "3 March 1987"),
    ("birth_date", "dob: {}", "01/02/1990"),
    ("ip", "from {} today", "203.0.113.77"),
    ("ip", "from {} today", "2001:db8:85a3::8a2e:370:7334"),
    ("address", "I live at {}", "221B Baker Street"),
    ("address", "ich wohne {}", "Lindenstraße 12"),
    ("address", "{}", "PO Box 4312"),
    ("address", "habito en {}", "Calle Mayor 12"),
    ("card", "{}", "5555 5555 5555 4444"),
    ("password", "password: {}", "hunter2"),
]


@pytest.mark.parametrize(("kind", "frame", "value"), FOUND)
def test_found_where_it_stands(kind, frame, value):
    text = frame.format(value)
    hits = [f for f in find_personal_data(text) if f.kind == kind]
    assert [text[f.start : f.end] for f in hits] == [value]
    assert value not in repr(hits)


@pytest.mark.parametrize(
    "text",
    [
        "DE89 3704 0044 0532 0130 01 is no iban",
        "version 1.2.3 and 5.2.4, at 10:22:33",
        "666-12-3456 or 900-12-3456",
        "12345678A",
        "@someone said hi at 12:30",
        "I waited 45 minutes on flight 1234 to gate B22",
        "that is the best place on the way home",
        "$19.99 for 2 items, 50% off",
        "::1 and 127.0.0.1",
        "sent Via DM",
    ],
)
def test_nothing_where_there_is_nothing(text):
    assert find_personal_data(text) == ()


pieces = st.sampled_from([frame.format(value) for _, frame, value in FOUND]) | st.text(max_size=40)


@settings(deadline=None, max_examples=200)
@given(st.lists(st.lists(pieces, max_size=4).map(" ".join), max_size=6))
def test_batch_is_the_same_as_one_by_one(texts):
    assert find_personal_data_batch(texts) == [find_personal_data(text) for text in texts]


@settings(deadline=None, max_examples=200)
@given(st.lists(pieces, max_size=5).map(" ".join))
def test_findings_lie_in_the_text_in_order_apart(text):
    end = 0
    for finding in find_personal_data(text):
        assert end <= finding.start < finding.end <= len(text)
        assert finding.reason and 0 < finding.certainty <= 1
        end = finding.end


@given(st.from_regex(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,24}", fullmatch=True))
def test_iban_agrees_with_long_division(text):
    """Mod 97 by long division over the digits, as the standard describes it for paper."""
    rest = 0
    for char in text[4:] + text[:4]:
        for digit in str(int(char, 36)):
            rest = (rest * 10 + int(digit)) % 97
    assert not is_iban(text) or rest == 1


def test_iban_examples_of_the_registry():
    examples = "NL91ABNA0417164300 FR1420041010050500013M02606 BE68539007547034 NO9386011117947 MT84MALT011000012345MTLCAST001S"
    for example in examples.split():
        assert is_iban(example)
        assert not is_iban(example[:-1] + ("0" if example[-1] != "0" else "1"))


@given(st.text("0123456789", min_size=3, max_size=14), st.integers(0, 12), st.integers(1, 9))
def test_verhoeff_catches_every_wrong_digit(body, place, nudge):
    checks = [d for d in "0123456789" if passes_verhoeff(body + d)]
    assert len(checks) == 1
    place %= len(body)
    wrong = body[:place] + str((int(body[place]) + nudge) % 10) + body[place + 1 :]
    assert not passes_verhoeff(wrong + checks[0])
