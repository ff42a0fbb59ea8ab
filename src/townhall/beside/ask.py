"""One question to a brand's own system over HTTP, and what became of it: in bounded time and size, by few at once.

The brand chose the address, so it is called as ``channels.reach`` lets it, by name looked up and judged. All questions
leave by one thread with a loop of its own: a name that is slow to be looked up holds nobody longer than was said.
"""

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import lru_cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, Literal

import httpx
import msgspec
from msgspec import Struct

from townhall.channels.outside import Outside
from townhall.channels.whole import ASK, whole
from townhall.channels.wire import AGENT
from townhall.kernel.errors import Refused, TooLarge

MOST_AT_ONCE = 6
"""Questions of all brands on their way at one moment, in this process."""
MOST_OF_ONE = 3
"""Of one system."""
_MOST_LOOKED_UP = 32
"""Names that may be looked up at one moment, those that nobody waits for any more among them."""
_MOST_SAID = 200
"""Characters of its own words, when it refuses."""

_REACHED = ("connection.connect_tcp.complete", "http11.send_request_headers.started")
State = Literal["answered", "busy", "unreachable", "slow", "refused", "broken", "large"]


class Question(Struct, frozen=True):
    """What is asked. ``of`` names the system whose turns are counted; ``outside`` is whether somebody else than the
    operator chose the address; ``most`` bounds the answer in bytes and ``whole_s`` all of it in seconds."""

    of: str
    address: str
    body: bytes
    headers: Mapping[str, str]
    most: int
    whole_s: float
    outside: bool = True
    method: str = "POST"

    def __repr__(self) -> str:
        """Names whom it asks, never what: a service's key goes with it."""
        return f"Question({self.of})"


class Answer(Struct, frozen=True):
    """What became of a question. ``why`` is for whoever runs the system; ``reached`` whether anybody took the call;
    ``status`` what they answered (0: nothing)."""

    state: State
    body: bytes = b""
    why: str = ""
    reached: bool = False
    status: int = 0
    took_ms: int = 0

    @property
    def why_kept(self) -> str:
        """``why`` without the system's own words: they may repeat what it was asked, and that is kept nowhere."""
        return f"it answered {self.status}" if self.state == "refused" else self.why


class _Turns:
    """Who may ask now."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taken: Counter[str] = Counter()

    @contextmanager
    def turn(self, of: str) -> Iterator[bool]:
        """Whether there is a turn; it is given back at the end."""
        with self._lock:
            free = self._taken.total() < MOST_AT_ONCE and self._taken[of] < MOST_OF_ONE
            if free:
                self._taken[of] += 1
        try:
            yield free
        finally:
            if free:
                with self._lock:
                    self._taken[of] -= 1


_turns = _Turns()


_starting = threading.Lock()
_loops: list[asyncio.AbstractEventLoop] = []


def _loop() -> asyncio.AbstractEventLoop:
    """The one loop, begun with the first question."""
    with _starting:
        if not _loops:
            loop = asyncio.new_event_loop()
            loop.set_default_executor(ThreadPoolExecutor(_MOST_LOOKED_UP, "own systems"))
            threading.Thread(target=loop.run_forever, name="own systems", daemon=True).start()
            _loops.append(loop)
        return _loops[0]


@lru_cache(maxsize=4)  # only ever called on that loop
def _line(inside: frozenset[str] | None) -> httpx.AsyncClient:
    """One for each set of hosts that the operator named; ``None``: as usual, because the operator chose where it goes."""
    transport = httpx.AsyncHTTPTransport(trust_env=False) if inside is None else Outside(inside, keep=False)
    return httpx.AsyncClient(
        transport=transport, follow_redirects=False, trust_env=False, headers={"user-agent": AGENT, **ASK},
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
    )  # fmt: skip


def ask(question: Question, inside: frozenset[str]) -> Answer:
    """Asks once. ``inside``: hosts of one's own network that the operator named. Call it outside of any transaction."""
    with _turns.turn(question.of) as free:
        if not free:
            return Answer("busy", why="many are asking it at this moment")
        began = time.monotonic()
        line = inside if question.outside else None
        answer = asyncio.run_coroutine_threadsafe(_asked(question, line), _loop()).result()
        return msgspec.structs.replace(answer, took_ms=round((time.monotonic() - began) * 1000))


async def _asked(question: Question, inside: frozenset[str] | None) -> Answer:
    reached = False

    async def note(event: str, info: Mapping[str, Any]) -> None:
        nonlocal reached
        reached = reached or event in _REACHED

    def no(state: State, why: str) -> Answer:
        return Answer(state, why=why, reached=reached)

    try:
        async with asyncio.timeout(question.whole_s):
            return await _exchange(question, _line(inside), {"trace": note})
    except TimeoutError:
        return no("slow", f"it took longer than {question.whole_s:g} seconds")
    except TooLarge as wrong:
        return no("large", str(wrong))
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, ValueError) as wrong:
        if isinstance(wrong.__cause__, Refused):
            return no("unreachable", str(wrong.__cause__))
        return no("broken" if reached else "unreachable", f"{wrong or type(wrong).__name__}")


async def _exchange(question: Question, line: httpx.AsyncClient, extensions: dict[str, Any]) -> Answer:
    request = line.build_request(
        question.method, question.address, content=question.body, headers=dict(question.headers),
        extensions=extensions, timeout=None,
    )  # fmt: skip
    answer = await line.send(request, stream=True)
    try:
        body = await whole(answer, question.most)
    finally:
        await answer.aclose()
    if not 200 <= answer.status_code < 300:
        return Answer("refused", why=_said(answer.status_code, body), reached=True, status=answer.status_code)
    return Answer("answered", body, reached=True, status=answer.status_code)


def _said(status: int, body: bytes) -> str:
    """Its status and its own words, short and on one line."""
    try:
        found = msgspec.json.decode(body)
        words = (
            str(found.get("error") or found.get("detail") or found.get("title") or "")
            if isinstance(found, dict)
            else ""
        )
    except (ValueError, RecursionError):
        words = body[:_MOST_SAID].decode("utf-8", "replace")
    seen = "".join(sign if sign.isprintable() else " " for sign in words)
    short = " ".join(seen.split())[:_MOST_SAID]
    return f"it answered {status}: {short}" if short else f"it answered {status}"
