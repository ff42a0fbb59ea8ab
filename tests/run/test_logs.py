"""Logs are JSON and hold no secret."""

import json
import subprocess
import sys

import pytest

from townhall.run.logs import REMOVED, cleaned, without_secrets

SECRET = "s3cr3t-value-0123456789"


@pytest.mark.parametrize(
    "text",
    [
        f"postgresql://townhall:{SECRET}@db/x",
        f"Authorization: Bearer {SECRET}",
        f"GET /hooks?access_token={SECRET}&x=1",
        f"opened /first/{SECRET}/",
    ],
)
def test_secrets_are_taken_out_of_texts(text: str) -> None:
    assert SECRET not in cleaned(text) and REMOVED in cleaned(text)


def test_plain_texts_stay_as_they_are() -> None:
    for text in ("first/second", "http://localhost:8000/inbox?page=2", "a token of thanks", ""):
        assert cleaned(text) == text


def test_values_with_a_secret_name_are_taken_out() -> None:
    found = without_secrets(None, "info", {"event": "x", "api_token": SECRET, "dsn": SECRET, "count": 3})
    assert found == {"event": "x", "api_token": REMOVED, "dsn": REMOVED, "count": 3}


def test_ours_and_the_libraries_lines_are_json_with_the_role() -> None:
    script = (
        "import logging, structlog\nfrom townhall.run.logs import start_logging\nstart_logging('info', 'clock')\n"
        f"structlog.get_logger().info('ours', password='{SECRET}')\n"
        f"logging.getLogger('lib').warning('theirs %s', 'postgresql://u:{SECRET}@h/d')\n"
        "structlog.get_logger().debug('hidden')\n"
        "try:\n    1 / 0\nexcept ZeroDivisionError:\n    logging.getLogger('lib').exception('fell')\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert [(line["event"][:6], line["role"]) for line in lines] == [
        ("ours", "clock"),
        ("theirs", "clock"),
        ("fell", "clock"),
    ]
    assert SECRET not in done.stderr and "ZeroDivisionError" in lines[2]["exception"]


def test_a_command_warns_on_stderr_and_leaves_stdout_to_its_answer() -> None:
    script = (
        "import structlog, typer\nfrom townhall.run.command import settings_of\n"
        "settings_of(typer.Context(typer.main.get_command(typer.Typer(callback=lambda: None))))\n"
        "structlog.get_logger().info('hidden')\nstructlog.get_logger().warning('told')\nprint('{}')\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "{}\n"
    assert [json.loads(line)["event"] for line in done.stderr.splitlines()] == ["told"]


def test_a_database_that_went_away_is_one_line_and_a_status() -> None:
    script = (
        "import psycopg\nfrom townhall.run import command\n"
        "def gone():\n    raise psycopg.OperationalError('server closed the\\nconnection')\n"
        "command.app = gone\ncommand.main()\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (7, "", 1)
    assert "server closed the connection" in done.stderr
