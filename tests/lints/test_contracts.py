"""The import contracts find what they are for: a copy of the house's imports with one bad one planted."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINT = Path(sys.executable).parent / "lint-imports"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real order of rooms and the real contracts, over rooms that hold next to nothing."""
    root = tmp_path_factory.mktemp("house")
    shutil.copy(ROOT / ".importlinter", root)
    shutil.copytree(ROOT / "src/townhall/kernel", root / "townhall/kernel")
    for room in (path.name for path in (ROOT / "src/townhall").iterdir() if (path / "__init__.py").exists()):
        (root / "townhall" / room).mkdir(parents=True, exist_ok=True)
        (root / "townhall" / room / "__init__.py").touch()
    (root / "townhall/__init__.py").touch()
    (root / "townhall/care/logic.py").write_text(
        "from townhall.kernel.clock import Instant\n\nnow: Instant = 0\n"
    )
    (root / "townhall/channels/x").mkdir()
    (root / "townhall/channels/x/__init__.py").touch()
    (root / "townhall/channels/x/parse.py").touch()
    return root


def judge(root: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [LINT, "--no-cache"],
        cwd=root,
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(root)},
    )


def test_all_is_well_before_anything_is_planted(house: Path) -> None:
    done = judge(house)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("care/wrong.py", "import townhall.policy", "townhall.care is not allowed to import townhall.policy"),
        (
            "kernel/wrong.py",
            "import townhall.database",
            "townhall.kernel is not allowed to import townhall.database",
        ),
        ("desk/wrong.py", "import townhall.flow", "townhall.desk is not allowed to import townhall.flow"),
        ("journal/logic.py", "import random", "townhall.journal.logic -> random"),
        ("policy/logic.py", "import townhall.policy.store", "townhall.policy.store -> psycopg"),
        ("channels/x/parse.py", "import socket", "townhall.channels.x.parse -> socket"),
        ("attic/__init__.py", "", "townhall.attic"),
    ],
)
def test_a_planted_import_is_found(house: Path, name: str, text: str, says: str) -> None:
    planted = house / "townhall" / name
    before = planted.read_text() if planted.exists() else None
    planted.parent.mkdir(exist_ok=True)
    store = house / "townhall/policy/store.py"
    store.write_text("import psycopg\n")
    planted.write_text(text + "\n")
    try:
        done = judge(house)
    finally:
        planted.unlink() if before is None else planted.write_text(before)
        store.unlink()
        if name.startswith("attic"):
            shutil.rmtree(planted.parent)
    assert done.returncode == 1 and says in " ".join((done.stdout + done.stderr).split()), done.stdout
