"""What the house knows of authors before their new posts are judged: looked up only where a policy in force asks for it."""

from collections.abc import Sequence
from typing import Any

from psycopg import Connection

from townhall.care import history as care
from townhall.flow import rows
from townhall.flow.batch import Arrival, History, Known
from townhall.flow.house import House
from townhall.people import tiers
from townhall.policy.logic import LOOKED_UP

MOST = 100
"""Where counting stops: a policy asks whether somebody is new or frequent, not for an exact sum."""


def look_up(conn: Connection[Any], house: House, arrivals: Sequence[Arrival], known: Known) -> None:
    """Gives ``known`` the histories of authors of brands that ask. Three queries, none where nobody asks."""
    asking = {brand for brand, policy in house.policies.items() if policy.asks & LOOKED_UP}
    if not asking:
        return
    wanted = [a for a in arrivals if a.block.brand_id in asking and not a.act.own]
    authors = sorted({a.author for a in wanted})
    before = [author for author in authors if author not in known.strangers]
    posts = rows.count_by_author(conn, before, MOST) if before else {}
    cases = care.of_customers(conn, before, MOST) if before else {}
    standing = tiers.of_identities(conn, authors)
    known.histories = {}
    for author in authors:
        count, still_open, answered = cases.get(author, (0, 0, False))
        tier, followers = standing.get(author, ("", -1))
        known.histories[author] = History(posts.get(author, 0), count, still_open, tier, followers, answered)
