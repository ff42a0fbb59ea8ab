"""SQL of brands: who they are, in which zone they live, and whether they may speak yet."""

from typing import Any
from zoneinfo import ZoneInfo

from msgspec import Struct
from psycopg import Connection

from townhall.kernel.errors import NotFound, Refused


class Brand(Struct, frozen=True):
    """A brand. ``state`` is ``observe`` (nothing may be sent) or ``live``; ``zone`` an IANA name."""

    id: int
    slug: str
    name: str
    zone: str
    state: str
    demo: bool

    def zone_info(self) -> ZoneInfo:
        """The brand's own time zone."""
        return ZoneInfo(self.zone)


_COLUMNS = "SELECT id, slug, name, zone, state, demo FROM brand"


def all_brands(connection: Connection[Any]) -> dict[int, Brand]:
    """Every brand, by id."""
    return {row[0]: Brand(*row) for row in connection.execute(_COLUMNS)}


def by_slug(connection: Connection[Any], slug: str) -> Brand:
    """One brand. Raises ``NotFound``."""
    row = connection.execute(f"{_COLUMNS} WHERE slug = %s", [slug]).fetchone()
    if row is None:
        raise NotFound(f"there is no brand {slug!r}")
    return Brand(*row)


def named_or_only(connection: Connection[Any], slug: str) -> Brand:
    """The brand of that slug; for "" the only one there is. Raises ``NotFound``, ``Refused`` when there are several."""
    if slug:
        return by_slug(connection, slug)
    known = list(all_brands(connection).values())
    if len(known) != 1:
        names = ", ".join(sorted(one.slug for one in known)) or "there is none"
        raise Refused(f"name the brand with --brand: {names}")
    return known[0]


def ensure(connection: Connection[Any], slug: str, name: str, *, zone: str = "UTC") -> tuple[Brand, bool]:
    """The brand of that slug, and whether it was made just now (in observe-only)."""
    made = connection.execute(
        "INSERT INTO brand (slug, name, zone) VALUES (%s, %s, %s) ON CONFLICT (slug) DO NOTHING RETURNING id",
        [slug, name, zone],
    ).fetchone()
    return by_slug(connection, slug), made is not None


def quiet_days(connection: Connection[Any]) -> dict[int, int]:
    """Brand id → days after which a case that nothing is owed in closes by itself; brands that want none are left out."""
    return dict(
        connection.execute("SELECT id, quiet_days FROM brand WHERE quiet_days > 0 ORDER BY id").fetchall()
    )


def set_quiet_days(connection: Connection[Any], brand_id: int, days: int) -> None:
    """Sets the days (0: cases stay open until somebody closes them)."""
    connection.execute("UPDATE brand SET quiet_days = %s WHERE id = %s", [days, brand_id])


def mark_demo(connection: Connection[Any], brand_id: int) -> None:
    """Makes a brand a demo: its pages say so, and it may answer (on made-up networks)."""
    connection.execute("UPDATE brand SET demo = true, state = 'live' WHERE id = %s", [brand_id])
