"""A picture drawn anew before it leaves: its points and nothing else. Where it was taken, by whom and with what stays here.

What came is judged by its bytes, its size read before anything unfolds, one at a time. The drawing is upright, in sRGB, and no
larger than networks keep (Mastodon: 3,840 by 2,160 points, as many as its server makes of a larger one).
"""

import io
from threading import Lock
from typing import Any

from msgspec import Struct
from PIL import Image, ImageCms

from townhall.channels.carried import LARGEST
from townhall.channels.picture import MOST_POINTS, kind_of, points_of
from townhall.kernel.errors import Refused, TooLarge

KEPT_POINTS = 3840 * 2160
LONGEST_SIDE = 8192
MOST_SIDE = 65_535
"""Points of a side of what comes, as JPEG and GIF have them at most: making a longer one smaller takes fifty bytes a point."""
MOST_SCANS = 100
"""Times that a JPEG may have its points gone over: cameras and editors need ten, and each one takes its time, however few its
bytes."""
SMALL = 480
"""Points of the longer side of the small one to look at."""
_FORMATS = {"image/png": "PNG", "image/jpeg": "JPEG", "image/webp": "WEBP", "image/gif": "GIF"}
_LOSSY = frozenset({"image/jpeg", "image/webp"})
"""What is packed so already loses little more as JPEG, and would be far larger as PNG."""
_QUALITIES = (88, 75)
_LARGEST_PROFILE = 1 << 20
_ORIENTATION = 0x0112
_SCAN = b"\xff\xda"
"""ITU T.81, B.2.3: where a scan starts. Among the points themselves 0xFF is never followed by it."""
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_270, 7: Image.Transpose.TRANSVERSE, 8: Image.Transpose.ROTATE_90,
}  # fmt: skip
"""Exif 2.32, 4.6.5: what turns a picture upright, by its orientation."""
_alone = Lock()


class Redrawn(Struct, frozen=True):
    """The new bytes with their type and sides in points; ``small`` is of the same type."""

    data: bytes
    media_type: str
    width: int
    height: int
    small: bytes


def redrawn(data: bytes, most_bytes: int) -> Redrawn:
    """The picture without anything but its points, in at most ``most_bytes``.

    Raises ``TooLarge`` with the limit in words, ``Refused`` for what is no still picture that can be read.
    """
    kind = _checked(data)
    with _alone:  # unfolding takes memory: one after the other
        try:
            image = _opened(data, kind)
            return _packed(image, kind, most_bytes)
        except (Refused, TooLarge):
            raise
        except (
            Exception
        ) as wrong:  # a decoder meets bytes that somebody made up: whatever it says, it is no picture
            raise Refused("This picture is broken: it cannot be read.") from wrong


def megabytes(size: int) -> str:
    """A number of bytes as people read it."""
    return f"{size / (1 << 20):.1f}".removesuffix(".0") + " MB"


def _checked(data: bytes) -> str:
    """The type by the bytes themselves, once they are small enough to be opened."""
    if len(data) > LARGEST:
        raise TooLarge(f"This file has {megabytes(len(data))}; a picture has at most {megabytes(LARGEST)}.")
    kind = kind_of(data)
    if kind not in _FORMATS:
        raise Refused("This file is no picture that can be sent. Choose a PNG, JPEG, WebP or still GIF.")
    points = points_of(data)
    if not points:
        raise Refused("This picture is broken: it does not say how large it is.")
    if points > MOST_POINTS:
        raise TooLarge(f"This picture has {points:,} points; it may have at most {MOST_POINTS:,}.")
    if kind == "image/jpeg" and data.count(_SCAN) > MOST_SCANS:
        raise Refused(
            "This picture is packed in a way that takes too long to unfold. Save it anew, then add it."
        )
    return kind


def _opened(data: bytes, kind: str) -> Image.Image:
    image: Image.Image = Image.open(io.BytesIO(data), formats=[_FORMATS[kind]])
    if image.width * image.height > MOST_POINTS:
        raise TooLarge(f"This picture has too many points; it may have at most {MOST_POINTS:,}.")
    if max(image.size) > MOST_SIDE:
        raise TooLarge(
            f"A side of this picture has {max(image.size):,} points; it may have at most {MOST_SIDE:,}."
        )
    if (
        kind == "image/jpeg"
    ):  # unfolds no more than is kept; a phone's second picture in one file is no motion
        image.draft("RGB", _sides(image.width, image.height))
    elif getattr(image, "is_animated", False):
        raise Refused("This picture moves. Choose a still one.")
    image.load()
    turned, profile = image.getexif().get(_ORIENTATION, 1), image.info.get("icc_profile")
    plain = _coloured(_shrunk(_even(image)), profile)
    bare = Image.frombytes(plain.mode, plain.size, plain.tobytes())  # what came with them is left behind
    return bare.transpose(_TURNS[turned]) if turned in _TURNS else bare


def _even(image: Image.Image) -> Image.Image:
    """Eight bits a colour and every point by itself, with or without transparency."""
    if "A" in image.getbands() or "transparency" in image.info:
        return image if image.mode == "RGBA" else image.convert("RGBA")
    if image.mode in ("I", "F") or image.mode.startswith("I;16"):
        return image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    return image if image.mode in ("RGB", "CMYK", "L") else image.convert("RGB")


def _shrunk(image: Image.Image) -> Image.Image:
    sides = _sides(image.width, image.height)
    return image if sides == image.size else image.resize(sides, Image.Resampling.LANCZOS)


def _coloured(image: Image.Image, profile: Any) -> Image.Image:
    """The colours as sRGB has them, where the picture says of which space they are and that can be read."""
    mode = "RGBA" if image.mode == "RGBA" else "RGB"
    if profile and len(profile) <= _LARGEST_PROFILE:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            made = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode=mode)
        except (ImageCms.PyCMSError, OSError, ValueError):
            made = None
        if made is not None:
            return made
    return image.convert(mode)


def _sides(width: int, height: int) -> tuple[int, int]:
    """Sides of the same shape that networks keep, at least one point each."""
    scale = min(1.0, (KEPT_POINTS / (width * height)) ** 0.5, LONGEST_SIDE / max(width, height))
    return max(1, int(width * scale)), max(1, int(height * scale))


def _packed(image: Image.Image, kind: str, most_bytes: int) -> Redrawn:
    """As PNG where something is transparent or nothing was lost yet, if that fits; else as JPEG."""
    ways: list[tuple[str, int]] = [("JPEG", quality) for quality in _QUALITIES]
    if image.mode == "RGBA" or kind not in _LOSSY:
        ways.insert(0, ("PNG", 0))
    data = b""
    for form, quality in ways:
        data = _saved(image, form, quality)
        if len(data) <= most_bytes:
            small = image.copy()
            small.thumbnail((SMALL, SMALL), Image.Resampling.LANCZOS)
            media_type = f"image/{form.lower()}"
            return Redrawn(data, media_type, image.width, image.height, _saved(small, form, quality))
    raise TooLarge(
        f"This picture has {megabytes(len(data))} as it would be sent; this channel takes at most {megabytes(most_bytes)}."
    )


def _saved(image: Image.Image, form: str, quality: int) -> bytes:
    into = io.BytesIO()
    if form == "PNG":
        image.save(into, "PNG")
    else:
        _on_white(image).save(into, "JPEG", quality=quality)
    return into.getvalue()


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode != "RGBA":
        return image
    ground = Image.new("RGB", image.size, "white")
    ground.paste(image, mask=image.getchannel("A"))
    return ground
