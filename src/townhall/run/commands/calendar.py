"""``townhall calendar``: business hours of a brand, by version."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
import yaml
from psycopg import Connection

from townhall.kernel.clock import system_clock, to_iso
from townhall.kernel.errors import NotFound, Refused
from townhall.run.command import settings_of

app = typer.Typer(no_args_is_help=True, help="Business hours of a brand, by version.")

_Json = Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")]
_Brand = Annotated[str, typer.Argument(metavar="BRAND", help="The brand's short name.")]
_File = Annotated[Path, typer.Argument(help="A calendar document (YAML or JSON).")]
_Dry = Annotated[bool, typer.Option("--dry-run", help="Say what would change, and keep nothing.")]


@app.callback()
def calendar() -> None:
    """Business hours of a brand, by version."""


@app.command()
def check(file: _File, as_json: _Json = False) -> None:
    """Read a document: what is wrong is named; else how much it is open this week and which special days come next."""
    from townhall.calendar import Timetable, parse_calendar

    found = parse_calendar(_document(file))
    table, today = Timetable(found), date.today()  # noqa: DTZ011  the operator's own week
    week = {}
    for step in range(7):
        day = date.fromordinal(today.toordinal() + step)
        week[day.isoformat()] = table.working_between(*table.span_of(day)) // 60_000_000
    coming = [date.fromordinal(d.day).isoformat() for d in found.exceptions if d.day >= today.toordinal()]
    _print(
        {"ok": True, "id": found.id, "zone": found.zone, "minutes": week, "special_days": coming[:20]},
        as_json,
    )


@app.command()
def show(
    ctx: typer.Context,
    brand: _Brand,
    slug: Annotated[str, typer.Argument(metavar="CALENDAR")],
    as_json: _Json = False,
) -> None:
    """The document of a calendar's newest version."""
    from townhall.routing import ledger

    with _open(ctx, brand) as (conn, brand_id):
        found = ledger.calendar_document(conn, brand_id, slug)
    if found is None:
        raise NotFound(f"There is no calendar {slug} at {brand}.")
    if as_json:
        return _print(found, True)
    typer.echo(yaml.safe_dump(found, sort_keys=False, allow_unicode=True).rstrip())


@app.command()
def versions(ctx: typer.Context, brand: _Brand, as_json: _Json = False) -> None:
    """Every version of every calendar, and when it was made: promises of before are reckoned by the one before."""
    from townhall.routing import store

    with _open(ctx, brand) as (conn, brand_id):
        found = [
            {"calendar": slug, "version": number, "made": to_iso(made)}
            for _, owner, slug, number, _, made in store.calendars(conn)
            if owner == brand_id
        ]
    if as_json:
        return _print({"versions": found}, True)
    for line in found:
        typer.echo(f"{line['calendar']:<20} version {line['version']}  {line['made']}")


@app.command(name="import")
def import_(
    ctx: typer.Context,
    brand: _Brand,
    file: _File,
    start: Annotated[
        str, typer.Option("--from", help="The first day of the new hours; else tomorrow there.")
    ] = "",
    dry_run: _Dry = False,
    as_json: _Json = False,
) -> None:
    """Take a document as the next version. Time that has passed, and promises that stand, keep the hours they had."""
    from townhall.flow import calendars

    with _open(ctx, brand) as (conn, brand_id):
        now = system_clock()
        new = calendars.draw_up(conn, brand_id, _document(file), _day(start), now)
        kept = new if dry_run else calendars.keep(conn, brand_id, new, now, "operator")
    _tell(kept, dry_run, as_json)


@app.command()
def holidays(
    ctx: typer.Context,
    brand: _Brand,
    slug: Annotated[str, typer.Argument(metavar="CALENDAR")],
    feed: Annotated[str, typer.Argument(help="An iCal file (.ics), or the https address of one.")],
    years: Annotated[int, typer.Option(min=1, max=10, help="How many years ahead.")] = 2,
    without: Annotated[
        list[str] | None, typer.Option(help="A name to leave out; may be given again.")
    ] = None,
    observances: Annotated[
        bool, typer.Option(help="Also days that the feed itself calls observances.")
    ] = False,
    dry_run: _Dry = False,
    as_json: _Json = False,
) -> None:
    """Close on the whole days of an iCal feed, from tomorrow on. Says which were left out, and why.

    A feed at an address is fetched now and once: from the open internet, or from hosts inside that the settings name.
    """
    from townhall.calendar.feed import read_feed
    from townhall.flow import calendars

    source = _fed(ctx, feed)
    today = date.today()  # noqa: DTZ011  a window of days, wide enough in any zone
    with _open(ctx, brand) as (conn, brand_id):
        now = system_clock()
        until = date(today.year + years, today.month, 1)
        found = read_feed(source, today, until, without=without or (), observances=observances)
        new = calendars.with_days(conn, brand_id, slug, found.days, now)
        kept = new if dry_run else calendars.keep(conn, brand_id, new, now, "operator")
    left = [{"day": one.day, "name": one.name, "why": why} for one, why in found.left_out]
    _tell(kept, dry_run, as_json, days=len(found.days), left_out=left)


def _tell(new: Any, dry: bool, as_json: bool, **more: Any) -> None:
    told = {
        "calendar": new.slug, "version": new.version, "from": new.from_day, "dry_run": dry,
        "changes": [msgspec.to_builtins(one) for one in new.changes], **more,
    }  # fmt: skip
    _print(told, as_json)


def _document(file: Path) -> dict[str, Any]:
    try:
        found = yaml.safe_load(_bytes(file))
    except yaml.YAMLError as error:
        raise Refused(f"{file} is neither YAML nor JSON: {error}") from error
    if not isinstance(found, dict):
        raise Refused(f"{file} holds no calendar: a mapping with id, zone and weekly is needed")
    return found


def _fed(ctx: typer.Context, feed: str) -> bytes:
    """The feed's bytes, before anything is opened: the network is never called inside a transaction."""
    if "://" not in feed:
        return _bytes(Path(feed))
    from townhall.calendar.feed import LARGEST
    from townhall.channels.fetched import fetched

    return asyncio.run(fetched(feed, LARGEST, settings_of(ctx).inside))


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise NotFound(f"{file} cannot be read: {error.strerror}") from error


def _day(stated: str) -> date | None:
    try:
        return date.fromisoformat(stated) if stated else None
    except ValueError as error:
        raise Refused(f"{stated!r} is no day; write 2026-12-01") from error


@contextmanager
def _open(ctx: typer.Context, brand: str) -> Iterator[tuple[Connection[Any], int]]:
    from townhall.database.connect import connect, transaction
    from townhall.people import brands
    from townhall.run.migrate import opened

    with (
        opened(settings_of(ctx)) as database,
        connect(database.dsn("worker"), "townhall calendar") as conn,
        transaction(conn),
    ):
        yield conn, brands.by_slug(conn, brand).id


def _print(found: dict[str, Any], as_json: bool) -> None:
    shown = msgspec.json.encode(found)
    typer.echo(shown.decode() if as_json else msgspec.json.format(shown).decode())
