"""The approval queue as its page sees it."""

import json
from typing import Any

import pytest
from psycopg import Connection
from town import NOW, Town, moment

from townhall.desk.approvals import approvals
from townhall.kernel.clock import HOUR, MINUTE
from townhall.kernel.errors import Refused

pytestmark = pytest.mark.database


def held(town: Town, case: int, author: int, *, why: str = "personal data", at: int = NOW) -> int:
    row = town.conn.execute("SELECT thread_id, latest_post FROM cases WHERE id = %s", [case]).fetchone()
    assert row
    finding = [{"kind": "email", "start": 0, "end": 4, "reason": "an address", "certainty": 1.0}]
    release = town._id(
        """
        INSERT INTO release (brand_id, case_id, thread_id, account_id, channel, kind, visibility, recipient, reply_to,
            in_reply_to, conversation, text, digest, salt, author_id, author, made_at, findings, seen_post, state)
        VALUES (%s, %s, %s, %s, 'mastodon', 'public', 'public', '', %s, '', '', 'a@b.example', sha256('x'),
            substring(sha256('y') for 16), %s, 'Ann', %s, %s, 0, 'held') RETURNING id
        """,
        [town.brand, case, row[0], town.account, row[1], author, moment(at), json.dumps(finding)],
    )
    town.conn.execute(
        "INSERT INTO hold (release_id, brand_id, why, reasons, approvers, steps, held_at, expires_at)"
        " VALUES (%s, %s, %s, '{}', '{lead}', '[[\"lead\"]]', %s, %s)",
        [release, town.brand, why, moment(at), moment(at + 4 * HOUR)],
    )
    return release


def test_the_least_time_left_comes_first(owner: Connection[Any], web: Connection[Any]) -> None:
    town = Town(owner)
    town.see(web)
    ann, bo = town.staff("Ann Able"), town.staff("Bo Best", "lead")
    late = held(town, town.asks("a", "first", due=NOW + 2 * HOUR), ann.staff_id)
    never = held(town, town.asks("b", "second", due=None), ann.staff_id, why="forbidden words")
    soon = held(town, town.asks("c", "third", due=NOW + MINUTE), bo.staff_id, at=NOW - 6 * MINUTE)
    got = approvals(web, town.brand, bo.staff_id, NOW)
    assert [item.release_id for item in got.items] == [soon, late, never]
    assert [item.own for item in got.items] == [True, False, False]
    first = got.items[0]
    assert first.clock.state == "approval" and first.clock.since == NOW - 6 * MINUTE
    assert first.customer_text == "third" and first.findings[0].kind == "email"
    assert len(first.digest) == 64 and first.expires_at == NOW - 6 * MINUTE + 4 * HOUR
    assert [(r.reason, r.count) for r in got.reasons] == [("personal data", 2), ("forbidden words", 1)]
    seen, cursor = [], ""
    while True:
        page = approvals(web, town.brand, bo.staff_id, NOW, cursor=cursor, limit=1)
        seen += [item.release_id for item in page.items]
        cursor = page.cursor
        if not cursor:
            break
    assert seen == [soon, late, never]
    with pytest.raises(Refused):
        approvals(web, town.brand, 1, NOW, cursor="x")


def test_the_median_wait_is_of_todays_decisions(owner: Connection[Any], web: Connection[Any]) -> None:
    town = Town(owner)
    town.see(web)
    for minutes in (2, 3, 10):
        release = held(town, town.asks(f"p{minutes}", "x"), 1, at=NOW - HOUR)
        owner.execute(
            "UPDATE hold SET ended_at = %s, outcome = 'approved' WHERE release_id = %s",
            [moment(NOW - HOUR + minutes * MINUTE), release],
        )
    got = approvals(web, town.brand, 1, NOW)
    assert got.median_wait == 3 * MINUTE and got.items == ()
