"""Our own small starter of PostgreSQL: makes a cluster once, starts and stops its server, survives any kill.

Call ``start`` and ``stop`` under the start lock (``opening`` does).
"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from townhall.database.account import Account, plain_environment, require_reach, server_account
from townhall.database.address import ROLES, role_name
from townhall.database.binaries import Programs, cluster_major, find_programs
from townhall.database.place import Place
from townhall.database.process import end_all, is_ready, send, server_pid, wait_until
from townhall.database.tuning import HBA, Machine, configuration, ident_map
from townhall.kernel.errors import DatabaseUnavailable

ADMIN = "townhall_admin"
"""The embedded cluster's superuser: makes roles and the database, and is not used for anything else."""

_RECOVERY_PATIENCE = 1800.0
_STOP_PATIENCE = 120.0


class Embedded:
    """The server of one home."""

    def __init__(self, place: Place, pg_bin: str, extra: dict[str, str] | None = None) -> None:
        self.place = place
        self._pg_bin = pg_bin
        self._extra = extra or {}
        self._child: subprocess.Popen[bytes] | None = None

    def is_running(self) -> bool:
        """Whether our server lives. Reaps it if it was our child and died."""
        if self._child is not None:
            self._child.poll()
        return server_pid(self.place.data) is not None

    def start(self) -> None:
        """Starts the server unless it runs; waits for crash recovery. Raises ``DatabaseUnavailable`` with the reason."""
        if not self.is_running():
            self._start_afresh()
        self._wait_ready()

    def stop(self) -> None:
        """Stops the server (fast, then hard) and everything of it. Does nothing when none runs."""
        data = self.place.data
        for number, patience in ((signal.SIGINT, _STOP_PATIENCE), (signal.SIGQUIT, 10.0)):
            pid = server_pid(data)
            if pid is None:
                break
            send([pid], number)
            wait_until(lambda: not self.is_running(), patience)
        end_all(data)
        self.place.forget_socket_folder()

    def _start_afresh(self) -> None:
        self.place.prepare()
        account = server_account(self.place.data)
        require_reach(account, self.place.folder)
        programs = find_programs(self._pg_bin, account, self.place.data)
        if cluster_major(self.place.data) is None:
            _make_cluster(self.place, account, programs)
        _clear_leftovers(self.place)
        self._configure(account, programs)
        self._launch(account, programs)

    def _configure(self, account: Account, programs: Programs) -> None:
        folder = self.place.prepare_socket_folder(account)
        users = tuple(dict.fromkeys(("root", account.name)))
        files = {
            "postgresql.conf": configuration(_this_machine(programs, account), folder, self._more()),
            "pg_hba.conf": HBA,
            "pg_ident.conf": ident_map(users, (ADMIN, *(role_name(role) for role in ROLES))),
        }
        for name, text in files.items():
            _write_as(account, self.place.data / name, text)

    def _more(self) -> dict[str, str]:
        operator = self.place.folder / "operator.conf"
        return {**self._extra, **({"include": "../operator.conf"} if operator.exists() else {})}

    def _launch(self, account: Account, programs: Programs) -> None:
        self.place.prepare_log(account)
        with self.place.log.open("ab") as log:
            self._child = subprocess.Popen(
                [programs.path("postgres"), "-D", str(self.place.data)],
                cwd="/", env=plain_environment(), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True, umask=0o077, **account.identity(),
            )  # fmt: skip

    def _wait_ready(self) -> None:
        told, began = False, time.monotonic()
        while not is_ready(self.place.data):
            waited = time.monotonic() - began
            if self._died() or waited > _RECOVERY_PATIENCE:
                raise DatabaseUnavailable(
                    f"PostgreSQL did not start; its log {self.place.log} ends: {_tail(self.place.log)}"
                )
            if waited > 5 and not told:
                print("PostgreSQL is recovering after a crash; waiting for it.", file=sys.stderr)
                told = True
            time.sleep(0.02)

    def _died(self) -> bool:
        if self._child is not None:
            return self._child.poll() is not None
        return not self.is_running()


def _make_cluster(place: Place, account: Account, programs: Programs) -> None:
    """``initdb`` beside the final place and one rename, so that a kill half-way leaves no half cluster."""
    fresh = place.folder / "data.new"
    subprocess.run(["/bin/rm", "-rf", str(fresh)], check=True)
    fresh.mkdir(mode=0o700)
    if account.switched:
        os.chown(fresh, account.uid, account.gid)
    command = [programs.path("initdb"), "-D", str(fresh), "-U", ADMIN, "--encoding=UTF8", "--data-checksums",
               "--auth=reject", *_locale(programs.major)]  # fmt: skip
    try:
        account.run(command)
    except (OSError, subprocess.SubprocessError) as error:
        raise DatabaseUnavailable(f"initdb failed: {_said(error)}", permanent=True) from error
    if place.data.exists():
        place.data.rmdir()
    fresh.rename(place.data)
    _sync_folder(place.folder)


def _locale(major: int) -> list[str]:
    if major >= 17:
        return ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
    return ["--locale=C.UTF-8"]


def _clear_leftovers(place: Place) -> None:
    """After ``kill -9``: orphans end first, then the stale notes go; the id in them may be somebody else's by now.

    PostgreSQL itself would refuse to start while any process at all has that id.
    """
    end_all(place.data)
    for stale in (place.data / "postmaster.pid", *Path(place.socket_folder()).glob(".s.PGSQL.*")):
        stale.unlink(missing_ok=True)


def _write_as(account: Account, path: Path, text: str) -> None:
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    if account.switched:
        os.chown(fresh, account.uid, account.gid)
    fresh.replace(path)


def _this_machine(programs: Programs, account: Account) -> Machine:
    shm = os.statvfs("/dev/shm") if Path("/dev/shm").is_dir() else None  # noqa: S108
    return Machine(
        memory=os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        shm=shm.f_frsize * shm.f_blocks if shm else 0,
        major=programs.major,
        lz4=_has_lz4(programs, account),
    )


def _has_lz4(programs: Programs, account: Account) -> bool:
    try:
        return "with-lz4" in account.run([programs.path("pg_config"), "--configure"]).stdout
    except (OSError, subprocess.SubprocessError):
        return False


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _tail(log: Path) -> str:
    try:
        return " | ".join(log.read_text(errors="replace").splitlines()[-5:])
    except OSError:
        return "(unreadable)"


def _said(error: Exception) -> str:
    return str(getattr(error, "stderr", "") or error).strip()
