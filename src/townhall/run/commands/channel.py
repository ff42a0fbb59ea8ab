"""``townhall channel``: accounts of networks, connected on the host so that no browser ever holds their secrets."""

import sys
from typing import Annotated, Any

import msgspec
import typer

from townhall.kernel.errors import Refused
from townhall.run.command import settings_of

app = typer.Typer(no_args_is_help=True, help="Accounts of networks.")
_ASKED = {
    "token": "Access token",
    "app_token": "The app's own token (Enter for none)",
    "secret": "Secret of deliveries (Enter for none)",
}


@app.callback()
def channel() -> None:
    """Accounts of networks."""


@app.command()
def connect(
    ctx: typer.Context,
    kind: Annotated[str, typer.Argument(help="mastodon, x or webhook.")],
    handle: Annotated[str, typer.Option(help="The account's name there; any name for a webhook.")],
    brand: Annotated[str, typer.Option(help="The brand's short name; made if it is missing.")] = "main",
    address: Annotated[
        str, typer.Option(help="The server's address; for a webhook where replies are taken.")
    ] = "",
    native_id: Annotated[str, typer.Option(help="The network's own id of the account; X needs it.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """Connect an account. Secrets are asked for, or read from standard input as one JSON object of token, app_token, secret."""
    from townhall.database.connect import connect as open_connection
    from townhall.database.connect import transaction
    from townhall.flow.connecting import connect_account
    from townhall.kernel.clock import system_clock
    from townhall.run.migrate import opened
    from townhall.vault import open_keys

    settings, secrets = settings_of(ctx), _secrets()
    with (
        opened(settings) as database,
        open_connection(database.dsn("worker"), "townhall channel") as conn,
        transaction(conn),
    ):
        done = connect_account(
            conn, open_keys(settings.home), brand, kind, handle, secrets, system_clock(),
            address=address, native_id=native_id,
        )  # fmt: skip
    found = msgspec.to_builtins(done) | {"hook": f"{settings.address}{done.hook}" if done.hook else ""}
    typer.echo(msgspec.json.encode(found).decode() if as_json else _worded(found))


def _secrets() -> dict[str, str]:
    if sys.stdin.isatty():
        given = {
            name: typer.prompt(words, hide_input=True, default="", show_default=False)
            for name, words in _ASKED.items()
        }
        return {name: value for name, value in given.items() if value}
    try:
        return msgspec.json.decode(sys.stdin.buffer.read(), type=dict[str, str])
    except msgspec.DecodeError as wrong:
        raise Refused('the secrets on standard input are no JSON object such as {"token": "…"}') from wrong


def _worded(found: dict[str, Any]) -> str:
    words = f"{found['handle']} on {found['channel']} is account {found['account_id']} of {found['brand']}."
    if found["hook"]:
        words += f" Deliveries go to {found['hook']}"
    return f"{words}\nIt is read within seconds while townhall up runs: see townhall status."
