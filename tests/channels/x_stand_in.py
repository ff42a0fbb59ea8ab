"""A server on loopback that keeps state as X does: people, posts, edits, deletions, messages, limits and failures.

Each request is held to the published OpenAPI description when it can be found: path, method, names and values of the query,
shape of the body. What does not agree is kept in ``violations``. Its clock is handed in, and its ids carry that time.
"""

import asyncio
import json
import os
import re
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

EPOCH_MS = 1_288_834_974_657


@cache
def description() -> dict[str, Any] | None:
    """The OpenAPI description among the data sets, or ``None`` when they are not here."""
    root = Path(os.environ.get("TOWNHALL_DATASETS", Path(__file__).parents[2] / "../shared/data"))
    found = root / "specs" / "x-api-v2.openapi.json"
    return json.loads(found.read_text()) if found.is_file() else None


def violations_of(
    method: str, path: str, query: dict[str, str], body: bytes, form: dict[str, Any] | None = None
) -> list[str]:
    """What the description has against a request; ``form`` is its body when that is a form."""
    whole = description()
    if whole is None:
        return []
    for template, operations in whole["paths"].items():
        pattern = re.sub(r"\{[^}]+\}", "([^/]+)", template)
        if method.lower() in operations and re.fullmatch(pattern, path):
            return _against(whole, operations[method.lower()], f"{method} {path}", query, body, form)
    return [f"{method} {path} is not described"]


def _against(
    whole: dict[str, Any], operation: dict[str, Any], what: str, query: dict[str, str], body: bytes, form: dict[str, Any] | None,
) -> list[str]:  # fmt: skip
    found = []
    known = {one["name"]: one for one in map(lambda p: _resolved(whole, p), operation.get("parameters", []))}
    found += [f"{what}: unknown query {name}" for name in query if known.get(name, {}).get("in") != "query"]
    found += [f"{what}: {name} is missing" for name, one in known.items()
              if one.get("required") and one["in"] == "query" and name not in query]  # fmt: skip
    for name, value in query.items():
        if name in known:
            found += [
                f"{what}: {name}: {wrong}"
                for wrong in _errors(whole, _typed(known[name]["schema"], value), known[name]["schema"])
            ]
    described = operation.get("requestBody")
    if described:
        kind = "application/json" if form is None else "multipart/form-data"
        given = json.loads(body) if form is None else form
        if kind not in described["content"]:
            return [*found, f"{what}: {kind} is not described"]
        schema = described["content"][kind]["schema"]
        found += [f"{what}: body: {wrong}" for wrong in _errors(whole, given, schema)]
    elif body:
        found.append(f"{what}: no body is described")
    return found


