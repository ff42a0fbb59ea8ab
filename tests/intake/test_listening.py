"""What a firehose says about us is heard, however it is written; nothing else is handed on."""

import json

from hypothesis import example, given
from hypothesis import strategies as st

from townhall.intake.logic.listening import Ear, Sign, asks
from townhall.intake.logic.posts import texts_of
from townhall.run.bench.listen_oracle import Exact
from townhall.run.bench.listen_signs import thousand_signs

SIGNS = [
    Sign("@fernhill"), Sign("#FernHill"), Sign("fern hill"), Sign("fernhill.example"), Sign("fibre", sure=False),
    Sign("Café Müller"), Sign("straße"), Sign("ñandú*"), Sign("harbour*"), Sign("c++"), Sign("スマホ"),
    Sign("the late train"), Sign("o2", sure=False),
]  # fmt: skip
EAR = Ear(SIGNS)
EXACT = Exact([(sign.text, sign.sure) for sign in SIGNS])
PIECES = [
    *(sign.text.rstrip("*") for sign in SIGNS), "FERNHILL", "fern  hill", "fern-hill", "fern /-_ hill", "fern ..... hill",
    "STRASSE", "Cafe\u0301 Mu\u0308ller", "CAFÉ MÜLLER", "\u00d1and\u00das", "harbours", "harbour", "xharbour", "fibres",
    "?", " ", "  ", "\n", "\t", "\u00a0", "\u3000", ".", ",", "-", "é", "x", "ß", "İ", "ſ", "K", "\u0301", "🙂", "\0", "why",
    "is", "the late", "train", "_", "9", "@", "#",
]  # fmt: skip
texts = st.lists(st.sampled_from(PIECES), max_size=8).map("".join)


def matters(text: str) -> bool:
    return EXACT.matters(json.dumps({"text": text}).encode())


@given(st.lists(texts, max_size=12))
@example(["@fernhill", "x@fernhill", "mail@fernhill.example", "@fernhills"])
@example(["\u0301fern hill", "fern\0hill", "é@fernhillé"])
def test_the_ear_hears_what_the_slow_matcher_finds_and_nothing_else(said: list[str]) -> None:
    assert EAR.hear(said) == [place for place, text in enumerate(said) if matters(text.replace("\0", " "))]


@given(st.text(max_size=40), st.text(max_size=40), st.sampled_from(thousand_signs()))
def test_a_sure_sign_is_heard_in_any_surroundings(before: str, after: str, sign: Sign) -> None:
    ear = Ear([Sign(sign.text)])
    text = f"{before} {sign.text.rstrip('*').upper()} {after}"
    assert ear.hear(["nothing", text, ""]) == [1]


def test_a_doubtful_sign_counts_in_a_question_only() -> None:
    assert EAR.hear(["my fibre is down", "my fibre is down?", "fibre: anybody", "fibre"]) == [0, 1, 2]
    assert asks("何時ですか？") and not asks("no fibre today")


def test_escapes_do_not_hide_a_sign() -> None:
    lines = [
        rb'{"text":"hello\nfernhill.example\/x"}',
        rb'{"id":"fern hill","text":"none"}',
        rb'{"text":"caf\u00e9 m\u00fcller"}',
        rb'{"full_text":"\u0040fernhill hi","text":"cut"}',
        rb'{"object":{"content":"the  late\ttrain"}}',
        rb'{"data":{"text":"#fernhill"}}',
        rb'{"object":"https://x.example/1"}',
    ]
    read, bad = texts_of(b"\n".join(lines) + b"\n")
    assert bad == [] and EAR.hear(read) == [0, 2, 3, 4, 5]


def test_lines_that_cannot_be_read_are_named() -> None:
    read, bad = texts_of(b'{"text":"a"}\nnot json\n{"text":5}\n{"text":"b"}\n')
    assert (read, bad) == (["a", "", "", "b"], [1, 2])
    deep = b'{"text":"c","more":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    assert texts_of(b'{"text":"a"}\n' + deep + b'\n{"text":"b"}\n') == (["a", "", "b"], [1])


def test_no_signs_hear_nothing() -> None:
    assert Ear([]).hear(["@fernhill"]) == [] == Ear([Sign("*"), Sign("  ")]).hear(["@fernhill"])
