"""``townhall restored``: what to say to a house whose database or home was put back from a copy."""

from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from townhall.run.command import settings_of

if TYPE_CHECKING:
    from psycopg import Connection

    from townhall.flow.restored import Parked
    from townhall.journal.logic.epoch import Opening
    from townhall.run.settings import Settings

app = typer.Typer()


@app.command()
def restored(
    ctx: typer.Context,
    new_epoch: Annotated[
        bool,
        typer.Option(
            "--new-epoch", help="Let the log go on under a new name, if it was published beyond the copy."
        ),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """Stop all that goes out after a restore, read back what may have gone, and say whether the log can go on."""
    from townhall.database.connect import connect
    from townhall.run.migrate import opened

    settings = settings_of(ctx)
    with opened(settings) as database, connect(database.dsn("worker"), "townhall restored") as conn:
        parked, behind, opening = _done(settings, conn, new_epoch)
    found = {
        "why": parked.why, "brands_stopped": parked.brands, "read_back": parked.doubted,
        "log": "new epoch" if opening else "behind" if behind else "whole", "opening": opening,
    }  # fmt: skip
    typer.echo(msgspec.json.encode(found).decode() if as_json else _words(parked, behind, opening))


def _done(
    settings: "Settings", conn: "Connection[Any]", new_epoch: bool
) -> tuple["Parked", str, "Opening | None"]:
    from townhall.flow import restored as flow
    from townhall.flow.sequencer import checkpoint_folder
    from townhall.journal import trail
    from townhall.journal.store import epochs
    from townhall.kernel.clock import system_clock
    from townhall.vault import open_keys

    parked = flow.park_if_restored(conn, settings, system_clock(), must=True)
    assert parked is not None
    behind, opening = trail.behind(conn, checkpoint_folder(settings), epochs.current(conn)), None
    if new_epoch:
        public = open_keys(settings.home).verifying()
        opening = flow.open_epoch(conn, settings, public, "operator", system_clock())
    return parked, behind, opening


def _words(parked: "Parked", behind: str, opening: "Opening | None") -> str:
    told = (
        f"Outbound is stopped ({parked.why}): {parked.brands} brands newly, the others were. {parked.doubted} replies"
        " that may have gone are read back from their networks. Let each brand go again on its page of stops."
    )
    if opening:
        return f"{told}\nEpoch {opening.epoch} of the log is open. Now run: townhall journal verify"
    if behind:
        told += (
            f"\nThe log cannot go on under its name: {behind}. Keep the checkpoint files as they are; if this restore is"
            " meant, run: townhall restored --new-epoch"
        )
    return told
