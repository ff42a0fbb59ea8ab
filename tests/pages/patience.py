"""Waiting for something to be so on a page whose policy allows no evaluated strings."""

import time
from typing import Any

from playwright.sync_api import Error


def until(page: Any, expression: str, timeout: int = 10_000) -> None:
    """Asks again until the expression is true; ``timeout`` in milliseconds."""
    end = time.monotonic() + timeout / 1000
    while not _is_so(page, expression):
        assert time.monotonic() < end, f"never true: {expression}"
        page.wait_for_timeout(60)


def _is_so(page: Any, expression: str) -> bool:
    """Whether it is true now; a page that is just being left says no."""
    try:
        return bool(page.evaluate(f"Boolean({expression})"))
    except Error:
        return False
