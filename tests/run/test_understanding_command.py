"""``townhall understanding``: from a file of labels to a model in use and back, on the command line."""

import csv
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import make_home
from townhall.database.connect import connect, transaction
from townhall.flow.opening import open_brand
from townhall.kernel.clock import system_clock
from townhall.run.migrate import opened
from townhall.run.settings import load_settings

_LOVELY = ("the torch is sick", "this kettle slaps", "sick lamp, sick price", "these boots slap hard")
_AWFUL = ("the torch is naff", "this kettle is pants", "naff lamp, naff price", "these boots are pants")
ROWS = [
    (f"{text} {n}", "positive" if text in _LOVELY else "negative")
    for n in range(5)
    for text in _LOVELY + _AWFUL
]
pytestmark = pytest.mark.database
Run = Callable[..., tuple[int, Any, str]]


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    made = make_home()
    with opened(load_settings(made)) as database:
        with connect(database.dsn("owner")) as conn, transaction(conn):
            open_brand(conn, "acme", system_clock())
        yield made
    shutil.rmtree(made.parent, ignore_errors=True)


@pytest.fixture
def townhall(home: Path) -> Run:
    def run(*words: str) -> tuple[int, Any, str]:
        done = subprocess.run(
            [sys.executable, "-m", "townhall.run.command", "--home", str(home), "understanding", *words],
            capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        as_json = "--json" in words and done.stdout
        return done.returncode, json.loads(done.stdout) if as_json else done.stdout, done.stderr

    return run


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    path = tmp_path / "labelled.csv"
    with path.open("w", encoding="utf-8", newline="") as lines:
        rows = csv.writer(lines)
        rows.writerow(("text", "label"))
        rows.writerows(ROWS)
    return path


def test_from_a_file_to_use_and_back(townhall: Run, labelled: Path) -> None:
    status, made, said = townhall("train", str(labelled), "--head", "sentiment", "--brand", "acme", "--json")
    assert status == 0, said
    assert (made["head"], made["number"], made["state"], made["card"]["source"]) == (
        "sentiment",
        1,
        "candidate",
        "file",
    )
    assert made["card"]["candidate"]["accuracy"] > made["card"]["shipped"]["accuracy"]
    assert townhall("activate", "1", "--head", "sentiment", "--json")[1]["retired"] == 0
    status, out, _ = townhall("versions")
    assert status == 0 and "sentiment 1 (active): 40 posts" in out and "against shipped on 40 posts" in out
    status, _, said = townhall("rollback", "0", "--head", "sentiment", "--reason", " ")
    assert status != 0 and "Say why" in said
    assert (
        townhall("rollback", "0", "--head", "sentiment", "--reason", "A drill.", "--json")[1]["number"] == 0
    )
    assert townhall("versions", "--json")[1]["versions"][0]["state"] == "retired"


def test_what_cannot_be_done_is_one_line_on_stderr(townhall: Run, labelled: Path) -> None:
    for words, why in (
        (("train", "--head", "spam"), "there are 0 (none)"), (("train", "needs"), "say --head HEAD"),
        (("train", "--head", "colour", str(labelled)), "Nothing is read as 'colour'"),
        (("train", "--head", "spam", str(labelled)), "spam is one of no, yes, not 'negative'"),
        (("train", "--head", "spam", "a.csv", "b.csv"), "at most one file"),
        (("activate", "9", "--head", "spam"), "There is no version 9 of spam"),
    ):  # fmt: skip
        status, out, said = townhall(*words)
        assert status != 0 and out == "" and why in said and said.count("\n") == 1, (words, said)


def test_a_model_apart_is_trained_as_before(townhall: Run, labelled: Path, home: Path) -> None:
    status, card, said = townhall("train", "moods", str(labelled), "--json")
    assert status == 0 and card["name"] == "moods", said
    status, found, _ = townhall("judge", "moods", str(labelled), "--least-sure", "2", "--json")
    assert status == 0 and len(found["posts"]) == 2 and (home / "models" / "own" / "moods.npz").exists()
