"""Finding the links in a text, and the host that each one really leads to."""

import re

from msgspec import Struct

_SCHEME = re.compile(r"\b(https?|ftp|javascript|data|file|vbscript):[^\s<>\"'«»]{1,2048}", re.IGNORECASE)
_BARE = re.compile(
    r"(?<![\w@./:-])((?:[^\W_](?:[\w-]{0,61}[^\W_])?\.){1,8}([^\W\d_]{2,24}|xn--[a-z0-9-]{2,59}))(?![\w@-])(/[^\s<>\"'«»]{0,2048})?",
    re.IGNORECASE,
)
_TRAILING = ".,;:!?)]}…'\""
_COMMON = (
    "com net org info biz co io ai app dev shop store online site xyz top club link click live help support care "
    "uk us de fr es it nl be ch at ie pt pl se no dk fi cz gr eu ca au nz in jp cn kr ru br mx za sg hk tv me cc ly "
    "gl gg gd la ws pw tk ml cf ga gq vip win bid page web cloud tech space world today news mobi pro name"
)
_ENDINGS = frozenset(_COMMON.split())
_HOST_END = re.compile(r"[/?#\\]")

_SHORT = (
    "bit.ly t.co tinyurl.com goo.gl ow.ly is.gd buff.ly cutt.ly rebrand.ly t.ly tiny.cc shorturl.at rb.gy s.id "
    "lnkd.in youtu.be fb.me amzn.to bl.ink short.io v.gd qr.ae adf.ly dlvr.it ift.tt trib.al db.tt wp.me "
    "soo.gd clck.ru u.to x.co y2u.be snip.ly tny.im shorte.st zpr.io 1url.com urlz.fr vu.fr lc.cx kutt.it"
)
SHORTENERS = frozenset(_SHORT.split())
"""Hosts that hide where a link leads. A list of ours; the operator's own short host belongs among the brand's domains."""


class Link(Struct, frozen=True):
    """A link in a text: code points ``start`` to ``end``, and its host in lower-case Unicode without a final dot.

    ``trouble`` says what makes it dangerous whatever the host ("" when nothing does).
    """

    start: int
    end: int
    host: str
    trouble: str = ""


def links_in(text: str) -> list[Link]:
    """Every link a reader or a network would follow, in the order of the text: with a scheme, or a bare host."""
    full = [_with_scheme(found) for found in _SCHEME.finditer(text)]
    taken = [(link.start, link.end) for link in full]
    bare = [
        _bare(found)
        for found in _BARE.finditer(text)
        if _is_address(found) and not any(start <= found.start() < end for start, end in taken)
    ]
    return sorted(full + bare, key=lambda link: link.start)


def unicode_host(host: str) -> str:
    """Lower case, without a final dot, with each ``xn--`` label read as the letters that people will see."""
    return ".".join(_unpunycoded(label) for label in host.casefold().strip(".").split("."))


def _with_scheme(found: re.Match[str]) -> Link:
    shown = found[0].rstrip(_TRAILING)
    scheme = found[1].lower()
    end = found.start() + len(shown)
    if scheme not in ("http", "https", "ftp"):
        return Link(
            found.start(), end, "", f"a {scheme}: link runs or hides something instead of opening a page"
        )
    rest = shown[len(scheme) + 1 :].lstrip("/")
    place = _HOST_END.split(rest, maxsplit=1)[0]
    trouble = "the part before @ pretends to be the address" if "@" in place else ""
    host = place.rpartition("@")[2]
    return Link(found.start(), end, unicode_host(_without_port(host)), trouble or _numeric(host))


def _bare(found: re.Match[str]) -> Link:
    shown = found[0].rstrip(_TRAILING)
    return Link(found.start(), found.start() + len(shown), unicode_host(found[1]))


def _is_address(found: re.Match[str]) -> bool:
    """``thanks.We`` is no address; ``acme.com``, ``www.anything.zz`` and ``acme.zz/refund`` are."""
    ending = found[2].lower()
    return (
        ending in _ENDINGS
        or ending.startswith("xn--")
        or bool(found[3])
        or found[1].lower().startswith("www.")
    )


def _without_port(host: str) -> str:
    return host if host.startswith("[") else host.partition(":")[0]


def _numeric(host: str) -> str:
    bare = _without_port(host)
    if host.startswith("[") or bare.replace(".", "").isdigit() or bare.lower().startswith("0x"):
        return "the address is a number, which hides whose it is"
    return ""


def _unpunycoded(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        return label[4:].encode("ascii").decode("punycode").casefold()
    except (UnicodeError, ValueError):
        return label
