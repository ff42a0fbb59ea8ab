"""How risky the links of a text look, by the address alone. Nothing is ever opened.

Evidence is summed in log-odds; each sign is a sentence for people. Whether a host imitates the brand's own is known where the
brand is known, and added there.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import islice
from math import exp

from msgspec import Struct

from townhall.enrich.logic import link_words as words
from townhall.enrich.logic.gate import Gate

_BEFORE = -3.0
_MOST_LINKS = 5
_LINK = re.compile(
    rf"(?:https?://|www\.)[^\s<>\"']{{1,2048}}|(?<![\w@.\-/])(?-i:(?:[a-z0-9\-]{{1,63}}\.){{1,5}}(?:{words.ENDINGS}))(?![\w\-])(?::\d{{1,5}})?(?:/[^\s<>\"']{{0,2048}})?",
    re.IGNORECASE,
)
_GATE = Gate((("link", rf"https?://|www\.|[a-z0-9\-]\.(?:{words.ENDINGS})[^a-z0-9\-]", False),))
_PARTS = re.compile(r"(?:https?://)?(?:([^/?#@\s]*)@)?([^/?#:\s]+)(?::(\d+))?([^\s]*)", re.IGNORECASE)
_PREFIX = re.compile(r"(?:https?://)?(?:www\.)?", re.IGNORECASE)
_CLICKS = re.compile(r"#.*|(?<=[?&])utm_[^&#]*&?", re.IGNORECASE)
_NUMBERS = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}|0x[0-9a-f]{6,8}|\d{8,10}")
_WORD = re.compile(r"[a-z]+")
_DIGIT = re.compile(r"\d")
_FAMOUS = re.compile("|".join(words.FAMOUS))
_PLANTED = re.compile("|".join(map(re.escape, words.PLANTED)))
_PROGRAM = re.compile(r"\.(?:exe|apk|scr|msi|bat|jar|vbs)(?:$|\?)")


class Link(Struct, frozen=True):
    """One link: where it leads, how risky it looks (0 to 1) and the signs."""

    host: str
    risk: float
    signs: tuple[str, ...]


def risks(texts: Sequence[str]) -> dict[int, list[Link]]:
    """The links of each text that has any, by its place."""
    found = {place: links_of(texts[place]) for place in _GATE.open(texts)}
    return {place: links for place, links in found.items() if links}


def links_of(text: str) -> list[Link]:
    """The first five links of a text."""
    return [judge(match[0].rstrip(".,;:!?)]}»”")) for match in _LINK.finditer(text)][:_MOST_LINKS]


def addresses(text: str) -> tuple[str, ...]:
    """Where the first five links of a text lead, so that the same place is the same words: host, path and query, without the
    marks by which senders count clicks."""
    found = (match[0].rstrip(".,;:!?)]}»”") for match in islice(_LINK.finditer(text), _MOST_LINKS))
    return tuple(
        dict.fromkeys(_CLICKS.sub("", _PREFIX.sub("", one)).rstrip("/?&#").casefold() for one in found)
    )


@lru_cache(maxsize=4096)
def judge(address: str) -> Link:
    """One address. Networks' own short links say nothing, unless they name one host and lead to another."""
    match = _PARTS.match(address)
    if match is None:
        return Link("", 0.0, ())
    user, host, port, path = match[1], match[2].lower().rstrip("."), match[3], match[4]
    if host in words.CARRIERS and not user:
        return Link(host, 0.0, ())
    signs = [*_of_host(host), *_of_labels(host.split(".")), *_of_rest(host, user, port, path.lower())]
    total = _BEFORE + sum(weight for weight, _ in signs)
    return Link(host, 1 / (1 + exp(-total)) if signs else 0.0, tuple(why for _, why in signs))


_Sign = tuple[float, str]


def _of_host(host: str) -> list[_Sign]:
    signs = []
    if host[0].isdigit() and _NUMBERS.fullmatch(host):
        signs.append((4.5, "its host is a number"))
    if "xn--" in host:
        signs.append((2.5, "its host is written in another script (punycode)"))
    elif not host.isascii():
        signs.append((2.0, "its host has letters beyond a to z"))
    if host in words.SHORTENERS:
        signs.append((1.5, "a shortener hides where it leads"))
    if len(host) > 35:
        signs.append((1.2, "its host is very long"))
    if host.count("-") >= 2 and "xn--" not in host:
        signs.append((1.2, "its host is several words with hyphens"))
    if host.count(".") >= 4 and not _NUMBERS.fullmatch(host):
        signs.append((1.5, "its host has very many parts"))
    if len(_DIGIT.findall(host)) >= 4 and not _NUMBERS.fullmatch(host):
        signs.append((0.9, "its host is full of digits"))
    return signs


def _of_labels(labels: list[str]) -> list[_Sign]:
    signs: list[_Sign] = []
    if labels[-1] in words.CHEAP_ENDINGS:
        signs.append((1.8, f"names under .{labels[-1]} cost next to nothing"))
    if ".".join(labels[-2:]) in words.FREE_HOSTS:
        signs.append((1.4, "anybody can put a page there"))
    before = ".".join(labels[:-1])
    if asks := words.CREDENTIALS.intersection(_WORD.findall(before)):
        signs.append((1.8 + 0.8 * (len(asks) > 1), f"its host speaks of {', '.join(sorted(asks)[:3])}"))
    if (famous := _FAMOUS.search(before)) and labels[-2] != famous[0]:
        signs.append((3.2, f"it carries the name {famous[0]} and is not theirs"))
    return signs


def _of_rest(host: str, user: str | None, port: str | None, path: str) -> list[_Sign]:
    signs = []
    if user:
        signs.append((4.0, "it names one host and leads to another"))
    if port and port not in ("80", "443"):
        signs.append((1.5, "it asks for an unusual port"))
    if len(path) < 3:
        return signs
    if asks := words.CREDENTIALS.intersection(_WORD.findall(path)):
        signs.append((0.9 + 0.6 * (len(asks) > 1), f"its path speaks of {', '.join(sorted(asks)[:3])}"))
    if _PLANTED.search(path):
        signs.append((2.4, "its path looks like a page planted on another's site"))
    if (famous := _FAMOUS.search(path)) and famous[0] not in host:
        signs.append((1.2, f"its path carries the name {famous[0]}"))
    if _PROGRAM.search(path):
        signs.append((2.0, "it loads a program"))
    if "//" in path:
        signs.append((1.2, "another address stands inside it"))
    return signs
