"""``townhall database``: how to reach the database by oneself."""

import typer

from townhall.database.opening import address
from townhall.run.command import settings_of

app = typer.Typer(no_args_is_help=True, help="How to reach the database.")


@app.callback()
def database() -> None:
    """How to reach the database."""


@app.command()
def url(ctx: typer.Context) -> None:
    """Print the address of the database as its owner.

    When nothing runs, the embedded server is started and stays until a minute has passed without a session.
    """
    from townhall.database.lease import holders
    from townhall.database.place import Place
    from townhall.run.keeper import leave_keeper
    from townhall.run.migrate import opened

    settings = settings_of(ctx)
    with opened(settings):
        if not settings.database_url and len(holders(Place(settings.home).lease_lock)) < 2:
            leave_keeper(settings)
    typer.echo(address(settings, "owner"))
