"""Who watches: the session's cookie becomes a brand that this person may see, or an HTTP status that says no."""

from http.cookies import SimpleCookie
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.sessions.backends.db import SessionStore
from django.db import close_old_connections

from townhall.people import store
from townhall.people.brands import Brand
from townhall.people.logic import may
from townhall.web.hands import pool


class _Request:
    """As much of a request as asking for its user needs."""

    def __init__(self, key: str) -> None:
        self.session = SessionStore(key)


def watcher(headers: dict[bytes, bytes], slug: str) -> Brand | int:
    """The brand of that short name if the session's person may read its live page; else 401 or 404."""
    cookies = SimpleCookie(headers.get(b"cookie", b"").decode("latin-1"))
    key = cookies.get(settings.SESSION_COOKIE_NAME)
    if key is None:
        return 401
    try:
        user: Any = get_user(_Request(key.value))  # type: ignore[arg-type]
    finally:
        close_old_connections()
    if not user.is_authenticated or not user.is_active:
        return 401
    with pool().connection() as conn, conn.transaction():
        brand = next((b for b in store.brands_of(conn, user.pk) if b.slug == slug), None)
        if brand is None or not may(store.roles_at(conn, user.pk, brand.id), "read_live"):
            return 404
    return brand
