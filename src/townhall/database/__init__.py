"""PostgreSQL for everybody. Takes settings, gives connections to one database in one of three roles.

Owns the embedded server's folder (``<home>/database``), its leases, and the three roles; no table.
``open_database`` is the door; ``connect`` gives connections and locks; ``rights`` writes grants for migrations.
Never knows what a table means, never commits for a store.
"""

from townhall.database.address import ROLES, Role
from townhall.database.opening import Database, DatabaseSettings, open_database

__all__ = ["ROLES", "Database", "DatabaseSettings", "Role", "open_database"]
