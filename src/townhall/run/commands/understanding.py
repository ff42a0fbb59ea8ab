"""``townhall understanding``: models of your own from posts your people have labelled, and which of them read."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from townhall.kernel.clock import system_clock, to_iso
from townhall.kernel.errors import Refused
from townhall.run.command import settings_of
from townhall.run.commands.policy.asking import As, BrandName, opened_house, show

if TYPE_CHECKING:
    from townhall.enrich.store.models import OwnModel

app = typer.Typer(no_args_is_help=True, help="Models of your own, from posts your people have labelled.")
_Name = Annotated[
    str, typer.Argument(metavar="NAME", help="What it is called: small letters, digits, - and _.")
]
_Json = Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")]
_Head = Annotated[
    str,
    typer.Option(help="What is read: question, complaint, sentiment, intent, spam, abuse or urgent."),
]
_Which = Annotated[int, typer.Argument(min=1, help="The version's number within the head.")]


@app.callback()
def understanding() -> None:
    """Models of your own, from posts your people have labelled."""


@app.command()
def train(
    ctx: typer.Context,
    source: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[NAME] [FILE]",
            help="CSV in UTF-8 with the columns text and label; before it the name of a model apart. With --head the file may be"
            " left out: the labels that people gave in the inbox are taken.",
        ),
    ] = None,
    head: _Head = "",
    posts: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="CSV in UTF-8 with the column text: posts of the same kind that nobody has labelled. They teach which words are"
            " used alike. For a model apart, without --head.",
        ),
    ] = None,
    brand: BrandName = "",
    as_: As = "",
    as_json: _Json = False,
) -> None:
    """Learn from labelled posts, on this machine alone; say how good it is on posts it had not seen.

    With --head the next version of that head is kept as a candidate, beside the figures of the shipped model on the same posts.
    """
    words = source or []
    if not head:
        if len(words) != 2:
            raise Refused("say --head HEAD, or the name of a model and a file: train needs labelled.csv")
        _train_apart(ctx, words[0], Path(words[1]), posts, as_json)
    elif posts:
        raise Refused("--posts goes with a model apart: leave out --head, and give its name and file")
    elif len(words) > 1:
        raise Refused("with --head give at most one file; the version gets its number by itself")
    else:
        _train_head(ctx, head, Path(words[0]) if words else None, (brand, as_), as_json)


def _train_apart(ctx: typer.Context, name: str, file: Path, posts: Path | None, as_json: bool) -> None:
    from townhall.enrich.learning import own

    others = own.read_texts(posts) if posts else None
    card = own.train(own.read_labelled(file), _folder(ctx), name, others)
    typer.echo(msgspec.json.encode(card).decode() if as_json else _told(card))


def _train_head(
    ctx: typer.Context, head: str, file: Path | None, who: tuple[str, str], as_json: bool
) -> None:
    from townhall.enrich import Understanding
    from townhall.enrich.learning.own import read_labelled
    from townhall.flow import teaching

    given = read_labelled(file) if file else None
    with opened_house(ctx) as house:
        held = teaching.lesson(house.conn, house.asker(*who), head, given)
    taught = teaching.learn(Understanding.load(), held)  # no transaction waits meanwhile
    with opened_house(ctx) as house:
        made = teaching.keep(house.conn, house.asker(*who), held, taught, system_clock())
    if as_json:
        show(_plain(made), as_json)
        return
    typer.echo("\n".join(_said(made)))


def _said(made: "OwnModel") -> list[str]:
    card = made.card
    lines = [
        f"{made.head} {made.number} ({made.state}): {card['rows']} posts, SHA-256 {made.digest}",
        *(
            f"  {name:<10} {one['accuracy']:.1%} right, F1 {one['macro_f1']:.3f}, log loss {one['log_loss']:.3f}, calibration"
            f" error {one['calibration_error']:.3f}"
            for name, one in ((name, card[name]) for name in ("candidate", "shipped"))
        ),
    ]
    against = card["against"]
    if "candidate" in against:
        lines.append(
            f"  against {against['model']} on {against['rows']} posts it had not learnt from: {against['won']} won,"
            f" {against['lost']} lost; {'better' if against['better'] else 'not better'}"
        )
    else:
        lines.append(
            f"  against {against['model']}: {against['rows']} posts it had not learnt from, too few to tell"
        )
    return lines


@app.command()
def judge(
    ctx: typer.Context,
    name: _Name,
    file: Annotated[Path, typer.Argument(help="CSV in UTF-8 with the column text.")],
    least_sure: Annotated[
        int, typer.Option(min=0, help="Only so many, whose labels would teach it most; 0 is all.")
    ] = 0,
    as_json: _Json = False,
) -> None:
    """Say what a learnt model makes of posts, or which of them to label next."""
    from townhall.enrich.learning import own

    said = own.judge(own.read_texts(file), _folder(ctx), name)
    said = own.least_sure(said, least_sure) if least_sure else said
    if as_json:
        typer.echo(msgspec.json.encode({"model": name, "posts": said}).decode())
        return
    for one in said:
        typer.echo(f"{one.label:<20} {one.likeliest:<20} {one.chance:.2f}  {one.text[:80]}")


@app.command()
def versions(
    ctx: typer.Context,
    head: _Head = "",
    after: Annotated[int, typer.Option(min=0, help="Go on below this id.")] = 0,
    limit: Annotated[int, typer.Option(min=1, max=200, help="How many at most.")] = 50,
    brand: BrandName = "",
    as_json: _Json = False,
) -> None:
    """List a brand's own models, newest first, with their figures and where each stands; and how many labels there are."""
    from townhall.desk import models as desk

    with opened_house(ctx) as house:
        asker = house.asker(brand)
        found, following = desk.versions(house.conn, asker, after, limit, head)
        labels = desk.labels(house.conn, asker)
    if as_json:
        show(
            {"versions": [_plain(one) for one in found], "labels": labels, "next": following or None}, as_json
        )
        return
    for one in found:
        typer.echo("\n".join(_said(one)))
    for name, counts in labels.items():
        typer.echo(f"labels of {name}: " + ", ".join(f"{value} {count}" for value, count in counts.items()))


