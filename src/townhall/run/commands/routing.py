"""``townhall routing``: who is here and what waits, why a case is with whom, and how the brand stands to a customer."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import msgspec
import typer
from psycopg import Connection

from townhall.kernel.clock import system_clock
from townhall.kernel.errors import NotFound
from townhall.run.command import settings_of

app = typer.Typer(no_args_is_help=True, help="Who is given which case, and why.")
_Brand = Annotated[
    str, typer.Option(help="The brand's short name; may be left out where there is one brand.")
]
_Json = Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")]


@app.callback()
def routing() -> None:
    """Who is given which case, and why."""


@app.command()
def show(ctx: typer.Context, brand: _Brand = "", as_json: _Json = False) -> None:
    """Who is here with what room, what waits in each queue, and what would become of what waits."""
    from townhall.desk import routing as desk

    with _reading(ctx) as conn:
        found = desk.view(conn, _brand(conn, brand), system_clock())
    if as_json:
        typer.echo(msgspec.json.encode(found).decode())
        return
    for one in found.people:
        queues = ", ".join(one.queues) or "no queue"
        typer.echo(f"{one.name:<24} {one.where:<10} {one.load} of {one.capacity}  {queues}")
    for line in found.queues:
        given = "handed out" if line.queue.hands_out else "taken by hand"
        typer.echo(
            f"{line.queue.slug:<24} {line.waiting} waiting, {line.missed} missed, {line.here} on duty, {given}"
        )
    for case in found.lines:
        typer.echo(f"{case.case_id} in {case.queue}: {case.who_name or 'nobody now'}, because: {case.words}")


@app.command()
def explain(
    ctx: typer.Context,
    case: Annotated[int, typer.Argument(help="The number of a case.")],
    as_json: _Json = False,
) -> None:
    """Who was considered for a case and why each was not chosen; for one that nobody holds, what would be done now."""
    from townhall.desk import routing as desk
    from townhall.desk.handing import brand_of

    with _reading(ctx) as conn:
        brand = brand_of(conn, case)
        if not brand:
            raise NotFound("That case does not exist.")
        found = desk.explained(conn, brand, case, system_clock())
    if as_json:
        typer.echo(msgspec.json.encode(found).decode())
        return
    typer.echo(
        f"{found.queue}: {'with ' + found.holder if found.holder_id else 'nobody holds it'}: {found.words}."
    )
    for one in found.considered:
        typer.echo(f"  {one.name}: {one.words}.")
    if found.others:
        typer.echo(f"  {found.others} more work in none of its queues.")


@app.command()
def tier(
    ctx: typer.Context,
    handle: Annotated[str, typer.Argument(help="The customer's handle, on whatever network.")],
    name: Annotated[str, typer.Argument(metavar="TIER", help="The tier's name; '' for none.")],
    followers: Annotated[int, typer.Option(min=0, help="How many follow them.")] = 0,
    brand: _Brand = "",
) -> None:
    """Say how the brand stands to a customer: tiers count earlier in routing, by the brand's rules."""
    from townhall.flow import staffing
    from townhall.people.doors import Asker

    with _reading(ctx) as conn:
        here = _brand(conn, brand)
        operator = Asker(
            staff_id=0, name="operator", brand_id=here, brand_slug=brand, roles=frozenset({"admin"})
        )
        count = staffing.set_tier(conn, operator, handle, name, followers, system_clock())
    typer.echo(f"{handle} is {name or 'of no tier'} now ({count} on the networks).")


@contextmanager
def _reading(ctx: typer.Context) -> Iterator[Connection[Any]]:
    from townhall.database.connect import connect, transaction
    from townhall.run.migrate import opened

    with (
        opened(settings_of(ctx)) as database,
        connect(database.dsn("worker"), "townhall routing") as conn,
        transaction(conn),
    ):
        yield conn


def _brand(conn: Connection[Any], slug: str) -> int:
    from townhall.people import brands

    return brands.named_or_only(conn, slug).id
