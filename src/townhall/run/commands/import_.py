"""``townhall import``: activities from files, by the same way as live traffic."""

import asyncio
import time
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from townhall.run.command import settings_of

app = typer.Typer()


@app.command(name="import")
def import_(
    ctx: typer.Context,
    files: Annotated[
        list[Path], typer.Argument(help="ActivityStreams 2.0 NDJSON or an outbox.json; .gz and .zst too.")
    ],
    brand: Annotated[str, typer.Option(help="The brand's short name; made if it is missing.")] = "main",
    channel: Annotated[
        str, typer.Option(help="The account the posts came to; made if missing.")
    ] = "activitystreams",
    speed: Annotated[
        float, typer.Option(min=0, help="Replay at this many times real time; 0 is at once.")
    ] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """Take activities from files; return when all of it is processed and under a checkpoint."""
    from townhall.run.importer import Importer
    from townhall.run.migrate import opened

    settings = settings_of(ctx)
    began = time.perf_counter()
    with (
        opened(settings) as database,
        Importer(settings, database, brand, channel, quiet=as_json) as importer,
    ):
        for path in files:
            importer.take(path, speed)
        asyncio.run(importer.settle())
        found = importer.outcome()
    seconds = time.perf_counter() - began
    found |= {"seconds": round(seconds, 3), "posts_per_s": round(found["read"] / max(seconds, 1e-9), 1)}
    typer.echo(msgspec.json.encode(found).decode() if as_json else _worded(found))


def _worded(found: dict[str, Any]) -> str:
    words = (
        f"{found['read']:,} read, {found['accepted']:,} accepted, {found['duplicates']:,} known already, "
        f"{found['rejected']:,} rejected, in {found['seconds']:.1f} s ({found['posts_per_s']:,.0f} a second)"
    )
    return f"{words}\nRejects, with line and reason: {found['rejects_file']}" if found["rejected"] else words