@app.command()
def activate(
    ctx: typer.Context,
    number: _Which,
    head: _Head,
    reason: Annotated[
        str, typer.Option(help="Why, where it was not shown to be better; it is kept in the record.")
    ] = "",
    brand: BrandName = "",
    as_: As = "",
    as_json: _Json = False,
) -> None:
    """Put a candidate to use. Workers read by it within two seconds."""
    from townhall.flow import model_use

    with opened_house(ctx) as house:
        done = model_use.activate(
            house.conn, house.asker(brand, as_), head, number, system_clock(), reason=reason
        )
    show(_times(msgspec.to_builtins(done)), as_json)


@app.command()
def rollback(
    ctx: typer.Context,
    number: Annotated[
        int, typer.Argument(min=0, help="A version that was in use before; 0 is the shipped model.")
    ],
    head: _Head,
    reason: Annotated[str, typer.Option(help="Why; it is kept in the record.")],
    brand: BrandName = "",
    as_: As = "",
    as_json: _Json = False,
) -> None:
    """Go back to a version that was in use before, or to the shipped model, at once."""
    from townhall.flow import model_use

    with opened_house(ctx) as house:
        done = model_use.roll_back(house.conn, house.asker(brand, as_), head, number, reason, system_clock())
    show(_times(msgspec.to_builtins(done)), as_json)


def _plain(made: "OwnModel") -> dict[str, Any]:
    found: dict[str, Any] = msgspec.to_builtins(made)
    return _times({name: value for name, value in found.items() if name not in ("brand", "made_by_id")})


def _times(found: dict[str, Any]) -> dict[str, Any]:
    for name in ("made_at", "activated_at", "at"):
        if name in found:
            found[name] = to_iso(found[name]) if found[name] else None
    return found


def _folder(ctx: typer.Context) -> Path:
    return settings_of(ctx).home / "models" / "own"


def _told(card: dict[str, object]) -> str:
    return (
        f"{card['name']}: {card['rows']} posts, {card['accuracy']:.1%} right on posts it had not seen;"
        f" sure of {card['sure']:.0%} of them. SHA-256 {card['sha256']}"
    )
