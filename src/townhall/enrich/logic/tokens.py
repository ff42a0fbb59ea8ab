"""Texts into tokens: one normal form and one regular expression for search, models and near-duplicates.

The form: NFKC, lower case, Latin and Arabic marks folded away, addresses on the web taken apart, runs of digits
also without their separators, and scripts that put no spaces between words (Chinese, Japanese, Korean, Thai,
Lao, Khmer, Burmese) as overlapping pairs of characters.
A whole batch is laid end to end, one text a line, and cut by a single ``findall``.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence

from xxhash import xxh32_intdigest

WEB = "\ue000"
"""Marks a web address; ``WEB`` followed by a word is a word of that address."""

_DENSE_SCRIPTS = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
    "\U00020000-\U0003ffff"
)
# Vowel signs of Indian scripts are not word characters to ``re``, but belong to the word.
_LETTER = r"\w\u0900-\u0dff"
_EMOJI = "\u2600-\u27bf\U0001f300-\U0001faff"
_TOKEN = re.compile(
    rf"\n|[@#{WEB}]?[{_LETTER}]{{1,64}}(?:'[^\W\d_]{{1,8}})?|[?!؟¿]{{1,8}}|[:;=][-']?[()dp/|*]|<3|{WEB}|[{_EMOJI}]"
)
_URL = re.compile(r"https?://\S{1,2048}")
_URL_WORD = re.compile(r"[^\W_]{2,64}")
_URL_NOISE = frozenset(("http", "https", "www", "com"))
_MARK = re.compile("[\u0300-\u036f\u064b-\u0652\u0640ßøłđðþıæœ]")
_PLAIN = {"ß": "ss", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "æ": "ae", "œ": "oe"}
_CHAIN = re.compile(r"(?<!\w)(?:[a-z]{1,6}[-/])?\d+(?:[ \-./,]\d+)*(?!\w)")
_NOT_CODE = re.compile(r"[\W_]+")
_DENSE = re.compile(f"[{_DENSE_SCRIPTS}]+")
_SEARCHABLE = re.compile(rf"[@#{WEB}]?[{_LETTER}]")


def _fold(text: str) -> str:
    """Compatibility form without marks; Hangul and kana stay whole."""
    bare = _MARK.sub("", unicodedata.normalize("NFKD", text))
    return unicodedata.normalize("NFKC", bare)


def _address(match: re.Match[str]) -> str:
    words = [word for word in _URL_WORD.findall(match[0]) if word not in _URL_NOISE]
    return f" {WEB} " + " ".join(WEB + word for word in words[:16]) + " "


def _joined(match: re.Match[str]) -> str:
    whole = match[0]
    return whole if whole.isdigit() else f"{whole} {_NOT_CODE.sub('', whole)}"


def _pairs(match: re.Match[str]) -> str:
    run = match[0]
    return f" {' '.join(run[i : i + 2] for i in range(max(1, len(run) - 1)))} "


def normal_lines(texts: Iterable[str]) -> str:
    """The texts in normal form, one a line, each ended by a newline."""
    lines = []
    for text in texts:
        if not (text.isascii() or unicodedata.is_normalized("NFKD", text)):
            text = _fold(text)
        lines.append(text.replace("\n", " ") if "\n" in text else text)
    lines.append("")
    block = "\n".join(lines).lower()
    if not block.isascii():
        block = _MARK.sub(lambda m: _PLAIN.get(m[0], ""), block.replace("’", "'"))
        block = _DENSE.sub(_pairs, block)
    if "&" in block:
        block = block.replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">")
    return _CHAIN.sub(_joined, _URL.sub(_address, block))


def tokens_of(texts: Sequence[str]) -> list[str]:
    """The tokens of the texts in order, a newline after those of each."""
    return _TOKEN.findall(normal_lines(texts))


def is_searchable(token: str) -> bool:
    """Whether a token is something to search for: words and numbers are, signs and faces are not."""
    return _SEARCHABLE.match(token) is not None


def _signed(word: str) -> int:
    number = xxh32_intdigest(word.encode("utf-8", "replace"))
    return number - (1 << 32) if number >> 31 else number


def terms_of_token(token: str) -> tuple[int, int]:
    """The two terms of a searchable token: the bare word, and with its ``@`` or ``#`` (or its stem before ``'``)."""
    bare = token.lstrip(f"@#{WEB}")
    first = _signed(bare.replace("'", ""))
    if token[0] in "@#":
        return first, _signed(token)
    return first, _signed(bare.partition("'")[0]) if "'" in bare else first


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
