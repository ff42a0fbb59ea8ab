"""``townhall token``: tokens of programs that use the API."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import msgspec
import typer
from psycopg import Connection

from townhall.kernel.clock import DAY, Instant, system_clock, to_iso
from townhall.kernel.errors import NotFound
from townhall.people.brands import Brand
from townhall.run.command import settings_of

app = typer.Typer(no_args_is_help=True, help="Tokens of programs that use the API.")

_Brand = Annotated[
    str, typer.Option(help="The brand's short name; may be left out where there is one brand.")
]
_Json = Annotated[bool, typer.Option("--json", help="JSON on stdout.")]


@app.callback()
def token() -> None:
    """Tokens of programs that use the API."""


@app.command()
def create(
    ctx: typer.Context,
    role: Annotated[list[str], typer.Option(help="What the token may do: a role; repeat for several.")],
    brand: _Brand = "",
    name: Annotated[str, typer.Option(help="What the token is for.")] = "program",
    days: Annotated[int, typer.Option(min=1, max=3650, help="Days until it ends.")] = 90,
    staff: Annotated[
        str, typer.Option(help="E-mail of the person it speaks for; else the program itself.")
    ] = "",
    as_json: _Json = False,
) -> None:
    """Make a token and show its secret, this once."""
    from townhall.flow import programs

    now = system_clock()
    with _at_brand(ctx, brand) as (conn, here):
        made = programs.make(conn, here.id, name, frozenset(role), now + days * DAY, now, staff_email=staff)
    shown = {
        "token": made.secret, "id": made.id, "name": name, "role": ",".join(sorted(set(role))), "brand": here.slug,
        "expires_at": to_iso(now + days * DAY),
    }  # fmt: skip
    if as_json:
        typer.echo(msgspec.json.encode(shown).decode())
    else:
        typer.echo(
            f"{made.secret}\nShown only now. Token {made.id} of {here.slug}, {shown['role']}, {days} days."
        )


@app.command(name="list")
def list_(ctx: typer.Context, brand: _Brand = "", as_json: _Json = False) -> None:
    """Show the tokens of a brand, never their secrets."""
    from townhall.people import store

    with _at_brand(ctx, brand) as (conn, here):
        lines = [_line(one, here.slug) for one in store.tokens(conn, here.id)]
    if as_json:
        typer.echo(msgspec.json.encode(lines).decode())
        return
    for line in lines:
        ended = (
            f"ended {line['revoked_at']}"
            if line["revoked_at"]
            else f"until {line['expires_at'] or 'it is ended'}"
        )
        typer.echo(
            f"{line['id']:>6}  {line['name']}  {line['role']}  {ended}, last used {line['used_at'] or 'never'}"
        )


@app.command()
def revoke(
    ctx: typer.Context, token_id: Annotated[int, typer.Argument(help="Its id.")], brand: _Brand = ""
) -> None:
    """End a token; it is refused from the next request on."""
    from townhall.flow import programs

    with _at_brand(ctx, brand) as (conn, here):
        programs.end(conn, here.id, token_id, system_clock())
    typer.echo(f"Token {token_id} of {here.slug} has ended.")


@contextmanager
def _at_brand(ctx: typer.Context, slug: str) -> Iterator[tuple[Connection[Any], Brand]]:
    """One transaction, and the brand of that name or the only one. Raises ``NotFound``."""
    from townhall.database.connect import connect, transaction
    from townhall.database.instants import load_instants
    from townhall.people import brands
    from townhall.run.migrate import opened

    with (
        opened(settings_of(ctx)) as database,
        connect(database.dsn("worker"), "townhall token") as conn,
        transaction(conn),
    ):
        load_instants(conn)
        every = list(brands.all_brands(conn).values())
        if not slug and len(every) != 1:
            known = ", ".join(sorted(one.slug for one in every)) or "none yet"
            raise NotFound(f"say which brand with --brand; there is {known}")
        yield conn, brands.by_slug(conn, slug) if slug else every[0]


def _line(one: Any, slug: str) -> dict[str, Any]:
    return {
        "id": one.id, "name": one.name, "role": ",".join(one.roles), "brand": slug, "staff_id": one.speaks_for,
        "made_at": _iso(one.made_at), "expires_at": _iso(one.expires_at), "revoked_at": _iso(one.revoked_at),
        "used_at": _iso(one.used_at),
    }  # fmt: skip


def _iso(at: Instant | None) -> str | None:
    return to_iso(at) if at else None
