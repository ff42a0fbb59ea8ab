"""Bringing the whole house up on one machine, and down again from any shell."""

import signal
from pathlib import Path

from msgspec.structs import replace

from townhall.database import Database
from townhall.database.connect import connect, transaction
from townhall.database.opening import server_runs, stop_server
from townhall.database.process import lives, send, wait_until
from townhall.kernel.clock import system_clock
from townhall.run.lifecycle import GRACE, stoppable
from townhall.run.logs import start_logging
from townhall.run.migrate import opened
from townhall.run.presence import everybody, sole_supervisor, supervisor
from townhall.run.settings import Settings
from townhall.run.supervisor import Post, Supervisor, listen


def bring_up(settings: Settings, extra: list[Post] | None = None) -> None:
    """Runs everything until SIGTERM, SIGINT or ``townhall stop``. ``extra`` are further processes to keep.

    Raises ``Conflict`` when it runs already, ``Unavailable`` when the port is taken.
    """
    start_logging(settings.log_level, "up")
    with listen(settings.host, settings.port) as listening:
        chosen = replace(settings, port=listening.getsockname()[1])
        with sole_supervisor(chosen.home, chosen.address), opened(chosen) as database:
            keeper = Supervisor(chosen, database, listening, extra or [])
            _park_if_restored(chosen, database)
            _greet(chosen, database)
            with stoppable(keeper.stop):
                keeper.run()


def bring_down(home: Path) -> bool:
    """Ends supervisor, roles, whoever else uses the database, then the database. Whether anything ran."""
    there, others = supervisor(home), everybody(home)
    if there:
        send([there.pid], signal.SIGTERM)
        wait_until(lambda: supervisor(home) is None, GRACE + 8)
        _force(there.pid, home)
    for number, patience in ((signal.SIGTERM, GRACE + 2), (signal.SIGKILL, 5.0)):
        send(everybody(home), number)
        wait_until(lambda: not everybody(home), patience)
    ran = server_runs(home)
    stop_server(home)
    ended = [*others, *([there.pid] if there else [])]
    wait_until(
        lambda: not any(map(lives, ended)), 5
    )  # locks are given back a moment before a process is gone
    return bool(there or others or ran)


def _force(pid: int, home: Path) -> None:
    if supervisor(home) is not None:
        send([pid], signal.SIGKILL)
        wait_until(lambda: supervisor(home) is None, 5)


def _park_if_restored(settings: Settings, database: Database) -> None:
    from townhall.flow.restored import park_if_restored

    with connect(database.dsn("worker"), "townhall up") as conn:
        parked = park_if_restored(conn, settings, system_clock())
    if parked:
        print(f"Outbound is stopped at every brand: {parked.why}. See: townhall restored --help", flush=True)


def _greet(settings: Settings, database: Database) -> None:
    print(f"Townhall is at {settings.address}", flush=True)
    secret = first_secret(database)
    if secret:
        print(f"Make the first administrator here, once: {settings.address}/first/{secret}/", flush=True)
    print("Stop it with Ctrl+C, or from another shell with: townhall stop", flush=True)


def first_secret(database: Database) -> str | None:
    """The secret of the one-time link, None when somebody can sign in already."""
    from townhall.people.store import first_link

    with connect(database.dsn("owner")) as owner, transaction(owner):
        return first_link(owner, system_clock())
