"""``townhall policy versions``, ``draft``, ``review``, ``activate``, ``rollback``, ``diff`` and their like."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from msgspec import to_builtins
from rich.progress import Progress

from townhall.kernel.clock import Instant, system_clock, to_iso
from townhall.kernel.errors import Refused
from townhall.run.commands.policy.asking import (
    As,
    BrandName,
    File,
    From,
    House,
    Json,
    Number,
    To,
    instant_of,
    opened_house,
    read,
    show,
)

if TYPE_CHECKING:
    from townhall.flow.policy_examined import Examined
    from townhall.policy.logic import Policy

_TIMES = ("written_at", "changed_at", "due_at", "activated_at", "at", "due")
_Which = Annotated[str, typer.Argument(help="A version's number, or a policy document.")]


def versions(
    ctx: typer.Context,
    after: Annotated[int, typer.Option(min=0, help="Go on below this number.")] = 0,
    limit: Annotated[int, typer.Option(min=1, max=200, help="How many at most.")] = 50,
    brand: BrandName = "",
    as_json: Json = False,
) -> None:
    """List a brand's policy versions, newest first, with where each stands."""
    from townhall.desk import policy_versions as desk

    with opened_house(ctx) as house:
        found, following = desk.versions(house.conn, house.asker(brand), after, limit)
    if as_json:
        show({"versions": [_plain(one) for one in found], "next": following or None}, as_json)
        return
    for one in found:
        due = f", due {to_iso(one.due_at)}" if one.due_at else ""
        by = f", reviewed by {one.reviewed_by}" if one.reviewed_by else ""
        typer.echo(f"{one.number:>4}  {one.state:<10} by {one.author}{by}{due}  {one.note}")


def show_version(
    ctx: typer.Context,
    number: Annotated[
        int, typer.Argument(min=0, help="The version's number; left out: the one in force.")
    ] = 0,
    brand: BrandName = "",
    as_json: Json = False,
) -> None:
    """Print one version: its exact text; with --json also where it stands and what was done with it."""
    from townhall.desk import policy_versions as desk

    with opened_house(ctx) as house:
        asker = house.asker(brand)
        found = desk.version(house.conn, asker, number) if number else desk.active(house.conn, asker)
    if as_json:
        acts = [_plain(act) for act in found.acts]
        show({**_plain(found.line), "source": found.source, "acts": acts}, as_json)
    else:
        typer.echo(found.source, nl=False)


def draft(
    ctx: typer.Context,
    file: File,
    note: Annotated[str, typer.Option(help="What it changes, for the reviewer.")] = "",
    change: Annotated[
        int, typer.Option(min=0, help="Give this version the new text instead; a review is void.")
    ] = 0,
    brand: BrandName = "",
    as_: As = "",
    as_json: Json = False,
) -> None:
    """Keep a document as a new draft, or as the new text of a version that was never in force."""
    from townhall.desk import policy_versions as desk
    from townhall.flow import policy_versions as flow

    source, now = _text(read(file)), system_clock()
    with opened_house(ctx) as house:
        asker = house.asker(brand, as_)
        if change:
            seen = desk.version(house.conn, asker, change).line.digest
            number = flow.rewrite(house.conn, asker, change, source, now, seen=seen).number
        else:
            number = flow.draft(house.conn, asker, source, now, note=note).number
        _show_line(house, brand, number, as_json)


def review(
    ctx: typer.Context,
    number: Number,
    ask: Annotated[
        bool, typer.Option("--ask", help="Ask another person for a review (its author does).")
    ] = False,
    approve: Annotated[bool, typer.Option("--approve", help="Approve the text as it stands.")] = False,
    return_: Annotated[str, typer.Option("--return", help="Give it back, with this reason.")] = "",
    note: Annotated[str, typer.Option(help="With --ask: words for the reviewer.")] = "",
    brand: BrandName = "",
    as_: As = "",
    as_json: Json = False,
) -> None:
    """Ask for the review of a draft, approve it, or return it. Whoever wrote it cannot approve it."""
    from townhall.desk import policy_versions as desk
    from townhall.flow import policy_versions as flow
    from townhall.flow.policy_examined import after_examining

    if ask + approve + bool(return_) != 1:
        raise Refused("say one of --ask, --approve and --return REASON")
    now = system_clock()

    def act(examined: "Examined | None") -> None:
        with opened_house(ctx) as house:
            asker = house.asker(brand, as_)
            if ask:
                flow.ask_review(house.conn, asker, number, now, note=note, examined=examined)
            elif approve:
                digest = desk.version(house.conn, asker, number).line.digest
                flow.approve(house.conn, asker, number, digest, now)
            else:
                flow.send_back(house.conn, asker, number, return_, now)
            _show_line(house, brand, number, as_json)

    after_examining(act)


