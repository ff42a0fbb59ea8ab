"""``townhall policy check``, ``explain``, ``backtest`` and ``rederive``: judge a policy, explain a verdict, replay past traffic."""

from typing import Annotated

import typer
from msgspec import to_builtins
from rich.progress import Progress

from townhall.run.commands.policy.asking import BrandName, File, From, Json, To, opened_house, read, show


def check(file: File, as_json: Json = False) -> None:
    """Types, names, patterns and examples; then what rules do to each other. Exit status 3 when it is refused."""
    from townhall.policy.logic.check import check_policy

    found = check_policy(read(file))
    show(found, as_json)
    if not found["ok"]:
        raise typer.Exit(3)


def explain(
    ctx: typer.Context,
    interaction: Annotated[int, typer.Argument(help="The number of an interaction.")],
    as_json: Json = False,
) -> None:
    """Which rules matched on what, which did not and why, and what would have changed the verdict."""
    from townhall.flow.backtest import explained

    with opened_house(ctx) as house:
        show(explained(house.conn, house.kek, interaction), as_json)


def backtest(
    ctx: typer.Context,
    file: File,
    from_: From = "",
    to: To = "",
    brand: BrandName = "",
    as_json: Json = False,
) -> None:
    """What another policy would have decided about stored traffic. Nothing is written."""
    from townhall.flow import backtest as tests
    from townhall.policy.logic import parse_policy

    judged_by = parse_policy(read(file))
    with opened_house(ctx) as house, Progress(disable=as_json, transient=True) as bar:
        task = bar.add_task("replaying", total=None)
        window = house.window(brand, from_, to)
        found = tests.backtest(
            house.conn, house.kek, judged_by, window, lambda n: bar.update(task, completed=n)
        )
    show(found, as_json)


def rederive(
    ctx: typer.Context, from_: From = "", to: To = "", brand: BrandName = "", as_json: Json = False
) -> None:
    """Derive stored verdicts again from what was judged. Exit status 3 when one differs."""
    from townhall.flow import backtest as tests

    with opened_house(ctx) as house, Progress(disable=as_json, transient=True) as bar:
        task = bar.add_task("deriving", total=None)
        found = tests.rederive(
            house.conn, house.kek, house.window(brand, from_, to), lambda n: bar.update(task, completed=n)
        )
    show(found, as_json)
    if not found["ok"]:
        raise typer.Exit(3)


def library(
    name: Annotated[str, typer.Argument(help="A starter policy; its text is printed.")] = "",
    as_json: Json = False,
) -> None:
    """List the starter policies by trade, or print the text of one."""
    from townhall.policy.library import packs, source

    if name:
        typer.echo(source(name), nl=False)
    elif as_json:
        show({"policies": to_builtins(packs())}, as_json)
    else:
        for pack in packs():
            typer.echo(f"{pack.name:<10} {pack.rules:>3} rules  {pack.about}")
