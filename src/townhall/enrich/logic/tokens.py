"""Texts into tokens: one normal form for search, models and near-duplicates.

The form: NFKC, lower case, Latin and Arabic marks folded away, web addresses taken apart, runs of digits also
without their separators, and scripts that put no spaces between words (Chinese, Japanese, Korean, Thai, Lao,
Khmer, Burmese) as overlapping pairs of characters.
A token is a run of word characters and apostrophes, perhaps after ``@``, ``#`` or ``~`` (a word of a web address);
or one of ``? !``; or a smiley or emoji. Most texts are plain ASCII and are cut by byte table and ``split``;
whatever needs a regular expression is told apart by one scan of the batch.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence

from xxhash import xxh32_intdigest

from townhall.enrich.logic.gate import Gate, Pattern

END = "\x00"
"""The token after the last of each text."""

WEB = "~"
"""A web address; before a word, a word of that address."""

_DENSE_SCRIPTS = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
    "\U00020000-\U0003ffff"
)
# Vowel signs of Indian scripts are not word characters to ``re``, but belong to the word.
_LETTER = r"\w'\u0900-\u0dff"
_EMOJI = "\u2600-\u27bf\U0001f300-\U0001faff"
_FACE = r"(?<![\w:;=])(?:[:;=][-']?[()dp/|*](?![\w:;=])|<3(?!\d))"
_TOKEN = re.compile(rf"[@#{WEB}]?[{_LETTER}]+|{_FACE}|[?!{WEB}{_EMOJI}]")
_URL = re.compile(r"https?://\S{1,2048}")
_URL_WORD = re.compile(r"[^\W_]{2,64}")
_URL_NOISE = frozenset(("http", "https", "www", "com"))
_MARK = re.compile("[\u0300-\u036f\u064b-\u0652\u0640ßøłđðþıæœ’؟]")
_PLAIN = {
    "ß": "ss",
    "ø": "o",
    "ł": "l",
    "đ": "d",
    "ð": "d",
    "þ": "th",
    "ı": "i",
    "æ": "ae",
    "œ": "oe",
    "’": "'",
    "؟": "?",
}
_CHAIN = re.compile(r"(?<![0-9_])\d+(?:[ \-./,]\d+)+(?!\w)")
_CODE = re.compile(r"(?<=[a-z])[-/](\d+)")
_CODE_LETTERS = re.compile(r"(?<![^\W_])[a-z]{1,6}\Z")
_SEPARATOR = re.compile(r"[ \-./,]")
_DENSE = re.compile(f"[{_DENSE_SCRIPTS}]+")
_SEARCHABLE = re.compile(rf"[@#{WEB}]?'*[{_LETTER.replace(chr(39), '')}]")
_ODD: tuple[Pattern, ...] = (
    ("face", r"[:;=][\-']?(?:[()dp|*]|/[^/])|<3", True),
    ("address", r"https?://", True),
    ("entity", r"&(?:amp|lt|gt);", True),
    ("digits", r"[0-9][ \-./,][0-9]|[a-z][\-/][0-9]", True),
)
_GATE = Gate(_ODD)
_FACE_BIT, _ADDRESS_BIT, _ENTITY_BIT, _DIGITS_BIT = 1, 2, 4, 8


def _table() -> bytes:
    kept = b"abcdefghijklmnopqrstuvwxyz0123456789_'@#~?!\n"
    return bytes(code if code in kept else 0x20 for code in range(256))


_TO_SPACE = _table()


def _fold(text: str) -> str:
    """Compatibility form without marks, dense scripts in pairs; Hangul and kana stay whole."""
    if not unicodedata.is_normalized("NFKD", text):
        text = unicodedata.normalize("NFKC", _MARK.sub(_without_mark, unicodedata.normalize("NFKD", text)))
    return _DENSE.sub(_pairs, _MARK.sub(_without_mark, text))


def _without_mark(match: re.Match[str]) -> str:
    return _PLAIN.get(match[0], "")


def _address(match: re.Match[str]) -> str:
    words = [word for word in _URL_WORD.findall(match[0]) if word not in _URL_NOISE]
    return f" {WEB} " + " ".join(WEB + word for word in words[:16]) + " "


def _joined(match: re.Match[str]) -> str:
    return f"{match[0]} {_SEPARATOR.sub('', match[0])} "


def _code(match: re.Match[str]) -> str:
    letters = _CODE_LETTERS.search(match.string, max(0, match.start() - 7), match.start())
    return f"{match[0]} {letters[0]}{match[1]} " if letters else match[0]


def _pairs(match: re.Match[str]) -> str:
    run = match[0]
    return f" {' '.join(run[i : i + 2] for i in range(max(1, len(run) - 1)))} "


def _rewrite(line: str, odd: int) -> str:
    if odd & _ENTITY_BIT:
        line = line.replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">")
    if odd & _ADDRESS_BIT:
        line = _URL.sub(_address, line)
    if odd & _DIGITS_BIT:
        line = _CHAIN.sub(_joined, _CODE.sub(_code, line))
    return line


def _low_lines(texts: Iterable[str]) -> list[str]:
    """The texts folded and in lower case, without line breaks and without ``~``."""
    folded = [text if text.isascii() else _fold(text.lower()) for text in texts]
    flat = [text.replace("\n", " ") if "\n" in text else text for text in folded]
    return "\n".join(flat).replace(WEB, " ").lower().split("\n") if flat else []


def _cut(lines: Sequence[str]) -> list[str]:
    """Plain ASCII lines with single spaces where tokens part."""
    block = "\n".join(lines).encode("ascii")
    for sign in (b"@", b"#", b"~"):
        block = block.replace(sign, b" " + sign)
    spaced = block.replace(b"?", b" ? ").replace(b"!", b" ! ").translate(_TO_SPACE)
    return spaced.decode("ascii").split("\n") if lines else []


def tokens_of(texts: Sequence[str]) -> list[str]:
    """The tokens of the texts in order, ``END`` after those of each."""
    lines = _low_lines(texts)
    slow = [place for place, line in enumerate(lines) if not line.isascii()]
    for place, odd in _GATE.open(lines).items():
        lines[place] = _rewrite(lines[place], odd)
        if odd & (_FACE_BIT | _ENTITY_BIT):
            slow.append(place)
    for place in set(slow):
        lines[place] = " ".join(_TOKEN.findall(lines[place]))
    return _tokens_of_lines(lines, set(slow))


def _tokens_of_lines(lines: list[str], ready: set[int]) -> list[str]:
    places = [place for place in range(len(lines)) if place not in ready]
    for place, line in zip(places, _cut([lines[place] for place in places]), strict=True):
        lines[place] = line
    return f" {END} ".join([*lines, ""]).split()


def is_searchable(token: str) -> bool:
    """Whether a token is something to search for: words and numbers are, signs and faces are not."""
    return _SEARCHABLE.match(token) is not None


def _signed(word: str) -> int:
    number = xxh32_intdigest(word.encode("utf-8", "replace"))
    return number - (1 << 32) if number >> 31 else number


def terms_of_token(token: str) -> tuple[int, int]:
    """The two terms of a searchable token: the bare word, and with its ``@`` or ``#`` (or without its ``'s``)."""
    bare = token.lstrip(f"@#{WEB}").strip("'")
    word = bare.replace("'", "")
    first = _signed(word)
    if token[0] in "@#":
        return first, _signed(token[0] + word)
    return first, _signed(word[:-1]) if bare.endswith("'s") else first


def search_terms(text: str) -> tuple[int, ...]:
    """The distinct search terms of a text as signed 32-bit hashes, in rising order; the same in every process.

    A text is found when it holds every term of the query. A handle or hashtag is also found by its bare word,
    ``john's`` also by ``john``, ``12-34 56`` also by ``123456``.
    """
    return tuple(
        sorted(
            {term for token in tokens_of([text]) if is_searchable(token) for term in terms_of_token(token)}
        )
    )


LONGEST_WORD = 40


def plain_words(text: str) -> list[str]:
    """The words of a text in the normal form, in order, hashtags bare: no handles, no addresses, none over 40 characters."""
    bare = (
        token.lstrip("#").strip("'")
        for token in tokens_of([text])
        if token[0] not in f"@{WEB}" and is_searchable(token)
    )
    return [word for word in bare if len(word) <= LONGEST_WORD]
