"""``townhall journal`` as people and scripts call it."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from psycopg import Connection

from tests.journal.record import a_fact
from townhall import journal
from townhall.database import Database
from townhall.flow.sequencer import settle
from townhall.run.settings import Settings, as_environment

pytestmark = pytest.mark.database


@pytest.fixture
def call(copied_settings: Settings) -> Callable[..., subprocess.CompletedProcess[str]]:
    environment = {**os.environ, **as_environment(copied_settings)}

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "townhall.run.command", "journal", *words]
        return subprocess.run(
            command, env=environment, capture_output=True, text=True, check=False, timeout=120
        )

    return run


async def test_verify_says_it_in_json_in_words_and_by_its_status(
    call: Callable[..., subprocess.CompletedProcess[str]], copied_settings: Settings, database: Database,
    worker: Connection[Any], owner: Connection[Any],
) -> None:  # fmt: skip
    for n in range(3):
        journal.append(worker, [a_fact(n), a_fact(n + 1)])
    await settle(copied_settings, database)
    good = call("verify", "--json")
    found = json.loads(good.stdout)
    assert (good.returncode, good.stderr) == (0, "")
    assert (found["ok"], found["facts"], found["first_broken"]) == (True, 6, None) and found[
        "facts_per_s"
    ] > 0
    key = call("key").stdout.strip()
    assert call("verify", "--key", key).stdout.startswith("The record proves itself.\n6 facts in 3 blocks")
    owner.execute("DELETE FROM fact_block WHERE id = (SELECT block_id FROM fact_order WHERE position = 1)")
    bad = call("verify", "--json")
    found = json.loads(bad.stdout)
    assert bad.returncode == 3 and len(bad.stderr.splitlines()) == 1
    assert not found["ok"] and found["first_broken"].endswith("(position 1): the block is gone")


def test_a_key_that_is_none_is_refused(call: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    refused = call("verify", "--key", "nonsense")
    assert refused.returncode == 2 and "--key" in refused.stderr and "Traceback" not in refused.stderr
