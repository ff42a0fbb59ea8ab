"""The starter under every kind of violence: kills, long paths, other users, stale notes, foreign processes."""

import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

import psycopg
import pytest
from msgspec.structs import replace

from townhall.database import Database, open_database
from townhall.database.account import SYSTEM_USER
from townhall.database.connect import connect
from townhall.database.lease import holders
from townhall.database.opening import server_runs, stop_server
from townhall.database.place import SOCKET_PATH_LIMIT, Place
from townhall.database.process import noted_pid, processes_of, send, server_pid, wait_until
from townhall.kernel.errors import BadSetting, DatabaseUnavailable
from townhall.run.settings import Settings, load_settings

pytestmark = pytest.mark.database

SMALL = {"shared_buffers": "32MB", "max_wal_size": "256MB"}
ROOT = os.geteuid() == 0
KILLS = 200 if os.environ.get("TOWNHALL_TORTURE") else 20
only_root = pytest.mark.skipif(not ROOT, reason="needs root to become somebody else")


@pytest.fixture(scope="module")
def used_home() -> Any:
    """One home for all tests that do not need a new one: making a cluster is most of a test's time."""
    folder = Path(tempfile.mkdtemp(prefix="townhall-test-"))
    folder.chmod(0o711)
    yield folder / "home"
    stop_server(folder / "home")
    shutil.rmtree(folder)


@pytest.fixture
def settings(used_home: Path) -> Settings:
    return load_settings(used_home)


@pytest.fixture
def fresh(fresh_home: Path) -> Any:
    yield load_settings(fresh_home)
    stop_server(fresh_home)


def data_of(settings: Settings) -> Path:
    return Place(settings.home).data


def kill_everything(settings: Settings) -> None:
    send(processes_of(data_of(settings)), signal.SIGKILL)


def is_dead(settings: Settings) -> bool:
    """A signal takes a moment to arrive; what only looks at whether the server lives has to be asked after it."""
    return wait_until(lambda: server_pid(data_of(settings)) is None, 10)


def count(database: Database) -> int:
    with connect(database.dsn("owner")) as conn:
        row = conn.execute("SELECT count(*) FROM mark").fetchone()
    assert row
    return int(row[0])


def test_kills_in_a_row_lose_nothing_that_was_committed(settings: Settings) -> None:
    with open_database(settings, SMALL) as database, connect(database.dsn("owner")) as conn:
        conn.execute("CREATE TABLE mark (number integer)")
    for number in range(KILLS):
        database = open_database(settings, SMALL)
        with connect(database.dsn("owner")) as conn:
            conn.execute("INSERT INTO mark VALUES (%s)", (number,))
            kill_everything(settings)
        if number % 2:  # with the lease still held, and after it was let go
            assert is_dead(settings)
            database.ensure_running()
            assert count(database) == number + 1
        database.close()
        assert not processes_of(data_of(settings))
    with open_database(settings, SMALL) as database:
        assert count(database) == KILLS


def test_the_server_alone_is_killed_while_backends_are_busy(settings: Settings) -> None:
    with open_database(settings, SMALL) as database:
        sleeper = psycopg.connect(database.dsn("owner"))
        pid = server_pid(data_of(settings))
        assert pid
        thread = threading.Thread(target=_burn, args=(sleeper,))
        thread.start()
        os.kill(pid, signal.SIGKILL)
        assert is_dead(settings)
        database.ensure_running()
        with connect(database.dsn("owner")) as conn:
            assert conn.execute("SELECT 1").fetchone() == (1,)
        thread.join(20)
        assert server_pid(data_of(settings)) != pid


def _burn(conn: Any) -> None:
    try:
        conn.execute("SELECT count(*) FROM generate_series(1, 100000000)")
    except psycopg.Error:
        pass


def test_the_last_one_out_stops_the_server(settings: Settings) -> None:
    first = open_database(settings, SMALL)
    second = open_database(settings, SMALL)
    first.close()
    assert server_runs(settings.home)
    assert holders(Place(settings.home).lease_lock) == [os.getpid()]
    second.close()
    assert not server_runs(settings.home)
    assert not processes_of(data_of(settings))
    second.close()  # harmless


