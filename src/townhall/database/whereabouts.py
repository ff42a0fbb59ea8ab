"""Where a database lies, as one short text: it changes when the database was restored or copied, and stays else.

Cluster and database number change with a dump that is loaded elsewhere, the timeline with a recovery to a point in time
or a standby that took over, and the change time of the cluster's ``PG_VERSION`` with a copy of its files.
"""

from pathlib import Path
from typing import Any

from psycopg import Connection

from townhall.database.place import Place

_SERVER = """
SELECT (SELECT system_identifier FROM pg_control_system()), (SELECT oid FROM pg_database WHERE datname = current_database()),
    CASE WHEN pg_is_in_recovery() THEN '' ELSE left(pg_walfile_name(pg_current_wal_lsn()), 8) END
"""


def whereabouts(connection: Connection[Any], home: Path) -> str:
    """Of the database of this connection. The files count only where they lie in ``home``."""
    row = connection.execute(_SERVER).fetchone()
    assert row is not None
    cluster = Place(home).data / "PG_VERSION"
    embedded = connection.info.host.startswith("/") and cluster.exists()
    return "/".join(map(str, [*row, cluster.stat().st_ctime_ns if embedded else "outside"]))