def _resolved(whole: dict[str, Any], thing: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in thing:
        return thing
    for part in thing["$ref"].removeprefix("#/").split("/"):
        whole = whole[part]
    return whole


def _typed(schema: dict[str, Any], value: str) -> Any:
    if schema.get("type") == "array":
        return value.split(",")
    return int(value) if schema.get("type") == "integer" else value


def _errors(whole: dict[str, Any], value: Any, schema: dict[str, Any]) -> list[str]:
    rooted = {**schema, "components": whole["components"]}
    return [error.message[:200] for error in jsonschema.Draft202012Validator(rooted).iter_errors(value)]


class XStandIn:
    """``async with XStandIn(clock).running() as x: x.url``. Tokens are ``token-<user id>``."""

    def __init__(self, clock: Callable[[], int]) -> None:
        self.clock = clock
        self.users = {"1001": "shop", "2002": "ann", "3003": "ben"}
        self.posts: dict[str, dict[str, Any]] = {}
        self.versions: dict[str, dict[str, Any]] = {}
        self.messages: list[dict[str, Any]] = []
        self.hidden: set[str] = set()
        self.media: dict[str, dict[str, Any]] = {}
        self.works_on = 0
        self.stubborn = False
        self.requests: list[tuple[str, str]] = []
        self.violations: list[str] = []
        self.failures: list[tuple[str, int, bool]] = []
        self.limits: dict[str, tuple[int, int]] = {}
        self.page_size: int | None = None
        self.port = 0
        self._sequence = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def new_id(self) -> str:
        self._sequence += 1
        return str(((self.clock() // 1000 - EPOCH_MS) << 22) + self._sequence)

    def post(self, author: str, text: str, reply_to: str = "", media: dict[str, str] | None = None) -> str:
        """Somebody posts."""
        native_id = self.new_id()
        root = self.posts[reply_to]["conversation_id"] if reply_to in self.posts else native_id
        named = re.findall(r"@(\w+)", text)
        self.posts[native_id] = {
            "id": native_id, "text": text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"), "author_id": author,
            "created_at": _iso(self.clock()), "conversation_id": root, "lang": "en", "edit_history_post_ids": [native_id],
            "entities": {"mentions": [{"start": 0, "end": 1, "username": name} for name in named]},
            **({"referenced_posts": [{"type": "replied_to", "id": reply_to}]} if reply_to else {}),
            **({"attachments": {"media_keys": [media["media_key"]]}, "_media": media} if media else {}),
        }  # fmt: skip
        return native_id

    def edit(self, native_id: str, text: str) -> str:
        """The author changes it: a new post, which knows the old one. X keeps the old one, and lists it no more."""
        old = self.posts.pop(native_id)
        self.versions[native_id] = old
        new = self.post(old["author_id"], text)
        history = [*old["edit_history_post_ids"], new]
        self.posts[new] |= {"conversation_id": old["conversation_id"]}
        for one in history:
            self._any(one)["edit_history_post_ids"] = history
        return new

    def _any(self, native_id: str) -> dict[str, Any]:
        return self.posts.get(native_id) or self.versions.get(native_id) or {}

    def delete(self, native_id: str) -> None:
        """The author takes it back, with every version of it."""
        for one in self.posts.pop(native_id)["edit_history_post_ids"]:
            self.versions.pop(one, None)

    def message(self, sender: str, recipient: str, text: str) -> dict[str, Any]:
        """Somebody writes a direct message."""
        conversation = "-".join(sorted((sender, recipient), key=int))
        event = {
            "id": self.new_id(), "event_type": "MessageCreate", "text": text, "sender_id": sender,
            "dm_conversation_id": conversation, "created_at": _iso(self.clock()),
        }  # fmt: skip
        self.messages.append(event)
        return event

    def fail(self, path: str, status: int, *, after: bool) -> None:
        """The next call of a path answers ``status``; ``after`` it has done what was asked, or instead."""
        self.failures.append((path, status, after))

    @asynccontextmanager
    async def running(self) -> AsyncIterator["XStandIn"]:
        async with serving(self._app()) as self.port:
            yield self

    def _app(self) -> Starlette:
        paths: dict[tuple[str, str], Callable[..., Any]] = {
            ("GET", "/2/users/me"): self._me,
            ("GET", "/2/users/{id}/mentions"): self._mentions,
            ("GET", "/2/users/{id}/tweets"): self._own,
            ("GET", "/2/tweets/search/recent"): self._search,
            ("GET", "/2/tweets"): self._lookup,
            ("POST", "/2/tweets"): self._create,
            ("POST", "/2/media/upload"): self._upload,
            ("GET", "/2/media/upload"): self._uploaded,
            ("POST", "/2/media/metadata"): self._describe,
            ("PUT", "/2/tweets/{id}/hidden"): self._hide,
            ("GET", "/2/dm_events"): self._events,
            ("GET", "/2/dm_conversations/with/{id}/dm_events"): self._events,
            ("GET", "/2/dm_conversations/{id}/dm_events"): self._events,
            ("POST", "/2/dm_conversations/with/{id}/messages"): self._write,
            ("POST", "/2/dm_conversations/{id}/messages"): self._write,
        }
        return Starlette(
            routes=[Route(path, self._guarded(act), methods=[verb]) for (verb, path), act in paths.items()]
        )

    def _guarded(self, act: Callable[..., Any]) -> Callable[[Request], Any]:
        async def answer(request: Request) -> Response:
            body, path = await request.body(), request.url.path
            self.requests.append((request.method, path))
            form = await _form(request)
            query = dict(request.query_params)
            self.violations += violations_of(request.method, path, query, body, form)
            me = request.headers.get("authorization", "").removeprefix("Bearer token-")
            if me not in self.users:
                return JSONResponse({"title": "Unauthorized", "status": 401}, 401)
            left, reset = self.limits.get(path, (100, 0))
            headers = {"x-rate-limit-remaining": str(max(0, left - 1)), "x-rate-limit-reset": str(reset)}
            if left <= 0:
                return JSONResponse({"title": "Too Many Requests"}, 429, headers)
            self.limits[path] = (left - 1, reset)
            failure = next((one for one in self.failures if one[0] == path), None)
            if failure:
                self.failures.remove(failure)
            if failure and not failure[2]:
                return JSONResponse({"title": "Broken"}, failure[1], headers)
            status, said = act(request, me, form or (json.loads(body) if body else {}))
            return JSONResponse(
                {"title": "Broken"} if failure else said, failure[1] if failure else status, headers
            )

        return answer

    def _me(self, request: Request, me: str, body: dict[str, Any]) -> tuple[int, Any]:
        return 200, {"data": {"id": me, "username": self.users[me], "name": self.users[me].title()}}

    def _mentions(self, request: Request, me: str, body: dict[str, Any]) -> tuple[int, Any]:
        wanted = self.users[request.path_params["id"]]
        return self._listed(
            request, lambda p: any(m["username"] == wanted for m in p["entities"]["mentions"])
        )

    def _own(self, request: Request, me: str, body: dict[str, Any]) -> tuple[int, Any]:
        return self._listed(request, lambda p: p["author_id"] == request.path_params["id"])

    def _search(self, request: Request, me: str, body: dict[str, Any]) -> tuple[int, Any]:
        oldest = ((self.clock() // 1000 - 7 * 86_400_000) - EPOCH_MS) << 22
        if int(request.query_params.get("since_id", oldest)) < oldest:
            return 400, {"title": "Invalid Request", "detail": "since_id must be within seven days"}
        return self._listed(request, lambda p: request.query_params["query"].lower() in p["text"].lower())

    def _lookup(self, request: Request, me: str, body: dict[str, Any]) -> tuple[int, Any]:
        ids = request.query_params["ids"].split(",")
        gone = [{"type": "https://api.x.com/2/problems/resource-not-found", "resource_id": one, "resource_type": "post",
                 "title": "Not Found Error", "detail": "gone"} for one in ids if not self._any(one)]  # fmt: skip
        found = [self._any(one) for one in ids if self._any(one)]
        return 200, {**self._brought(request, found), **({"errors": gone} if gone else {})}

    def _listed(self, request: Request, wanted: Callable[[dict[str, Any]], bool]) -> tuple[int, Any]:
        query = request.query_params
        found = [p for p in self.posts.values() if wanted(p) and int(p["id"]) > int(query.get("since_id", 0))]
        return self._paged(request, sorted(found, key=lambda p: -int(p["id"])))

    def _paged(self, request: Request, found: list[dict[str, Any]]) -> tuple[int, Any]:
        token = request.query_params.get("pagination_token") or request.query_params.get("next_token") or ""
        if token and not token.startswith("page-token-at-"):
            return 400, {"title": "Invalid Request"}
        start, size = (
            int(token.removeprefix("page-token-at-") or 0),
            int(request.query_params.get("max_results", 10)),
        )
        size = min(size, self.page_size or size)
        more = {"next_token": f"page-token-at-{start + size}"} if start + size < len(found) else {}
        page = found[start : start + size]
        return 200, {**self._brought(request, page), "meta": {"result_count": len(page), **more}}

    def _brought(self, request: Request, found: list[dict[str, Any]]) -> dict[str, Any]:
        """An answer with what its expansions ask for: other versions, and posts that are answered."""
        asked, here = request.query_params.get("expansions", "").split(","), {one["id"] for one in found}
        wanted = [
            id
            for one in found
            if "edit_history_post_ids" in asked
            for id in one.get("edit_history_post_ids", ())
        ]
        wanted += [
            to["id"] for one in found if "referenced_posts" in asked for to in one.get("referenced_posts", ())
        ]
        along = [self._any(id) for id in dict.fromkeys(wanted) if id not in here and self._any(id)]
        return _answer(found, along, self.users)

    def _upload(self, request: Request, me: str, body: dict[str, Any]) -> tuple[int, Any]:
        native_id = self.new_id()
        self.media[native_id] = {**body, "owner": me, "works": self.works_on}
        return self._uploaded(request, me, {"id": native_id})

    def _uploaded(self, request: Request, me: str, body: dict[str, Any]) -> tuple[int, Any]:
        """How a picture stands; X works on it for as many looks as ``works_on`` says (-1: it cannot read it)."""
        native_id = body.get("id") or request.query_params["media_id"]
        one = self.media[native_id]
        state = "failed" if one["works"] < 0 else "pending" if one["works"] else "succeeded"
        one["works"] -= one["works"] > 0
        working = {"processing_info": {"state": state, "check_after_secs": 0}} if self.works_on else {}
        return 200, {"data": {"id": native_id, **working}}

    def _describe(self, request: Request, me: str, body: dict[str, Any]) -> tuple[int, Any]:
        self.media[body["id"]]["alt"] = body["metadata"]["alt_text"]["text"]
        return 200, {"data": {"id": body["id"]}}

    def _shown(self, me: str, ids: list[str], category: str) -> list[dict[str, Any]]:
        """The pictures that are named, with what they show. What is not handed in for this use is refused."""
        found = [self.media.get(one, {}) for one in ids]
        assert all(one.get("owner") == me and one["media_category"] == category for one in found), found
        return found

    def _create(self, request: Request, me: str, body: dict[str, Any]) -> tuple[int, Any]:
        media = self._shown(me, body.get("media", {}).get("media_ids", []), "tweet_image")
        reply = body.get("reply", {}).get("in_reply_to_tweet_id", "")
        if reply and reply not in self.posts:
            return 403, {"title": "Forbidden", "detail": "the post is not there"}
        named = f"@{self.users[self.posts[reply]['author_id']]} " if reply else ""
        native_id = self.post(me, named + body["text"], reply)
        link = self._link_to(native_id) if media else ""
        self.posts[native_id]["pictures"] = media
        return 201, {"data": {"id": native_id, "text": named + body["text"] + link}}

    def _link_to(self, native_id: str) -> str:
        """X puts a link to a post's own pictures at its end."""
        post, link = self.posts[native_id], f"https://t.co/{native_id[-8:]}"
        post["text"] = f"{post['text']} {link}".strip()
        post["entities"]["urls"] = [
            {
                "start": 0,
                "end": 1,
                "url": link,
                "expanded_url": "https://x.com/p",
                "media_key": f"3_{native_id}",
            }
        ]
        return f" {link}"

    def _hide(self, request: Request, me: str, body: dict[str, Any]) -> tuple[int, Any]:
        native_id = request.path_params["id"]
        post = self.posts.get(native_id, {})
        root = self.posts.get(post.get("conversation_id", ""), {})
        if root.get("author_id") != me or root is post:
            return 403, {"title": "Forbidden", "detail": "the reply is not in a conversation of yours"}
        if not self.stubborn:
            (self.hidden.add if body["hidden"] else self.hidden.discard)(native_id)
        return 200, {"data": {"hidden": native_id in self.hidden}}

    def _events(self, request: Request, me: str, body: dict[str, Any]) -> tuple[int, Any]:
        other = request.path_params.get("id", "")
        mine = [m for m in reversed(self.messages) if me in m["dm_conversation_id"].split("-")]
        return self._paged(request, [m for m in mine if not other or other in m["dm_conversation_id"]])

    def _write(self, request: Request, me: str, body: dict[str, Any]) -> tuple[int, Any]:
        other = next(one for one in request.path_params["id"].split("-") if one != me)
        event = self.message(me, other, body.get("text", ""))
        event["pictures"] = self._shown(
            me, [one["media_id"] for one in body.get("attachments", ())], "dm_image"
        )
        return 201, {"data": {"dm_conversation_id": event["dm_conversation_id"], "dm_event_id": event["id"]}}


async def _form(request: Request) -> dict[str, Any] | None:
    """The fields of a form, a file as its bytes in Latin 1: a JSON schema knows no bytes."""
    if not request.headers.get("content-type", "").startswith("multipart/"):
        return None
    return {
        name: value if isinstance(value, str) else (await value.read()).decode("latin-1")
        for name, value in (await request.form()).items()
    }


@asynccontextmanager
async def serving(app: Starlette) -> AsyncIterator[int]:
    """The application on a port of loopback that the system chooses."""
    server = _Quiet(uvicorn.Config(app, port=0, log_level="critical", lifespan="off"))
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110
        await asyncio.sleep(0.005)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        await task


def _answer(
    found: list[dict[str, Any]], along: list[dict[str, Any]], users: dict[str, str]
) -> dict[str, Any]:
    authors = {one.get("author_id") or one["sender_id"] for one in (*found, *along)}
    people = [{"id": one, "username": users[one], "name": users[one].title()} for one in sorted(authors)]
    media = [one["_media"] for one in (*found, *along) if "_media" in one]
    data, posts = (
        [{k: v for k, v in one.items() if k not in ("_media", "pictures")} for one in many]
        for many in (found, along)
    )
    includes = {"users": people, "media": media, **({"posts": posts} if posts else {})}
    return {"data": data, "includes": includes} if found else {}


def _iso(instant: int) -> str:
    from townhall.kernel.clock import to_iso

    return to_iso(instant)[:-4] + "Z"


class _Quiet(uvicorn.Server):
    """Leaves the process's signals alone."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
