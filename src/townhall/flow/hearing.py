"""What a brand listens for, and the account that what it hears comes in by."""

from collections.abc import Sequence

from townhall import journal
from townhall.channels import CHANNELS
from townhall.database import Database
from townhall.database.connect import connect, transaction
from townhall.desk.own_words import own_words
from townhall.flow.opening import open_account, open_brand
from townhall.intake import spooled
from townhall.intake.logic.listening import Sign
from townhall.kernel.clock import Instant
from townhall.kernel.errors import Refused
from townhall.kernel.fact import Fact


def begin(
    database: Database, brand: str, channel: str, handle: str, given: Sequence[Sign], now: Instant
) -> tuple[int, list[Sign]]:
    """Opens the stream's account and gives it with every sign: those given, and the brand's own handles, hosts and name.

    Raises ``Refused`` for a channel whose posts cannot come in a stream.
    """
    if channel not in CHANNELS:
        raise Refused(f"{channel} is no shape of posts; choose one of {', '.join(sorted(CHANNELS))}")
    with connect(database.dsn("worker"), "townhall listen") as conn, transaction(conn):
        at = open_brand(conn, brand, now, actor="operator").brand
        account = open_account(conn, at, channel, handle)
        spooled.begin(conn, account.id, at.id)
        signs = [*given, *(Sign(word) for word in own_words(conn, at.id, handle))]
        fact = Fact(
            type="townhall.listening.begun", subject=f"account/{account.id}", time=now, brand=at.id, actor="operator",
            data={"signs": len(signs)},
        )  # fmt: skip
        journal.append(conn, [fact])
    return account.id, signs
