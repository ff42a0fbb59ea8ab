"""``townhall clocks``: promises reckoned anew, why they were missed, and outages that a policy may let count."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
import typer
from psycopg import Connection

from townhall.kernel.clock import DAY, MINUTE, Instant, from_datetime, system_clock, to_iso
from townhall.kernel.errors import Refused
from townhall.run.command import settings_of

app = typer.Typer(no_args_is_help=True, help="Promises reckoned anew, and why they were missed.")

_Json = Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")]
_Brand = Annotated[str, typer.Argument(metavar="BRAND", help="The brand's short name.")]
_Account = Annotated[int, typer.Argument(help="The number of the account, as `townhall channel list` says.")]
_At = Annotated[str, typer.Option("--at", help="An instant, UTC; else now.")]
MOST_SHOWN = 200


@app.callback()
def clocks() -> None:
    """Promises reckoned anew, and why they were missed."""


@app.command()
def recompute(
    ctx: typer.Context,
    brand: _Brand,
    as_of: Annotated[str, typer.Option(help="What would have held at an instant, UTC. Writes nothing.")] = "",
    newest_hours: Annotated[
        bool, typer.Option(help="From now on the newest hours count for promises that stand, too. Recorded.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would change, and write nothing.")
    ] = False,
    as_json: _Json = False,
) -> None:
    """Fold every case of a brand again from what happened, and show what differs from what is stored."""
    from townhall.flow.recompute import whole

    now, moment = system_clock(), _instant(as_of, 0)
    with _open(ctx, brand) as (conn, brand_id):
        actor = _operator(brand_id, brand).actor
        found = whole(conn, brand_id, actor, now, as_of=moment, newest=newest_hours, dry=dry_run)
    told = {
        "cases": found.cases, "promises": found.promises, "met_before": found.met_before, "met_now": found.met_now,
        "changes": len(found.changes), "written": not (dry_run or moment), "as_of": to_iso(moment or now),
        "shown": [_shown(change) for change in found.changes[:MOST_SHOWN]],
    }  # fmt: skip
    _print(told, as_json)


def _shown(change: Any) -> dict[str, Any]:
    return {
        "case": change.case, "metric": change.metric, "started": to_iso(change.started),
        "was": _side(change.was), "is": _side(change.now),
    }  # fmt: skip


def _side(side: tuple[Instant, Instant, Instant] | None) -> dict[str, str] | None:
    if side is None:
        return None
    return {name: to_iso(at) for name, at in zip(("due", "satisfied", "cancelled"), side, strict=True) if at}


@app.command()
def why(
    ctx: typer.Context,
    brand: _Brand,
    days: Annotated[
        int, typer.Option(min=1, max=366, help="Promises that fell due in the last so many days.")
    ] = 7,
    as_json: _Json = False,
) -> None:
    """Split the promises that were missed by what their cases waited for; the shares add up to 100 %."""
    from townhall.database.connect import transaction
    from townhall.flow.why_missed import why_missed
    from townhall.routing.logic.attribution import WORDS

    now = system_clock()
    with _open(ctx, brand) as (conn, brand_id), transaction(conn):
        found = why_missed(conn, _operator(brand_id, brand), now - days * DAY, now, now)
    rows = [
        {
            "cause": cause, "meaning": WORDS[cause], "minutes": found.time[cause] // MINUTE,
            "minutes_percent": found.time_share[cause] / 10, "promises": found.promises[cause],
            "promises_percent": found.promise_share[cause] / 10,
        }
        for cause in found.time
    ]  # fmt: skip
    _print({"days": days, "missed": sum(found.promises.values()), "causes": rows}, as_json)


@app.command()
def outage(
    ctx: typer.Context,
    brand: _Brand,
    account: _Account,
    why: Annotated[
        str, typer.Option(help="What is out of order. Without it, the outage that lasts ends.")
    ] = "",
    at: _At = "",
    until: Annotated[str, typer.Option(help="When it was over, for one that is past.")] = "",
    as_json: _Json = False,
) -> None:
    """Record that an account's network is out of order, or no longer is. Policies say whether that counts; both figures are kept."""
    from townhall.database.connect import transaction
    from townhall.flow import outages

    now = system_clock()
    with _open(ctx, brand) as (conn, brand_id), transaction(conn):
        operator = _operator(brand_id, brand)
        if why:
            done = outages.begin(conn, operator, account, why, _instant(at, now), now, _instant(until, 0))
        else:
            done = outages.end(conn, operator, account, _instant(at, now), now)
    _print({"cases": done.cases, "promises_moved": done.promises}, as_json)


def _operator(brand_id: int, slug: str) -> Any:
    from townhall.people.doors import Asker

    return Asker(
        staff_id=0, name="operator", brand_id=brand_id, brand_slug=slug, roles=frozenset({"admin", "lead"})
    )


def _instant(stated: str, otherwise: Instant) -> Instant:
    try:
        moment = datetime.fromisoformat(stated) if stated else None
    except ValueError as error:
        raise Refused(f"{stated!r} is no instant; write 2026-01-31T08:00:00Z") from error
    if moment is None:
        return otherwise
    return from_datetime(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


@contextmanager
def _open(ctx: typer.Context, brand: str) -> Iterator[tuple[Connection[Any], int]]:
    from townhall.database.connect import connect, transaction
    from townhall.people import brands
    from townhall.run.migrate import opened

    with (
        opened(settings_of(ctx)) as database,
        connect(database.dsn("worker"), "townhall clocks") as conn,
    ):
        with transaction(conn):
            brand_id = brands.by_slug(conn, brand).id
        yield conn, brand_id


def _print(found: dict[str, Any], as_json: bool) -> None:
    shown = msgspec.json.encode(found)
    typer.echo(shown.decode() if as_json else msgspec.json.format(shown).decode())
