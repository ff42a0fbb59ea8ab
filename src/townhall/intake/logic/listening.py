"""Is this about us, or may it be? The question a firehose is asked, a thousand posts at a time.

A *sign* is a word or phrase of ours: a handle, a name, a product, a host. A post is about us when it bears a sure sign,
and may be when it bears a doubtful one (a word others use too) and asks something. Words are compared caselessly and
in composed form (Unicode 3.13, D145, then NFC), between boundaries of words; the words of a phrase may have up to four
other characters between them.

One Hyperscan pass over all texts laid end to end finds every text that could bear a sign: it works on bytes, knows no
letters beyond ASCII, and so may say yes too often, never no. What it finds of plain words in plain ASCII is certain; the rest is
looked at again, exactly.
"""

import re
import threading
import unicodedata
from collections.abc import Sequence

import hyperscan
import numpy as np
from msgspec import Struct

LONGEST = 100
"""Characters of a sign."""
_GAP = r"\W{1,4}"
_GAP_BYTES = "[^a-z0-9_]{1,16}"
_MARKS = re.compile("[?？؟՞፧⁇⸮]")
_ASKING = frozenset(
    [
        *(
            "who",
            "what",
            "when",
            "where",
            "why",
            "how",
            "which",
            "can",
            "could",
            "would",
            "does",
            "do",
            "did",
            "is",
        ),
        *(
            "are",
            "has",
            "anybody",
            "anyone",
            "wer",
            "was",
            "wann",
            "wo",
            "warum",
            "wie",
            "welche",
            "kann",
            "qui",
            "que",
        ),
        *(
            "quoi",
            "quand",
            "pourquoi",
            "comment",
            "quel",
            "quelle",
            "peut",
            "quién",
            "qué",
            "cuándo",
            "dónde",
            "por",
        ),
        *(
            "cómo",
            "cuál",
            "puede",
            "chi",
            "cosa",
            "quando",
            "dove",
            "perché",
            "come",
            "quale",
            "può",
            "quem",
            "onde",
        ),
        *(
            "qual",
            "wat",
            "wanneer",
            "waar",
            "waarom",
            "hoe",
            "kto",
            "co",
            "kiedy",
            "gdzie",
            "dlaczego",
            "jak",
        ),
    ]
)
_WORD = re.compile(r"\w+")


class Sign(Struct, frozen=True):
    """A word or phrase that may betray a post about us. ``*`` at its end stands for any ending of the last word.

    ``sure`` signs are enough by themselves; others only in a question.
    """

    text: str
    sure: bool = True


class Ear:
    """Signs, compiled. Safe to share: every thread scans with a database of its own."""

    def __init__(self, signs: Sequence[Sign]) -> None:
        self._signs = [sign for sign in signs if normal(sign.text).strip(" *")]
        self._exact = [re.compile(_exact(normal(sign.text))) for sign in self._signs]
        self._certain = [_is_word(normal(sign.text)) for sign in self._signs]
        self._own = threading.local()

    def hear(self, texts: Sequence[str]) -> list[int]:
        """The places of texts that are about us or may be, rising."""
        if not self._signs:
            return []
        plain = [place for place, text in enumerate(texts) if text.isascii()]
        other = [place for place, text in enumerate(texts) if not text.isascii()]
        one = _end_to_end([texts[place] for place in plain]).encode().lower()
        two = normal(_end_to_end([texts[place] for place in other])).encode("utf-8", "surrogatepass")
        places = plain + other
        return sorted([places[found] for found in self._found(one + two)])

    def _found(self, joined: bytes) -> list[int]:
        hits: list[tuple[int, int]] = []
        self._database().scan(
            joined, match_event_handler=lambda sign, _start, end, _flags, _: hits.append((sign, end))
        )
        if not hits:
            return []
        borders = np.flatnonzero(np.frombuffer(joined, np.uint8) == 0)
        after = np.searchsorted(borders, [end for _, end in hits], "left")
        ends, starts = borders[after].tolist(), (borders[after - 1] + 1).tolist()
        heard: dict[int, None] = {}
        for place, (sign, _), start, end in zip(after.tolist(), hits, starts, ends, strict=True):
            if place not in heard and self._bears(joined[start if place else 0 : end], sign):
                heard[place] = None
        return list(heard)

    def _bears(self, said: bytes, sign: int) -> bool:
        text = said.decode("utf-8", "surrogatepass")
        if not (self._certain[sign] and said.isascii()) and not self._exact[sign].search(text):
            return False
        return self._signs[sign].sure or asks(text)

    def _database(self) -> hyperscan.Database:
        if not hasattr(self._own, "database"):
            self._own.database = _compile([normal(sign.text) for sign in self._signs])
        database: hyperscan.Database = self._own.database
        return database


def normal(text: str) -> str:
    """A text as signs are looked for in it."""
    return unicodedata.normalize("NFC", text.casefold())


def asks(text: str) -> bool:
    """Whether a normal text may ask something: a question mark of any script, or a word that questions begin with."""
    return "?" in text or not _ASKING.isdisjoint(_WORD.findall(text)) or _MARKS.search(text) is not None


def _end_to_end(texts: Sequence[str]) -> str:
    """Texts with a zero after each; a zero within a text becomes a space."""
    whole = "\0".join([*texts, ""])
    if whole.count("\0") != len(texts):
        whole = "\0".join([*(text.replace("\0", " ") for text in texts), ""])
    return whole


def _exact(sign: str) -> str:
    open_ended = sign.endswith("*")
    words = [re.escape(word) for word in sign.rstrip("*").split()]
    return r"(?<!\w)" + _GAP.join(words) + ("" if open_ended else r"(?!\w)")


def _compile(signs: Sequence[str]) -> hyperscan.Database:
    database = hyperscan.Database()
    database.compile(
        expressions=[_rough(sign) for sign in signs], ids=list(range(len(signs))), flags=[0] * len(signs)
    )
    return database


def _rough(sign: str) -> bytes:
    """What is in the bytes of every text that bears the sign."""
    open_ended = sign.endswith("*")
    words = sign.rstrip("*").split()
    body = _GAP_BYTES.join(
        "".join(rf"\x{byte:02x}" for byte in word.encode("utf-8", "surrogatepass")) for word in words
    )
    left = r"\b" if _is_plain(words[0][0]) else ""
    right = r"\b" if _is_plain(words[-1][-1]) and not open_ended else ""
    return f"{left}{body}{right}".encode()


def _is_word(sign: str) -> bool:
    """One word of plain letters: in plain ASCII the rough look is exact for it."""
    return all(map(_is_plain, sign.removesuffix("*")))


def _is_plain(letter: str) -> bool:
    return letter.isascii() and (letter.isalnum() or letter == "_")
