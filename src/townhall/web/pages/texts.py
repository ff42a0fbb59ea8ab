"""Texts with what matters in them marked: findings where they stand, changes word by word."""

import difflib
import re
from collections.abc import Sequence

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from townhall.kernel.finding import Finding

_CALLED = re.compile(r"(?:@[\w.-]+(?:@[\w.-]+)?[\s,:]+)+(?=\S)")


def spoken(text: str, spans: Sequence[tuple[int, int]]) -> tuple[str, list[tuple[int, int]]]:
    """A row's words without the handles they begin with: to whom it went stands beside. Spans move along."""
    called = _CALLED.match(text)
    cut = called.end() if called else 0
    return text[cut:], [(max(start - cut, 0), end - cut) for start, end in spans if end > cut]


def marked(text: str, findings: Sequence[Finding]) -> SafeString:
    """A proposed text with what the guard noticed in it underlined where it stands."""
    pieces, at = [], 0
    for one in sorted(findings, key=lambda finding: finding.start):
        if one.start < at or one.end <= one.start:
            continue
        words = format_html('<span class="hit" title="{}">{}</span>', one.reason, text[one.start : one.end])
        pieces += [(text[at : one.start],), (words,)]
        at = one.end
    return format_html_join("", "{}", [*pieces, (text[at:],)])


def difference(old_text: str, new_text: str) -> SafeString:
    """What changed from the earlier text, word by word."""
    old, new = old_text.split(), new_text.split()
    pieces = []
    for kind, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            pieces.append((" ".join(new[c:d]) + " ",))
            continue
        gone, come = " ".join(old[a:b]), " ".join(new[c:d])
        if gone:
            pieces.append((format_html("<del>{}</del> ", gone),))
        if come:
            pieces.append((format_html("<ins>{}</ins> ", come),))
    return format_html_join("", "{}", pieces)
