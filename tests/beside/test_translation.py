"""Which translation is offered, what is asked for it, and how answers are read; and the acts that set the service."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg import Connection

from tests.acme import admin, brand, do
from tests.flow.parish import KEYS, START
from townhall.beside import store
from townhall.beside.logic.panel import Unreadable
from townhall.beside.logic.translation import (
    AUTO,
    Offer,
    Translated,
    code_of,
    offer,
    read_languages,
    read_translated,
    wish,
)
from townhall.flow import own_systems
from townhall.flow import translating as acts
from townhall.flow.own_systems import Given
from townhall.kernel.errors import Forbidden, Refused
from townhall.people.brands import Brand

__all__ = ["brand", "do"]

KNOWN = {
    "de": ["de", "en"],
    "en": ["de", "en", "zh-Hans", "nb"],
    "zh-Hans": ["en"],
    "nb": ["en"],
    "pt-BR": ["en"],
}
CODES = ["de", "en", "zh", "zh-Hans", "no", "nb", "pt", "fr", "und", ""]


def base(code: str) -> str:
    return {"no": "nb"}.get(code.split("-")[0], code.split("-")[0])


@given(
    st.sampled_from(CODES),
    st.sampled_from(CODES),
    st.dictionaries(st.sampled_from(CODES[:7]), st.lists(st.sampled_from(CODES[:7]), max_size=4), max_size=5),
)
def test_an_offer_is_one_that_the_service_can_keep_and_that_the_reader_needs(
    language: str, reads: str, known: dict[str, list[str]]
) -> None:
    found = offer(known, language, reads)
    if found is None:
        return
    assert base(found.target) == base(reads) and found.target
    if language in ("", "und"):
        assert found.source == AUTO and any(found.target in targets for targets in known.values())
    else:
        assert base(found.source) == base(language) != base(reads) and found.target in known[found.source]


@pytest.mark.parametrize(
    ("language", "reads", "wanted"),
    [
        ("de", "en", Offer("de", "en")), ("en", "de", Offer("en", "de")), ("zh", "en", Offer("zh-Hans", "en")),
        ("en", "zh", Offer("en", "zh-Hans")), ("no", "en", Offer("nb", "en")), ("en", "no", Offer("en", "nb")),
        ("pt", "en", Offer("pt-BR", "en")), ("und", "en", Offer(AUTO, "en")), ("", "de", Offer(AUTO, "de")),
        ("en", "en", None), ("zh-Hans", "zh", None), ("nb", "no", None), ("de", "nb", None), ("fr", "en", None),
        ("de", "fr", None), ("und", "fr", None), ("de", "", None),
    ],
)  # fmt: skip
def test_offers(language: str, reads: str, wanted: Offer | None) -> None:
    assert offer(KNOWN, language, reads) == wanted


def test_what_is_asked() -> None:
    plain = {"q": "Wo ist es?", "source": "de", "target": "en", "format": "text"}
    assert json.loads(wish("Wo ist es?", Offer("de", "en"), "")) == plain
    assert json.loads(wish("Wo ist es?", Offer("de", "en"), "key")) == plain | {"api_key": "key"}


def test_languages_with_and_without_targets() -> None:
    assert read_languages(b'[{"code": "de", "name": "German", "targets": ["en"]}, {"code": "en", "targets": []}]') == {
        "de": ["en"], "en": [],
    }  # fmt: skip
    assert read_languages(b'[{"code": "de", "name": "German"}, {"code": "en"}]') == {
        "de": ["de", "en"],
        "en": ["de", "en"],
    }
    assert code_of("en", {}) == "" == code_of("", KNOWN)


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"[]", b'[{"name": "German"}]', b'[{"code": "<b>"}]', b'[{"code": "de", "targets": "en"}]',
             json.dumps([{"code": "de"}] * 121).encode(), b"[" * 5000]
)  # fmt: skip
def test_languages_that_are_none(body: bytes) -> None:
    assert isinstance(read_languages(body), Unreadable)


def test_a_translation_is_read() -> None:
    assert read_translated(b'{"translatedText": "Hello <b>"}') == Translated("Hello <b>", "")
    told = b'{"translatedText": "Hello", "detectedLanguage": {"confidence": 83, "language": "de"}, "alternatives": []}'
    assert read_translated(told) == Translated("Hello", "de")


@pytest.mark.parametrize(
    "body", [b"", b"{}", b'{"translatedText": ["Hello"]}', b'{"translatedText": "  "}', b'{"error": "no"}', b"<html>",
             json.dumps({"translatedText": "x" * 100_001}).encode(), b'{"translatedText": "x", "detectedLanguage": "de"}']
)  # fmt: skip
def test_answers_that_are_none(body: bytes) -> None:
    assert isinstance(read_translated(body), Unreadable)


@given(st.binary(max_size=200))
def test_no_bytes_are_a_surprise(body: bytes) -> None:
    assert isinstance(read_translated(body), Translated | Unreadable)
    assert isinstance(read_languages(body), dict | Unreadable)


def given_at(address: str, secret: str = "", name: str = "our service") -> Given:
    return Given(name=name, address=address, secret=secret)


def test_the_service_is_set_with_its_key_sealed_and_a_new_address_needs_a_new_key(
    do: Callable[..., Any], worker: Connection[Any], brand: Brand
) -> None:
    one = given_at("https://one.example/", "key one")
    do(acts.put_service, KEYS, admin(brand), one, KNOWN, "en", START)
    known = store.one(worker, brand.id, "translation")
    assert known and known.settings == {"languages": KNOWN, "reads": "en"} and known.has_secret
    assert b"key one".hex() not in str(worker.execute("SELECT own_system::text FROM own_system").fetchall())
    do(acts.put_service, KEYS, admin(brand), given_at("https://one.example"), KNOWN, "de", START)
    assert store.access(worker, KEYS.kek, brand.id, "translation") == store.Access(
        "https://one.example", True, "key one"
    )
    with pytest.raises(Refused, match="not given the old key"):
        do(acts.put_service, KEYS, admin(brand), given_at("https://two.example"), KNOWN, "en", START)
    with pytest.raises(Refused, match="does not know the language"):
        do(acts.put_service, KEYS, admin(brand), one, KNOWN, "fr", START)
    with pytest.raises(Refused, match="letters that none"):
        do(
            acts.put_service,
            KEYS,
            admin(brand),
            given_at("https://one.example", "k\u00e9y"),
            KNOWN,
            "en",
            START,
        )
    asked = acts.question(worker, KEYS, brand.id, "Wo ist es?", Offer("de", "en"))
    assert (
        asked
        and asked.address == "https://one.example/translate"
        and json.loads(asked.body)["api_key"] == "key one"
    )
    languages = acts.languages_question(brand.id, "https://one.example/", outside=True)
    assert (languages.method, languages.address, languages.body) == (
        "GET",
        "https://one.example/languages",
        b"",
    )
    do(own_systems.let_go, admin(brand), "translation", START)
    assert acts.question(worker, KEYS, brand.id, "x", Offer("de", "en")) is None


@pytest.mark.parametrize("role", ["agent", "lead", "compliance", "security", "analyst", "executive"])
def test_administrators_alone(do: Callable[..., Any], brand: Brand, role: str) -> None:
    with pytest.raises(Forbidden):
        do(acts.put_service, KEYS, admin(brand, role), given_at("https://one.example"), KNOWN, "en", START)
