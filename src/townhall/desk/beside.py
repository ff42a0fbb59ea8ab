"""What is read for the systems beside a conversation: who the person is there, by the names of their networks."""

from typing import Any

from psycopg import Connection

from townhall.beside.logic.panel import Identity
from townhall.desk import conversation_sql as sql
from townhall.kernel.errors import NotFound


def language_of(conn: Connection[Any], brand: int, case_id: int) -> str:
    """The language of a case ("" and ``und``: not known). Raises ``NotFound``. One query."""
    row = conn.execute(
        "SELECT language FROM cases WHERE id = %s AND brand_id = %s", [case_id, brand]
    ).fetchone()
    if row is None:
        raise NotFound("That case does not exist.")
    return str(row[0])


def accounts_of(conn: Connection[Any], brand: int, case_id: int) -> tuple[Identity, ...]:
    """The accounts of a case's customer, the one that wrote first. Raises ``NotFound``. Two queries."""
    row = conn.execute(
        "SELECT customer_id FROM cases WHERE id = %s AND brand_id = %s", [case_id, brand]
    ).fetchone()
    if row is None:
        raise NotFound("That case does not exist.")
    return tuple(
        Identity(network, handle, native_id, not link)
        for _, network, handle, _, _, link, _, _, native_id in sql.identities(conn, row[0])
    )
