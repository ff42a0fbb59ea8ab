"""Server-sent events, byte by byte to whole events. Pure.

Source: WHATWG HTML, section 9.2.6 (only what Mastodon uses: ``event`` and ``data``; comments are heartbeats).
"""

from townhall.kernel.errors import TooLarge

MAX_EVENT = 1 << 20


class Events:
    """Takes pieces as they come off the line and gives the events that they complete."""

    def __init__(self) -> None:
        self._rest = b""
        self._name = ""
        self._data: list[bytes] = []

    def feed(self, piece: bytes) -> list[tuple[str, bytes]]:
        """The (name, data) of each event that this piece completes. Raises ``TooLarge`` on an endless one."""
        *lines, self._rest = (self._rest + piece).split(b"\n")
        if len(self._rest) + sum(map(len, self._data)) > MAX_EVENT:
            raise TooLarge(f"an event of the stream is larger than {MAX_EVENT} bytes")
        return [event for line in lines if (event := self._line(line.rstrip(b"\r"))) is not None]

    def _line(self, line: bytes) -> tuple[str, bytes] | None:
        if not line:
            return self._end()
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if field == b"event":
            self._name = value.decode("utf-8", "replace")
        elif field == b"data":
            self._data.append(value)
        return None

    def _end(self) -> tuple[str, bytes] | None:
        name, data = self._name, b"\n".join(self._data)
        self._name, self._data = "", []
        return (name or "message", data) if data or name else None
