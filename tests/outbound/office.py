"""A made-up brand written by plain SQL: account, staff, customers' posts and cases. Shares no code with the stores."""

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from psycopg import Connection

from townhall.kernel.clock import Instant
from townhall.kernel.ids import id_at
from townhall.people.doors import Asker

NOW: Instant = 1_767_614_400_000_000  # Monday 2026-01-05 12:00 UTC
_NUMBERS = itertools.count(1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def moment(instant: Instant) -> datetime:
    return _EPOCH + timedelta(microseconds=instant)


class Office:
    def __init__(
        self, conn: Connection[Any], slug: str = "fernhill", state: str = "live", channel: str = "mastodon",
        base_url: str = "", handle: str = "", native_id: str = "",
    ) -> None:  # fmt: skip
        self.conn, self.slug, self.channel = conn, slug, channel
        self.brand = self.one(
            "INSERT INTO brand (slug, name, state) VALUES (%s, %s, %s) RETURNING id",
            slug,
            slug.title(),
            state,
        )
        self.account = self.add_account(handle or f"{slug}_care", channel, base_url, native_id)

    def one(self, sql: str, *params: Any) -> Any:
        row = self.conn.execute(sql, params).fetchone()
        return row[0] if row else None

    def add_account(self, handle: str, channel: str, base_url: str = "", native_id: str = "") -> int:
        account = self.one(
            "INSERT INTO account (brand_id, channel, handle, base_url, native_id) VALUES (%s, %s, %s, %s, %s) RETURNING id",
            self.brand, channel, handle, base_url, native_id,
        )  # fmt: skip
        self.conn.execute(
            "INSERT INTO account_health (account_id, brand_id, state) VALUES (%s, %s, 'ok')",
            [account, self.brand],
        )
        return int(account)

    def staff(self, name: str, *roles: str) -> Asker:
        number = self.one(
            "INSERT INTO staff (password, email, name, operator, is_active, date_joined, zone, theme, density, single_keys)"
            " VALUES ('', %s, %s, false, true, now(), '', '', '', true) RETURNING id",
            f"{name.lower()}.{self.slug}@example.org", name,
        )  # fmt: skip
        return Asker(
            staff_id=number, name=name, brand_id=self.brand, brand_slug=self.slug,
            roles=frozenset(roles or ("agent",)),
        )  # fmt: skip

    def fresh(self, at: Instant = NOW) -> int:
        return id_at(at) + next(_NUMBERS)

    def person(self, handle: str, own: bool = False) -> int:
        person = self.fresh()
        self.conn.execute(
            "INSERT INTO identity (id, brand_id, network, native_id, handle, name, own, first_seen)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
            [person, self.brand, self.channel, f"n{person}", handle, handle.title(), own, moment(NOW)],
        )
        return person

    def thread(self, visibility: str = "public", account: int = 0) -> int:
        thread = self.fresh()
        self.conn.execute(
            "INSERT INTO thread (id, brand_id, account_id, conversation, visibility, first_at, last_at, posts)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, 1)",
            [thread, self.brand, account or self.account, str(thread), visibility, moment(NOW), moment(NOW)],
        )
        return thread

    def post(
        self,
        thread: int,
        author: int,
        text: str,
        at: Instant = NOW,
        visibility: str = "public",
        native: str = "",
    ) -> int:
        post = self.fresh(at)
        self.conn.execute(
            """
            INSERT INTO interaction (id, brand_id, account_id, key, native_id, thread_id, author_id, direction,
                visibility, published_at, received_at, text, url, language, question, intent, sentiment, certainty,
                topics, findings, simhash, effect, priority, queue, rule, policy_id, block_id, ordinal, delivery_id)
            VALUES (%s, %s, %s, %s, %s, %s, %s, 'in', %s, %s, %s, %s, '', 'en', true, 'other', 0, 1, '{}', '{}', 0,
                'answer', 2, 'care', 'r', 1, 1, 0, 1)
            """,
            [
                post, self.brand, self.account, UUID(int=post), native or str(post), thread, author, visibility,
                moment(at), moment(at), text,
            ],
        )  # fmt: skip
        return post

    def case(
        self,
        text: str = "Where is my parcel?",
        handle: str = "dana",
        visibility: str = "public",
        native: str = "",
    ) -> int:
        """A customer's post in a thread of its own, with its case. Gives the case's id."""
        thread = self.thread(visibility)
        person = self.one("SELECT id FROM identity WHERE handle = %s AND brand_id = %s", handle, self.brand)
        person = person or self.person(handle)
        post = self.post(thread, person, text, visibility=visibility, native=native)
        case = self.fresh()
        self.conn.execute(
            """
            INSERT INTO cases (id, brand_id, account_id, thread_id, customer_id, priority, queue, reason, snippet,
                language, opened_at, last_in_at, latest_post)
            VALUES (%s, %s, %s, %s, %s, 2, 'care', 'question', %s, 'en', %s, %s, %s)
            """,
            [case, self.brand, self.account, thread, person, text[:80], moment(NOW), moment(NOW), post],
        )
        return case

    def of_case(self, case: int) -> tuple[int, int, int]:
        """Thread, newest post and customer of a case."""
        row = self.conn.execute(
            "SELECT thread_id, latest_post, customer_id FROM cases WHERE id = %s", [case]
        ).fetchone()
        assert row
        return row

    def states(self) -> dict[str, int]:
        return dict(self.conn.execute("SELECT state, count(*) FROM delivery GROUP BY state").fetchall())
