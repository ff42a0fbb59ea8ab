"""Calls over HTTP with one meaning of failure for every network, so that the outbox knows what may be tried again.

A write is *ambiguous* from the moment its bytes may have left: a cut line, a timeout, a 5xx, an answer that cannot
be read. Only a refusal by the network (4xx) and a connection that never stood are certain. Redirects are not
followed and proxies of the environment not used: a token goes to the place in the settings and nowhere else.
"""

import json
from collections.abc import Mapping
from typing import Any

import httpx
import msgspec
from msgspec import Struct

from townhall.channels.limits import Limits
from townhall.channels.whole import ASK, whole
from townhall.kernel.clock import SECOND, Clock
from townhall.kernel.errors import BadSetting, ChannelUnavailable, TooLarge

MAX_ANSWER = 8 << 20
"""Bytes of one answer that are read at most."""
AGENT = "Townhall (self-hosted social care)"
_NEVER_LEFT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
    httpx.LocalProtocolError,
)
_PERMANENT = frozenset({400, 401, 403, 404, 405, 406, 410, 411, 413, 414, 415, 422})


class Answer(Struct, frozen=True):
    """What the network said: its status, headers (lower case) and body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def read(self) -> Any:
        """The body as plain JSON values. Raises ``ValueError`` when it is none."""
        return msgspec.json.decode(self.body)


class Wire:
    """One base address and one way to sign in. ``limits`` holds calls back while the network asks for it;
    ``transport`` is how calls leave, when not as usual."""

    def __init__(
        self,
        base_url: str,
        clock: Clock,
        limits: Limits,
        timeout_s: float,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        if not _is_address(base_url):
            raise BadSetting(f"base_url must be an http or https address, not {base_url[:60]!r}")
        self._clock = clock
        self._limits = limits
        self.base_url = base_url.rstrip("/")
        self.client = httpx.AsyncClient(
            timeout=timeout_s,
            follow_redirects=False,
            trust_env=False,
            headers={"user-agent": AGENT, **ASK},
            transport=transport,
        )

    async def get(self, path: str, bucket: str, token: str, **params: Any) -> Answer:
        """Reads. Never ambiguous: nothing changes by reading."""
        self._limits.check(bucket, self._clock())
        url = self.base_url + path
        request = self.client.build_request("GET", url, params=params, headers=_bearer(token))
        return await self._ask(request, bucket, writes=False)

    async def post(
        self,
        path: str,
        bucket: str,
        token: str,
        body: bytes | dict[str, Any],
        headers: dict[str, str] | None = None,
        *,
        writes: bool = True,
    ) -> Answer:
        """Writes. ``body`` is sent as JSON. Without ``writes`` never ambiguous: what may be said twice, as nobody sees it."""
        content = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        return await self._write("POST", path, bucket, token, content, headers or {}, writes=writes)

    async def hand_in(
        self,
        path: str,
        bucket: str,
        token: str,
        name: str,
        file: bytes,
        media_type: str,
        fields: dict[str, str],
    ) -> Answer:
        """Hands a file in, as a form. Never ambiguous: one that arrived unseen is nobody's harm, and is handed in anew."""
        self._limits.check(bucket, self._clock())
        files = {name: (media_type.replace("/", "."), file, media_type)}
        request = self.client.build_request(
            "POST", self.base_url + path, data=fields, files=files, headers=_bearer(token)
        )
        return await self._ask(request, bucket, writes=False)

    async def put(self, path: str, bucket: str, token: str, body: dict[str, Any]) -> Answer:
        """Writes what is the same when it is written twice. ``body`` is sent as JSON."""
        return await self._write("PUT", path, bucket, token, json.dumps(body).encode(), {})

    async def _write(
        self,
        method: str,
        path: str,
        bucket: str,
        token: str,
        content: bytes,
        headers: dict[str, str],
        *,
        writes: bool = True,
    ) -> Answer:
        self._limits.check(bucket, self._clock())
        sent = {"content-type": "application/json"} | _bearer(token) | headers
        request = self.client.build_request(method, self.base_url + path, content=content, headers=sent)
        return await self._ask(request, bucket, writes=writes)

    async def close(self) -> None:
        """Lets the connections go."""
        await self.client.aclose()

    async def _ask(self, request: httpx.Request, bucket: str, *, writes: bool) -> Answer:
        try:
            answer = await self._exchange(request)
        except _NEVER_LEFT as wrong:
            raise ChannelUnavailable(f"{_host(request)} cannot be reached: {type(wrong).__name__}") from wrong
        except httpx.HTTPError as wrong:
            raise ChannelUnavailable(
                f"{_host(request)} broke off: {type(wrong).__name__}", ambiguous=writes
            ) from wrong
        self._limits.learn(bucket, answer.headers, self._clock())
        self._judge(answer, bucket, writes=writes)
        return answer

    async def _exchange(self, request: httpx.Request) -> Answer:
        response = await self.client.send(request, stream=True)
        try:
            body = await whole(response, MAX_ANSWER)
        except TooLarge as wrong:
            raise httpx.DecodingError(str(wrong), request=request) from wrong
        finally:
            await response.aclose()
        return Answer(response.status_code, dict(response.headers), body)

    def _judge(self, answer: Answer, bucket: str, *, writes: bool) -> None:
        status = answer.status
        if 200 <= status < 300:
            return
        said = f"the network answered {status}: {_reason(answer)}"
        if status == 429:
            retry_at = self._limits.until(bucket, self._clock()) or self._clock() + 60 * SECOND
            raise ChannelUnavailable(said, retry_at=retry_at)
        if status == 401:
            raise ChannelUnavailable(
                f"{said}; the token is no longer taken: connect the account again", permanent=True
            )
        permanent = status in _PERMANENT or 300 <= status < 400
        raise ChannelUnavailable(
            said, permanent=permanent, ambiguous=writes and (status >= 500 or status == 408)
        )


def garbled(answer: Answer, wrong: Exception, *, writes: bool) -> ChannelUnavailable:
    """The error for a good status with a body that cannot be read: a write may well have been taken."""
    return ChannelUnavailable(f"the answer ({answer.status}) cannot be read: {wrong}", ambiguous=writes)


def _is_address(base_url: str) -> bool:
    try:
        url = httpx.URL(base_url)
    except (httpx.InvalidURL, ValueError):
        return False
    return url.scheme in ("http", "https") and bool(url.host)


def _bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"} if token else {}


def _host(request: httpx.Request) -> str:
    return request.url.host or "the network"


def _reason(answer: Answer) -> str:
    """What the network gives as its reason, short, as one line."""
    try:
        found = answer.read()
    except (ValueError, RecursionError):
        found = {}
    said = found if isinstance(found, dict) else {}
    text = (
        said.get("error")
        or said.get("detail")
        or said.get("title")
        or answer.body[:120].decode("utf-8", "replace")
    )
    return " ".join(str(text).split())[:200]
