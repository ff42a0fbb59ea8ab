"""``townhall stop``: ends everything of a home."""

import typer

from townhall.run.command import settings_of
from townhall.run.service import bring_down

app = typer.Typer()


@app.command()
def stop(ctx: typer.Context) -> None:
    """Stop everything that runs on this home, the database last; nothing is left behind."""
    ended = bring_down(settings_of(ctx).home)
    typer.echo("Stopped." if ended else "Nothing was running.")
