"""``townhall journal``: the record proves itself."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from townhall.kernel.errors import Broken, Refused
from townhall.run.command import settings_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from townhall.journal.verify import Job, Progress, Verdict
    from townhall.run.settings import Settings

app = typer.Typer(no_args_is_help=True, help="The record, and the proof that nothing in it was changed.")


@app.callback()
def journal() -> None:
    """The record, and the proof that nothing in it was changed."""


@app.command()
def verify(
    ctx: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    key: Annotated[
        str, typer.Option(help="The verifier key that you kept elsewhere, as `key` printed it.")
    ] = "",
    checkpoints: Annotated[
        Path | None, typer.Option(help="A folder of checkpoint files that you kept elsewhere.")
    ] = None,
) -> None:
    """Derive every hash, the tree and the signatures again from what is stored. Exit status 3 if anything is broken."""
    from townhall.journal.verify import verify as derive
    from townhall.run.migrate import opened

    settings = settings_of(ctx)
    with opened(settings) as database:
        verdict = _with_bar(
            lambda progress: derive(_job(settings, database.dsn("worker"), key, checkpoints), progress),
            as_json,
        )
    typer.echo(msgspec.json.encode(verdict).decode() if as_json else _words(verdict))
    if not verdict.ok:
        raise Broken(f"the record does not prove itself: {verdict.first_broken}")


@app.command()
def key(ctx: typer.Context) -> None:
    """Print the public key that checks the checkpoints. Keep it, and copies of the checkpoint files, elsewhere."""
    from townhall.journal.logic.note import verifier_key
    from townhall.vault import open_keys

    typer.echo(verifier_key(open_keys(settings_of(ctx).home).verifying()))


def _job(settings: "Settings", dsn: str, key: str, checkpoints: Path | None) -> "Job":
    from townhall.desk.deliveries import delivery_label, sealed_deliveries
    from townhall.flow.sequencer import checkpoint_folder
    from townhall.journal.content import label
    from townhall.journal.examine import Source
    from townhall.journal.logic.note import public_of
    from townhall.journal.store.written import content
    from townhall.journal.verify import Job
    from townhall.vault import open_keys

    keys = open_keys(settings.home)
    sources = {"delivery": Source(sealed_deliveries, delivery_label), "block": Source(content, label)}
    try:
        public = public_of(key) if key else keys.verifying()
    except ValueError as problem:
        raise Refused(f"--key: {problem}. Give what `townhall journal key` printed") from problem
    return Job(dsn, keys.kek, public, checkpoints or checkpoint_folder(settings), sources)


def _with_bar(work: "Callable[[Progress], Verdict]", is_quiet: bool) -> "Verdict":
    """Runs the work under a progress bar when somebody watches."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=is_quiet or not console.is_terminal) as bar:
        task = bar.add_task("facts", total=None)
        return work(lambda done, total: bar.update(task, completed=done, total=total))


def _words(verdict: "Verdict") -> str:
    found = (
        "The record proves itself."
        if verdict.ok
        else "BROKEN: the first fact that does not hold is named below. Checked up to there:"
    )
    return (
        f"{found}\n{verdict.facts:,} facts in {verdict.blocks:,} blocks under {verdict.checkpoints:,} checkpoints"
        f" ({verdict.facts_per_s:,} facts a second); {verdict.vouched:,} contents opened, {verdict.erased:,} erased;"
        f" {verdict.unsigned:,} facts not signed yet, {verdict.waiting:,} blocks not numbered yet.{_restored(verdict)}"
    )


def _restored(verdict: "Verdict") -> str:
    if verdict.epochs == 1:
        return ""
    return (
        f"\nThis is epoch {verdict.epochs} of the log: it was opened after a restore. {verdict.lost:,} facts that were"
        " signed before are not in this database; the checkpoint files of the former epochs prove that they were."
    )
