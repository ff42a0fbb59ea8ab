"""``townhall policy``: judge a policy, explain a verdict, replay past traffic; and the versions of a brand's policy."""

from collections.abc import Callable

import typer

from townhall.run.commands.policy import judging, versions

app = typer.Typer(
    no_args_is_help=True, help="The response policy: judge it, explain it, replay it, and put it in force."
)


@app.callback()
def policy() -> None:
    """The response policy: judge it, explain it, replay it, and put it in force."""


_ACTS: dict[str, Callable[..., None]] = {
    "check": judging.check,
    "explain": judging.explain,
    "backtest": judging.backtest,
    "rederive": judging.rederive,
    "english": versions.english,
    "library": judging.library,
    "diff": versions.diff,
    "versions": versions.versions,
    "show": versions.show_version,
    "draft": versions.draft,
    "review": versions.review,
    "activate": versions.activate,
    "rollback": versions.rollback,
    "discard": versions.discard,
}

for name, act in _ACTS.items():
    app.command(name=name)(act)
