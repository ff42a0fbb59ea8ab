"""An OpenID Connect provider on loopback: discovery, authorization code with PKCE, tokens, who somebody is."""

import base64
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa


class Provider:
    """Signs in whoever ``email`` says, without asking. ``hints`` are the login hints that came."""

    def __init__(self) -> None:
        self.email, self.verified, self.down = "", True, False
        self.hints: list[str] = []
        self.codes: dict[str, dict[str, str]] = {}
        self.key = rsa.generate_private_key(65537, 2048)
        self.url = ""

    def answer(self, path: str, asked: dict[str, str], bearer: str) -> tuple[int, dict[str, str], Any]:
        if self.down:
            return 503, {}, {}
        if path == "/.well-known/openid-configuration":
            return 200, {}, {
                "issuer": self.url, "authorization_endpoint": f"{self.url}/authorize", "jwks_uri": f"{self.url}/keys",
                "token_endpoint": f"{self.url}/token", "userinfo_endpoint": f"{self.url}/me",
                "token_endpoint_auth_methods_supported": ["client_secret_post"],
            }  # fmt: skip
        if path == "/authorize":
            self.hints.append(asked.get("login_hint", ""))
            code = f"code{len(self.codes)}"
            self.codes[code] = asked
            back = {"code": code, "state": asked["state"]}
            return 302, {"location": f"{asked['redirect_uri']}?{urlencode(back)}"}, {}
        if path == "/token":
            return self._token(asked)
        if path == "/me" and bearer == "Bearer access":
            return 200, {}, self._claims()
        return 404, {}, {}

    def _token(self, asked: dict[str, str]) -> tuple[int, dict[str, str], Any]:
        begun = self.codes.pop(asked.get("code", ""), None)
        proof = hashlib.sha256(asked.get("code_verifier", "").encode()).digest()
        shown = base64.urlsafe_b64encode(proof).decode().rstrip("=")
        if begun is None or begun["code_challenge"] != shown or asked.get("client_secret") != "hush":
            return 400, {}, {"error": "invalid_grant"}
        now = int(time.time())
        claims = self._claims() | {"iss": self.url, "aud": "townhall", "iat": now, "exp": now + 300}
        return (
            200,
            {},
            {
                "access_token": "access",
                "token_type": "Bearer",
                "id_token": jwt.encode(claims, self.key, "RS256"),
            },
        )

    def _claims(self) -> dict[str, Any]:
        return {"sub": self.email, "email": self.email, "email_verified": self.verified, "name": "Somebody"}


@contextmanager
def provider() -> Iterator[Provider]:
    """One that runs."""
    made = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.reply(urlsplit(self.path).query)

        def do_POST(self) -> None:
            self.reply(self.rfile.read(int(self.headers["content-length"])).decode())

        def reply(self, text: str) -> None:
            asked = {name: values[0] for name, values in parse_qs(text).items()}
            status, headers, body = made.answer(
                urlsplit(self.path).path, asked, self.headers.get("authorization", "")
            )
            self.send_response(status)
            for name, value in (headers | {"content-type": "application/json"}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, *words: Any) -> None:
            pass

    with ThreadingHTTPServer(("localhost", 0), Handler) as server:
        made.url = f"http://localhost:{server.server_address[1]}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield made
        server.shutdown()
