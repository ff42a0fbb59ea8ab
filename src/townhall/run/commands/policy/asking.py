"""What the commands of ``townhall policy`` share: their options, the house opened for them, who asks, how answers look."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer
from msgspec import Struct
from psycopg import Connection

from townhall.kernel.clock import DAY, Instant, from_datetime, system_clock
from townhall.kernel.errors import NotFound, Refused
from townhall.run.command import settings_of

if TYPE_CHECKING:
    from townhall.flow.replay import Window
    from townhall.people.brands import Brand
    from townhall.people.doors import Asker

File = Annotated[Path, typer.Argument(help="A policy document (YAML).")]
BrandName = Annotated[
    str, typer.Option(help="The brand's short name; may be left out where there is one brand.")
]
From = Annotated[
    str, typer.Option("--from", help="Received from: a day or an instant, UTC; else 30 days ago.")
]
To = Annotated[str, typer.Option("--to", help="Received before: a day or an instant, UTC; else now.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")]


Number = Annotated[int, typer.Argument(min=1, help="The version's number within the brand.")]
As = Annotated[
    str,
    typer.Option(
        "--as", help="E-mail of the person who acts, with a seat at the brand; else the command itself does."
    ),
]


class House(Struct, frozen=True):
    """The house opened for one command: a transaction that sees all brands, and the key of sealed content."""

    conn: Connection[Any]
    kek: bytes

    def brand(self, slug: str) -> "Brand":
        """The brand of that name; without one, the only brand. Raises ``Refused`` where there are several."""
        from townhall.people import brands

        if slug:
            return brands.by_slug(self.conn, slug)
        known = list(brands.all_brands(self.conn).values())
        if len(known) != 1:
            names = ", ".join(sorted(one.slug for one in known)) or "there is none"
            raise Refused(f"name the brand with --brand: {names}")
        return known[0]

    def asker(self, slug: str, email: str = "") -> "Asker":
        """Who acts: the person with that address, as at the command line; else the command, which reviews nothing."""
        from townhall.people import store
        from townhall.people.doors import Asker

        brand = self.brand(slug)
        if not email:
            return Asker(
                staff_id=0,
                name="command",
                brand_id=brand.id,
                brand_slug=brand.slug,
                roles=frozenset({"admin"}),
            )
        for seat in store.seats(self.conn, brand.id):
            if seat.email.lower() == email.lower() and seat.active:
                return Asker(
                    staff_id=seat.staff_id, name=f"{seat.name} (command line)", brand_id=brand.id,
                    brand_slug=brand.slug, roles=frozenset(seat.roles),
                )  # fmt: skip
        raise NotFound(f"nobody at {brand.slug} has the address {email}")

    def window(self, slug: str, low: str, high: str) -> "Window":
        """Posts of a brand received in a time."""
        from townhall.flow.replay import Window

        now = system_clock()
        return Window(self.brand(slug).id, instant_of(low, now - 30 * DAY), instant_of(high, now + 1))


@contextmanager
def opened_house(ctx: typer.Context) -> Iterator[House]:
    """The house in one transaction, which commits at the end."""
    from townhall.database.connect import connect, transaction
    from townhall.run.migrate import opened
    from townhall.vault import open_keys

    settings = settings_of(ctx)
    with (
        opened(settings) as database,
        connect(database.dsn("worker"), "townhall policy") as conn,
        transaction(conn),
    ):
        yield House(conn, open_keys(settings.home).kek)


def read(file: Path) -> bytes:
    """The exact bytes of a file. Raises ``NotFound``."""
    try:
        return file.read_bytes()
    except OSError as error:
        raise NotFound(f"{file} cannot be read: {error.strerror}") from error


def instant_of(stated: str, otherwise: Instant) -> Instant:
    """A day or an instant as it was typed, in UTC where it names no zone. Raises ``Refused``."""
    if not stated:
        return otherwise
    try:
        moment = datetime.fromisoformat(stated)
    except ValueError as error:
        raise Refused(
            f"{stated!r} is no day and no instant; write 2026-01-31 or 2026-01-31T08:00:00Z"
        ) from error
    return from_datetime(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def show(found: Any, as_json: bool) -> None:
    """Prints plain values: one JSON object on one line, or laid out for people."""
    shown = msgspec.json.encode(found)
    typer.echo(shown.decode() if as_json else msgspec.json.format(shown).decode())
