"""How many stored verdicts differed in a brand's last nights."""

from typing import Any

from psycopg import Connection


def differing_verdicts(conn: Connection[Any], brand: int) -> int:
    """Those of the last night, done or under way. One query."""
    row = conn.execute(
        "SELECT different FROM policy_night WHERE brand_id = %s ORDER BY night DESC LIMIT 1", [brand]
    ).fetchone()
    return int(row[0]) if row else 0
