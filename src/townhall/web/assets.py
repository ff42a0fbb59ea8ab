"""Files for the browser, held in memory: our style sheets and scripts as one file each, fonts, and libraries' files.

A bundle's address holds its digest, so that it may be kept for ever; everything else is asked for again each hour.
"""

import gzip
import hashlib
import mimetypes
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from msgspec import Struct

ROOT = Path(__file__).resolve().parent / "static"
STYLES = (
    "tokens",
    "type",
    "frame",
    "control",
    "clock",
    "list",
    "routing",
    "thread",
    "composer",
    "table",
    "incident",
    "live",
    "policy",
    "style",
)
SCRIPTS = (
    "words",
    "reach",
    "keys",
    "command",
    "clocks",
    "list",
    "label",
    "composer",
    "pictures",
    "articles",
    "margin",
    "translate",
    "presence",
    "viewer",
    "charts",
    "live",
    "forms",
    "notices",
    "policy",
)


class Asset(Struct, frozen=True):
    """One file as it is sent; ``zipped`` is "" when packing does not pay."""

    body: bytes
    zipped: bytes
    media_type: str
    etag: str
    lasting: bool


def _asset(name: str, body: bytes, lasting: bool) -> Asset:
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    text = kind.startswith("text/") or kind.endswith(("javascript", "json", "svg+xml"))
    zipped = gzip.compress(body, 9, mtime=0) if text else b""
    tag = hashlib.sha256(body).hexdigest()[:16]
    return Asset(body, zipped if len(zipped) < len(body) else b"", kind, f'"{tag}"', lasting)


def _bundle(folder: str, names: tuple[str, ...], ending: str) -> bytes:
    return b"\n".join((ROOT / folder / f"{name}.{ending}").read_bytes() for name in names)


def _library_files() -> Iterator[tuple[str, Path]]:
    import allauth.account
    import allauth.mfa

    folders = [Path(str(part.__file__)).parent / "static" for part in (allauth.account, allauth.mfa)]
    for place in (ROOT, *folders):
        for path in sorted(place.rglob("*")):
            if path.is_file() and not path.name.startswith("."):
                yield path.relative_to(place).as_posix(), path


@lru_cache(maxsize=1)
def assets() -> dict[str, Asset]:
    """Every file by its path below ``/static/``."""
    found = {name: _asset(name, path.read_bytes(), False) for name, path in _library_files()}
    for kind, names, ending in (("css", STYLES, "css"), ("js", SCRIPTS, "js")):
        body = _bundle(kind, names, ending)
        digest = hashlib.sha256(body).hexdigest()[:12]
        found[f"townhall.{digest}.{ending}"] = _asset(f"townhall.{ending}", body, True)
    return found


@lru_cache(maxsize=8)
def address(ending: str) -> str:
    """Where the bundle with that ending (``css`` or ``js``) is."""
    return next(f"/static/{name}" for name, one in assets().items() if one.lasting and name.endswith(ending))


def _answer(asset: Asset, wanted: dict[bytes, bytes]) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    keep = "public, max-age=31536000, immutable" if asset.lasting else "public, max-age=3600"
    headers = [
        (b"content-type", f"{asset.media_type}; charset=utf-8".encode()),
        (b"cache-control", keep.encode()),
        (b"etag", asset.etag.encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"vary", b"accept-encoding"),
    ]
    if wanted.get(b"if-none-match", b"").decode("latin-1") == asset.etag:
        return 304, headers, b""
    body = asset.body
    if asset.zipped and b"gzip" in wanted.get(b"accept-encoding", b""):
        headers.append((b"content-encoding", b"gzip"))
        body = asset.zipped
    return 200, [*headers, (b"content-length", str(len(body)).encode())], body


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Serves ``/static/``."""
    asset = assets().get(scope["path"].removeprefix("/static/"))
    if asset is None or scope["method"] not in ("GET", "HEAD"):
        status, headers, body = 404, [(b"content-type", b"text/plain")], b"There is no such file.\n"
    else:
        status, headers, body = _answer(asset, dict(scope["headers"]))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
