"""Import what a program sent: its lines come in through the one door, as those of a file do."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from psycopg import Connection

from townhall.flow.opening import open_account
from townhall.flow.receive import Reject, receive
from townhall.intake import runs, store
from townhall.intake.store import Account
from townhall.kernel.clock import Instant
from townhall.kernel.errors import NotFound
from townhall.people.brands import Brand
from townhall.people.doors import Asker, require
from townhall.vault import Keys


class Imported(Struct, frozen=True):
    """A run that is queued. ``rejects`` are places (from 0) among the lines that were given."""

    run_id: int
    read: int
    taken: int
    rejects: tuple[Reject, ...]


def import_lines(
    conn: Connection[Any],
    keys: Keys,
    asker: Asker,
    brand: Brand,
    account_id: int,
    lines: Sequence[bytes],
    now: Instant,
) -> Imported:
    """Queues ActivityStreams lines as a worker, in the caller's transaction. Account 0: the brand's own for imports.

    Raises ``Forbidden``, or ``NotFound`` for an account that the brand does not have.
    """
    require(asker, "manage_accounts")
    account = _account(conn, brand, account_id)
    run = runs.begin(conn, account, "api")
    numbers = range(1, len(lines) + 1)
    result = receive(conn, keys, account, "activitystreams", lines, now, run, numbers)
    runs.add_read(conn, run, len(lines), len(result.rejects))
    return Imported(run, len(lines), result.taken, result.rejects)


def _account(conn: Connection[Any], brand: Brand, account_id: int) -> Account:
    if not account_id:
        return open_account(conn, brand, "activitystreams", "import")
    account = store.account(conn, account_id)
    if account.brand_id != brand.id:
        raise NotFound("There is no such account at this brand.")
    return account
