"""A home's database put back from a copied folder, with the checkpoints that were kept elsewhere: as an operator does it."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.flow.parish import post

pytestmark = [pytest.mark.database, pytest.mark.slow]


@pytest.fixture
def home(fresh_home: Path) -> Iterator[Path]:
    yield fresh_home
    townhall(fresh_home, "stop")


def townhall(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "townhall.run.command", "--home", str(home), *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=180)


def copied(source: Path, to: Path) -> None:
    """With owners and modes, as a backup keeps them."""
    subprocess.run(["cp", "-a", str(source), str(to)], check=True)


def posts(home: Path, first: int, last: int) -> str:
    path = home.parent / f"posts-{first}.ndjson"
    path.write_bytes(b"\n".join(post(n, n, root=n) for n in range(first, last)))
    return str(path)


def test_a_database_older_than_its_checkpoints_is_parked_and_signs_under_a_new_name(home: Path) -> None:
    assert townhall(home, "import", posts(home, 1, 20), "--brand", "acme", "--json").returncode == 0
    townhall(home, "stop")
    kept = home.parent / "kept"
    copied(home / "database", kept)
    assert townhall(home, "import", posts(home, 20, 50), "--brand", "acme", "--json").returncode == 0
    townhall(home, "stop")
    shutil.rmtree(home / "database")
    copied(kept, home / "database")

    behind = townhall(home, "journal", "verify", "--json")
    assert behind.returncode == 3 and "checkpoint" in behind.stderr and not json.loads(behind.stdout)["ok"]
    told = json.loads(townhall(home, "restored", "--json").stdout)
    assert (told["brands_stopped"], told["log"], told["opening"]) == (1, "behind", None)
    opened = json.loads(townhall(home, "restored", "--new-epoch", "--json").stdout)
    assert (opened["brands_stopped"], opened["log"], opened["opening"]["epoch"]) == (0, "new epoch", 2)

    again = json.loads(townhall(home, "import", posts(home, 20, 50), "--brand", "acme", "--json").stdout)
    assert (again["accepted"], again["duplicates"]) == (30, 0)
    proof = townhall(home, "journal", "verify", "--json")
    found = json.loads(proof.stdout)
    assert proof.returncode == 0 and found["ok"] and found["epochs"] == 2 and found["lost"] > 0
    assert "epoch 2 of the log" in townhall(home, "journal", "verify").stdout
    refused = townhall(home, "restored", "--new-epoch")
    assert refused.returncode == 6 and refused.stderr.count("\n") == 1
