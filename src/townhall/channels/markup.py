"""HTML of a post to plain text, in one linear pass. Pure.

Networks send sanitised HTML, senders of webhooks anything. Nothing here is ever rendered: tags are dropped,
line breaks kept, and the address behind a link whose words say something else is written out, because that
is where a phish hides. One pass without backtracking: hostile markup costs no more than honest one.
"""

import re
from html import unescape

_BREAKS = {
    "br": "\n",
    "p": "\n\n",
    "div": "\n",
    "li": "\n- ",
    "blockquote": "\n",
    "pre": "\n",
    "tr": "\n",
} | {f"h{n}": "\n\n" for n in range(1, 7)}
_CLOSING_BREAKS = frozenset({"p", "ul", "ol", "blockquote", "pre", "div", *(f"h{n}" for n in range(1, 7))})
_HIDDEN = frozenset({"script", "style", "template", "noscript", "title"})
_EDGE = re.compile(r"[<>\"']")
_NAME = re.compile(r"/?[a-zA-Z][a-zA-Z0-9]{0,15}")
_ATTRIBUTE = re.compile(r"([a-zA-Z-]{1,30})\s?=\s?(?:\"([^\"]*)\"|'([^']*)')")
_SPACE = re.compile(r"[ \t\r\f\v\n]+")
_MANY_BREAKS = re.compile(r"\n{3,}")


def to_text(html: str) -> str:
    """What a reader of the post would see, as plain text."""
    return _Reader().read(html)


class _Reader:
    def __init__(self) -> None:
        self.out: list[str] = []
        self.hidden = ""
        self.link = ""
        self.link_from = 0

    def read(self, html: str) -> str:
        position = 0
        while (start := html.find("<", position)) >= 0:
            self._words(html[position:start])
            position = self._markup(html, start)
        self._words(html[position:])
        joined = "".join(self.out)
        return _MANY_BREAKS.sub("\n\n", "\n".join(map(str.strip, joined.split("\n")))).strip()

    def _words(self, piece: str) -> None:
        if piece and not self.hidden:
            self.out.append(unescape(_SPACE.sub(" ", piece)))

    def _markup(self, html: str, start: int) -> int:
        """Where the text goes on after the tag at ``start``."""
        if html.startswith("<!--", start):
            end = html.find("-->", start + 4)
            return len(html) if end < 0 else end + 3
        name = _NAME.match(html, start + 1)
        if name is None:
            self._words(html[start : start + 1])
            return start + 1
        end = _end_of_tag(html, name.end())
        self._tag(name[0].lower(), html[name.end() : end])
        return end + 1

    def _tag(self, name: str, attributes: str) -> None:
        if self.hidden:
            self.hidden = "" if name == f"/{self.hidden}" else self.hidden
        elif name in _HIDDEN:
            self.hidden = name
        elif name in _BREAKS:
            self.out.append(_BREAKS[name])
        elif name[1:] in _CLOSING_BREAKS and name[0] == "/":
            self.out.append("\n\n" if name == "/p" else "\n")
        elif name == "a":
            self._open_link(attributes)
        elif name == "/a":
            self._close_link()
        elif name == "img":
            self.out.append(unescape(_attribute(attributes, "alt")))

    def _open_link(self, attributes: str) -> None:
        classes = _attribute(attributes, "class").split()
        is_name = (
            "mention" in classes or "hashtag" in classes or "tag" in _attribute(attributes, "rel").split()
        )
        self.link = "" if is_name else unescape(_attribute(attributes, "href"))
        self.link_from = len(self.out)

    def _close_link(self) -> None:
        if self.link.lower().startswith(("http://", "https://")):
            words = "".join(self.out[self.link_from :]).strip()
            if not _says(words, self.link):
                self.out.append(f" ({self.link})")
        self.link = ""


def _says(words: str, address: str) -> bool:
    """Whether a link's words already are its address, give or take the scheme and a closing slash."""
    bare = [text.split("://", 1)[-1].rstrip("/") for text in (words, address)]
    return bare[0] == bare[1]


def _attribute(attributes: str, name: str) -> str:
    for key, double, single in _ATTRIBUTE.findall(attributes):
        if key.lower() == name:
            return str(double or single)
    return ""


def _end_of_tag(html: str, position: int) -> int:
    """Where this tag's ``>`` is, quoted ones aside; the end of the text when it never closes."""
    quote = ""
    for edge in _EDGE.finditer(html, position):
        found = edge[0]
        if quote:
            quote = "" if found == quote else quote
        elif found == ">":
            return edge.start()
        elif found in "\"'" and html[edge.start() - 2 : edge.start()].rstrip().endswith("="):
            quote = found
    return len(html)
