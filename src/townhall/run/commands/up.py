"""``townhall up``: everything on one machine."""

from typing import Annotated

import typer
from msgspec.structs import replace

from townhall.run.command import settings_of
from townhall.run.service import bring_up

app = typer.Typer()


@app.command()
def up(
    ctx: typer.Context,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Where to listen; 0 lets the system choose.")
    ] = None,
    workers: Annotated[int | None, typer.Option(min=1, max=16, help="How many pipeline processes.")] = None,
) -> None:
    """Start the database, web, live figures, workers and clock, and stay until stopped."""
    settings = settings_of(ctx)
    chosen = {name: value for name, value in (("port", port), ("workers", workers)) if value is not None}
    bring_up(replace(settings, **chosen))
