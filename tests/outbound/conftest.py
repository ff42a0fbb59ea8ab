"""A made-up brand to answer from. Makes the modules beside these tests, and the line, importable by name."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from psycopg import Connection

_HERE = Path(__file__).parent
sys.path[:0] = [str(_HERE), str(_HERE.parent / "channels")]

from office import Office  # noqa: E402


@pytest.fixture
def office(owner: Connection[Any]) -> Office:
    return Office(owner)


@pytest.fixture
def at_desk(web: Connection[Any], office: Office) -> Iterator[Callable[..., Any]]:
    """``at_desk(verb, asker, …)``: the verb in a transaction of its own, as the pages' role, for the asker's brand."""

    def call(verb: Callable[..., Any], asker: Any, *args: Any, **more: Any) -> Any:
        with web.transaction():
            web.execute("SELECT set_config('townhall.brand', %s, true)", [str(asker.brand_id)])
            return verb(web, asker, *args, **more)

    yield call
