"""Deaf accounts: who runs the brand is told when a network refuses an account's token, or when it stays behind.

Once for each event, and no longer once the account is heard again: nobody is woken for what is over.
"""

from typing import Any

from psycopg import Connection

from townhall.care import notices
from townhall.care.notices import Telling
from townhall.desk import deaf, duty
from townhall.desk.deaf import KIND, Deaf
from townhall.kernel.clock import MINUTE, Instant

STAYS: Instant = 10 * MINUTE
"""How long an account may be in trouble other than a lost token before somebody is told."""
RUN_IT = ("admin",)
_NETWORKS = {"x": "X", "mastodon": "Mastodon", "webhook": "Webhook", "activitystreams": "File"}
_WORDS = {
    "no_token": "lost its access: give it new access, nothing is heard until then",
    "behind": "has been behind for 10 minutes: posts of it come late",
    "failing": "has not answered for 10 minutes: look at what its network says",
    "limited": "has been held back by its network's limit for 10 minutes",
}


def tell(conn: Connection[Any], now: Instant) -> int:
    """Tells who runs the brand, in the caller's transaction; and takes back what is over. Gives how many are new."""
    fresh = [
        one for one in deaf.untold(conn, now - STAYS) if notices.first_time(conn, one.brand, one.cause, now)
    ]
    for one in fresh:
        whom = duty.with_role(conn, one.brand, RUN_IT) or duty.with_role(conn, one.brand, ("lead",))
        notices.tell_all(conn, [_telling(one, staff) for staff in whom], now)
    for brand, subject in deaf.over(conn):
        notices.settle(conn, brand, KIND, subject, now)
    return len(fresh)


def _telling(one: Deaf, staff: int) -> Telling:
    title = f"{_NETWORKS.get(one.channel, one.channel)} {one.handle} {_WORDS[one.state]}"
    place = f"/channels/{one.account}/" + ("#access" if one.state == "no_token" else "")
    return Telling(one.brand, staff, KIND, f"account/{one.account}", title, place, one.state != "limited")
