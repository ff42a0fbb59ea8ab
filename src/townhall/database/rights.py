"""SQL of grants and row-level security, for the migrations of every room.

A brand's rows are for a page of that brand only: the setting ``townhall.brand`` holds one brand's id, or "" for
nothing at all. No value means every brand; a value that is no number is an error, not a hole. Partitions get no
grant, because reading a child goes around its parent's policy.
"""

import re

_NAME = re.compile(r"[a-z_][a-z0-9_]*")
_VERBS = ("select", "insert", "update", "delete")

CURRENT_BRAND = "nullif(current_setting('townhall.brand', true), '')::bigint"
"""The SQL expression of the brand that this transaction is for; NULL matches no row."""


def protect(table: str, web: str = "select,insert,update,delete", brand_column: str = "brand_id") -> str:
    """Row-level security by brand on ``table``; ``web`` lists the verbs of pages ("" for none), workers have all."""
    name, column = _checked(table), _checked(brand_column)
    policy = (
        f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY;\n"
        f"CREATE POLICY {name}_by_brand ON {name} TO townhall_web\n"
        f"  USING ({column} = {CURRENT_BRAND}) WITH CHECK ({column} = {CURRENT_BRAND});\n"
    )
    return policy + open_to_web(table, web)


def open_to_web(table: str, verbs: str) -> str:
    """Grants on a table that has no brand: ``verbs`` to pages ("" for none), all to workers."""
    name, chosen = _checked(table), _verbs(verbs)
    statements = [f"GRANT {', '.join(_VERBS)} ON {name} TO townhall_worker;"]
    if chosen:
        statements.append(f"GRANT {', '.join(chosen)} ON {name} TO townhall_web;")
    return "\n".join(statements)


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError(f"not a plain name of a table or column: {name!r}")
    return name


def _verbs(text: str) -> list[str]:
    chosen = [verb.strip().lower() for verb in text.split(",") if verb.strip()]
    unknown = [verb for verb in chosen if verb not in _VERBS]
    if unknown:
        raise ValueError(f"unknown verbs {unknown}; choose from {', '.join(_VERBS)}")
    return chosen