def test_many_start_at_once_and_one_server_runs(settings: Settings) -> None:
    opened: list[Database] = []
    threads = [
        threading.Thread(target=lambda: opened.append(open_database(settings, SMALL))) for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(opened) == 6
    for database in opened:
        with connect(database.dsn("web")) as conn:
            assert conn.execute("SELECT current_user").fetchone() == ("townhall_web",)
        database.close()
    assert not server_runs(settings.home)


def test_a_stale_note_with_somebody_elses_id_is_no_server(settings: Settings) -> None:
    open_database(settings, SMALL).close()
    note = data_of(settings) / "postmaster.pid"
    note.write_text(f"{os.getpid()}\n{data_of(settings)}\n0\n5432\n\n*\n0 0\nready\n")
    assert noted_pid(data_of(settings)) == os.getpid() and not server_runs(settings.home)
    with open_database(settings, SMALL):
        assert server_pid(data_of(settings)) != os.getpid()


def test_a_half_made_cluster_is_made_anew_also_in_a_folder_with_an_odd_name(fresh: Settings) -> None:
    odd = replace(fresh, home=fresh.home / "comma, quote' % Grüße")
    place = Place(odd.home)
    place.prepare()
    (place.folder / "data.new" / "base").mkdir(parents=True)
    with open_database(odd, SMALL) as database, connect(database.dsn("owner")) as conn:
        assert conn.execute("SHOW server_encoding").fetchone() == ("UTF8",)


def test_a_home_with_a_long_path(fresh: Settings) -> None:
    deep = fresh.home / ("a" * 90) / ("b" * 90)
    long = replace(fresh, home=deep)
    with open_database(long, SMALL) as database:
        folder = Place(deep).socket_folder()
        assert len(folder) < SOCKET_PATH_LIMIT < len(str(deep))
        assert stat.S_IMODE(Path(folder).stat().st_mode) == 0o700
        with connect(database.dsn("owner")) as conn:
            assert conn.execute("SHOW listen_addresses").fetchone() == ("",)
        kill_everything(long)
        assert is_dead(long)
        database.ensure_running()
        assert Place(deep).socket_folder() == folder
    assert not Path(folder).exists()


def test_a_copy_of_a_home_stands_beside_the_one_it_was_made_of(fresh: Settings) -> None:
    """Also one that was copied while its server was cut off, with the note of its socket: neither takes the other's."""
    first, second = (replace(fresh, home=fresh.home / (name * 100) / "home") for name in "ab")
    database = open_database(first, SMALL)
    kill_everything(first)
    second.home.parent.mkdir()
    subprocess.run(["cp", "-a", str(first.home), str(second.home)], check=True)
    database.ensure_running()
    with open_database(second, SMALL) as copy:
        assert Place(first.home).socket_folder() != Place(second.home).socket_folder()
        for each, home in ((database, first.home), (copy, second.home)):
            with connect(each.dsn("owner")) as conn:
                assert conn.execute("SHOW data_directory").fetchone() == (str(Place(home).data),)
    with connect(database.dsn("owner")) as conn:
        assert conn.execute("SELECT 1").fetchone() == (1,), "the copy's end takes nothing of it"
    database.close()


def test_the_cluster_is_durable_and_checks_its_pages(settings: Settings) -> None:
    wanted = {
        "fsync": "on",
        "full_page_writes": "on",
        "synchronous_commit": "on",
        "data_checksums": "on",
        "jit": "off",
    }
    with open_database(settings, SMALL) as database, connect(database.dsn("owner")) as conn:
        for name, value in wanted.items():
            assert conn.execute("SELECT current_setting(%s)", (name,)).fetchone() == (value,)


def test_a_wrong_pg_bin_names_the_setting(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match="pg_bin"):
        open_database(replace(settings, pg_bin=str(tmp_path)))


@only_root
def test_another_user_cannot_connect(settings: Settings) -> None:
    with open_database(settings, SMALL) as database:
        roles = ("owner", "worker", "web")
        assert [_enters(database.dsn(role), "root") for role in roles] == [True] * 3
        assert [_enters(database.dsn(role), "nobody") for role in roles] == [False] * 3
        Path(Place(settings.home).socket_folder()).chmod(0o755)  # even with an open door, names are checked
        try:
            assert [_enters(database.dsn(role), "nobody") for role in roles] == [False] * 3
        finally:
            Path(Place(settings.home).socket_folder()).chmod(0o700)


def _enters(dsn: str, user: str) -> bool:
    """Whether a process of that user can connect; it is forked, so that it needs no program that the user may read."""
    connect(dsn).close()  # whatever is loaded at first use is loaded
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setgid(pwd.getpwnam(user).pw_gid)
            os.setuid(pwd.getpwnam(user).pw_uid)
            connect(dsn).close()
            os._exit(0)
        except DatabaseUnavailable:
            os._exit(1)
        finally:
            os._exit(2)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert status in (0, 1)
    return status == 0


@only_root
def test_as_root_an_unreachable_home_is_refused_and_left_alone(fresh_home: Path) -> None:
    closed = fresh_home.parent / "closed"
    closed.mkdir(mode=0o700)
    settings = load_settings(closed / "home")
    with pytest.raises(DatabaseUnavailable, match=f"cannot enter {closed};.*nothing was changed"):
        open_database(settings)
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700


@only_root
def test_as_root_the_server_is_nobody_special(settings: Settings) -> None:
    settings.home.parent.chmod(0o755)
    before = stat.S_IMODE(settings.home.parent.stat().st_mode)
    with open_database(settings, SMALL):
        pid = server_pid(data_of(settings))
        assert pid
        assert Path(f"/proc/{pid}").stat().st_uid == pwd.getpwnam(SYSTEM_USER).pw_uid != 0
        assert "Groups:\t \n" in Path(f"/proc/{pid}/status").read_text().replace(
            "Groups:\t\n", "Groups:\t \n"
        )
    assert stat.S_IMODE(settings.home.parent.stat().st_mode) == before


@only_root
def test_as_a_normal_user(fresh_home: Path) -> None:
    """The same from start to stop as a user without rights, in a folder of its own; then root on that home too."""
    python = _python_for_everybody()
    fresh_home.parent.chmod(0o755)
    fresh_home.mkdir(mode=0o700)
    shutil.chown(fresh_home, "games", "games")
    done = subprocess.run(
        [*python, "-c", _AS_USER, str(fresh_home)], user="games", group="games", extra_groups=[], cwd="/",
        env={"PYTHONPATH": os.pathsep.join(path for path in sys.path if path), "HOME": "/nonexistent",
             "TOWNHALL_PG_BIN": os.environ.get("TOWNHALL_PG_BIN", "")},
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["townhall_worker", "games"]
    fresh_home.parent.chmod(0o711)
    fresh_home.chmod(0o711)
    with open_database(load_settings(fresh_home), SMALL) as database, connect(database.dsn("web")) as conn:
        assert conn.execute("SELECT current_user").fetchone() == ("townhall_web",)


_AS_USER = """
import getpass, pathlib, sys
from townhall.database import open_database
from townhall.database.connect import connect
from townhall.run.settings import load_settings
settings = load_settings(pathlib.Path(sys.argv[1]))
with open_database(settings, {"shared_buffers": "32MB"}) as database:
    with connect(database.dsn("worker")) as conn:
        print(conn.execute("SELECT current_user").fetchone()[0], pathlib.Path(settings.home, "database/data").owner())
"""


def _python_for_everybody() -> list[str]:
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for candidate in (sys.executable, f"/usr/bin/{version}"):
        try:
            subprocess.run([candidate, "-c", ""], user="games", cwd="/", check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError):
            continue
        return [candidate]
    pytest.skip("no Python of this version that another user may run")


def test_processes_are_known_by_their_folder(settings: Settings) -> None:
    with open_database(settings, SMALL):
        everyone = processes_of(data_of(settings))
        assert server_pid(data_of(settings)) in everyone and len(everyone) > 3
    assert wait_until(lambda: not processes_of(data_of(settings)), 5)
