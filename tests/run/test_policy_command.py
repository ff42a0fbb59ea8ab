"""``townhall policy``: the whole way of a version on the command line, with its JSON; two people, no way around the second."""

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

DOCUMENT = """\
id: care
version: 2
calendar: default
rules:
  - {id: asked, owner: care, reason: Questions are answered., when: "post.question", effect: answer,
     targets: {first_response: 2h}}
"""
STAFF = """
WITH made AS (
    INSERT INTO staff (password, email, name, operator, is_active, date_joined, zone, theme, density, single_keys)
    VALUES ('', %s, %s, false, true, now(), '', '', '', true) RETURNING id
)
INSERT INTO membership (brand_id, roles, staff_id) SELECT %s, '{compliance}', id FROM made
"""
pytestmark = pytest.mark.database


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    made = make_home()
    with opened(load_settings(made)) as database:
        with connect(database.dsn("owner")) as conn, transaction(conn):
            brand = open_brand(conn, "acme", system_clock()).brand
            for name in ("Ann", "Bo"):
                conn.execute(STAFF, [f"{name.lower()}@example.org", name, brand.id])
        yield made
    shutil.rmtree(made.parent, ignore_errors=True)


@pytest.fixture
def townhall(home: Path) -> Callable[..., tuple[int, Any, str]]:
    def run(*words: str) -> tuple[int, Any, str]:
        done = subprocess.run(
            [sys.executable, "-m", "townhall.run.command", "--home", str(home), "policy", *words],
            capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        as_json = "--json" in words and done.stdout
        return done.returncode, json.loads(done.stdout) if as_json else done.stdout, done.stderr

    return run


def test_the_whole_way_on_the_command_line(
    townhall: Callable[..., tuple[int, Any, str]], tmp_path: Path
) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text(DOCUMENT)
    ann, bo = ("--as", "ann@example.org", "--json"), ("--as", "bo@example.org", "--json")
    made = townhall("draft", str(file), "--note", "Only questions.", *ann)
    assert made[0] == 0 and (made[1]["number"], made[1]["state"], made[1]["author"]) == (
        2,
        "draft",
        "Ann (command line)",
    )
    assert townhall("review", "2", "--ask", *ann)[1]["state"] == "in_review"
    code, _, said = townhall("review", "2", "--approve", *ann)
    assert code == 5 and "another person" in said
    code, _, said = townhall("review", "2", "--approve", "--json")
    assert code == 5 and "Only a person" in said
    assert townhall("review", "2", "--approve", *bo)[1]["reviewed_by"] == "Bo (command line)"
    assert townhall("activate", "2", "--at", "2099-01-01", *bo)[0] == 2
    done = townhall("activate", "2", *bo)[1]
    assert (done["number"], done["retired"], done["due"]) == (2, 1, None)
    assert townhall("show")[1] == DOCUMENT
    back = townhall("rollback", "1", "--reason", "Too quiet.", *bo)[1]
    assert (back["number"], back["retired"]) == (1, 2)
    listed = townhall("versions", "--json")[1]
    assert [(one["number"], one["state"]) for one in listed["versions"]] == [(2, "retired"), (1, "active")]
    acts = townhall("show", "2", "--json")[1]["acts"]
    assert [act["act"] for act in acts] == ["draft", "ask", "approve", "activate"]


def test_differences_and_words(townhall: Callable[..., tuple[int, Any, str]], tmp_path: Path) -> None:
    old, new = tmp_path / "old.yaml", tmp_path / "new.yaml"
    old.write_text(DOCUMENT)
    new.write_text(DOCUMENT.replace("2h", "1h"))
    found = townhall("diff", str(old), str(new), "--json")[1]
    assert found["sentences"] == ["asked: the first answer was within 2 h, is within 1 h."]
    assert found["verdicts"]["interactions"] == 0
    said = townhall("english", str(new), "--json")[1]
    assert said["rules"][0]["sentence"].startswith(
        "When the post is a question: answer in public, first answer within 1 h"
    )
    code, _, said = townhall("draft", str(tmp_path / "none.yaml"), "--json")
    assert code == 4 and "cannot be read" in said
    code, _, said = townhall("show", "77", "--json")
    assert code == 4 and "no policy version 77" in said
    code, _, said = townhall("versions", "--brand", "nobody", "--json")
    assert code == 4
