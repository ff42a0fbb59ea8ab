"""The words of a firehose's posts, whichever of the known shapes they have; nothing else is decoded."""

from collections.abc import Sequence

import msgspec
from msgspec import Struct


class _Note(Struct):
    content: str | None = None


class _Post(Struct):
    text: str | None = None
    full_text: str | None = None
    content: str | None = None
    object: _Note | str | None = None
    data: "_Post | None" = None

    def words(self) -> str:
        """The text, wherever this shape keeps it; "" where there is none."""
        if self.text is not None and self.full_text is None:
            return self.text
        if isinstance(self.object, _Note):
            return self.object.content or ""
        if self.data is not None:
            return self.data.words()
        return self.full_text or self.content or self.text or ""


_decoder = msgspec.json.Decoder(_Post)


def texts_of(lines: bytes) -> tuple[list[str], list[int]]:
    """The text of every line of NDJSON, and the places of lines that cannot be read (their text is "").

    Empty lines are no posts and must not be in it.
    """
    try:
        return [post.words() for post in _decoder.decode_lines(lines)], []
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _one_by_one(lines.splitlines())


def _one_by_one(lines: Sequence[bytes]) -> tuple[list[str], list[int]]:
    texts, bad = [], []
    for place, line in enumerate(lines):
        try:
            texts.append(_decoder.decode(line).words())
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            texts.append("")
            bad.append(place)
    return texts, bad
