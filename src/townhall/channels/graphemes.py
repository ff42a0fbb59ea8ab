"""Graphemes: what a person would call one character. Pure.

Source: Unicode UAX 29, the rules that matter for posts: combining marks, variation selectors, skin tones, joined
emoji, flags, keycaps, tag sequences, Hangul syllables and CR LF.
"""

import re
from unicodedata import category

_JOINER = "\u200d"
_EMOJI = "\U0001f000-\U0001faff\u2190-\u2bff\u3030\u303d\u3297\u3299\u00a9\u00ae"
_EXTEND = "\ufe00-\ufe0f\u20e3\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f\u200c"
_FLAG = re.compile("[\U0001f1e6-\U0001f1ff]{2}")
_JOINED = re.compile(f"{_JOINER}[{_EMOJI}]")
_EXTENDED = re.compile(f"[{_EXTEND}{_JOINER}]")
_HANGUL = re.compile(
    "[\u1100-\u115f\ua960-\ua97c]+[\u1160-\u11a7\ud7b0-\ud7c6]*[\u11a8-\u11ff\ud7cb-\ud7fb]*"
)


def count(text: str) -> int:
    """How many graphemes the text has."""
    if text.isascii():
        return len(text) - text.count("\r\n")
    folded = _HANGUL.sub("x", text.replace("\r\n", "\n"))
    folded = _FLAG.sub("x", folded)
    folded = _EXTENDED.sub("", _JOINED.sub("", folded))
    return sum(1 for character in folded if category(character)[0] != "M")
