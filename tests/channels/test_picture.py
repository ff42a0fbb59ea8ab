"""What a file is, told by its bytes; the samples are written here from the formats' own descriptions."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from townhall.channels.picture import MOST_BYTES, kind_of, points_of, why_not

SIDE = st.integers(1, 16383)


def png(width: int, height: int) -> bytes:
    return (
        b"\x89PNG\r\n\x1a\n"
        + struct.pack(">I4sII5s", 13, b"IHDR", width, height, b"\x08\x06\0\0\0")
        + b"\0" * 16
    )


def gif(width: int, height: int) -> bytes:
    return b"GIF89a" + struct.pack("<HHBBB", width, height, 0, 0, 0) + b";"


def jpeg(width: int, height: int, before: bytes = b"", mark: int = 0xC2) -> bytes:
    frame = b"\xff" + bytes([mark]) + struct.pack(">HBHHB", 11, 8, height, width, 1) + b"\1\x11\0"
    return b"\xff\xd8" + before + frame + b"\xff\xda\0\2\xff\xd9"


def webp(width: int, height: int, form: bytes) -> bytes:
    if form == b"VP8X":
        body = b"\0\0\0\0" + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    elif form == b"VP8L":
        body = b"\x2f" + struct.pack("<I", (width - 1) | (height - 1) << 14)
    else:
        body = b"\0\0\0\x9d\x01\x2a" + struct.pack("<HH", width, height)
    return b"RIFF" + struct.pack("<I", len(body) + 12) + b"WEBP" + form + struct.pack("<I", len(body)) + body


def avif(width: int, height: int) -> bytes:
    return b"\0\0\0\x1cftypavif\0\0\0\0" + b"\0\0\0\x14ispe\0\0\0\0" + struct.pack(">II", width, height)


@given(SIDE, SIDE, st.sampled_from([b"VP8X", b"VP8L", b"VP8 "]))
def test_size_and_kind_are_those_written(width: int, height: int, form: bytes) -> None:
    comment = b"\xff\xfe\0\6ab\xff\xc0"  # a comment that looks like a frame inside
    for data, kind in (
        (png(width, height), "image/png"), (gif(width, height), "image/gif"), (avif(width, height), "image/avif"),
        (jpeg(width, height), "image/jpeg"), (jpeg(width, height, comment + b"\xff\xff", 0xC0), "image/jpeg"),
        (webp(width, height, form), "image/webp"),
    ):  # fmt: skip
        assert (kind_of(data), points_of(data)) == (kind, width * height)


@given(st.binary(max_size=200))
def test_whatever_comes_is_judged_without_falling(data: bytes) -> None:
    for head in (
        b"",
        b"\x89PNG\r\n\x1a\n",
        b"GIF89a",
        b"\xff\xd8\xff",
        b"RIFF\0\0\0\0WEBPVP8 ",
        b"\0\0\0\x1cftypavif",
    ):
        assert isinstance(why_not(head + data), str)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "no picture"),
        (b"<html>", "no picture"),
        (b"", "no picture"),
        (png(60_000, 60_000), "too many points"),
        (png(0, 5), "broken"),
        (b"\x89PNG\r\n\x1a\n", "broken"),
        (jpeg(1, 1)[:8], "broken"),
        (png(2, 2) + bytes(MOST_BYTES), "larger than 8 MB"),
        (png(640, 480), ""),
    ],
)
def test_what_is_not_shown_says_why(data: bytes, why: str) -> None:
    assert why in why_not(data) and bool(why) == bool(why_not(data))
