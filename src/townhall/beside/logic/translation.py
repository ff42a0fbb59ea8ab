"""Translation by a service of the brand's own: what is asked of it and how its answers are read. Pure.

Source: the HTTP interface of LibreTranslate as it publishes it (``POST /translate``, ``GET /languages``).
"""

from collections.abc import Mapping, Sequence
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from townhall.beside.logic.panel import Unreadable

AUTO = "auto"
"""The service finds out by itself which language a text is in."""
UNKNOWN = ("", "und")
MOST_CHARACTERS = 10_000
"""Of a text that is sent."""
MOST_BYTES = 256 << 10
"""Of an answer."""
_SAME = {"no": "nb", "nb": "no", "iw": "he", "he": "iw", "fil": "tl", "tl": "fil"}
"""One language by two codes."""

Known = Mapping[str, Sequence[str]]
"""Language → the languages that the service translates it to, by the service's codes."""
Code = Annotated[str, Meta(pattern=r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,2}$")]


class _Language(Struct, frozen=True):
    code: Code
    targets: Annotated[list[Code], Meta(max_length=120)] | None = None


class _Detected(Struct, frozen=True):
    language: Code = ""


class _Translated(Struct, frozen=True, rename="camel"):
    translated_text: Annotated[str, Meta(max_length=10 * MOST_CHARACTERS)]
    detected_language: _Detected | None = None


class Translated(Struct, frozen=True):
    """A text in another language. ``source`` is the language that the service found ("" when it was told)."""

    text: str
    source: str


class Service(Struct, frozen=True):
    """The brand's service as a conversation knows it: which language it translates to which, and what staff read."""

    name: str
    languages: dict[str, list[str]]
    reads: str


class Offer(Struct, frozen=True):
    """A translation that can be asked for, by the service's codes; ``source`` may be ``AUTO``."""

    source: str
    target: str


_languages = msgspec.json.Decoder(Annotated[list[_Language], Meta(max_length=120)])
_translated = msgspec.json.Decoder(_Translated)


def read_languages(body: bytes) -> dict[str, list[str]] | Unreadable:
    """The languages of a service. One that names no targets translates each to each, as services of old do."""
    try:
        found = _languages.decode(body)
    except (ValueError, RecursionError) as wrong:
        return Unreadable(str(wrong) or "it is nested too deeply")
    every = [one.code for one in found]
    if not every:
        return Unreadable("it knows no language")
    return {one.code: every if one.targets is None else list(one.targets) for one in found}


def read_translated(body: bytes) -> Translated | Unreadable:
    """The text in an answer, or why there is none."""
    try:
        found = _translated.decode(body)
    except (ValueError, RecursionError) as wrong:
        return Unreadable(str(wrong) or "it is nested too deeply")
    if not found.translated_text.strip():
        return Unreadable("it gave no words back")
    source = found.detected_language.language if found.detected_language else ""
    return Translated(found.translated_text.replace("\x00", "\ufffd"), source)


def wish(text: str, offer: Offer, key: str) -> bytes:
    """The exact body that asks for a translation; ``key`` is the service's own ("" for none)."""
    asked = {"q": text, "source": offer.source, "target": offer.target, "format": "text"}
    return msgspec.json.encode(asked | {"api_key": key} if key else asked)


def offer(known: Known, language: str, reads: str) -> Offer | None:
    """How a text in that language (ISO 639-1, or unknown) comes to a reader; ``None`` when they read it, or nobody can."""
    target = code_of(reads, known)
    if language in UNKNOWN:
        reached = any(target in targets for targets in known.values())
        return Offer(AUTO, target) if target and reached else None
    if _base(reads) in (_base(language), _SAME.get(_base(language), "")):
        return None
    source = code_of(language, known)
    return Offer(source, target) if target in known.get(source, ()) else None


def code_of(language: str, known: Known) -> str:
    """The service's code of a language: the very same, its other name, or the first of its kinds ("" for none)."""
    every = {*known, *(code for targets in known.values() for code in targets)}
    for name in filter(None, (language, _SAME.get(language, ""))):
        if name in every:
            return name
        kinds = sorted(code for code in every if _base(code) == name)
        if kinds:
            return kinds[0]
    return ""


def _base(code: str) -> str:
    return code.partition("-")[0].lower()
