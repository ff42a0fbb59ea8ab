"""``townhall bench``: the benchmarks. Each writes into ``--home`` and prints figures anybody can count again."""

import os
import time
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
    stored: Annotated[
        int, typer.Option(min=0, help="Fill up to this many interactions first, where fewer are there.")
    ] = 0,
    workers: Annotated[int, typer.Option(min=1, max=16, help="Pipeline processes.")] = 2,
    batch: Annotated[
        int | None,
        typer.Option(min=50, max=5000, help="Most posts in one transaction; the workers' own if absent."),
    ] = None,
    rules: Annotated[int, typer.Option(min=0, max=1900, help="Rules beside the starter policy's.")] = 0,
    queues: Annotated[int, typer.Option(min=1, help="Queues that those rules send to.")] = 200,
    burst: Annotated[
        bool,
        typer.Option(help="Never wait for the pipeline: 20,000 a second unless --rate says otherwise."),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """The whole way of a post: all stages, durable commits, the full record, pages read beside it."""
    from townhall.run.bench.pipeline import Wanted, bench_pipeline
    from townhall.run.migrate import opened

    settings = settings_of(ctx)
    with opened(settings) as database, Progress(disable=as_json, transient=True) as bar:
        tasks = {name: bar.add_task(name, total=None) for name in ("filling", "measuring")}
        found = bench_pipeline(
            settings, database, Wanted(posts, rate, stored, workers, batch, rules, queues, burst),
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
def policy(
    rules: Annotated[int, typer.Option(min=0, max=1_900, help="Rules beside the starter policy's.")] = 300,
    queues: Annotated[int, typer.Option(min=1, help="Queues they send to.")] = 200,
    posts: Annotated[int, typer.Option(min=1_000, help="How many posts to judge.")] = 50_000,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """Judging under a large policy: from contexts to verdicts, in batches. Touches no database."""
    from townhall.run.bench.judging import bench_judging

    with Progress(disable=as_json, transient=True) as bar:
        task = bar.add_task("judging", total=posts)
        found = bench_judging(rules, queues, posts, lambda done: bar.update(task, completed=done))
    shown = msgspec.json.encode(found)
    typer.echo(shown.decode() if as_json else msgspec.json.format(shown).decode())


@app.command()
def understanding(
    ctx: typer.Context,
    sets: Annotated[
        Path | None, typer.Option(help="Folder of labelled sets, else TOWNHALL_DATASETS.")
    ] = None,
    task: Annotated[list[str] | None, typer.Option(help="Only this task; may be given again.")] = None,
    processes: Annotated[int, typer.Option(min=1, help="How many processes learn, one core each.")] = 2,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """Every task of understanding on labelled sets: as shipped, and trained on rows other than those judged."""
    from townhall.run.bench.understanding import bench_understanding, sets_folder

    folder = sets_folder(sets, settings_of(ctx).datasets)
    began = time.monotonic()
    found = bench_understanding(
        folder,
        tuple(task or ()),
        lambda what: typer.echo(f"{time.monotonic() - began:6.0f} s  {what}", err=True),
        min(processes, os.cpu_count() or 1),
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


@app.command(name="sla-replay")
def sla_replay_(
    ctx: typer.Context,
    sets: Annotated[Path | None, typer.Option(help="Folder of data sets, else TOWNHALL_DATASETS.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """A service desk's real log through our clocks: met and missed as it wrote them down, and why not where they differ."""
    from townhall.run.bench.sla_replay import sla_replay
    from townhall.run.bench.understanding import sets_folder

    folder = sets_folder(sets, settings_of(ctx).datasets)
    with Progress(disable=as_json, transient=True) as bar:
        task = bar.add_task("terms tried", total=None)
        found = sla_replay(folder, lambda done, total: bar.update(task, completed=done, total=total))
    shown = msgspec.json.encode(found)
    typer.echo(shown.decode() if as_json else msgspec.json.format(shown).decode())


@app.command()
def listen(
    ctx: typer.Context,
    posts: Annotated[
        int, typer.Option(min=1, help="How many posts to make where standard input is a terminal or empty.")
    ] = 1_000_000,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """The listening front: posts on standard input, one JSON object a line, a thousand signs, all of it spooled."""
    from townhall.run.bench.listen import bench_listen, piped

    found = bench_listen(settings_of(ctx).home / "bench", piped(), posts)
    shown = msgspec.json.encode(found)
    typer.echo(shown.decode() if as_json else msgspec.json.format(shown).decode())


@app.command()
def routing(
    ctx: typer.Context,
    sets: Annotated[Path | None, typer.Option(help="Folder of data sets, else TOWNHALL_DATASETS.")] = None,
    seeds: Annotated[int, typer.Option(min=2, max=1000, help="Replays of each regime.")] = 12,
    posts: Annotated[
        int, typer.Option(min=20, max=20_000, help="Customers' posts of a replayed day.")
    ] = 1_500,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """Real days of customers' posts with made-up agents: promises kept and waits, against two plain ways; and the cost."""
    from townhall.run.bench.routing import bench_routing
    from townhall.run.bench.understanding import sets_folder

    folder = sets_folder(sets, settings_of(ctx).datasets)
    with Progress(disable=as_json, transient=True) as bar:
        doing = bar.add_task("replaying", total=None)
        found = bench_routing(folder, seeds, posts, lambda n, of: bar.update(doing, completed=n, total=of))
    shown = msgspec.json.encode(found)
    typer.echo(shown.decode() if as_json else msgspec.json.format(shown).decode())


@app.command()
def articles(
    ctx: typer.Context,
    sets: Annotated[Path | None, typer.Option(help="Folder of data sets, else TOWNHALL_DATASETS.")] = None,
    count: Annotated[int, typer.Option(min=10, max=5_000, help="Made-up articles to choose from.")] = 5_000,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """Articles beside a conversation: whether the right one is among three, when nothing is said, and the time it takes."""
    from townhall.run.bench.articles import bench_articles
    from townhall.run.bench.understanding import sets_folder
    from townhall.run.migrate import opened

    settings = settings_of(ctx)
    folder = sets_folder(sets, settings.datasets)
    with opened(settings) as database, Progress(disable=as_json, transient=True) as bar:
        doing = bar.add_task("asking", total=None)
        found = bench_articles(
            database, folder, count,
            lambda what, n, of: bar.update(doing, description=what, completed=n, total=of),
        )  # fmt: skip
    shown = msgspec.json.encode(found)
    typer.echo(shown.decode() if as_json else msgspec.json.format(shown).decode())


@app.command()
def posts(count: Annotated[int, typer.Argument(min=1, help="How many.")]) -> None:
    """Write made-up posts of 661 bytes to standard output, in blocks of a megabyte, for ``bench listen``."""
    import os

    from townhall.run.bench.posts import blocks

    for block in blocks(count):
        view = memoryview(block)
        while view:
            view = view[os.write(1, view) :]
