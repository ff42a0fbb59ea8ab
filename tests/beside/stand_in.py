"""A brand's own system on loopback: keeps what it was asked, answers as it is told, and can fail in every way.

``reply`` takes a request and gives the bytes of the whole answer, or an iterator of pieces. ``HANG`` answers nothing until the end,
``CUT`` half of an answer, ``DRIP`` one byte after the other, ``ENDLESS`` more than anybody wants.
"""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

from msgspec import Struct


class Asked(Struct, frozen=True):
    """One request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


Reply = Callable[["Asked", threading.Event], bytes | Iterator[bytes]]


def http(status: int, value: Any, **headers: str) -> bytes:
    """An answer with a body of JSON, or of these very bytes."""
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    more = "".join(f"{name.replace('_', '-')}: {one}\r\n" for name, one in headers.items())
    head = f"HTTP/1.1 {status} So\r\ncontent-type: application/json\r\ncontent-length: {len(raw)}\r\n{more}connection: close\r\n\r\n"
    return head.encode() + raw


def saying(status: int, value: Any, **headers: str) -> Reply:
    """Always the same answer."""
    return lambda asked, over: http(status, value, **headers)


def hang(asked: Asked, over: threading.Event) -> Iterator[bytes]:
    """Takes the call and says nothing."""
    over.wait(30)
    yield b""


def cut(asked: Asked, over: threading.Event) -> bytes:
    """Half an answer, then the line is cut."""
    whole = http(200, {"known": True, "translatedText": "So it is"})
    return whole[: len(whole) - 7]


def drip(asked: Asked, over: threading.Event) -> Iterator[bytes]:
    """Never silent for long, and never done."""
    yield b"HTTP/1.1 200 So\r\ncontent-length: 100000\r\n\r\n"
    while not over.wait(0.02):
        yield b" "


def endless(asked: Asked, over: threading.Event) -> Iterator[bytes]:
    """More than anybody wants."""
    yield b"HTTP/1.1 200 So\r\nconnection: close\r\n\r\n"
    while not over.is_set():
        yield b"[" * 65_536


class StandIn:
    """``with StandIn(saying(200, {})) as system: … system.url, system.asked``. ``reply`` may be set anew at any time; ``came`` is released with each request."""

    def __init__(self, reply: Reply) -> None:
        self.reply = reply
        self.asked: list[Asked] = []
        self.came = threading.Semaphore(0)
        self.secret = ""
        self._over = threading.Event()
        self._listening = socket.socket()
        self._listening.bind(("127.0.0.1", 0))
        self._listening.listen(64)
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"

    def __enter__(self) -> "StandIn":
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self._over.set()
        with suppress(OSError):  # it may have ended before
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def _serve(self) -> None:
        while not self._over.is_set():
            try:
                line, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._one, args=(line,), daemon=True).start()

    def _one(self, line: socket.socket) -> None:
        with line:
            try:
                asked = _read(line)
                self.asked.append(asked)
                self.came.release()
                said = self.reply(asked, self._over)
                for piece in [said] if isinstance(said, bytes) else said:
                    line.sendall(piece)
            except (OSError, EOFError):
                return


def _read(line: socket.socket) -> Asked:
    raw = b""
    while b"\r\n\r\n" not in raw:
        raw += _more(line)
    head, _, body = raw.partition(b"\r\n\r\n")
    first, *rest = head.decode("latin-1").split("\r\n")
    headers = {name.strip().lower(): value.strip() for name, _, value in (one.partition(":") for one in rest)}
    while len(body) < int(headers.get("content-length", "0")):
        body += _more(line)
    method, path, _ = first.split(" ")
    return Asked(method, path, headers, body)


def _more(line: socket.socket) -> bytes:
    piece = line.recv(65_536)
    if not piece:
        raise EOFError
    return piece
