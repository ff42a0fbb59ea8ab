"""Pictures of one colour, drawn once for all tests."""

import io
from functools import cache

from PIL import Image

from townhall.channels.redrawn import Redrawn, redrawn


def file_of(colour: str, form: str = "PNG", size: tuple[int, int] = (40, 30), **more: object) -> bytes:
    """A file as somebody would choose it."""
    into = io.BytesIO()
    Image.new("RGB", size, colour).save(into, form, **more)
    return into.getvalue()


@cache
def drawn(colour: str) -> Redrawn:
    """The same, drawn anew."""
    return redrawn(file_of(colour), 1 << 20)
