"""Keeps the embedded server up for somebody who was told its address, until nobody has been connected for a while.

``townhall database url`` starts it in the background when nothing else runs, so that the address answers.
"""

import os
import subprocess
import sys
import time
from typing import Any

import psycopg
from psycopg import Connection

from townhall.database.connect import connect
from townhall.kernel.errors import DatabaseUnavailable
from townhall.run.lifecycle import stoppable
from townhall.run.migrate import opened
from townhall.run.settings import Settings, as_environment, load_settings

QUIET = 60.0
"""Seconds without any other session after which the keeper lets go."""

_OTHERS = (
    "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
)


def leave_keeper(settings: Settings) -> None:
    """Starts a keeper that outlives this process, and returns when the server answers."""
    ready, told = os.pipe()
    with subprocess.Popen(
        [sys.executable, "-m", "townhall.run.keeper", str(told)], env={**os.environ, **as_environment(settings)},
        pass_fds=[told], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:  # fmt: skip
        os.close(told)
        answered = os.read(ready, 1)
        os.close(ready)
        process.returncode = 0  # it is not ours to wait for: it goes on after we are gone
    if not answered:
        raise DatabaseUnavailable("the database could not be kept running; see its log in the home")


def keep(settings: Settings, told: int, quiet: float = QUIET) -> None:
    """Holds a lease until ``quiet`` seconds passed without a session, or SIGTERM."""
    asked: list[bool] = []
    with stoppable(lambda: asked.append(True)), opened(settings) as database:
        os.write(told, b"1")
        os.close(told)
        with connect(database.dsn("owner"), "townhall keeper") as conn:
            _wait(conn, quiet, asked)


def _wait(conn: Connection[Any], quiet: float, asked: list[bool]) -> None:
    last = time.monotonic()
    while not asked and time.monotonic() - last < quiet:
        time.sleep(0.25)
        try:
            row = conn.execute(_OTHERS).fetchone()
        except psycopg.OperationalError:
            return
        if row and row[0]:
            last = time.monotonic()


if __name__ == "__main__":
    keep(load_settings(), int(sys.argv[1]))
