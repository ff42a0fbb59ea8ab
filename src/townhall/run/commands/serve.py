"""``townhall serve``: one role alone, in this process."""

from typing import Annotated

import typer

from townhall.run.command import settings_of
from townhall.run.lifecycle import die_with_parent
from townhall.run.logs import start_logging
from townhall.run.presence import counted_role
from townhall.run.settings import Settings

app = typer.Typer(no_args_is_help=True, help="Run one role alone: web, live, worker or clock.")
_FD = Annotated[int | None, typer.Option("--fd", hidden=True)]


def _begin(ctx: typer.Context, role: str) -> Settings:
    die_with_parent()
    settings = settings_of(ctx)
    start_logging(settings.log_level, role)
    return settings


@app.command()
def web(ctx: typer.Context, fd: _FD = None) -> None:
    """Pages, API, hooks and live figures on one port."""
    settings = _begin(ctx, "web")
    from townhall.run.roles import web as role

    with counted_role(settings.home, "web"):
        role.main(settings, fd)


@app.command()
def live(ctx: typer.Context, fd: _FD = None) -> None:
    """Live figures apart, on a port of their own."""
    settings = _begin(ctx, "live")
    from townhall.run.roles import live as role

    with counted_role(settings.home, "live"):
        role.main(settings, fd)


@app.command()
def worker(
    ctx: typer.Context,
    number: Annotated[int, typer.Option(help="Which worker this is, from 0.")] = 0,
    of: Annotated[int, typer.Option(help="How many workers there are in all.")] = 1,
) -> None:
    """The pipeline, for this worker's share of the shards."""
    settings = _begin(ctx, f"worker-{number}")
    from townhall.run.roles import worker as role

    with counted_role(settings.home, "worker"):
        role.main(settings, number, of)


@app.command()
def clock(ctx: typer.Context) -> None:
    """What runs once for the whole house: numbering, alarms, delivery, polling."""
    settings = _begin(ctx, "clock")
    from townhall.run.roles import clock as role

    with counted_role(settings.home, "clock"):
        role.main(settings)


@app.command(hidden=True)
def demo(ctx: typer.Context, storm: Annotated[bool, typer.Option("--storm")] = False) -> None:
    """The demo brand's traffic."""
    settings = _begin(ctx, "demo")
    from townhall.run.demo import feed

    with counted_role(settings.home, "demo"):
        feed.main(settings, storm=storm)
