"""``townhall import`` on a real home: killed at any moment and begun again it stores every post once, and proves it."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from townhall.database.opening import stop_server
from townhall.kernel.clock import from_iso
from townhall.run.bench.traffic import Traffic

POSTS = 2500
pytestmark = [pytest.mark.database, pytest.mark.slow]


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    lines = list(Traffic(7, 7_000).lines(POSTS, from_iso("2026-03-02T09:00:00+00:00"), 10))
    path = tmp_path / "sample.ndjson"
    path.write_bytes(b"\n".join(lines) + b"\nnot json\n")
    return path


def command(home: Path, *words: str) -> list[str]:
    return [sys.executable, "-m", "townhall.run.command", "--home", str(home), *words]


def asked(home: Path, *words: str) -> dict[str, Any]:
    done = subprocess.run(command(home, *words, "--json"), capture_output=True, text=True, timeout=180)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def start_and_kill(home: Path, sample: Path, after: float) -> None:
    running = subprocess.Popen(
        command(home, "import", str(sample), "--brand", "acme", "--json"),
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    try:
        running.wait(after)
    except subprocess.TimeoutExpired:
        os.killpg(running.pid, signal.SIGKILL)
        running.wait()


def test_killed_imports_lose_nothing_and_repeat_nothing(fresh_home: Path, sample: Path) -> None:
    chance = random.Random(3)
    try:
        asked(fresh_home, "status")
        for _ in range(3):
            start_and_kill(fresh_home, sample, 2.0 + chance.random() * 4)
        last = asked(fresh_home, "import", str(sample), "--brand", "acme")
        again = asked(fresh_home, "import", str(sample), "--brand", "acme")
        status = asked(fresh_home, "status")
        proof = asked(fresh_home, "journal", "verify")
    finally:
        stop_server(fresh_home)
    different = len(set(sample.read_bytes().splitlines()) - {b"not json"})
    assert last["read"] == last["accepted"] + last["duplicates"] + last["rejected"] == POSTS + 1
    assert (again["accepted"], again["rejected"], again["duplicates"]) == (0, 1, POSTS)
    assert status["interactions"] == different
    assert status["queues"]["search"]["waiting"] == 0, "what an import took in is found, though no clock ran"
    assert proof["ok"] and proof["first_broken"] is None
    assert Path(again["rejects_file"]).read_text().startswith(f'{{"line":{POSTS + 1},')


def test_a_file_that_cannot_be_read_is_one_clear_line(fresh_home: Path) -> None:
    began = time.monotonic()
    done = subprocess.run(
        command(fresh_home, "import", "/no/such/file.ndjson"), capture_output=True, text=True, timeout=120
    )
    stop_server(fresh_home)
    assert done.returncode == 2 and time.monotonic() - began < 100
    assert done.stderr.count("\n") == 1 and "/no/such/file.ndjson" in done.stderr
