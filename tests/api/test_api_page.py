"""The page about the API is true: its reference is the document's, and what it shows is run."""

import json
import re
import shlex
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from townhall.web.api.reference import page

PAGE = Path(__file__).resolve().parents[2] / "docs" / "api.md"
SHOWN = re.compile(r"^```(console|sh)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def commands(kind: str) -> list[str]:
    return [
        line.removeprefix("$ ")
        for found, body in SHOWN.findall(PAGE.read_text())
        if found == kind
        for line in body.splitlines()
    ]


def test_the_reference_is_the_documents(office: Any) -> None:
    from townhall.web.api.site import document

    again = "run: python -m townhall.web.api.reference docs/api.md"
    assert page(PAGE.read_text(), document()) == PAGE.read_text(), again


def test_every_request_shown_is_a_good_one(office: Any) -> None:
    case = str(office.case())
    asked = 0
    for command in commands("console"):
        words = shlex.split(command)
        assert words[0] == "curl"
        method = words[words.index("-X") + 1] if "-X" in words else "GET"
        body = words[words.index("-d") + 1].encode() if "-d" in words else None
        headers = dict(words[n + 1].split(": ", 1) for n, word in enumerate(words) if word == "-H")
        who = {"Bearer $TOKEN": "bo", "Bearer $ADMIN": "ann"}[headers.pop("Authorization")]
        media = headers.pop("Content-Type", "application/json")
        path = words[-1].removeprefix("http://localhost:8000").replace("$CASE", case)
        came = office.asks(who)(method, path, body, media=media, **headers)
        assert came.status < 300, (command, came.status, came.body)
        asked += 1
    assert asked >= 9


def test_the_token_commands_shown(office: Any) -> None:
    from townhall.run.command import app
    from townhall.run.settings import load_settings

    home = ["--home", str(office.settings.home)]
    assert load_settings(office.settings.home).database_name == office.settings.database_name
    made = 0
    for command in commands("sh"):
        words = shlex.split(command)
        assert words[:2] == ["townhall", "token"]
        names = {"demo": "api-brook", "ann@example.org": "ann.api-brook@example.org"}
        given = [names.get(word, word) for word in words[1:]]
        if "revoke" in given:
            given[given.index("7")] = str(made)
        came = CliRunner().invoke(app, [*home, *given], catch_exceptions=False)
        assert came.exit_code == 0, came.output
        if "--json" in given:
            told = json.loads(came.output)
            assert set(told) == {"token", "id", "name", "role", "brand", "expires_at"}
            made = told["id"]
