"""``townhall demo``: as ``up``, with a demo brand and live traffic made by us."""

from typing import Annotated

import typer
from msgspec.structs import replace

from townhall.run.command import settings_of
from townhall.run.service import bring_up
from townhall.run.supervisor import Post

app = typer.Typer()


@app.command()
def demo(
    ctx: typer.Context,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Where to listen; 0 lets the system choose.")
    ] = None,
    storm: Annotated[
        bool,
        typer.Option("--storm", help="Five threads a second for ten minutes, from a minute after start."),
    ] = False,
) -> None:
    """Start everything with a demo brand, sixteen days of its past and traffic that goes on."""
    settings = settings_of(ctx)
    chosen = settings if port is None else replace(settings, port=port)
    bring_up(chosen, [Post("demo", ("demo", "--storm") if storm else ("demo",))])
