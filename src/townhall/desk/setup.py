"""How far a brand's set-up is, in one query."""

import psycopg
from msgspec import Struct

from townhall.people.doors import Asker

_PROGRESS = """
SELECT EXISTS (SELECT 1 FROM account WHERE brand_id = %(brand)s),
    EXISTS (SELECT 1 FROM interaction WHERE brand_id = %(brand)s),
    (SELECT count(*) > 1 FROM membership WHERE brand_id = %(brand)s),
    EXISTS (SELECT 1 FROM policy_version WHERE brand_id = %(brand)s AND state = 'active'),
    EXISTS (SELECT 1 FROM notice_duty WHERE brand_id = %(brand)s),
    EXISTS (SELECT 1 FROM brand WHERE id = %(brand)s AND state = 'live')
"""


class Progress(Struct, frozen=True):
    """What is done. Without a brand, nothing is."""

    brand: bool = False
    channel: bool = False
    posts: bool = False
    people: bool = False
    policy: bool = False
    alarms: bool = False
    live: bool = False


def progress(conn: psycopg.Connection, asker: Asker) -> Progress:
    """The progress of the asker's brand."""
    row = conn.execute(_PROGRESS, {"brand": asker.brand_id}).fetchone()
    assert row
    return Progress(True, *row)
