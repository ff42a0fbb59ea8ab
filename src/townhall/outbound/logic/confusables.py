"""Letters that look like others: a compact table of ours, in the spirit of Unicode Technical Standard 39 (skeletons).

Each row is a Latin letter and the characters that pass for it in an address bar. Accents are folded by
decomposition first, so that only letters of other scripts and odd Latin ones are listed. Digits and signs that
stand for letters (leet) are folded too: in a host name nobody reads ``paypa1`` letter by letter.
"""

import unicodedata

_LIKE = {
    "a": "аɑαᴀａ4", "b": "ƅЬвʙɓｂ8", "c": "сϲᴄⅽｃ", "d": "ԁɗⅾᴅժｄ", "e": "еҽєℯεɛᴇｅ3", "f": "ƒғſꜰｆ",
    "g": "ɡցɢğｇ9", "h": "һհнʜｈ", "i": "іıɩιⅰӏɪｉ1l|!", "j": "јʝϳᴊｊ", "k": "кκҝᴋｋ", "m": "мᴍⅿｍ",
    "n": "пոռɴηｎ", "o": "оοօσᴏөøｏ0", "p": "рρϸᴘｐ", "q": "ԛգզｑ", "r": "гᴦʀɾｒ", "s": "ѕʂꜱｓ5$",
    "t": "тτᴛţｔ7", "u": "υսцᴜʋｕ", "v": "ѵνⅴᴠｖ", "w": "ԝшωɯᴡｗ", "x": "хχⅹｘ", "y": "уүγʏｙ", "z": "ʐᴢｚ2",
}  # fmt: skip
_FOLD = {ord(look): plain for plain, looks in _LIKE.items() for look in looks}
_TWO = (("rn", "m"), ("vv", "w"), ("cl", "d"))


def skeleton(name: str) -> str:
    """What the eye reads: two names with one skeleton can be taken for each other. ``l``, ``i`` and ``1`` are one."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    if not name.isascii():  # letters of mathematics have no lower case until they are plain
        plain = "".join(c for c in plain.casefold() if not unicodedata.combining(c))
    folded = plain.translate(_FOLD)
    for pair, single in _TWO:
        folded = folded.replace(pair, single)
    return folded


def scripts_of(name: str) -> frozenset[str]:
    """The scripts of a name's letters, by the first word of each letter's Unicode name."""
    return frozenset(unicodedata.name(c, "UNKNOWN").split(" ", 1)[0] for c in name if c.isalpha())


def passes_for(shape: str, bones: str) -> bool:
    """Whether a skeleton with letters that the table does not know can be read as another: where it is of our letters the two
    are the same, those are half of it or more, and a letter of no Latin kind amid them stands for whatever should be there."""
    if len(shape) != len(bones) or shape.isascii():
        return False
    known = [ours for theirs, ours in zip(shape, bones, strict=True) if theirs == ours]
    strange = sum(not c.isascii() for c in shape)
    return len(known) + strange == len(shape) and len(known) >= max(3, len(shape) / 2)
