"""The embedded server's folders: ``<home>/database`` with cluster, locks, log, and a short way to its socket."""

import os
import re
import shutil
import stat
import tempfile
from pathlib import Path

from townhall.database.account import Account, require_reach
from townhall.kernel.errors import DatabaseUnavailable

SOCKET_PATH_LIMIT = 107
"""Bytes of a socket's path that Linux takes (``sun_path`` is 108 with its final zero)."""

_SOCKET_NAME = "/.s.PGSQL.5432.lock"
# libpq splits hosts at commas and PostgreSQL splits its list of folders likewise
_PLAIN = re.compile(r"[A-Za-z0-9._/-]+")


class Place:
    """Paths under one home. Making them is ``prepare``; nothing here starts anything."""

    def __init__(self, home: Path) -> None:
        self.home = home.expanduser().absolute()
        self.folder = self.home / "database"
        self.data = self.folder / "data"
        self.log = self.folder / "server.log"
        self.start_lock = self.folder / "start.lock"
        self.lease_lock = self.folder / "lease.lock"
        self._socket_note = self.folder / "socket-folder"

    def prepare(self) -> None:
        """Makes home and folder where missing; a folder that exists keeps its mode.

        As root the database's user must pass through (not read) them, hence 0711; the cluster itself is 0700.
        """
        mode = 0o711 if os.geteuid() == 0 else 0o700
        for folder in (self.home, self.folder):
            _make(folder, mode)

    def prepare_log(self, account: Account) -> None:
        """An empty private log that the server's user may write, if there is none."""
        if not self.log.exists():
            os.close(os.open(self.log, os.O_CREAT | os.O_WRONLY, 0o600))
            _give(self.log, account)

    def socket_folder(self) -> str:
        """Where the socket is, or would be at the next start. Raises nothing; may not exist.

        The note of a home that was copied names the other home's folder, and counts for nothing here.
        """
        try:
            noted, _, whose = self._socket_note.read_text().strip().partition("\n")
        except FileNotFoundError:
            noted, whose = "", ""
        return noted if noted and whose == self._itself() else str(self.folder / "socket")

    def prepare_socket_folder(self, account: Account) -> str:
        """A folder that only the server's user (and root) can enter, short enough for a socket's path."""
        noted = self.socket_folder()
        if _fits(noted) and _is_private(noted, account):
            return noted
        made = self._make_socket_folder(account)
        require_reach(account, Path(made))
        self._socket_note.write_text(f"{made}\n{self._itself()}\n")
        return made

    def forget_socket_folder(self) -> None:
        """Removes the socket folder after the server stopped, and the note of it."""
        noted = self.socket_folder()
        if Path(noted).parent != self.folder:
            shutil.rmtree(noted, ignore_errors=True)
            self._socket_note.unlink(missing_ok=True)

    def _itself(self) -> str:
        """What a copy of this folder does not have."""
        found = self.folder.stat()
        return f"{found.st_dev}:{found.st_ino}"

    def _make_socket_folder(self, account: Account) -> str:
        near = self.folder / "socket"
        if _fits(str(near)):
            near.mkdir(mode=0o700, exist_ok=True)
            made = str(near)
        else:
            made = tempfile.mkdtemp(prefix="townhall-", dir=_short_temporary_folder())
        _give(Path(made), account)
        if not _is_private(made, account):
            raise DatabaseUnavailable(
                f"{made} is not a private folder of {account.name}; remove it", permanent=True
            )
        return made


def _short_temporary_folder() -> str:
    chosen = tempfile.gettempdir()
    return chosen if _fits(chosen + "/townhall-12345678") else "/tmp"  # noqa: S108


def _fits(folder: str) -> bool:
    return bool(_PLAIN.fullmatch(folder)) and len(os.fsencode(folder + _SOCKET_NAME)) <= SOCKET_PATH_LIMIT


def _is_private(folder: str, account: Account) -> bool:
    try:
        found = os.lstat(folder)
    except OSError:
        return False
    private = stat.S_ISDIR(found.st_mode) and stat.S_IMODE(found.st_mode) == 0o700
    return private and found.st_uid == account.uid


def _make(folder: Path, mode: int) -> None:
    if folder.is_dir():
        return
    try:
        folder.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        folder.mkdir(mode=mode, exist_ok=True)
    except OSError as error:
        raise DatabaseUnavailable(f"cannot make {folder}: {error.strerror}", permanent=True) from error
    folder.chmod(mode)  # ours, just made: the umask must not narrow it


def _give(path: Path, account: Account) -> None:
    if account.switched:
        os.chown(path, account.uid, account.gid)