def activate(
    ctx: typer.Context,
    number: Number,
    at: Annotated[str, typer.Option(help="When: a day or an instant, UTC; else now.")] = "",
    call_off: Annotated[bool, typer.Option("--call-off", help="Take its time away instead.")] = False,
    brand: BrandName = "",
    as_: As = "",
    as_json: Json = False,
) -> None:
    """Put a reviewed version in force, now or at a time. Workers judge by it within two seconds."""
    from townhall.flow import policy_activation as force
    from townhall.flow.policy_examined import after_examining

    now, moment = system_clock(), instant_of(at, 0)

    def act(examined: "Examined | None") -> Any:
        with opened_house(ctx) as house:
            asker = house.asker(brand, as_)
            if not call_off:
                return force.activate(house.conn, asker, number, now, at=moment, examined=examined)
            force.call_off(house.conn, asker, number, now)
            return _show_line(house, brand, number, as_json)

    if (done := after_examining(act)) is not None:
        show(_plain(done), as_json)


def rollback(
    ctx: typer.Context,
    number: Number,
    reason: Annotated[str, typer.Option(help="Why; it is kept in the record.")],
    brand: BrandName = "",
    as_: As = "",
    as_json: Json = False,
) -> None:
    """Put a version in force again that was in force before, at once."""
    from townhall.flow import policy_activation as force

    with opened_house(ctx) as house:
        done = force.roll_back(house.conn, house.asker(brand, as_), number, reason, system_clock())
    show(_plain(done), as_json)


def discard(
    ctx: typer.Context, number: Number, brand: BrandName = "", as_: As = "", as_json: Json = False
) -> None:
    """Throw away a version that was never in force. Its text stays in the record."""
    from townhall.flow import policy_versions as flow

    with opened_house(ctx) as house:
        flow.discard(house.conn, house.asker(brand, as_), number, system_clock())
        _show_line(house, brand, number, as_json)


def diff(
    ctx: typer.Context,
    before: _Which,
    after: _Which,
    from_: From = "",
    to: To = "",
    brand: BrandName = "",
    as_json: Json = False,
) -> None:
    """What tells two versions or documents apart: in words, and in verdicts about stored traffic."""
    from townhall.flow import backtest as tests
    from townhall.policy.logic.difference import difference

    with opened_house(ctx) as house, Progress(disable=as_json, transient=True) as bar:
        old, new = (_policy(house, brand, which) for which in (before, after))
        words = difference(old, new)
        task = bar.add_task("replaying", total=None)
        verdicts = tests.backtest(
            house.conn, house.kek, new, house.window(brand, from_, to),
            lambda n: bar.update(task, completed=n), against=old,
        )  # fmt: skip
    told = {"sentences": words.sentences(), **to_builtins(words), "verdicts": verdicts}
    if as_json:
        show(told, as_json)
        return
    typer.echo("\n".join(words.sentences()))
    show(verdicts, as_json)


def english(
    ctx: typer.Context,
    which: _Which,
    brand: BrandName = "",
    as_json: Json = False,
) -> None:
    """Say a policy in plain English, a sentence a rule, in the order in which rules decide."""
    from townhall.policy.logic.english import rule_in_words, verdict_in_words

    if Path(which).is_file():
        policy = _read_policy(which)
    else:
        with opened_house(ctx) as house:
            policy = _policy(house, brand, which)
    rules = [rule_in_words(rule) for rule in policy.rules]
    otherwise = f"When no rule matches: {verdict_in_words(policy.otherwise)}."
    if as_json:
        said = [{**to_builtins(rule), "sentence": rule.sentence} for rule in rules]
        show({"policy": policy.id, "rules": said, "otherwise": otherwise}, as_json)
        return
    for rule in rules:
        typer.echo(f"{rule.rule}: {rule.sentence}")
    typer.echo(otherwise)


def _policy(house: House, brand: str, which: str) -> "Policy":
    from townhall.desk import policy_versions as desk
    from townhall.policy.logic import parse_policy

    if which.isdigit() and not Path(which).exists():
        return parse_policy(desk.version(house.conn, house.asker(brand), int(which)).source)
    return _read_policy(which)


def _read_policy(file: str) -> "Policy":
    from townhall.policy.logic import parse_policy

    return parse_policy(read(Path(file)))


def _text(exact: bytes) -> str:
    try:
        return exact.decode()
    except UnicodeDecodeError as error:
        raise Refused(f"policy: not UTF-8 at byte {error.start}; save the file as UTF-8") from error


def _show_line(house: House, brand: str, number: int, as_json: bool) -> None:
    from townhall.desk import policy_versions as desk

    show(_plain(desk.version(house.conn, house.asker(brand), number).line), as_json)


def _plain(value: Any) -> dict[str, Any]:
    """Plain values with times as people write them; null for "not"."""
    found: dict[str, Any] = to_builtins(value)
    return {name: _time(part) if name in _TIMES else part for name, part in found.items()}


def _time(instant: Instant) -> str | None:
    return to_iso(instant) if instant else None
