"""Up and down, as an operator does it: the real command, real processes, real signals."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from townhall.database.opening import server_runs
from townhall.database.place import Place
from townhall.database.process import lives, processes_of, send, wait_until
from townhall.run.presence import everybody, role_pids, supervisor

pytestmark = pytest.mark.database

COMMAND = [sys.executable, "-m", "townhall.run.command"]
PATIENCE = 120.0


@pytest.fixture
def home(fresh_home: Path) -> Iterator[Path]:
    yield fresh_home
    townhall(fresh_home, "stop")


def townhall(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, "--home", str(home), *words],
        capture_output=True,
        text=True,
        timeout=120,
        env=environment(),
    )


def environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name != "TOWNHALL_DSN"}


class Up:
    """``townhall up`` in the background."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.process = subprocess.Popen(
            [*COMMAND, "--home", str(home), "up", "--port", "0"],
            stdout=subprocess.PIPE,
            text=True,
            env=environment(),
        )
        assert self.process.stdout
        lines = iter(self.process.stdout.readline, "")
        self.greeting = [next(lines)]
        while not self.greeting[-1].startswith("Stop it"):
            self.greeting.append(next(lines))
        self.address = re.findall(r"http://localhost:\d+", self.greeting[0])[0]
        assert wait_until(lambda: self.roles() == {"clock", "web", "worker"} and self.answers(), PATIENCE)

    def roles(self) -> set[str]:
        return set(role_pids(self.home))

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.address}/readyz", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False


def nothing_runs(home: Path) -> bool:
    return not everybody(home) and supervisor(home) is None and not processes_of(Place(home).data)


@pytest.mark.slow
def test_up_once_what_falls_is_started_again_and_stop(home: Path) -> None:
    up = Up(home)
    assert f"{up.address}/first/" in up.greeting[1]
    again = townhall(home, "up", "--port", "0")
    assert again.returncode == 6 and "already runs" in again.stderr and len(again.stderr.splitlines()) == 1
    status = json.loads(townhall(home, "status", "--json").stdout)
    assert status["running"] == {
        "up": True,
        "address": up.address,
        "roles": {"clock": 1, "web": 1, "worker": 1},
    }
    assert {"interactions", "threads", "cases", "facts", "checkpoint", "queues", "channels"} <= status.keys()
    _let_a_role_and_the_database_fall(up)
    everyone = [up.process.pid, *everybody(home), *processes_of(Place(home).data)]
    stopped = townhall(home, "stop")
    assert not [pid for pid in everyone if lives(pid)], "gone when stop returns, not a moment later"
    assert (stopped.returncode, stopped.stdout) == (0, "Stopped.\n")
    assert up.process.wait(5) == 0 and nothing_runs(home)
    assert townhall(home, "stop").stdout == "Nothing was running.\n"


def _let_a_role_and_the_database_fall(up: Up) -> None:
    [first] = role_pids(up.home)["web"]
    os.kill(first, signal.SIGKILL)
    assert wait_until(lambda: role_pids(up.home).get("web", [first]) != [first] and up.answers(), PATIENCE)
    send(processes_of(Place(up.home).data), signal.SIGKILL)
    assert wait_until(lambda: server_runs(up.home) and up.answers(), PATIENCE)


@pytest.mark.slow
def test_after_a_kill_of_everything_and_after_a_kill_of_up_alone(home: Path) -> None:
    up = Up(home)
    everyone = [up.process.pid, *everybody(home), *processes_of(Place(home).data)]
    send(everyone, signal.SIGKILL)
    up.process.wait()
    up = Up(home)
    up.process.kill()
    up.process.wait()
    assert wait_until(lambda: nothing_runs(home), PATIENCE)


@pytest.mark.slow
def test_roles_run_apart_and_stop_ends_them_gracefully(home: Path) -> None:
    """Each by its own command, as a unit file starts it; the web role without anybody to hand it a socket."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    roles = [
        subprocess.Popen(
            [*COMMAND, "--home", str(home), "serve", role],
            env=environment() | {"TOWNHALL_PORT": str(port)}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        for role in ("web", "worker", "clock")
    ]  # fmt: skip
    assert wait_until(lambda: set(role_pids(home)) == {"web", "worker", "clock"} and _ready(port), PATIENCE)
    assert townhall(home, "stop").stdout == "Stopped.\n"
    assert [role.wait(30) for role in roles] == [0, 0, 0] and nothing_runs(home)


def _ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def test_the_databases_address_answers_though_nothing_ran(home: Path) -> None:
    url = townhall(home, "database", "url").stdout.strip()
    with psycopg.connect(url) as conn:
        assert conn.execute("SELECT current_user").fetchone() == ("townhall_owner",)
    assert townhall(home, "stop").stdout == "Stopped.\n"
    assert nothing_runs(home)


@pytest.mark.parametrize(
    ("words", "variables", "status", "says"),
    [
        (["database", "url"], {"TOWNHALL_PORT": "x"}, 2, "port (TOWNHALL_PORT) is 'x'"),
        (["status"], {"TOWNHALL_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/x"}, 7, "does not answer"),
    ],
)
def test_an_error_is_one_line_and_a_status(
    fresh_home: Path, words: list[str], variables: dict[str, str], status: int, says: str
) -> None:
    done: Any = subprocess.run(
        [*COMMAND, "--home", str(fresh_home), *words],
        capture_output=True,
        text=True,
        env=environment() | variables,
    )
    assert done.returncode == status and says in done.stderr and not done.stdout
    assert len(done.stderr.splitlines()) == 1
