"""The example of a system of one's own that our page shows is run, and asked as the panel asks."""

import json
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.generated import ROOT
from townhall.beside.ask import Question, ask
from townhall.beside.logic.panel import Identity, Panel, Row, question, read
from townhall.channels.webhook.signature import signed
from townhall.database.process import wait_until
from townhall.kernel.clock import MINUTE, Instant, system_clock
from townhall.vault import new_shared_secret

PAGE = (ROOT / "docs" / "operator" / "own-systems.md").read_text()
SECRET = new_shared_secret()


def shown(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    file: Path = tmp_path_factory.mktemp("example") / "panel.py"
    file.write_text(shown("python")[0])
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    running = subprocess.Popen([sys.executable, str(file), SECRET, str(port)], stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: ask_about("", port, secret=SECRET)[0] > 0, 20)
        yield str(port)
    finally:
        running.terminate()
        running.wait(10)


def ask_about(handle: str, port: int | str, *, secret: str = SECRET, now: Instant = 0) -> tuple[int, bytes]:
    at = now or system_clock()
    body = question("acme", 812, (Identity("mastodon", handle, "7", True),), at)
    headers = signed(secret, "panel_812", at, body)
    answer = ask(
        Question("example", f"http://127.0.0.1:{port}/", body, headers, 1 << 16, 5.0, False), frozenset()
    )
    return answer.status, answer.body


def test_it_knows_its_customers_and_nobody_else(address: str) -> None:
    found = read(ask_about("dana@social.example", address)[1])
    assert isinstance(found, Panel) and found.sections[0].rows == (Row("Plan", "Fern M, 40 GB"),)
    assert read(ask_about("bo@social.example", address)[1]) == Panel(False, "", ())


def test_it_refuses_what_is_not_signed_and_what_is_old(address: str) -> None:
    assert ask_about("dana@social.example", address, secret=new_shared_secret())[0] == 401
    assert ask_about("dana@social.example", address, now=system_clock() - 6 * MINUTE)[0] == 401


def test_question_and_answer_on_the_page_are_ones() -> None:
    asked, answered = shown("json")
    given = json.loads(asked)
    dana = Identity("mastodon", "dana@social.example", "https://social.example/users/dana", True)
    assert json.loads(question("acme", 812, (dana,), 1_772_548_320_000_000)) == given
    found = read(answered.encode())
    assert isinstance(found, Panel) and len(found.sections[0].rows) == 5
