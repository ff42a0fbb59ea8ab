"""``townhall listen``: a firehose on standard input; all of it is spooled, what is about us goes to the pipeline."""

import sys
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from townhall.kernel.errors import Refused
from townhall.run.command import settings_of

app = typer.Typer()


@app.command()
def listen(
    ctx: typer.Context,
    brand: Annotated[str, typer.Option(help="The brand's short name; made if it is missing.")] = "main",
    channel: Annotated[
        str, typer.Option(help="The shape of the posts: activitystreams, mastodon or x.")
    ] = "activitystreams",
    handle: Annotated[
        str, typer.Option(help="The name of this stream among the brand's accounts.")
    ] = "firehose",
    signs: Annotated[
        Path | None,
        typer.Option(help="Words and phrases, one a line; a line that begins with ? is a doubtful one."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="A JSON line for each time posts became durable.")
    ] = False,
) -> None:
    """Listen to posts on standard input, one JSON object a line, until its end."""
    from townhall.flow.hearing import begin
    from townhall.kernel.clock import system_clock
    from townhall.run.migrate import opened

    settings = settings_of(ctx)
    given = _signs(signs)
    with opened(settings) as database:
        account, heard = begin(database, brand, channel, handle, given, system_clock())
    told = _follow(settings, account, heard, as_json=as_json)
    if not as_json:
        typer.echo(
            f"{told.posts:,} posts spooled, {told.hits:,} about {brand} or maybe so, by {len(heard)} signs."
        )


def _follow(settings: Any, account: int, signs: list[Any], *, as_json: bool) -> Any:
    from townhall.flow.draining import folder_of
    from townhall.flow.listening import Front, Taken, follow
    from townhall.intake.logic.listening import Ear
    from townhall.intake.spool import Spool
    from townhall.kernel.clock import system_clock
    from townhall.vault import open_keys

    last = [Taken()]

    def told(taken: Taken) -> None:
        last[0] = taken
        if as_json:
            typer.echo(msgspec.json.encode(taken).decode())

    ear, spool = Ear(signs), Spool(folder_of(settings.home, account), open_keys(settings.home).kek)
    front = Front(ear, spool, system_clock, told)
    try:
        follow(sys.stdin.fileno(), front)
    finally:
        front.close()
    return last[0]


def _signs(path: Path | None) -> list[Any]:
    from townhall.intake.logic.listening import LONGEST, Sign

    if path is None:
        return []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as wrong:
        raise Refused(f"the signs in {path} cannot be read: {type(wrong).__name__}") from wrong
    found = []
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if not text or text.startswith("//"):
            continue
        words = text.removeprefix("?").strip()
        if len(words.rstrip("*").strip()) < 2 or len(words) > LONGEST:
            raise Refused(f"{path}, line {number}: a sign has 2 to {LONGEST} characters")
        found.append(Sign(words, sure=not text.startswith("?")))
    return found
