"""The slow exact matcher: reads each line with the standard library and compares words one after the other.

It shares no code with what it judges. Words are runs of letters, digits and underscores; between the words of a sign
stand one to four other characters; a sign with other characters in it is looked for letter by letter.
"""

import json
import unicodedata
from itertools import pairwise
from typing import Any

_ASK = {
    "who", "what", "when", "where", "why", "how", "which", "can", "could", "would", "does", "do", "did", "is", "are",
    "has", "anybody", "anyone",
}  # fmt: skip


class Exact:
    """Signs as (text, sure). English questions only: more would be the matcher's own list copied."""

    def __init__(self, signs: list[tuple[str, bool]]) -> None:
        self._by_word: dict[str, list[tuple[list[str], bool, bool]]] = {}
        self._odd: list[tuple[str, bool]] = []
        for text, sure in signs:
            plain = _fold(text)
            words = plain.removesuffix("*").split()
            if all(_is_word(word) for word in words):
                self._by_word.setdefault(words[0][:3], []).append((words, plain.endswith("*"), sure))
            else:
                self._odd.append((plain, sure))

    def matters(self, line: bytes) -> bool:
        """Whether a line is about us, or may be."""
        text = _fold(_text(json.loads(line)))
        runs = _runs(text)
        asks = "?" in text or any(word in _ASK for _, _, word in runs)
        return any(self._at(runs, place, asks) for place in range(len(runs))) or any(
            (sure or asks) and _stands_alone(text, odd) for odd, sure in self._odd
        )

    def _at(self, runs: list[tuple[int, int, str]], place: int, asks: bool) -> bool:
        for words, open_ended, sure in self._by_word.get(runs[place][2][:3], ()):
            here = runs[place : place + len(words)]
            if len(here) < len(words) or not (sure or asks):
                continue
            said = [word for _, _, word in here]
            if open_ended and said[-1].startswith(words[-1]):
                said[-1] = words[-1]
            if said == words and all(1 <= b[0] - a[1] <= 4 for a, b in pairwise(here)):
                return True
        return False


def _text(post: dict[str, Any]) -> str:
    inner = post.get("object")
    if isinstance(inner, dict):
        return str(inner.get("content") or "")
    if isinstance(post.get("data"), dict):
        return _text(post["data"])
    return str(post.get("full_text") or post.get("text") or post.get("content") or "")


def _fold(text: str) -> str:
    return unicodedata.normalize("NFC", text.casefold())


def _runs(text: str) -> list[tuple[int, int, str]]:
    found, start = [], -1
    for place, letter in enumerate(text + " "):
        if letter.isalnum() or letter == "_":
            start = place if start < 0 else start
        elif start >= 0:
            found.append((start, place, text[start:place]))
            start = -1
    return found


def _is_word(word: str) -> bool:
    return all(letter.isalnum() or letter == "_" for letter in word)


def _stands_alone(text: str, sign: str) -> bool:
    at = text.find(sign)
    while at >= 0:
        before, after = text[at - 1 : at], text[at + len(sign) : at + len(sign) + 1]
        if not _is_word(before or " ") and not _is_word(after or " "):
            return True
        at = text.find(sign, at + 1)
    return False
