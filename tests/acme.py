"""A firm for tests of what its people set: the brand, an administrator of it, and their acts."""

from collections.abc import Callable
from typing import Any

import pytest
from psycopg import Connection

from tests.flow.parish import START
from townhall.database.connect import transaction
from townhall.flow.opening import open_brand
from townhall.people.brands import Brand
from townhall.people.doors import Asker

Act = Callable[..., Any]


@pytest.fixture
def brand(worker: Connection[Any]) -> Brand:
    """In this test's own database."""
    with transaction(worker):
        return open_brand(worker, "acme", START).brand


@pytest.fixture
def do(worker: Connection[Any]) -> Act:
    """``do(verb, …)``: the verb as a worker, in a transaction of its own."""

    def act(verb: Callable[..., Any], *args: Any, **more: Any) -> Any:
        with transaction(worker):
            return verb(worker, *args, **more)

    return act


def admin(brand: Brand, *roles: str) -> Asker:
    """Ann, with these roles, else an administrator."""
    return Asker(
        staff_id=3, name="Ann", brand_id=brand.id, brand_slug=brand.slug, roles=frozenset(roles or ("admin",))
    )
