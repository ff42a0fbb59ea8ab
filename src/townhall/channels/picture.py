"""What a file from a network really is, by its first bytes, and how many points it unfolds to. Pure.

Only forms that browsers draw without running anything: SVG is a document with scripts, and is none of them.
Sources: PNG (W3C, 5.2 and 11.2.2), GIF89a (section 18), JPEG (ITU T.81, B.2.2), WebP (RFC 9649, 2.5 to 2.7), ISO BMFF.
"""

import struct

MOST_BYTES = 8 << 20
MOST_POINTS = 40_000_000
"""Points that a browser may be made to unfold: 160 MB at four bytes each."""
_FRAMES = frozenset({0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF})


def kind_of(data: bytes) -> str:
    """The media type of a picture that may be shown; "" for everything else."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    if data[4:12] in (b"ftypavif", b"ftypavis"):
        return "image/avif"
    return ""


def points_of(data: bytes) -> int:
    """Width times height as the file says; 0 when it does not say it where it should."""
    kind = kind_of(data)
    try:
        width, height = _SIZES[kind](data)
    except (KeyError, struct.error, IndexError):
        return 0
    return int(width) * int(height)


def why_not(data: bytes) -> str:
    """Why these bytes are not shown; "" when they may be."""
    if len(data) > MOST_BYTES:
        return f"it is larger than {MOST_BYTES >> 20} MB"
    if not kind_of(data):
        return "it is no picture that may be shown"
    points = points_of(data)
    if not points:
        return "it is a broken picture"
    return "it unfolds to too many points" if points > MOST_POINTS else ""


def _png(data: bytes) -> tuple[int, int]:
    width, height = struct.unpack_from(">II", data, 16)
    return width, height


def _gif(data: bytes) -> tuple[int, int]:
    width, height = struct.unpack_from("<HH", data, 6)
    return width, height


def _jpeg(data: bytes) -> tuple[int, int]:
    at = 2
    while True:
        if data[at] != 0xFF:
            return 0, 0
        while data[at] == 0xFF:
            at += 1
        mark = data[at]
        if mark in _FRAMES:
            height, width = struct.unpack_from(">HH", data, at + 4)
            return width, height
        if mark == 0xDA:
            return 0, 0
        at += 1 if mark == 0x01 or 0xD0 <= mark <= 0xD8 else 1 + struct.unpack_from(">H", data, at + 1)[0]


def _webp(data: bytes) -> tuple[int, int]:
    form = data[12:16]
    if form == b"VP8X":
        return 1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little")
    if form == b"VP8L":
        (bits,) = struct.unpack_from("<I", data, 21)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    width, height = struct.unpack_from("<HH", data, 26)
    return width & 0x3FFF, height & 0x3FFF


def _avif(data: bytes) -> tuple[int, int]:
    at = data.find(
        b"ispe"
    )  # image spatial extents (ISO/IEC 23008-12, 6.5.3): version and flags, width, height
    if at < 0:
        return 0, 0
    width, height = struct.unpack_from(">II", data, at + 8)
    return width, height


_SIZES = {"image/png": _png, "image/gif": _gif, "image/jpeg": _jpeg, "image/webp": _webp, "image/avif": _avif}
