"""A made-up brand written by plain SQL, for tests of what people see and do. Shares no code with the stores."""

import itertools
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from psycopg import Connection

from townhall.kernel.clock import HOUR, MINUTE, Instant
from townhall.kernel.ids import id_at
from townhall.people.doors import Asker

NOW: Instant = 1_767_614_400_000_000  # Monday 2026-01-05 12:00 UTC
_NUMBERS = itertools.count(1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def moment(instant: Instant | None) -> datetime | None:
    return EPOCH + timedelta(microseconds=instant) if instant else None


class Town:
    """Brand, account, staff; then threads, posts, cases and promises as a test asks for them."""

    def __init__(self, conn: Connection[Any], slug: str = "brook", state: str = "live") -> None:
        self.conn = conn
        self.brand = self._id(
            "INSERT INTO brand (slug, name, state) VALUES (%s, %s, %s) RETURNING id", [slug, slug, state]
        )
        self.account = self._id(
            "INSERT INTO account (brand_id, channel, handle) VALUES (%s, 'mastodon', %s) RETURNING id",
            [self.brand, f"care_{slug}"],
        )
        conn.execute(
            "INSERT INTO account_health (account_id, brand_id, state) VALUES (%s, %s, 'ok')",
            [self.account, self.brand],
        )
        self.slug = slug

    def _id(self, sql: str, params: list[Any]) -> int:
        row = self.conn.execute(sql, params).fetchone()
        assert row
        return int(row[0])

    def staff(self, name: str, *roles: str) -> Asker:
        staff = self._id(
            "INSERT INTO staff (password, email, name, operator, is_active, date_joined, zone, theme, density, single_keys)"
            " VALUES ('', %s, %s, false, true, now(), '', '', '', true) RETURNING id",
            [f"{name.split()[0].lower()}.{self.slug}@example.org", name],
        )
        roles = roles or ("agent",)
        self.conn.execute(
            "INSERT INTO membership (brand_id, roles, staff_id) VALUES (%s, %s, %s)",
            [self.brand, list(roles), staff],
        )
        return Asker(
            staff_id=staff, name=name, brand_id=self.brand, brand_slug=self.slug, roles=frozenset(roles)
        )

    def fresh(self, at: Instant = NOW) -> int:
        return id_at(at) + next(_NUMBERS)

    def person(self, handle: str, name: str = "", own: bool = False) -> int:
        person = self.fresh()
        self.conn.execute(
            "INSERT INTO identity (id, brand_id, network, native_id, handle, name, own, first_seen)"
            " VALUES (%s, %s, 'mastodon', %s, %s, %s, %s, %s)",
            [person, self.brand, str(person), handle, name or handle.title(), own, moment(NOW)],
        )
        return person

    def thread(self, at: Instant = NOW) -> int:
        thread = self.fresh()
        self.conn.execute(
            "INSERT INTO thread (id, brand_id, account_id, conversation, visibility, first_at, last_at, posts)"
            " VALUES (%s, %s, %s, %s, 'public', %s, %s, 1)",
            [thread, self.brand, self.account, str(thread), moment(at), moment(at)],
        )
        return thread

    def post(
        self, thread: int, author: int, text: str, at: Instant = NOW, *, direction: str = "in",
        parent: int = 0, media: list[dict[str, str]] | None = None, topics: tuple[str, ...] = (),
    ) -> int:  # fmt: skip
        post = self.fresh(at)
        self.conn.execute(
            """
            INSERT INTO interaction (id, brand_id, account_id, key, native_id, thread_id, author_id, direction,
                visibility, published_at, received_at, parent, text, url, media, language, question, intent,
                sentiment, certainty, topics, findings, simhash, effect, priority, queue, rule, policy_id, block_id,
                ordinal, delivery_id)
            VALUES (%s, %s, %s, %s, %s, %s, %s, %s, 'public', %s, %s, %s, %s, '', %s, 'en', true, 'help', 0, 0.9,
                %s, '{}', 0, 'answer', 2, 'care', 'all', 1, 1, 0, 1)
            """,
            [
                post, self.brand, self.account, UUID(int=post), f"n{post}", thread, author, direction, moment(at),
                moment(at), UUID(int=parent) if parent else None, text,
                json.dumps(media) if media else None, list(topics),
            ],
        )  # fmt: skip
        return post

    def case(
        self, thread: int, person: int, post: int, *, due: Instant | None = NOW + HOUR, state: str = "open",
        queue: str = "care", snippet: str = "hello", at: Instant = NOW - MINUTE, assignee: int | None = None,
        paused: str = "", promise: bool = True, target: Instant = 2 * HOUR,
    ) -> int:  # fmt: skip
        case = self.fresh(at)
        self.conn.execute(
            """
            INSERT INTO cases (id, brand_id, account_id, thread_id, customer_id, state, priority, queue, reason,
                snippet, language, assignee_id, opened_at, last_in_at, latest_post, metric, due_at, paused_cause)
            VALUES (%s, %s, %s, %s, %s, %s, 2, %s, 'question', %s, 'en', %s, %s, %s, %s, %s, %s, %s)
            """,
            [
                case, self.brand, self.account, thread, person, state, queue, snippet, assignee, moment(at), moment(at),
                post, "first_response" if due else "", moment(due), paused,
            ],
        )  # fmt: skip
        if due and promise:
            self.promise(case, post, at, due, queue=queue, target=target, paused=at if paused else None)
        return case

    def promise(
        self, case: int, post: int, started: Instant, due: Instant, *, metric: str = "first_response",
        queue: str = "care", target: Instant = 2 * HOUR, satisfied: Instant | None = None,
        cancelled: Instant | None = None, paused: Instant | None = None,
    ) -> int:  # fmt: skip
        promise = self.fresh(started)
        self.conn.execute(
            """
            INSERT INTO commitment (id, brand_id, case_id, post_id, metric, priority, queue, target, calendar,
                policy_id, started_at, due_at, satisfied_at, cancelled_at, paused_at)
            VALUES (%s, %s, %s, %s, %s, 2, %s, %s, 'always', 1, %s, %s, %s, %s, %s)
            """,
            [
                promise, self.brand, case, post, metric, queue, target, moment(started), moment(due),
                moment(satisfied), moment(cancelled), moment(paused),
            ],
        )  # fmt: skip
        return promise

    def asks(self, handle: str, text: str, *, due: Instant | None = NOW + HOUR, **case: Any) -> int:
        """Somebody asks something: person, thread, post, case and promise at once. Gives the case."""
        person, thread = self.person(handle), self.thread()
        post = self.post(thread, person, text, NOW - MINUTE)
        return self.case(thread, person, post, due=due, snippet=text, **case)

    def see(self, web: Connection[Any]) -> None:
        """Lets a web connection see this brand, for the session."""
        web.execute("SELECT set_config('townhall.brand', %s, false)", [str(self.brand)])
