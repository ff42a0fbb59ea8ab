"""``townhall brand``: the brands of this house, and what holds for one of them."""

from typing import Annotated

import msgspec
import typer

from townhall.kernel.clock import system_clock
from townhall.run.command import settings_of

app = typer.Typer(no_args_is_help=True, help="Brands, and what holds for one of them.")


@app.callback()
def brand() -> None:
    """Brands, and what holds for one of them."""


@app.command(name="list")
def list_(
    ctx: typer.Context, as_json: Annotated[bool, typer.Option("--json", help="JSON on stdout.")] = False
) -> None:
    """Show every brand: short name, name, zone, state, and after how many days quiet cases close."""
    from townhall.database.connect import connect
    from townhall.people import brands
    from townhall.run.migrate import opened

    with opened(settings_of(ctx)) as database, connect(database.dsn("worker"), "townhall brand") as conn:
        days = brands.quiet_days(conn)
        found = [
            {"brand": one.slug, "name": one.name, "zone": one.zone, "state": one.state, "quiet_days": days.get(one.id, 0)}
            for one in brands.all_brands(conn).values()
        ]  # fmt: skip
    if as_json:
        typer.echo(msgspec.json.encode(found).decode())
        return
    for line in found:
        quiet = (
            f"quiet cases close after {line['quiet_days']} days" if line["quiet_days"] else "quiet cases stay"
        )
        typer.echo(f"{line['brand']:<20} {line['name']}  {line['zone']}  {line['state']}, {quiet}")


@app.command(name="quiet-days")
def quiet_days(
    ctx: typer.Context,
    slug: Annotated[str, typer.Argument(metavar="BRAND", help="The brand's short name.")],
    days: Annotated[int, typer.Argument(min=0, max=3650, help="Days; 0 leaves them open.")],
) -> None:
    """Set after how many days a case closes that nothing is owed in and nobody writes in."""
    from townhall.database.connect import connect, transaction
    from townhall.flow import quiet
    from townhall.people import brands
    from townhall.run.migrate import opened

    with (
        opened(settings_of(ctx)) as database,
        connect(database.dsn("worker"), "townhall brand") as conn,
        transaction(conn),
    ):
        quiet.set_days(conn, brands.by_slug(conn, slug).id, days, system_clock(), "operator")
    typer.echo(f"Quiet cases of {slug} {f'close after {days} days' if days else 'stay open'}.")


@app.command(name="open")
def open_(
    ctx: typer.Context,
    slug: Annotated[
        str, typer.Argument(metavar="BRAND", help="Its short name: small letters, digits, hyphens.")
    ],
    name: Annotated[str, typer.Option(help="Its name; else made of the short one.")] = "",
    zone: Annotated[str, typer.Option(help="Its time zone.")] = "UTC",
    policy: Annotated[str, typer.Option(help="The starter policy: see townhall policy library.")] = "default",
) -> None:
    """Open a brand with a starter policy, its queues and hours. It observes until an administrator lets it answer."""
    from townhall.database.connect import connect, transaction
    from townhall.flow.opening import open_brand
    from townhall.policy.library import source
    from townhall.run.migrate import opened

    source(policy)
    with (
        opened(settings_of(ctx)) as database,
        connect(database.dsn("worker"), "townhall brand") as conn,
        transaction(conn),
    ):
        made = open_brand(conn, slug, system_clock(), name=name, zone=zone, actor="operator", pack=policy)
    typer.echo(f"{slug} {'is open' if made.fresh else 'was open already; nothing was changed'}.")
