"""The command ``townhall``: finds the subcommand's module by its name, loads only that, and words errors for people.

A subcommand is a module in ``commands`` with a Typer ``app``: ``up.py`` is ``townhall up``, ``import_.py`` is
``townhall import``. An app with one command is that command; with several it is a group.
"""

import pkgutil
import sys
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

from townhall.kernel.errors import TownhallError
from townhall.run import commands
from townhall.run.settings import Settings, load_settings

_HOME_HELP = "The one folder of all state. Else TOWNHALL_HOME, else var/ here."


class Subcommands(TyperGroup):
    """The subcommands, by the names of their modules."""

    def list_commands(self, ctx: Any) -> list[str]:
        """All names, sorted."""
        return sorted(_spoken(found.name) for found in pkgutil.iter_modules(commands.__path__))

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Loads one subcommand; None when there is none of that name."""
        if cmd_name not in self.list_commands(ctx):
            return None
        found = [one.name for one in pkgutil.iter_modules(commands.__path__) if _spoken(one.name) == cmd_name]
        command = typer.main.get_command(import_module(f"townhall.run.commands.{found[0]}").app)
        command.name = cmd_name
        return command


app = typer.Typer(cls=Subcommands, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@app.callback()
def townhall(ctx: typer.Context, home: Annotated[Path | None, typer.Option(help=_HOME_HELP)] = None) -> None:
    """Everything customers say to the firm, through one door, in one record that proves itself."""
    ctx.obj = home


def settings_of(ctx: typer.Context) -> Settings:
    """The settings of this run, with ``--home`` if it was given; warnings go to stderr. Raises ``BadSetting``."""
    from townhall.run.logs import start_logging

    start_logging("warning", "command")  # a role says more, once it begins; stdout is for what was asked
    return load_settings(ctx.find_object(Path))


def main() -> None:
    """Runs the command line; an error of ours is one line on stderr and its own exit status."""
    try:
        app()
    except TownhallError as error:
        _end(str(error), error.exit_code)
    except Exception as error:
        if not _is_a_lost_database(error):
            raise
        _end(f"the database went away ({error}). What was committed is kept; try again", 7)


def _end(said: str, status: int) -> NoReturn:
    print(f"townhall: {' '.join(said.split())}", file=sys.stderr)
    sys.exit(status)


def _is_a_lost_database(error: Exception) -> bool:
    driver = sys.modules.get("psycopg")  # not loaded: nobody asked a database
    return driver is not None and isinstance(error, driver.OperationalError)


def _spoken(module: str) -> str:
    return module.rstrip("_").replace("_", "-")


if __name__ == "__main__":
    main()
