"""The words that betray a post about a brand: its name, the handles of its accounts, its hosts."""

from typing import Any

from psycopg import Connection

_WORDS = """
SELECT name FROM brand WHERE id = %(brand)s
UNION SELECT '@' || ltrim(handle, '@') FROM account WHERE brand_id = %(brand)s AND handle <> %(but)s
UNION SELECT host FROM brand_domain WHERE brand_id = %(brand)s
"""


def own_words(conn: Connection[Any], brand: int, but: str) -> list[str]:
    """Those words, sorted; ``but`` is a handle that is none (that of the stream itself). One-letter words are left out."""
    found = {row[0].strip() for row in conn.execute(_WORDS, {"brand": brand, "but": but})}
    return sorted(word for word in found if len(word.lstrip("@")) > 1)
