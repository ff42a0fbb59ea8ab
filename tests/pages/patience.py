"""Waiting for something to be so on a page whose policy allows no evaluated strings."""

import time
from typing import Any


def until(page: Any, expression: str, timeout: int = 10_000) -> None:
    """Asks again until the expression is true; ``timeout`` in milliseconds."""
    end = time.monotonic() + timeout / 1000
    while not page.evaluate(f"Boolean({expression})"):
        assert time.monotonic() < end, f"never true: {expression}"
        page.wait_for_timeout(60)
