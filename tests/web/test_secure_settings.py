"""What the settings of Django say where people reach us by https, and where by http on this machine."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from townhall.run.django_ready import django_environment
from townhall.run.settings import load_settings

SCRIPT = """
import json, django
django.setup()
from django.conf import settings
from django.http import HttpResponse
from django.middleware.security import SecurityMiddleware
from django.test import RequestFactory
ask = RequestFactory().get("/", headers={"x-forwarded-proto": "https"})
answer = SecurityMiddleware(lambda request: HttpResponse())(ask)
names = ("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SESSION_COOKIE_HTTPONLY", "SESSION_COOKIE_NAME", "SESSION_COOKIE_SAMESITE")
print(json.dumps({name: getattr(settings, name) for name in names} | {"sent": dict(answer.headers)}))
"""


def said(home: Path, address: str) -> dict[str, Any]:
    settings = load_settings(
        home, {"TOWNHALL_PUBLIC_URL": address, "TOWNHALL_DATABASE_URL": "postgresql://x@127.0.0.1:1/x"}
    )
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env={**os.environ, **django_environment(settings)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize(("address", "secure"), [("https://care.example", True), ("", False)])
def test_cookies_and_transport(tmp_path: Path, address: str, secure: bool) -> None:
    found = said(tmp_path, address)
    assert found["SESSION_COOKIE_SECURE"] is found["CSRF_COOKIE_SECURE"] is secure
    assert found["SESSION_COOKIE_HTTPONLY"] is True and found["SESSION_COOKIE_SAMESITE"] == "Lax"
    assert found["SESSION_COOKIE_NAME"].startswith("__Host-") is secure
    held = found["sent"].get("Strict-Transport-Security", "")
    assert held == ("max-age=63072000; includeSubDomains" if secure else "")
    assert found["sent"]["X-Content-Type-Options"] == "nosniff"
