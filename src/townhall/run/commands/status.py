"""``townhall status``: what runs, what is kept, what waits."""

from typing import Annotated, Any

import msgspec
import typer

from townhall.run.command import settings_of

app = typer.Typer()


@app.command()
def status(
    ctx: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """What runs, queue depths, lags, the last checkpoint, gaps."""
    from townhall.database.connect import connect
    from townhall.desk.status import house_status
    from townhall.flow.draining import lags
    from townhall.run.migrate import opened
    from townhall.run.presence import role_pids, supervisor

    settings = settings_of(ctx)
    there = supervisor(settings.home)
    running = {
        "up": there is not None,
        "address": there.address if there else "",
        "roles": _counts(role_pids(settings.home)),
    }
    with opened(settings) as database, connect(database.dsn("worker"), "townhall status") as conn:
        found = msgspec.to_builtins(house_status(conn)) | {"running": running}
        found["listening"] = msgspec.to_builtins(lags(conn, settings.home))
    typer.echo(msgspec.json.encode(found).decode() if as_json else _worded(found))


def _counts(pids: dict[str, list[int]]) -> dict[str, int]:
    return {role: len(each) for role, each in pids.items()}


def _worded(found: dict[str, Any]) -> str:
    running = found["running"]
    roles = ", ".join(f"{name} {count}" for name, count in running["roles"].items())
    lines = [
        f"running       {roles or 'nothing'}{'  ' + running['address'] if running['up'] else ''}",
        f"kept          {found['interactions']:,} interactions, {found['threads']:,} threads, "
        f"{found['cases']:,} cases, {found['facts']:,} facts",
        f"checkpoint    size {found['checkpoint']['size']:,} at {found['checkpoint']['at'] or 'none yet'}",
    ]
    for name, queue in found["queues"].items():
        lines.append(f"{name:<13} {queue['waiting']:,} waiting, oldest {queue['oldest_seconds']:.1f} s")
    for channel in found["channels"]:
        gaps = f", {channel['open_gaps']} open gaps" if channel["open_gaps"] else ""
        lines.append(
            f"channel       {channel['brand']} {channel['channel']} {channel['handle']}: {channel['state']}, "
            f"{channel['lag_seconds']:.0f} s behind{gaps} {channel['message']}".rstrip()
        )
    lines += [
        f"verdicts      {night['brand']}: {night['checked']:,} derived again in the night of {night['night']} "
        f"({night['state']}), {night['different']:,} differ"
        for night in found["verdicts"]
    ]
    lines += [
        f"listening     account {spool['account_id']}: {spool['waiting']:,} posts about us wait in the spool, "
        f"oldest {spool['oldest_seconds']:.1f} s; {spool['drained']:,} handed on"
        for spool in found["listening"]
    ]
    return "\n".join(lines)
