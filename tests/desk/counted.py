"""How many statements a reading sends."""

from collections.abc import Callable
from typing import Any

import psycopg
import pytest


@pytest.fixture
def count(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], Any]], int]:
    """How many statements a reading sends."""

    def counted(read: Callable[[], Any]) -> int:
        sent = []
        real = psycopg.Cursor.execute

        def spy(self: Any, query: Any, *more: Any, **words: Any) -> Any:
            sent.append(query)
            return real(self, query, *more, **words)

        with monkeypatch.context() as patch:
            patch.setattr(psycopg.Cursor, "execute", spy)
            read()
        return len(sent)

    return counted
