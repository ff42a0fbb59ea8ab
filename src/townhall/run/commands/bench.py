"""``townhall bench``: the benchmarks. Each writes into ``--home`` and prints figures anybody can count again."""

from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.progress import Progress

from townhall.run.command import settings_of

app = typer.Typer(no_args_is_help=True)


@app.callback()
def bench() -> None:
    """Measure the house on this machine."""


@app.command()
def pipeline(
    ctx: typer.Context,
    posts: Annotated[int, typer.Option(min=1, help="How many posts to measure.")] = 60_000,
    rate: Annotated[float, typer.Option(min=0, help="Posts offered a second; 0 is as fast as they go.")] = 0,
    stored: Annotated[int, typer.Option(min=0, help="Fill this many interactions first.")] = 0,
    workers: Annotated[int, typer.Option(min=1, max=16, help="Pipeline processes.")] = 2,
    batch: Annotated[
        int | None,
        typer.Option(min=50, max=5000, help="Most posts in one transaction; the workers' own if absent."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """The whole way of a post: all stages, durable commits, the full record, pages read beside it."""
    from townhall.run.bench.pipeline import bench_pipeline
    from townhall.run.migrate import opened

    settings = settings_of(ctx)
    with opened(settings) as database, Progress(disable=as_json, transient=True) as bar:
        tasks = {name: bar.add_task(name, total=None) for name in ("filling", "measuring")}
        found = bench_pipeline(
            settings, database, posts, rate, stored, workers, batch,
            lambda name, done, total: bar.update(tasks[name], completed=done, total=total),
        )  # fmt: skip
    typer.echo(
        msgspec.json.encode(found).decode()
        if as_json
        else msgspec.json.format(msgspec.json.encode(found)).decode()
    )


@app.command()
def guard(
    checks: Annotated[int, typer.Option(min=100, help="How many texts to judge.")] = 20_000,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """One check of the outbound guard: from the text to the decision, personal data included."""
    from townhall.run.bench.guard import bench_guard

    with Progress(disable=as_json, transient=True) as bar:
        task = bar.add_task("judging", total=checks)
        found = bench_guard(checks, lambda done: bar.update(task, completed=done))
    shown = msgspec.json.encode(found)
    typer.echo(shown.decode() if as_json else msgspec.json.format(shown).decode())


@app.command()
def understanding(
    ctx: typer.Context,
    sets: Annotated[
        Path | None, typer.Option(help="Folder of labelled sets, else TOWNHALL_DATASETS.")
    ] = None,
    task: Annotated[list[str] | None, typer.Option(help="Only this task; may be given again.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """Every task of understanding on labelled sets: as shipped, and trained on rows other than those judged."""
    from townhall.run.bench.understanding import bench_understanding, sets_folder

    folder = sets_folder(sets, settings_of(ctx).datasets)
    with Progress(disable=as_json, transient=True) as bar:
        doing = bar.add_task("measuring", total=None)
        found = bench_understanding(
            folder, tuple(task or ()), lambda name: bar.update(doing, description=name)
        )
    shown = msgspec.json.encode(found)
    typer.echo(shown.decode() if as_json else msgspec.json.format(shown).decode())


@app.command()
def clocks(
    ctx: typer.Context,
    clocks: Annotated[int, typer.Option(min=1, help="Running promises.")] = 1_000_000,
    due: Annotated[int, typer.Option(min=1, help="How many of them fall due in one second.")] = 10_000,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """Alarms of very many running promises: how late they come, and that none is missed or comes twice."""
    from townhall.run.bench.clocks import bench_clocks
    from townhall.run.migrate import opened

    settings = settings_of(ctx)
    with opened(settings) as database, Progress(disable=as_json, transient=True) as bar:
        tasks = {name: bar.add_task(name, total=None) for name in ("filling", "alarms")}
        found = bench_clocks(
            settings, database, max(clocks, due), due,
            lambda name, done, total: bar.update(tasks[name], completed=done, total=total),
        )  # fmt: skip
    shown = msgspec.json.encode(found)
    typer.echo(shown.decode() if as_json else msgspec.json.format(shown).decode())
