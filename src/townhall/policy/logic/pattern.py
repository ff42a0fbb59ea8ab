"""Patterns for ``matches()``: a subset of RE2's syntax whose cost is bounded before it ever runs.

Python's engine backtracks, and a backtracking engine explores at most as many ways as a pattern has to match at one
place. So a pattern may not repeat without bound, and the number of ways is counted when the policy is read:
a character has 1, a sequence multiplies, an alternative adds, ``x{m,n}`` sums ways(x)^k for k from m to n.
At most ``MOST_WAYS`` are allowed, hence the time for a text is at most proportional to its length. What is
refused says how to write it instead.

Allowed: characters, ``.``, ``[...]``, ``\\d \\w \\s \\b`` and their opposites, ``^ $`` (of the whole text), ``(...)``, ``|``, ``?``,
``{n}``, ``{m,n}``, and ``(?i)`` at the start. ``\\d``, ``\\w`` and ``\\b`` mean Unicode's digits and letters.
"""

import re
from collections.abc import Iterable
from itertools import product

from msgspec import Struct

from townhall.policy.logic.fault import Fault
from townhall.policy.logic.scan import WINDOW

MOST_WAYS = 512
LONGEST = 500
MOST_SAMPLES = 12
MOST_EXACT = 16
"""Texts that a part may stand for and still be written out."""
_TRIED = "a0 ezA9.-_#@/:," + "".join(map(chr, range(33, 127))) + "\n\t\xe9\u4e00"
_PLACES = ("\\b", "\\B", "\\A", "\\Z")
_CLASSES = "dDwWsS"
_SPECIAL = "\\.[](){}*+?|^$-/#&~!\"'%,:;<=>@_` "
_CONTROL = {"n": "\\n", "t": "\\t", "r": "\\r"}
_COUNT = re.compile(r"\{(\d{1,3})(,(\d{1,3})?)?\}")


class SafePattern(Struct, frozen=True):
    """A pattern for Python's ``re.search``. One of ``words`` is in every text it matches (empty: nothing known).

    ``source`` is the pattern as it was written.
    ``samples`` are texts made from its parts, at most ``MOST_SAMPLES``: most match it, and each has to be tried.
    ``texts`` are all the texts that it looks for, where they are few (empty: not known), places between characters left out.
    """

    python: str
    words: tuple[str, ...] = ()
    samples: tuple[str, ...] = ()
    source: str = ""
    texts: tuple[str, ...] = ()


def safe_pattern(source: str, at: int) -> SafePattern:
    """The same pattern for Python's ``re``. Raises ``Fault`` (at ``at``) if its cost has no bound."""
    reader = _Reader(source, at)
    folded = reader.take("(?i)")
    if len(source) > LONGEST:
        raise reader.fault(f"a pattern has at most {LONGEST} characters")
    piece = reader.alternatives(0)
    if reader.left():
        raise reader.fault("a bracket closes that was never opened; write \\) for the character")
    if piece.ways > MOST_WAYS:
        raise reader.fault(
            f"this pattern can match in more than {MOST_WAYS} ways, which is slow; shorten its repeats"
        )
    if folded:
        return SafePattern("(?i)" + piece.python, samples=piece.samples, source=source, texts=piece.exact)
    return SafePattern(piece.python, piece.words, piece.samples, source, piece.exact)


class _Piece(Struct, frozen=True):
    """A part of a pattern: its Python form, its ways, words of which it needs one, and all the texts that it can stand for,
    where they are few (empty: not known)."""

    python: str
    ways: int = 1
    words: tuple[str, ...] = ()
    exact: tuple[str, ...] = ()
    samples: tuple[str, ...] = ("",)


