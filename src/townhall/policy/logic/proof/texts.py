"""Texts made to pass some tests and to fail others. What is made is tried, never trusted."""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from townhall.policy.logic.proof.atoms import TextAtom

_BETWEEN = (" ", " ~ ", "\n", "")
_CASES: tuple[Callable[[str], str], ...] = (str, str.upper, str.capitalize)
_TRIES = 96
LONGEST = 20_000
"""Characters of a text that is made."""


def make_text(wanted: Sequence[TextAtom], unwanted: Sequence[TextAtom], length: int | None) -> str | None:
    """A text of that length (any, for ``None``) that passes all of ``wanted`` and none of ``unwanted``, if one was found."""
    for text in islice(_texts(wanted, length), _TRIES):
        if all(atom.holds(text) for atom in wanted) and not any(atom.holds(text) for atom in unwanted):
            return text
    return None


def _texts(wanted: Sequence[TextAtom], length: int | None) -> Iterator[str]:
    exact = [atom.word for atom in wanted if atom.op == "=="]
    if exact:
        for word in [change(exact[0]) for change in _CASES]:
            if length is None or len(word) == length:
                yield word
        return
    begin = max((atom.word for atom in wanted if atom.op == "startsWith"), key=len, default="")
    end = max((atom.word for atom in wanted if atom.op == "endsWith"), key=len, default="")
    for between in _BETWEEN:
        for change in _CASES:
            for middle in _middles(wanted, begin + "\0" + end, change):
                yield from _joined([begin, *middle, end], between, length)


def _middles(wanted: Sequence[TextAtom], there: str, change: Callable[[str], str]) -> Iterator[list[str]]:
    """Words to put between begin and end, with each sample of each pattern in turn."""
    needed = sorted((atom.word for atom in wanted if atom.op == "contains"), key=len, reverse=True)
    words: list[str] = []
    for word in needed:
        if word not in there and not any(word in other for other in words):
            words.append(word)
    changed = [change(word) for word in words]
    patterns = [atom.node.value.samples for atom in wanted if atom.op == "matches"]
    for turn in range(max([len(samples) for samples in patterns], default=1)):
        yield [*changed, *(samples[turn % len(samples)] for samples in patterns if samples)]
    if patterns:
        yield changed


def _joined(parts: list[str], between: str, length: int | None) -> Iterator[str]:
    words = [part for part in parts if part]
    text = between.join(words)
    if length is None:
        yield text
        if between and words:
            yield (parts[0] and parts[0] + between) + between.join(words[bool(parts[0]) :])
            return
    elif len(text) <= length <= LONGEST:
        head, tail = text[: len(text) - len(parts[-1])], parts[-1]
        for filler in ("x", "~", "."):
            yield head + filler * (length - len(text)) + tail
