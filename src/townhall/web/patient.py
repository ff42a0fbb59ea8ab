"""Work that takes its time, while the page's transaction waits: a silent transaction would be cut off by the database.

The work is done beside, in a thread of its own that touches no connection; the transaction says each second that it is there.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as StillBusy
from typing import Any, TypeVar

from psycopg import Connection

from townhall.kernel.errors import Unavailable

Found = TypeVar("Found")
MOST = 20
"""Seconds that a page waits for such work."""
_workers = ThreadPoolExecutor(2, "patient")


def patiently(conn: Connection[Any], work: Callable[[], Found], most: int = MOST) -> Found:
    """What the work gives, or raises what it raises. ``Unavailable`` after ``most`` seconds: it is then let go."""
    busy = _workers.submit(work)
    for _ in range(most):
        try:
            return busy.result(1.0)
        except StillBusy:
            conn.execute("SELECT 1")
    busy.cancel()
    raise Unavailable(
        "That takes longer than a page may wait. Nothing was changed; try it again in a minute."
    )
