"""Quiet advice about a text: what its author may want to look at once more. It holds nothing and blocks nothing.

Each piece says only what is seen in the text and what it is held against; where that cannot be told honestly (another
language, too few replies to know the usual, a text of a few words) nothing is said.
"""

import itertools
import re
from collections.abc import Iterator

from msgspec import Struct

from townhall.outbound.logic.questions import unanswered

ENOUGH = 20
"""Replies that must have gone out on a channel before their usual length means something."""
_FEW = 4
"""Words below which a text has no greeting, no language and no style to speak of."""
_MUCH_LONGER, _SHORT = 1.5, 80
_LETTERS = 20
"""Letters below which the language of a text is not held against another."""
_VERY_HARD, _WORDS_FOR_READING, _LONG_WORD = 60, 40, 6
_ENDLESS = 40
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_SENTENCE_END = re.compile(r"[.!?:](?=\s|$)|\n")
_TAIL = " \t\n.!"


class Manner(Struct, frozen=True):
    """How a brand's answers begin and end; empty: it does not mind. In ``sign_offs`` ``{initials}`` and ``{name}`` (the first
    name) are the author's."""

    greetings: tuple[str, ...] = ()
    sign_offs: tuple[str, ...] = ()


class Hearing(Struct, frozen=True, kw_only=True):
    """What the text is held against. ``usual`` is the length (code points) that nine in ten of the brand's replies there keep
    to (0: too few to tell), ``asked`` what it answers, ``language`` that of the text; languages are "" when unsure."""

    usual: int = 0
    asked: str = ""
    asked_language: str = ""
    language: str = ""
    first_name: str = ""
    author: str = ""
    brand: str = ""
    manner: Manner = Manner()


class Advice(Struct, frozen=True):
    """One piece: ``words`` say what is seen. ``put`` would go to the ``place`` (start or end) of the text ("" for none);
    ``tongues`` are the two languages that differ."""

    kind: str
    words: str
    place: str = ""
    put: str = ""
    tongues: tuple[str, ...] = ()


def advise(text: str, heard: Hearing) -> tuple[Advice, ...]:
    """All that may be worth a second look, the weightiest first."""
    if not text.strip():
        return ()
    checks = (_language, _unanswered, _shouting, _length, _reading, _greeting, _sign_off)
    return tuple(one for check in checks for one in check(text, heard))


def _language(text: str, heard: Hearing) -> Iterator[Advice]:
    here, there = heard.language[:2].lower(), heard.asked_language[:2].lower()
    letters = sum(map(str.isalpha, text))
    if here and there and here != there and letters >= _LETTERS and len(_WORD.findall(text)) >= _FEW:
        yield Advice(
            "language", f"The customer wrote in {there}; this reads as {here}.", tongues=(there, here)
        )


def _unanswered(text: str, heard: Hearing) -> Iterator[Advice]:
    if said := unanswered(heard.asked, heard.asked_language, text):
        yield Advice("unanswered", said)


def _shouting(text: str, heard: Hearing) -> Iterator[Advice]:
    """Capitals: two words side by side, or three in all, of four letters and more; the brand's own name may be written so."""
    own = {word.casefold() for word in _WORD.findall(heard.brand)}
    words = _WORD.findall(text)
    loud = [len(word) >= 4 and word.isupper() and word.casefold() not in own for word in words]
    if sum(loud) >= 3 or any(one and other for one, other in itertools.pairwise(loud)):
        shouted = " ".join(word for word, is_loud in zip(words, loud, strict=True) if is_loud)
        yield Advice("shouting", f"Capitals read as shouting: “{shouted[:60]}”.")


def _length(text: str, heard: Hearing) -> Iterator[Advice]:
    if heard.usual and len(text) > max(_SHORT, heard.usual * _MUCH_LONGER):
        yield Advice(
            "long", f"{len(text)} characters; nine in ten of your replies here have at most {heard.usual}."
        )


def _reading(text: str, heard: Hearing) -> Iterator[Advice]:
    """LIX: words a sentence, and the share of words of more than six letters (C.-H. Björnsson, Läsbarhet, 1968). For Latin
    letters only, which it was made for."""
    sentences = [words for part in _SENTENCE_END.split(text) if (words := _WORD.findall(part))]
    longest = max((len(words) for words in sentences), default=0)
    words = [word for sentence in sentences for word in sentence]
    if longest > _ENDLESS:
        yield Advice("reading", f"One sentence has {longest} words.")
    elif len(words) >= _WORDS_FOR_READING and all(word[0] < "Ͱ" for word in words):
        lix = round(len(words) / len(sentences) + 100 * sum(len(w) > _LONG_WORD for w in words) / len(words))
        if lix > _VERY_HARD:
            yield Advice(
                "reading", f"Hard to read: long words in long sentences (LIX {lix}, over {_VERY_HARD})."
            )


def _greeting(text: str, heard: Hearing) -> Iterator[Advice]:
    greetings = heard.manner.greetings
    if not greetings or len(_WORD.findall(text)) < _FEW:
        return
    start = text.lstrip().casefold()
    named = bool(heard.first_name) and heard.first_name.casefold() in start[:40]
    if not named and not any(_begins(start, one.casefold()) for one in greetings):
        put = f"{greetings[0]} {heard.first_name}".strip() + ", "
        yield Advice("greeting", f"It begins without a greeting ({', '.join(greetings)}).", "start", put)


def _begins(start: str, greeting: str) -> bool:
    return start.startswith(greeting) and not start[len(greeting) : len(greeting) + 1].isalnum()


def _sign_off(text: str, heard: Hearing) -> Iterator[Advice]:
    wanted = [_signed(one, heard.author) for one in heard.manner.sign_offs]
    if not wanted or len(_WORD.findall(text)) < _FEW:
        return
    if not any(text.rstrip(_TAIL).casefold().endswith(one.rstrip(_TAIL).casefold()) for one in wanted):
        yield Advice("sign_off", f"It ends without {' or '.join(wanted)}.", "end", wanted[0])


def _signed(sign_off: str, author: str) -> str:
    names = author.split()
    initials = "".join(name[0] for name in names).upper()
    return sign_off.replace("{initials}", initials).replace("{name}", names[0] if names else "")
