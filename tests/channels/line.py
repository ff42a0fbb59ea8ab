"""A TCP line of ours between a client and a server, that fails on command.

It listens on a port the system chooses and forwards to a target. ``plan`` (or a seed) says what befalls each
connection: ``pass`` it, ``refuse`` it at once, ``cut_before`` any byte reaches the target, ``cut_request`` half-way
through the request, ``swallow`` the answer after the target has taken the whole request and acted, ``cut_answer``
half-way through it, ``delay`` both ways, or ``duplicate`` the request (it reaches the target twice, on two
connections; the client sees the first answer). Fates other than ``pass`` and ``delay`` end the connection.

Fates belong to requests: a kept-alive connection draws a fresh one for each request, found by its header's end and
``content-length``. Nothing here waits for a clock except ``delay``.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from types import TracebackType

PASS, REFUSE, CUT_BEFORE, CUT_REQUEST = "pass", "refuse", "cut_before", "cut_request"
SWALLOW, CUT_ANSWER, DELAY, DUPLICATE = "swallow", "cut_answer", "delay", "duplicate"
FATES = (PASS, REFUSE, CUT_BEFORE, CUT_REQUEST, SWALLOW, CUT_ANSWER, DELAY, DUPLICATE)


class Line:
    """``async with Line("127.0.0.1", port, plan=[PASS, SWALLOW]) as line: … line.url``.

    ``plan`` gives the fates in order, then everything passes. ``seed`` draws them instead, each failing fate with
    ``trouble`` probability in all. ``only`` (method, path) -> bool says which requests are judged at all.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        plan: Iterable[str] = (),
        seed: int | None = None,
        trouble: float = 0.5,
        fates: tuple[str, ...] = FATES[1:],
        delay_s: float = 0.01,
        only: Callable[[str, str], bool] = lambda method, path: True,
    ) -> None:
        self.target = (host, port)
        self.seen: Counter[str] = Counter()
        self.requests: list[tuple[str, str]] = []
        self.delay_s = delay_s
        self._plan: Iterator[str] = iter(plan) if seed is None else _drawn(seed, trouble, fates)
        self._only = only
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def then(self, *fates: str) -> None:
        """Replaces what is to come."""
        self._plan = iter(fates)

    def break_when(self, only: Callable[[str, str], bool], *fates: str) -> None:
        """Replaces what is to come, for those requests alone: others pass."""
        self._only = only
        self.then(*fates)

    async def cut_all(self) -> None:
        """Ends every open connection now, as a pulled cable would."""
        for writer in list(self._open):
            writer.transport.abort()

    async def __aenter__(self) -> "Line":
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        await self.cut_all()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._open.add(writer)
        try:
            while await self._one(reader, writer):
                pass
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        finally:
            writer.transport.abort()
            self._open.discard(writer)
            self._tasks.discard(task)

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Takes one request through its fate; whether the connection lives on."""
        head = await reader.readuntil(b"\r\n\r\n")
        method, path = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ")[:2]
        fate = next(self._plan, PASS) if self._only(method, path) else PASS
        self.seen[fate] += 1
        self.requests.append((method, path))
        if fate in (REFUSE, CUT_BEFORE):
            return False
        request = head + await reader.readexactly(_length(head))
        if fate == CUT_REQUEST:
            await self._send_half(request)
            return False
        if fate == DELAY:
            await asyncio.sleep(self.delay_s)
        return await self._through(request, fate, reader, writer)

    async def _through(
        self, request: bytes, fate: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        upstream, to_target = await self._call(request)
        self._open.add(to_target)
        try:
            if fate in (SWALLOW, CUT_ANSWER):
                answer = await upstream.read(-1)
                if fate == CUT_ANSWER:
                    writer.write(answer[: len(answer) // 2])
                    await _finish(writer)
                return False
            while part := await upstream.read(65536):
                writer.write(part)
                await writer.drain()
            if fate == DUPLICATE:
                again, second = await self._call(request)
                await again.read(-1)
                second.transport.abort()
            await _finish(writer)
            return False
        finally:
            to_target.transport.abort()
            self._open.discard(to_target)

    async def _call(self, request: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection(*self.target)
        writer.write(_closing(request))
        await writer.drain()
        return reader, writer

    async def _send_half(self, request: bytes) -> None:
        _, writer = await asyncio.open_connection(*self.target)
        writer.write(request[: len(request) // 2])
        await writer.drain()
        writer.transport.abort()


async def _finish(writer: asyncio.StreamWriter) -> None:
    """Ends politely, after all that was written has gone out."""
    writer.close()
    await writer.wait_closed()


def _drawn(seed: int, trouble: float, fates: tuple[str, ...]) -> Iterator[str]:
    chance = random.Random(seed)
    while True:
        yield chance.choice(fates) if chance.random() < trouble else PASS


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            return int(value)
    return 0


def _closing(request: bytes) -> bytes:
    """The request asking the target to close after its answer, so that the answer's end is the connection's."""
    head, _, body = request.partition(b"\r\n\r\n")
    lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"connection:")]
    return b"\r\n".join([*lines, b"connection: close"]) + b"\r\n\r\n" + body
