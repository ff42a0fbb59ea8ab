"""A picture drawn anew: nothing but its points leaves, whatever came; what is no picture, moves or unfolds too far does not."""

import io
import random
import struct
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, PngImagePlugin

from townhall.channels import redrawn as drawing
from townhall.channels.picture import kind_of, points_of, why_not
from townhall.channels.redrawn import KEPT_POINTS, LONGEST_SIDE, redrawn
from townhall.kernel.errors import Refused, TooLarge

MOST = 5 << 20
SECRET = b"Vilma Quist 51.5074 N"
FORMS = ["PNG", "JPEG", "WEBP", "GIF"]


def packed(image: Image.Image, form: str, **more: object) -> bytes:
    into = io.BytesIO()
    image.save(into, form, **more)
    return into.getvalue()


def corners(width: int = 64, height: int = 48) -> Image.Image:
    """White, with the upper left quarter red."""
    image = Image.new("RGB", (width, height), "white")
    image.paste((220, 0, 0), (0, 0, width // 2, height // 2))
    return image


def exif(orientation: int = 1) -> Image.Exif:
    told = Image.Exif()
    told[0x0112], told[0x010F], told[0x013B] = orientation, "Camera of Quist", SECRET.decode()
    told.get_ifd(0x8825)[1] = "N"
    return told


SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def secretive(form: str, profile: bytes = b"") -> bytes:
    """A picture of that form with everything in it that one can put there."""
    more: dict[str, object] = {"exif": exif()} if form != "GIF" else {"comment": SECRET}
    if form == "PNG":
        chunks = PngImagePlugin.PngInfo()
        chunks.add_text("Author", SECRET.decode())
        chunks.add_itxt("XML:com.adobe.xmp", SECRET.decode())
        more["pnginfo"] = chunks
    if form in ("JPEG", "WEBP"):
        more["xmp"] = b"<x:xmpmeta>" + SECRET + b"</x:xmpmeta>"
    if form == "JPEG":
        more["comment"] = SECRET
    if profile and form != "GIF":
        more["icc_profile"] = profile
    return packed(corners(), form, **more) + SECRET


@pytest.mark.parametrize("profile", [b"", SRGB, SECRET], ids=["no profile", "a profile", "no real profile"])
@pytest.mark.parametrize("form", FORMS)
def test_nothing_but_the_points_leaves(form: str, profile: bytes) -> None:
    came = secretive(form, profile)
    assert SECRET in came
    made = redrawn(came, MOST)
    for data in (made.data, made.small):
        assert SECRET not in data and b"Quist" not in data and b"Exif" not in data and b"ICC" not in data
        seen = Image.open(io.BytesIO(data))
        assert not seen.getexif() and not {"exif", "xmp", "icc_profile", "comment"} & set(seen.info)
        assert seen.size == (64, 48) and kind_of(data) == made.media_type
    assert made.media_type == ("image/png" if form in ("PNG", "GIF") else "image/jpeg")


@pytest.mark.parametrize("orientation", range(1, 9))
def test_it_stands_upright(orientation: int) -> None:
    """The oracle is where the red quarter must be: Exif 2.32 says of each orientation where row 0 and column 0 are."""
    made = redrawn(packed(corners(), "JPEG", exif=exif(orientation), quality=95), MOST)
    seen = Image.open(io.BytesIO(made.data)).convert("RGB")
    top, left = {
        1: (True, True), 2: (True, False), 3: (False, False), 4: (False, True),
        5: (True, True), 6: (True, False), 7: (False, False), 8: (False, True),
    }[orientation]  # fmt: skip
    assert seen.size == ((64, 48) if orientation < 5 else (48, 64))
    for is_top in (True, False):
        for is_left in (True, False):
            point = (
                seen.width // 4 if is_left else seen.width * 3 // 4,
                seen.height // 4 if is_top else seen.height * 3 // 4,
            )
            red, green, _ = seen.getpixel(point)
            assert (green < 90) == ((is_top, is_left) == (top, left)), (orientation, point, red, green)


def bomb(width: int, height: int) -> bytes:
    """A PNG of few bytes that says it is large."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress(b"\0" * 1_000_000, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.mark.parametrize("sides", [(60_000, 60_000), (1, 40_000_001), (2**31 - 1, 2**31 - 1)])
def test_a_bomb_is_refused_before_it_unfolds(sides: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("it was opened")

    monkeypatch.setattr(drawing.Image, "open", never)
    with pytest.raises(TooLarge, match="40,000,000"):
        redrawn(bomb(*sides), MOST)


def test_a_header_that_lies_is_refused() -> None:
    honest = bytearray(packed(corners(), "GIF"))
    assert points_of(bytes(honest)) == 64 * 48
    struct.pack_into("<HH", honest, 6, 1, 1)  # the screen is said to be one point, its image is larger
    made = None
    try:
        made = redrawn(bytes(honest), MOST)
    except Refused:
        pass
    assert made is None or made.width * made.height <= 64 * 48


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "no picture that can be sent"),
        (b"%PDF-1.7", "no picture that can be sent"), (b"", "no picture that can be sent"),
        (b"\x89PNG\r\n\x1a\n", "broken"), (packed(corners(), "PNG")[:120], "broken"),
        (packed(corners(), "JPEG")[:-300], "broken"), (b"GIF89a" + b"\0" * 40, "broken"),
        (packed(corners(), "TIFF"), "no picture that can be sent"),
    ],
)  # fmt: skip
def test_what_is_no_picture_is_refused_by_its_content(data: bytes, why: str) -> None:
    with pytest.raises(Refused, match=why):
        redrawn(data, MOST)


@pytest.mark.parametrize("form", ["GIF", "WEBP", "PNG"])
def test_what_moves_is_refused(form: str) -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "green", "blue")]
    with pytest.raises(Refused, match="moves"):
        redrawn(packed(frames[0], form, save_all=True, append_images=frames[1:], duration=100), MOST)


def test_the_second_picture_in_a_phones_file_is_no_motion() -> None:
    two = packed(corners(), "MPO", save_all=True, append_images=[corners(32, 32)])
    made = redrawn(two, MOST)
    assert (made.media_type, made.width, made.height) == ("image/jpeg", 64, 48)


def test_too_many_bytes_are_refused_with_the_limit_in_words() -> None:
    noise = Image.frombytes("RGB", (900, 900), random.Random(1).randbytes(2_430_000))
    with pytest.raises(TooLarge, match=r"this channel takes at most 0\.1 MB"):
        redrawn(packed(noise, "JPEG", quality=95), 104_858)
    with pytest.raises(TooLarge, match=r"at most 16 MB"):
        redrawn(packed(noise, "PNG") + b"\0" * (16 << 20), MOST)
    assert redrawn(packed(noise, "PNG"), 1 << 20).media_type == "image/jpeg", "what does not fit as it is"


def test_a_large_one_becomes_as_large_as_networks_keep() -> None:
    made = redrawn(packed(Image.new("RGB", (6000, 4000), "teal"), "JPEG"), MOST)
    assert made.width * made.height <= KEPT_POINTS and abs(made.width / made.height - 1.5) < 0.01
    thin = redrawn(packed(Image.new("L", (20_000, 2), 90), "PNG"), MOST)
    assert (thin.width, thin.height) == (LONGEST_SIDE, 1)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16"])
def test_every_kind_of_colour_is_read(mode: str) -> None:
    form = "JPEG" if mode == "CMYK" else "PNG"
    image = (
        Image.new("I;16", (9, 9), 40_000)
        if mode == "I;16"
        else Image.new("RGBA", (9, 9), (200, 200, 200, 255)).convert(mode)
    )
    made = redrawn(packed(image, form), MOST)
    seen = Image.open(io.BytesIO(made.data)).convert("RGB")
    value = seen.getpixel((4, 4))
    assert all(abs(part - (255 if mode == "1" else 156 if mode == "I;16" else 200)) < 60 for part in value), (
        mode,
        value,
    )


def test_what_was_transparent_stays_so() -> None:
    clear = Image.new("RGBA", (9, 9), (10, 20, 30, 0))
    made = redrawn(packed(clear, "PNG"), MOST)
    assert Image.open(io.BytesIO(made.data)).getpixel((1, 1))[3] == 0


BASES = [packed(corners(), form) for form in FORMS] + [secretive(form) for form in FORMS]


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(BASES),
    st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 255)), max_size=8),
    st.integers(0, 4000),
)
def test_whatever_comes_it_is_drawn_or_refused(base: bytes, changes: list[tuple[int, int]], end: int) -> None:
    data = bytearray(base)
    for place, value in changes:
        data[place % len(data)] = value
    try:
        made = redrawn(bytes(data[: max(end, 20)]), MOST)
    except (Refused, TooLarge):
        return
    assert why_not(made.data) == "" and made.width * made.height <= KEPT_POINTS
    assert len(made.data) <= MOST and SECRET not in made.data
    assert Image.open(io.BytesIO(made.data)).size == (made.width, made.height)


@pytest.mark.parametrize("more", [0, drawing.MOST_SCANS])
def test_a_jpeg_that_goes_over_its_points_again_and_again_is_refused(more: int) -> None:
    """Sixty bytes each: a small file would take minutes, and a large one an hour, while nobody else's picture is drawn."""
    plain = packed(Image.new("L", (256, 256), 128), "JPEG", progressive=True)
    scan = plain[plain.rindex(b"\xff\xda") : -2]
    came = plain[:-2] + scan * more + plain[-2:]
    if more:
        with pytest.raises(Refused, match="takes too long"):
            redrawn(came, MOST)
    else:
        assert redrawn(came, MOST).width == 256


@pytest.mark.parametrize(("width", "height"), [(1, 40_000_000), (40_000_000, 1), (drawing.MOST_SIDE + 1, 2)])
def test_a_line_of_points_is_refused_before_it_is_made_smaller(width: int, height: int) -> None:
    """Five thousand bytes of it would take two gigabytes."""
    with pytest.raises(TooLarge, match="A side of this picture"):
        redrawn(blank_png(width, height), MOST)
    assert redrawn(blank_png(drawing.MOST_SIDE, 2), MOST).width == LONGEST_SIDE


def blank_png(width: int, height: int) -> bytes:
    """Black points of one bit each, small however many."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    row = bytes(1 + (width + 7) // 8)
    sides = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    whole = chunk(b"IHDR", sides) + chunk(b"IDAT", zlib.compress(row * height)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + whole