class _Reader:
    """Reads a pattern left to right; every part gives a piece."""

    def __init__(self, source: str, at: int) -> None:
        self._source = source
        self._at = at
        self._next = 0

    def left(self) -> str:
        return self._source[self._next :]

    def take(self, text: str) -> bool:
        if not self._source.startswith(text, self._next):
            return False
        self._next += len(text)
        return True

    def fault(self, why: str) -> Fault:
        return Fault(f"pattern {self._source!r}: {why}", self._at)

    def alternatives(self, depth: int) -> _Piece:
        if depth > 10:
            raise self.fault("brackets more than 10 deep")
        branches = [self._sequence(depth)]
        while self.take("|"):
            branches.append(self._sequence(depth))
        words = (
            [word for branch in branches for word in branch.words] if all(b.words for b in branches) else []
        )
        samples = [sample for branch in branches for sample in branch.samples][:MOST_SAMPLES]
        return _Piece(
            "|".join(b.python for b in branches),
            sum(b.ways for b in branches),
            tuple(words),
            _few(text for b in branches for text in b.exact) if all(b.exact for b in branches) else (),
            tuple(samples),
        )

    def _sequence(self, depth: int) -> _Piece:
        pieces = []
        while self.left() and self.left()[0] not in "|)":
            pieces.append(self._repeated(depth))
        ways = 1
        for piece in pieces:
            ways = min(ways * piece.ways, MOST_WAYS + 1)
        exact: tuple[str, ...] = ("",)
        for piece in pieces:
            exact = _product(exact, piece.exact)
        return _Piece(
            "".join(piece.python for piece in pieces), ways, _needed(pieces), exact, _joined(pieces)
        )

    def _repeated(self, depth: int) -> _Piece:
        piece = self._atom(depth)
        low, high = self._times()
        if (low, high) == (1, 1):
            return piece
        ways = sum(min(piece.ways**k, MOST_WAYS + 1) for k in range(low, high + 1))
        often = {low: None, max(low, 1) if high else 0: None, high: None}
        samples = [sample * times for times in often for sample in piece.samples][:MOST_SAMPLES]
        words = piece.words if low else ()
        return _Piece(
            f"{piece.python}{{{low},{high}}}", ways, words, _repeats(piece, low, high), tuple(samples)
        )

    def _times(self) -> tuple[int, int]:
        if self.left()[:1] in ("*", "+"):
            sign = self.left()[0]
            raise self.fault(
                f"{sign} repeats without bound; write {{{0 if sign == '*' else 1},20}} or another bound"
            )
        if self.take("?"):
            low, high = 0, 1
        elif found := _COUNT.match(self._source, self._next):
            low, high = self._count(found)
            self._next = found.end()
        else:
            return 1, 1
        if self.left()[:1] in tuple("?*+{"):
            raise self.fault("one repeat after another; keep one of them")
        return low, high

    def _count(self, found: re.Match[str]) -> tuple[int, int]:
        low = int(found[1])
        if found[2] and not found[3]:
            raise self.fault(
                f"{found[0]} repeats without bound; write {{{low},{max(20, low)}}} or another bound"
            )
        high = int(found[3]) if found[3] else low
        if high < low or high > 100:
            raise self.fault(f"{found[0]}: the second number is at least the first and at most 100")
        return low, high

    def _atom(self, depth: int) -> _Piece:
        char = self.left()[0]
        self._next += 1
        if char == "(":
            return self._group(depth)
        if char == "[":
            return _single(self._set())
        if char == "\\":
            return _single(self._escape("bB"))
        if char in "^$":
            return _Piece("\\A" if char == "^" else "\\Z", exact=("",))
        if char in "*+?{":
            raise self.fault(f"{char} has nothing to repeat; write \\{char} for the character")
        return _single(".") if char == "." else _Piece(re.escape(char), exact=(char,), samples=(char,))

    def _group(self, depth: int) -> _Piece:
        if not self.take("?:") and self.left().startswith("?"):
            raise self.fault("only plain brackets and (?:...) are known; (?i) goes first of all")
        piece = self.alternatives(depth + 1)
        if not self.take(")"):
            raise self.fault("a bracket is never closed")
        return _Piece(f"(?:{piece.python})", piece.ways, piece.words, piece.exact, piece.samples)

    def _escape(self, places: str) -> str:
        char = self.left()[:1]
        self._next += 1
        if char and char in _CLASSES + places:
            return "\\" + char
        if char in _CONTROL:
            return _CONTROL[char]
        if char and char in _SPECIAL:
            return re.escape(char)
        raise self.fault(
            f"\\{char} is not known; known are \\d \\w \\s \\b, their capitals, \\n \\t \\r and signs"
        )

    def _set(self) -> str:
        inner = "^" if self.take("^") else ""
        start = self._next
        while not (self.left().startswith("]") and self._next > start):
            low, simple = self._member()
            if simple and self.left().startswith("-") and not self.left().startswith("-]"):
                self._next += 1
                high, simple = self._member()
                if not simple or _point(high) < _point(low):
                    raise self.fault(f"[{low}-{high}] is no range")
                low = f"{low}-{high}"
            inner += low
        self._next += 1
        return f"[{inner}]"

    def _member(self) -> tuple[str, bool]:
        """One member of a set and whether it is a single character, which a range may begin or end with."""
        char = self.left()[:1]
        if not char or char == "[":
            raise self.fault("a [ is never closed, or has another [ in it; write \\[ for the character")
        self._next += 1
        if char != "\\":
            return re.escape(char) if char in "^-&~|\\]" else char, True
        escaped = self._escape("")
        return escaped, escaped[1:] not in tuple(_CLASSES)


def _single(python: str) -> _Piece:
    """A part that stands for one character, or for a place between two."""
    if python in _PLACES:
        return _Piece(python, exact=("",))
    fits = re.compile(python, re.DOTALL).fullmatch
    return _Piece(python, samples=tuple([char for char in _TRIED if fits(char)][:1]))


def _joined(pieces: list[_Piece]) -> tuple[str, ...]:
    """Samples of a sequence: the first of every part, then each part's others beside the first of the rest."""
    if not all(piece.samples for piece in pieces):
        return ()
    first = [piece.samples[0] for piece in pieces]
    others = [
        "".join([*first[:place], other, *first[place + 1 :]])
        for place, piece in enumerate(pieces)
        for other in piece.samples[1:]
    ]
    return tuple(["".join(first), *others][:MOST_SAMPLES])


def _needed(pieces: list[_Piece]) -> tuple[str, ...]:
    """Words of which a sequence needs one: the best of its runs of written-out parts, or a bracket's words if longer."""
    offers = [piece.words for piece in pieces if piece.words]
    run: tuple[str, ...] = ("",)
    for piece in pieces:
        longer = _product(run, piece.exact)
        if not longer:
            offers.append(run)
        run = longer or piece.exact or ("",)
    best = max([*offers, run], key=lambda words: min(len(word) for word in words))
    return best if min(len(word) for word in best) >= WINDOW else ()


def _product(first: tuple[str, ...], then: tuple[str, ...]) -> tuple[str, ...]:
    """Every text of the first with every one of the next behind it; none where that is too many, or not known."""
    return _few(a + b for a in first for b in then) if len(first) * len(then) <= MOST_EXACT else ()


def _repeats(piece: _Piece, low: int, high: int) -> tuple[str, ...]:
    if not piece.exact or high > MOST_EXACT or len(piece.exact) ** high > MOST_EXACT:
        return ()
    return _few(
        "".join(texts) for times in range(low, high + 1) for texts in product(piece.exact, repeat=times)
    )


def _few(texts: Iterable[str]) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(texts))
    return found if len(found) <= MOST_EXACT else ()


def _point(member: str) -> int:
    return ord({"\\n": "\n", "\\t": "\t", "\\r": "\r"}.get(member, member[-1]))
