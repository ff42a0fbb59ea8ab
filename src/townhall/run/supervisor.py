"""``townhall up``: one listening socket, one process a role, each started again when it falls; all end together."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import structlog
from msgspec import Struct

from townhall.database import Database
from townhall.kernel.errors import DatabaseUnavailable, Unavailable
from townhall.run.lifecycle import GRACE, parent_watch
from townhall.run.settings import Settings, as_environment

_log = structlog.get_logger()
_LONGEST_PAUSE = 30.0
_GOOD_LIFE = 60.0
_LOG_LIMIT = 32 * 1024 * 1024


class Post(Struct, frozen=True):
    """A role to keep filled: ``name`` for people (``worker-0``), ``arguments`` of ``townhall serve``."""

    name: str
    arguments: tuple[str, ...]
    needs_socket: bool = False


def posts(workers: int) -> list[Post]:
    """The roles of one machine. Live figures are served by ``web`` on the same port."""
    workforce = [
        Post(f"worker-{number}", ("worker", "--number", str(number), "--of", str(workers)))
        for number in range(workers)
    ]
    return [Post("web", ("web",), needs_socket=True), *workforce, Post("clock", ("clock",))]


def listen(host: str, port: int) -> socket.socket:
    """A listening socket that survives restarts of ``web``. Raises ``Unavailable`` when the port is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((host, port))
    except OSError as error:
        made.close()
        raise Unavailable(
            f"cannot listen on {host} port {port}: {error.strerror}; choose another with --port",
            permanent=True,
        ) from error
    made.listen(1024)
    return made


def pause_before(fall: int) -> float:
    """Seconds before the restart that follows the ``fall``-th fall in a row (1, 2, …): 0.5, 1, 2, … 30."""
    return min(0.5 * float(2 ** min(fall - 1, 16)), _LONGEST_PAUSE)


class _Seat:
    """One post and the process that fills it."""

    def __init__(self, post: Post, start: Callable[[Post], subprocess.Popen[bytes]]) -> None:
        self.post = post
        self._start = start
        self._falls = 0
        self._since = 0.0
        self._not_before = 0.0
        self.process: subprocess.Popen[bytes] | None = None

    def look(self, now: float) -> None:
        """Fills the seat if it is empty and the pause is over; notes a fall."""
        if self.process is not None and self.process.poll() is not None:
            self._fell(now, self.process.returncode)
        if self.process is None and now >= self._not_before:
            self.process = self._start(self.post)
            self._since = now

    def _fell(self, now: float, status: int) -> None:
        self._falls = 1 if now - self._since > _GOOD_LIFE else self._falls + 1
        pause = pause_before(self._falls)
        self._not_before, self.process = now + pause, None
        _log.warning("role ended", role=self.post.name, status=status, restart_in_s=pause)


class Supervisor:
    """Keeps the roles of one home running until ``stop`` is called."""

    def __init__(
        self, settings: Settings, database: Database, listening: socket.socket, extra: list[Post]
    ) -> None:
        self._settings = settings
        self._database = database
        self._listening = listening
        self._watched, self._kept_open = os.pipe()
        self._asked = threading.Event()
        self._seats = [_Seat(post, self._start) for post in [*posts(settings.workers), *extra]]

    def stop(self) -> None:
        """Asks ``run`` to end; safe in a signal handler."""
        self._asked.set()

    def run(self) -> None:
        """Fills the seats until asked to stop, then ends every role: a request first, force after ten seconds."""
        try:
            while not self._asked.is_set():
                self._keep_database()
                for seat in self._seats:
                    seat.look(time.monotonic())
                self._asked.wait(0.25)
        finally:
            self._end_roles()
            os.close(self._kept_open)
            os.close(self._watched)

    def _keep_database(self) -> None:
        try:
            self._database.ensure_running()
        except DatabaseUnavailable as error:
            _log.error("database is down", error=str(error))

    def _start(self, post: Post) -> subprocess.Popen[bytes]:
        handles = [self._watched]
        arguments = list(post.arguments)
        if post.needs_socket:
            handles.append(self._listening.fileno())
            arguments += ["--fd", str(self._listening.fileno())]
        with _log_file(self._settings.home, post.name) as log:
            return subprocess.Popen(
                [sys.executable, "-m", "townhall.run.command", "serve", *arguments],
                env={**os.environ, **as_environment(self._settings), **parent_watch(self._watched)},
                pass_fds=handles, stdin=subprocess.DEVNULL, stdout=log, stderr=log, process_group=0,
            )  # fmt: skip

    def _end_roles(self) -> None:
        living = [seat.process for seat in self._seats if seat.process is not None]
        for process in living:
            process.send_signal(signal.SIGTERM)
        limit = time.monotonic() + GRACE
        for process in living:
            try:
                process.wait(max(0.1, limit - time.monotonic()))
            except subprocess.TimeoutExpired:
                _log.warning("role did not stop in time", pid=process.pid)
                process.kill()
                process.wait()


def _log_file(home: Path, name: str) -> BinaryIO:
    """The role's log, opened to append; a big one is set aside first, and the one set aside before it goes."""
    folder = home / "logs"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{name}.log"
    if path.exists() and path.stat().st_size > _LOG_LIMIT:
        path.replace(path.with_suffix(".log.1"))
    return path.open("ab")
