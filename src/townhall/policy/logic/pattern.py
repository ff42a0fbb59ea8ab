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

from townhall.policy.logic.fault import Fault

MOST_WAYS = 512
LONGEST = 500
_CLASSES = "dDwWsS"
_SPECIAL = "\\.[](){}*+?|^$-/#&~!\"'%,:;<=>@_` "
_CONTROL = {"n": "\\n", "t": "\\t", "r": "\\r"}
_COUNT = re.compile(r"\{(\d{1,3})(,(\d{1,3})?)?\}")


def safe_pattern(source: str, at: int) -> str:
    """The same pattern for Python's ``re`` (use ``search``). Raises ``Fault`` (at ``at``) if its cost has no bound."""
    reader = _Reader(source, at)
    flags = "(?i)" if reader.take("(?i)") else ""
    if len(source) > LONGEST:
        raise reader.fault(f"a pattern has at most {LONGEST} characters")
    pattern, ways = reader.alternatives(0)
    if reader.left():
        raise reader.fault("a bracket closes that was never opened; write \\) for the character")
    if ways > MOST_WAYS:
        raise reader.fault(
            f"this pattern can match in more than {MOST_WAYS:,} ways, which is slow; shorten its repeats"
        )
    return flags + pattern


class _Reader:
    """Reads a pattern left to right; every part gives its Python form and its ways."""

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

    def alternatives(self, depth: int) -> tuple[str, int]:
        if depth > 10:
            raise self.fault("brackets more than 10 deep")
        pattern, ways = self._sequence(depth)
        while self.take("|"):
            other, more = self._sequence(depth)
            pattern, ways = f"{pattern}|{other}", ways + more
        return pattern, ways

    def _sequence(self, depth: int) -> tuple[str, int]:
        pattern, ways = "", 1
        while self.left() and self.left()[0] not in "|)":
            piece, times = self._repeated(depth)
            pattern, ways = pattern + piece, min(ways * times, MOST_WAYS + 1)
        return pattern, ways

    def _repeated(self, depth: int) -> tuple[str, int]:
        piece, ways = self._atom(depth)
        low, high = self._times()
        if (low, high) == (1, 1):
            return piece, ways
        total = sum(min(ways**k, MOST_WAYS + 1) for k in range(low, high + 1))
        return f"{piece}{{{low},{high}}}", total

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

    def _atom(self, depth: int) -> tuple[str, int]:
        char = self.left()[0]
        self._next += 1
        if char == "(":
            return self._group(depth)
        if char == "[":
            return self._set(), 1
        if char == "\\":
            return self._escape("bB"), 1
        if char in "^$":
            return ("\\A" if char == "^" else "\\Z"), 1
        if char in "*+?{":
            raise self.fault(f"{char} has nothing to repeat; write \\{char} for the character")
        return ("." if char == "." else re.escape(char)), 1

    def _group(self, depth: int) -> tuple[str, int]:
        if not self.take("?:") and self.left().startswith("?"):
            raise self.fault("only plain brackets and (?:...) are known; (?i) goes first of all")
        pattern, ways = self.alternatives(depth + 1)
        if not self.take(")"):
            raise self.fault("a bracket is never closed")
        return f"(?:{pattern})", ways

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


def _point(member: str) -> int:
    return ord({"\\n": "\n", "\\t": "\t", "\\r": "\r"}.get(member, member[-1]))
