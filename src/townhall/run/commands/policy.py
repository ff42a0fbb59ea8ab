"""``townhall policy``: judges a policy, explains a verdict, replays past traffic."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from psycopg import Connection
from rich.progress import Progress

from townhall.kernel.clock import DAY, Instant, from_datetime, system_clock
from townhall.kernel.errors import NotFound, Refused
from townhall.run.command import settings_of

app = typer.Typer(no_args_is_help=True, help="Judge a policy, explain a verdict, replay past traffic.")

_File = Annotated[Path, typer.Argument(help="A policy document (YAML).")]
_Brand = Annotated[
    str, typer.Option(help="The brand's short name; may be left out where there is one brand.")
]
_From = Annotated[
    str, typer.Option("--from", help="Received from: a day or an instant, UTC; else 30 days ago.")
]
_To = Annotated[str, typer.Option("--to", help="Received before: a day or an instant, UTC; else now.")]
_Json = Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")]


@app.callback()
def policy() -> None:
    """Judge a policy, explain a verdict, replay past traffic."""


@app.command()
def check(file: _File, as_json: _Json = False) -> None:
    """Types, names, patterns and examples; then what rules do to each other. Exit status 3 when it is refused."""
    from townhall.policy.logic.check import check_policy

    found = check_policy(_read(file))
    _print(found, as_json)
    if not found["ok"]:
        raise typer.Exit(3)


@app.command()
def explain(
    ctx: typer.Context,
    interaction: Annotated[int, typer.Argument(help="The number of an interaction.")],
    as_json: _Json = False,
) -> None:
    """Which rules matched on what, which did not and why, and what would have changed the verdict."""
    from townhall.flow.backtest import explained

    with _reading(ctx) as (conn, kek):
        _print(explained(conn, kek, interaction), as_json)


@app.command()
def backtest(
    ctx: typer.Context,
    file: _File,
    from_: _From = "",
    to: _To = "",
    brand: _Brand = "",
    as_json: _Json = False,
) -> None:
    """What another policy would have decided about stored traffic. Nothing is written."""
    from townhall.flow import backtest as tests
    from townhall.policy.logic import parse_policy

    judged_by = parse_policy(_read(file))
    with _reading(ctx) as (conn, kek), Progress(disable=as_json, transient=True) as bar:
        task = bar.add_task("replaying", total=None)
        window = _window(conn, brand, from_, to)
        found = tests.backtest(conn, kek, judged_by, window, lambda n: bar.update(task, completed=n))
    _print(found, as_json)


@app.command()
def rederive(
    ctx: typer.Context, from_: _From = "", to: _To = "", brand: _Brand = "", as_json: _Json = False
) -> None:
    """Derive stored verdicts again from what was judged. Exit status 3 when one differs."""
    from townhall.flow import backtest as tests

    with _reading(ctx) as (conn, kek), Progress(disable=as_json, transient=True) as bar:
        task = bar.add_task("deriving", total=None)
        found = tests.rederive(
            conn, kek, _window(conn, brand, from_, to), lambda n: bar.update(task, completed=n)
        )
    _print(found, as_json)
    if not found["ok"]:
        raise typer.Exit(3)


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise NotFound(f"{file} cannot be read: {error.strerror}") from error


@contextmanager
def _reading(ctx: typer.Context) -> Iterator[tuple[Connection[Any], bytes]]:
    from townhall.database.connect import connect, transaction
    from townhall.run.migrate import opened
    from townhall.vault import open_keys

    settings = settings_of(ctx)
    with (
        opened(settings) as database,
        connect(database.dsn("worker"), "townhall policy") as conn,
        transaction(conn),
    ):
        yield conn, open_keys(settings.home).kek


def _window(conn: Connection[Any], brand: str, low: str, high: str) -> Any:
    from townhall.flow.replay import Window
    from townhall.people import brands

    known = brands.all_brands(conn)
    if not brand and len(known) != 1:
        raise Refused(
            f"name the brand with --brand: {', '.join(sorted(b.slug for b in known.values())) or 'there is none'}"
        )
    here = brands.by_slug(conn, brand) if brand else next(iter(known.values()))
    now = system_clock()
    return Window(here.id, _instant(low, now - 30 * DAY), _instant(high, now + 1))


def _instant(stated: str, otherwise: Instant) -> Instant:
    if not stated:
        return otherwise
    try:
        moment = datetime.fromisoformat(stated)
    except ValueError as error:
        raise Refused(
            f"{stated!r} is no day and no instant; write 2026-01-31 or 2026-01-31T08:00:00Z"
        ) from error
    return from_datetime(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def _print(found: dict[str, Any], as_json: bool) -> None:
    shown = msgspec.json.encode(found)
    typer.echo(shown.decode() if as_json else msgspec.json.format(shown).decode())
