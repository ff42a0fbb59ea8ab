"""The operating system's user that runs the server: ourselves, or as root one without any right."""

import os
import pwd
import subprocess
from pathlib import Path
from typing import Any

from msgspec import Struct

from townhall.kernel.errors import DatabaseUnavailable

SYSTEM_USER = "townhall-db"


class Account(Struct, frozen=True):
    """A user of this machine. ``switched`` says that we are root and start its processes as that user."""

    name: str
    uid: int
    gid: int
    switched: bool

    def identity(self) -> dict[str, Any]:
        """What ``subprocess`` needs to run as this user and with nothing of ours."""
        if not self.switched:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def run(self, command: list[str], timeout: float = 300) -> subprocess.CompletedProcess[str]:
        """Runs to the end as this user, from ``/``. Raises ``CalledProcessError`` with both outputs."""
        return subprocess.run(
            command, cwd="/", env=plain_environment(), capture_output=True, text=True, check=True,
            stdin=subprocess.DEVNULL, timeout=timeout, **self.identity(),
        )  # fmt: skip

    def reaches(self, folder: Path) -> bool:
        """Whether this user can enter ``folder`` (asked of the kernel, so that ACLs count)."""
        done = subprocess.run(
            ["/bin/sh", "-c", 'cd "$1"', "sh", str(folder)],
            cwd="/", env=plain_environment(), capture_output=True, check=False, **self.identity(),
        )  # fmt: skip
        return done.returncode == 0


def plain_environment() -> dict[str, str]:
    """An environment in which no PG… variable nor setting of ours leads a server or ``initdb`` astray."""
    return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C", "TZ": "UTC"}


def server_account(data: Path) -> Account:
    """Who runs the server on ``data``: its owner if it exists, else ourselves, or as root the system user.

    Raises ``DatabaseUnavailable`` when the folder belongs to somebody else and we are not root.
    """
    owner = data.stat().st_uid if data.exists() else None
    if os.geteuid() != 0:
        return _ourselves(owner, data)
    entry = pwd.getpwuid(owner) if owner else _system_user()
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, switched=True)


def require_reach(account: Account, folder: Path) -> None:
    """Raises ``DatabaseUnavailable`` naming the first folder on the way that ``account`` cannot enter."""
    if account.reaches(folder):
        return
    for step in [*reversed(folder.parents), folder]:
        if not account.reaches(step):
            raise DatabaseUnavailable(
                f"the database's user {account.name} cannot enter {step}; choose a home that it can reach, or allow "
                f"it with: chmod o+x {step} (nothing was changed)",
                permanent=True,
            )


def _ourselves(owner: int | None, data: Path) -> Account:
    try:
        entry = pwd.getpwuid(os.geteuid())
    except KeyError:
        raise DatabaseUnavailable(
            f"user number {os.geteuid()} has no name on this machine, and PostgreSQL needs one",
            permanent=True,
        ) from None
    if owner not in (None, entry.pw_uid):
        raise DatabaseUnavailable(
            f"{data} belongs to another user; run townhall as that user", permanent=True
        )
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, switched=False)


def _system_user() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        _create_system_user()
    return pwd.getpwnam(SYSTEM_USER)


def _create_system_user() -> None:
    command = ["useradd", "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent",
               "--shell", "/usr/sbin/nologin", SYSTEM_USER]  # fmt: skip
    try:
        subprocess.run(command, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError) as error:
        try:
            pwd.getpwnam(SYSTEM_USER)  # another start made it in the same moment
        except KeyError:
            raise DatabaseUnavailable(
                f"PostgreSQL does not run as root, and the system user {SYSTEM_USER} could not be made; "
                "make it, or run townhall as a normal user",
                permanent=True,
            ) from error
